"""A research thread from its first line to its seal, in seven steps."""

import datetime as dt
import re
from collections.abc import Mapping

from demo.play import TOPIC, Play
from demo.texts import BODY, COMPLETE, CONFIGURATION, EARLY, FILLED_IN, LAST_COMMENT, TRAIN
from hub.mirror import mirror_tags

BRANCH = f"research/{TOPIC}"
LOGBOOK = f".agents/logbooks/{TOPIC}.md"
LINT = f"logbook lint --base origin/{BRANCH}"


class Story:
    """The thread, and what its entries say."""

    def __init__(self, play: Play) -> None:
        self.play, self.work = play, play.work
        self.day = dt.datetime.now(dt.UTC).date().isoformat()
        self.issue = 0

    def tell(self) -> None:
        """Play all of it."""
        for step in (self.begin, self.measure, self.tidy_up, self.snapshot, self.summarise, self.close, self.complete):
            step()

    def begin(self) -> None:
        """Begin the thread with `logbook new`."""
        self.work.commit({"train.py": TRAIN, ".github/logbook.yml": CONFIGURATION, ".gitignore": "wandb/\n"}, "Fit")
        self.work.git("push", "--quiet", "origin", "main")
        self.play.step(
            "A research thread begins",
            "Mia wants to know which momentum fits a line best. One command opens the experiment issue, the research "
            "branch and the logbook.",
        )
        self.play.run(f"logbook new {TOPIC} --prefix MOM --yes")
        self.issue = int(re.findall(r"^issue: (\d+)$", self._book, re.MULTILINE)[0])

    def measure(self) -> None:
        """Measure twice: what a machine knows, a machine writes down."""
        self.play.step(
            "Two experiments",
            "She says what she tries and what it means. `logbook run` writes down the rest, and the numbers from W&B.",
        )
        self.play.export("WANDB_TAGS", f"MOM,issue-{self.issue},{TOPIC}")
        self._experiment("0", "plain descent", "the baseline, exploratory.", "a strong momentum.")
        self._fill_in()
        self._experiment("0.99", "strong momentum", "it overshoots: worse than none.", "a weaker one.")
        self.play.say("This is the second entry as it stands in the logbook now:")
        self.play.quote(self._book[self._book.rindex("\n### ") :])
        self.work.commit(message="Measure MOM-001 and MOM-002")
        self.play.run(f"git push --quiet --set-upstream origin {BRANCH}")

    def tidy_up(self) -> None:
        """Lose an entry, and record a result without its command; then do what lint says."""
        self.play.step(
            "A change that would lose something",
            "An agent, in a shell of its own, starts the program itself, records the good result by hand, and tidies "
            "the bad one away. Lint compares with what was pushed, as the check of a push or a pull request does.",
        )
        self.play.exported.clear()
        self.play.export("WANDB_NAME", "'MOM-003 momentum 0.9'")
        loss = self.play.run("python train.py --momentum 0.9").split()[1]
        said = "--interpretation 'the best of three, exploratory.' --next 'close the thread.'"
        self.play.run(f"logbook entry --label 'momentum 0.9' --result 'loss {loss}' {said}")
        whole = self._book
        start, end = (place.start() for place in list(re.finditer(r"^### .* MOM-", whole, re.MULTILINE))[-2:])
        self._write(whole[:start] + whole[end:])
        self.play.run(LINT, exit_code=1)
        self.play.say("The entry comes back, for a negative result is a result, and the command is filled in.")
        self._write(whole)
        self.play.run("logbook entry complete MOM-003 --command 'python train.py --momentum 0.9'")
        self.play.run(LINT)

    def snapshot(self) -> None:
        """Tag the commit that the result can be reproduced from."""
        self.play.step(
            "A snapshot", "A trailer in the commit's message asks for it; in Actions the push does the rest."
        )
        self.work.git("add", "--all")
        self.play.run("git commit --quiet --message 'Measure MOM-003' --message 'Snapshot: MOM-003'")
        self.play.run("git push --quiet")
        self.play.run(f"logbook snapshot --branch {BRANCH}")
        mirror_tags(self.play.project, self.work)
        self.play.show(self.issue, "snapshot", "snapshot")

    def summarise(self) -> None:
        """Compare the runs on the issue."""
        self.play.step(
            "The W&B runs in the thread",
            "Here from the files that the SDK left; in Actions from W&B. It stays one comment.",
        )
        self.play.run(f"logbook wandb-summary --issue {self.issue} --offline wandb")
        self.play.show(self.issue, "wandb", "wandb-summary")

    def close(self) -> None:
        """Try to close it too early."""
        self.play.step(
            "Closing it too early",
            "The goal is reached. Somebody ticks every box of the issue and asks for the seal; it looks at the things "
            "themselves.",
        )
        self._write_issue(EARLY)
        self.play.run(f"logbook seal --issue {self.issue}", exit_code=1, has_checks=True)
        self.play.show(self.issue, "seal", "seal-refused")

    def complete(self) -> None:
        """Complete the record, and close it."""
        self.play.step(
            "The record is completed, and sealed",
            "Mia settles the hypothesis, brings the issue up to date, and sums up in a last comment.",
        )
        self.play.run("logbook hypothesis move MOM-H1 supported --evidence MOM-003")
        self.work.commit(message="Settle MOM-H1")
        self.play.run("git push --quiet")
        self._write_issue(COMPLETE)
        self.play.project.comment(self.issue, LAST_COMMENT)
        self.play.run(f"logbook seal --issue {self.issue} --reason 'the goal is reached'", has_checks=True)
        self.play.show(self.issue, "seal", "sealed")
        issue = self.play.project.get_issue(self.issue)
        labels = ", ".join(sorted(self.play.project.labels(self.issue)))
        self.play.say(
            f"#{self.issue} “{issue['title']}” is {issue['state']} as {issue['state_reason']}; labels: {labels}."
        )

    @property
    def _facts(self) -> Mapping[str, str]:
        commit = self.work.git("rev-parse", "--short=12", "origin/main")
        losses = re.findall(r"^- Result: loss ([\d.]+)", self._book, re.MULTILINE)
        return {"day": self.day, "commit": commit, **dict(zip(("first", "worst", "best"), losses, strict=False))}

    @property
    def _book(self) -> str:
        return (self.work.root / LOGBOOK).read_text()

    def _write(self, text: str) -> None:
        self.work.write(LOGBOOK, text)

    def _experiment(self, momentum: str, label: str, means: str, then: str) -> None:
        self.play.run(f"logbook run --label '{label}' --hypothesis MOM-H1 -- python train.py --momentum {momentum}")
        self.play.run(f"logbook entry complete --interpretation '{means}' --next '{then}'")

    def _fill_in(self) -> None:
        text = self._book
        for placeholder, words in FILLED_IN.items():
            text = text.replace("{{" + placeholder + "}}", words.format(**self._facts))
        start, end = text.index("<!-- Append only"), text.index("-->", text.index("<!-- Append only"))
        self._write(text[:start].rstrip() + text[end + 3 :])

    def _write_issue(self, texts: Mapping[str, str]) -> None:
        facts = {**self._facts, "pages": self.play.pages}
        parts = {name: text.format(**facts) for name, text in texts.items()}
        self.play.project.change(self.issue, body=BODY.format(**facts, **parts))
