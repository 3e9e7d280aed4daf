"""A research thread from its first line to its seal, in seven steps."""

import datetime as dt
import re
from collections.abc import Mapping

from demo.play import TOPIC, Play
from demo.texts import BODY, COMPLETE, CONFIGURATION, EARLY, ENTRY, FILLED_IN, LAST_COMMENT, TRAIN
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
        self.results: dict[str, str] = {}

    def tell(self) -> None:
        """Play all of it."""
        for step in (self.begin, self.measure, self.tidy_up, self.repair, self.snapshot, self.summarise, self.close):
            step()
        self.complete()

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
        """Measure twice, and record it."""
        self.play.step(
            "Two experiments", "Each is a run, logged by the W&B SDK in offline mode, and an entry that she commits."
        )
        self.play.export("WANDB_TAGS", f"MOM,issue-{self.issue},{TOPIC}")
        self._train("MOM-001", "0")
        self._train("MOM-002", "0.99")
        self._fill_in()
        self._append(
            "MOM-001", "09:10", "plain descent", "0", "the baseline, exploratory.", "a strong momentum, MOM-002."
        )
        self._append(
            "MOM-002", "09:40", "strong momentum", "0.99", "it overshoots: worse than none.", "a weaker one, MOM-003."
        )
        self.work.commit(message="Measure MOM-001 and MOM-002")
        self.play.run(f"git push --quiet --set-upstream origin {BRANCH}")
        self.play.run("logbook lint")

    def tidy_up(self) -> None:
        """Lose an entry, and record a result without its command."""
        self.play.step("A change that would lose something")
        self.play.exported.clear()
        self._train("MOM-003", "0.9")
        self.play.say(
            "An agent, in a shell of its own, records the good result, forgets what it ran, and tidies the bad result "
            "away. Lint compares with what was pushed, as the check of a push or a pull request does."
        )
        self._append("MOM-003", "10:20", "momentum 0.9", "0.9", "the best of three, exploratory.", "close the thread.")
        text = self._book
        start, end = text.index(f"### {self.day} 09:40"), text.index(f"### {self.day} 10:20")
        self.whole = text
        self._write(re.sub(r"- Command: `python train.py MOM-003.*\n", "", text[:start] + text[end:]))
        self.play.run(LINT, exit_code=1)

    def repair(self) -> None:
        """Do what lint says."""
        self.play.step(
            "Repaired", "The entry comes back, for a negative result is a result, and the command is written down."
        )
        self._write(self.whole)
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
        self.play.run(f"logbook seal --issue {self.issue}", exit_code=1)
        self.play.show(self.issue, "seal", "seal-refused")

    def complete(self) -> None:
        """Complete the record, and close it."""
        self.play.step(
            "The record is completed, and sealed",
            "Mia settles the hypothesis in the logbook, brings the issue up to date, and sums up in a last comment.",
        )
        self._settle()
        self._write_issue(COMPLETE)
        self.play.project.comment(self.issue, LAST_COMMENT)
        self.play.run(f"logbook seal --issue {self.issue} --reason 'the goal is reached'")
        self.play.show(self.issue, "seal", "sealed")
        issue = self.play.project.get_issue(self.issue)
        labels = ", ".join(sorted(self.play.project.labels(self.issue)))
        self.play.say(
            f"#{self.issue} “{issue['title']}” is {issue['state']} as {issue['state_reason']}; labels: {labels}."
        )

    @property
    def _facts(self) -> Mapping[str, str]:
        losses = dict(zip(("first", "worst", "best"), map(_loss, self.results.values()), strict=False))
        return {"day": self.day, "commit": self._commit, **losses}

    @property
    def _commit(self) -> str:
        return self.work.git("rev-parse", "--short=12", "origin/main")

    @property
    def _book(self) -> str:
        return (self.work.root / LOGBOOK).read_text()

    def _write(self, text: str) -> None:
        self.work.write(LOGBOOK, text)

    def _train(self, name: str, momentum: str) -> None:
        self.results[name] = self.play.run(f"python train.py {name} --momentum {momentum}").strip()

    def _fill_in(self) -> None:
        text = self._book
        for placeholder, words in FILLED_IN.items():
            text = text.replace("{{" + placeholder + "}}", words.format(**self._facts))
        start, end = text.index("<!-- Append only"), text.index("-->")
        self._write(text[:start].rstrip() + text[end + 3 :])

    def _append(self, name: str, hour: str, label: str, momentum: str, means: str, then: str) -> None:
        told = {"name": name, "hour": hour, "label": label, "momentum": momentum, "means": means, "then": then}
        self._write(self._book + ENTRY.format(**told, result=self.results[name], **self._facts))

    def _write_issue(self, texts: Mapping[str, str]) -> None:
        facts = {**self._facts, "pages": self.play.pages}
        parts = {name: text.format(**facts) for name, text in texts.items()}
        self.play.project.change(self.issue, body=BODY.format(**facts, **parts))

    def _settle(self) -> None:
        text = self._book
        (line,) = re.findall(r"^- `MOM-H1`.*\n", text, re.MULTILINE)
        settled = re.sub(r"Next test:.*", "Evidence: MOM-003.", line)
        self._write(text.replace(line, "").replace("### Supported\n", f"### Supported\n\n{settled}"))
        self.work.commit(message="Settle MOM-H1")
        self.work.git("push", "--quiet")


def _loss(result: str) -> str:
    return result.split()[1]
