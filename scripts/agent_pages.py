"""What agents read: the skill in `skills/research-logbook/`, and `docs/for-agents.md`, made from the same paragraphs.

Source of the skill's form: the Agent Skills specification, https://agentskills.io/specification.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from research_logbook import __version__
from research_logbook.installation import REPOSITORY
from research_logbook.lint.rules.rule import Rule
from research_logbook.logbook.model import Status
from research_logbook.logbook.vocabulary import FIELDS, HEADER_FACTS, ISSUE_SECTIONS, SECTIONS, STATUSES
from research_logbook.markdown.escape import row
from research_logbook.seal.checks.facts import SealCheck
from research_logbook.setup.skill import NAME, with_digest
from rule_pages import parse_page

_ORDER = """\
1. **Start a thread**: `logbook new TOPIC --agent` opens the experiment issue, the branch `research/TOPIC` and
   `.agents/logbooks/TOPIC.md`. `--dry-run` shows what would be published; pass `--yes` once somebody has agreed to
   it. `--issue N` takes an issue that exists, `--no-issue` does without GitHub, `--prefix MOE-HC` chooses the prefix of
   the experiment IDs. Fill in every `{{…}}` of the file, or delete its line, then commit and push it. Then fill in
   Description, Hypothesis or Goal, and W&B (a link, or `none`) in the issue's body, on its web page or with
   `gh issue view N --json body --jq .body >/tmp/body.md`, an editor, and `gh issue edit N --body-file /tmp/body.md`,
   which replaces the whole body. The rest of it is for the end.
2. **Say what you expect**: the template holds the first hypothesis; for each further one,
   `logbook hypothesis add "512 blocks keep the loss" --next "one seed at 512 blocks"`. Do so before the run that
   tests it.
3. **Run**: commit the code, then start every experiment through `logbook run`:

   ```sh
   logbook run --label "second seed" --hypothesis SPA-AT-H1 --metrics metrics.json -- python train.py --seed 1
   ```

   It writes the entry before the command starts (ID, time, commit, command, hardware, result pending), moves the
   hypothesis from proposed to active, and completes the entry afterwards: metrics, duration, exit status, W&B run, and
   for a failure its last output. The command has your terminal and its own exit status. `--metrics` names a JSON file
   that the command writes; a W&B run is found without it. `--commit` commits changed code first, `--dirty` keeps the
   changes as a patch. For pipes and redirections run `logbook run -- bash -c '…'`. The command finds its ID in
   `LOGBOOK_ID`.
4. **Say what it means**: `logbook entry complete SPA-AT-002 --interpretation "…" --next "…"`. It fills in what is
   pending, and adds what is missing; `--result "loss 2.229 after 400 steps"` where no file had the numbers. Without
   an ID it is the newest entry.
5. **Move the hypothesis**: `logbook hypothesis move SPA-AT-H1 supported --evidence SPA-AT-002`. The states are
   `proposed`, `active` (with `--next`), `blocked` (with `--resume`), `supported`, `falsified` and `promoted`.
6. **Record what ran elsewhere**, or was read or found broken:
   `logbook entry --label "…" --command "…" --result "…" --interpretation "…" --next "…"`. Pass `--commit SHA` unless
   it ran at the commit that is checked out here: without it, the entry names that one. `-` in place of a value reads it
   from standard input.
7. **Correct a mistake**: `logbook entry correct SPA-AT-002 --result "loss 2.231"` strikes out the old value and
   keeps it. Nothing in the log is ever deleted.
8. **Before each commit**: `logbook lint`. Exit code 0 passes, perhaps with warnings; 1 fails. Each finding has a
   `help:` line; `logbook rules NAME` explains a rule, `--format json` prints the findings for programs. Then commit and
   push the logbook.
9. **Keep the code of a result**: end the message of the commit that records it with the line `Snapshot: SPA-AT-002`
   (an experiment ID or a slug), and push. The snapshot workflow tags it and tells the issue. Where `logbook doctor`
   says that this workflow is missing, run `logbook snapshot` after the push, which does the same. Never use `git tag`.
10. **Replicate what matters**: `logbook rerun SPA-AT-002 --yes` runs it again at its own commit, compares the numbers
    (`--tolerance 0.01`), and appends the entry that says `replicated`, or how it differs.
11. **Tell the issue**: once it is pushed, `logbook promote SPA-AT-002 --agent` posts the result, with links that stay
    and the difference to the baseline. In a pull request from the branch write `Part of #N`, never `Closes #N`.
12. **If you are unsure**: `logbook trace SPA-AT-002` shows its entry, commit, tag, runs and comments, and what is
    missing. Where there is no run to link or snapshot to take, let the entry say so:
    `logbook entry complete SPA-AT-002 --run none --field Snapshot=none`.
13. **At the end**: settle every hypothesis; write `## TL;DR` above `## Scope`, naming the last experiment, and
    `## Conclusion` and `## Next steps` after the log. `logbook seal --issue N --draft` prints whatever the issue lacks,
    with all that the logbook says already, and where each part belongs. Fill in each `TODO`. What belongs in the body
    goes into the whole body, as in step 1: below the heading if it is there already, else above `## Close-out`. Write
    `## Results`, leave nothing “to be filled in”, and tick each box of the close-out checklist whose work is done, or
    strike it out if it does not apply; nobody else ticks them. Post the last comment, which begins with 🤖, with
    `gh issue comment N --body-file /tmp/comment.md`. Then run `logbook seal --issue N`: it closes the issue, or says
    what is missing.

Every command that writes takes `--dry-run`. On the branch of a thread, each knows its logbook; elsewhere
`--topic TOPIC` names it."""

_JUDGEMENT = """\
- **Expect first.** A hypothesis that is written down after its result is no test. Say which number would refute it.
- **Interpret against the baseline**, in a sentence with both numbers. One run is `exploratory` however good it looks; a
  second seed or a `rerun` that agrees makes it `replicated`; what holds over seeds and settings is `stable`. Where
  runs differ by more than the effect, say that nothing can be told.
- **An honest failure is a good entry.** A crash, a NaN, an out-of-memory or a killed job stays as `run` wrote it. Add
  the cause as its interpretation, mend it, and run it again under a new ID. Never try in silence until it works, and
  never report the best seed alone.
- **A negative result is a result.** Move its hypothesis to `falsified` with the entry as evidence, and add a line to
  the logbook's negative-results index: ``- `SPA-AT-003`: 1024 blocks do not fit into memory``. No command writes it or
  the decision log: use an editor. At the end the issue's body has both, or links them at the final snapshot.
- **State only what was measured.** Copy numbers from the run, never from memory. What you do not know yet is `pending`.
- **Decide in the open.** A decision is a line at the end of the decision log:
  `- 2026-05-26: 512 blocks from now on, because of SPA-AT-002`. After the first result a goal, metric, threshold or
  stop criterion changes only together with a decision that says why.
- **Promote little**: what settles a hypothesis, moves the baseline, warns others off a dead end, or asks for a
  decision. The rest stays in the logbook. Prefer what was replicated.
- **Stop** when the stop criteria say so. Ask a person before anything is published for the first time, before much
  compute is spent, and when the evidence contradicts the plan."""

_ENTRY = """\
```markdown
### 2026-05-26 09:00 - SPA-AT-002 second seed

- Hypothesis: `SPA-AT-H1`
- Commit Hash: `1691d0a9afbf`
- Command: `python -m train --blocks 512 --seed 1`
- Config: whatever the command does not say
- Result: loss 2.229 after 400 steps
- Interpretation: replicates SPA-AT-001; `replicated`
- Next action: measure the step time
```

The heading is the date, the time, ` - `, the experiment ID and a short label. While a result is outstanding, write
`pending`; fill it in when it arrives, and add to the next action. A failure is a result: say how it failed."""

_CHANGES = """\
- You may add entries at the end; add lines, fields and list items to an entry; add sentences at the end of a field;
  fill in pending values; and change formatting.
- Never put a new heading, item, label or quote around old text, tick a box in an old entry, or renumber a list: write
  what has happened since as a new entry, or as a sentence at the end.
- Until an entry is pushed, you may change it. After that, correct a mistake by striking out the whole word or phrase,
  spelling included: `~~2.213~~ 2.231`. Never delete anything.
- Move a hypothesis that turned out wrong to *Falsified* with its evidence; do not remove it. One that is taken up again
  moves back and keeps the old evidence. Once a result names it, its claim keeps its words: a new claim is a new
  hypothesis.
- After the first result, change a goal, primary metric, success threshold or stop criterion only together with a new
  entry or decision that says what changed, and why.
- `## TL;DR`, `## Conclusion` and `## Next steps` may be rewritten at any time.
- You may always replace a secret with `<redacted>`.
- Do not change `.github/logbook.yml` to silence a finding: the one on the default branch is used.
- Suppress a wrong finding below its heading, with a reason: `<!-- logbook: allow RULE -- reason -->`. Findings about
  history and secrets cannot be suppressed."""

_PAGE_HEAD = f"""\
You keep the record of a research thread: a logbook, an experiment issue, a research branch and snapshots. This page
is all you need to keep it so that `logbook lint` finds nothing. It is generated from the code, as the skill in
[`skills/{NAME}`](../skills/{NAME}/SKILL.md) is, which holds the same in parts that are read when they are needed."""

_SHOWN_FIELDS = (
    "hypothesis",
    "commit",
    "command",
    "job",
    "run",
    "config",
    "result",
    "interpretation",
    "next-action",
    "confidence",
)
_SHOWN_SECTIONS = (
    *("scope", "baseline", "stop-criteria", "hypotheses", "decision-log", "negative-results", "tldr", "conclusion"),
    *("next-steps", "links", "motivation"),
)
_SHOWN_FACTS = ("issue", "branch", "prefix", "tags", "parent")
STILL_TO_COME = (
    "pending",
    "TBD",
    "to be filled in",
    "running",
    "queued",
    "submitted",
    "not started",
    "results to come",
)
"""What says of a value that it is still to come."""
NOTHING = ("none", "no next steps", "n/a", "not applicable")
"""What says that there is nothing."""


def agents_page(catalogue: Iterable[Rule], logbook: str, issue: str) -> str:
    """Return the page for agents; `logbook` and `issue` are the templates that `logbook new` writes from."""
    parts = [
        "<!-- Written by scripts/pages.py. -->\n# For agents",
        _PAGE_HEAD,
        "## What to do when",
        _ORDER,
        "## What no command can do for you",
        _JUDGEMENT,
        "## An entry",
        _ENTRY,
        "## What may change, and what may not",
        _CHANGES,
        "## The rules, as instructions",
        _rules(catalogue, "###"),
        "## Other names",
        _names_in_use(),
        "## The logbook template",
        f"````markdown\n{logbook.strip()}\n````",
        "## The issue template",
        f"````markdown\n{issue.strip()}\n````",
    ]
    return "\n\n".join(parts) + "\n"


def skill(catalogue: Iterable[Rule], checks: Sequence[SealCheck], logbook: str, issue: str) -> dict[str, str]:
    """Return the files of the skill, by their paths in its folder."""
    about = {
        "name": NAME,
        "description": _DESCRIPTION,
        "license": "Apache-2.0",
        "compatibility": "Requires git, and the logbook command with Python 3.11 or newer, on Linux or macOS.",
    }
    head = "\n".join(f"{key}: {json.dumps(value)}" for key, value in about.items())
    sealed = "\n".join(f"- `{check.name}` ({check.demand}): {_how_to_fix(check.page)}" for check in checks)
    references = {
        "references/entries.md": [
            "# Entries, written and changed by hand",
            "The commands write these for you. What you write with an editor looks the same.",
            "## An entry",
            _ENTRY,
            "## What may change, and what may not",
            _CHANGES,
            "## The logbook template",
            f"````markdown\n{logbook.strip()}\n````",
        ],
        "references/rules.md": ["# The rules of lint, as instructions", _rules(catalogue, "##")],
        "references/sealing.md": [
            "# Sealing",
            "An issue is sealed when all of these hold. Ticked boxes are no evidence: the things themselves are.",
            sealed,
            "## The issue template",
            f"````markdown\n{issue.strip()}\n````",
        ],
        "references/names.md": ["# Other names", _names_in_use()],
    }
    body = _SKILL.format(order=_ORDER, judgement=_JUDGEMENT, repository=REPOSITORY)
    files = {"SKILL.md": f'---\n{head}\nmetadata:\n  version: "{__version__}"\n---\n\n{body}'}
    files |= {path: "\n\n".join(parts) + "\n" for path, parts in references.items()}
    return with_digest(files)


_DESCRIPTION = (
    "Keeps the record of a research thread with the logbook command: starts the thread, records every run while it "
    "happens, completes and corrects entries, moves hypotheses, replicates and promotes results, tags snapshots, seals "
    "the experiment issue. Use it whenever you run experiments, training runs, benchmarks, ablations or sweeps in a "
    "repository that has .agents/logbooks or .github/logbook.yml, when you begin such an investigation, and when the "
    "user mentions a logbook, an experiment ID, a snapshot, or sealing an experiment issue."
)

_SKILL = """\
# Keep the record of a research thread

A thread is a question with a logbook (`.agents/logbooks/TOPIC.md`), an experiment issue, a research branch and
snapshots. The `logbook` command writes down what a machine knows: IDs, times, commits, command lines, hardware,
metrics, failures. You add what only you know. Let the commands write entries; open the file for the prologue (the
baseline's numbers too, once there are any), the decision log, the negative-results index and the summary.

If there is no `logbook` command, this starts it:
`uvx --with pygithub --with wandb --from {repository} logbook`. What talks to GitHub reads
a token from `GITHUB_TOKEN` or `GH_TOKEN` (`gh auth token` prints one).

## What to do when

{order}

## What no command can do for you

{judgement}

## More, when you need it

- [What an entry looks like, what may change in one, and the logbook template](references/entries.md): before you edit a
  logbook by hand.
- [Every rule of lint, as an instruction](references/rules.md): when a finding is not clear.
- [What sealing looks at, and the issue template](references/sealing.md): before you seal.
- [By which other names fields and sections are known](references/names.md): in a logbook that was begun otherwise.
"""


def _how_to_fix(page: str) -> str:
    return parse_page(page).how_to_fix.replace("\n", " ")


def _rules(catalogue: Iterable[Rule], level: str) -> str:
    """Return how to fix what each rule finds, by groups."""
    groups = []
    for name, rules in groupby((rule for rule in catalogue if rule.default_on), lambda rule: rule.group):
        lines = [f"- `{rule.name}` ({rule.severity}): {_how_to_fix(rule.page)}" for rule in rules]
        groups.append("\n".join([f"{level} {name[:1].upper() + name[1:]}", "", *lines]))
    return "\n\n".join(groups)


def _names_in_use() -> str:
    """Return every name by which a field, a fact, a section or a state is known."""
    return _NAMES.format(
        fields=_names(FIELDS, _SHOWN_FIELDS),
        facts=_names(HEADER_FACTS, _SHOWN_FACTS),
        sections=_names(SECTIONS, _SHOWN_SECTIONS),
        issue_sections=_names(ISSUE_SECTIONS, dict.fromkeys(ISSUE_SECTIONS.values())),
        states=_names({word: state.value for word, state in STATUSES.items()}, map(str, Status)),
        pending=", ".join(STILL_TO_COME),
        nothing=", ".join(NOTHING),
    )


def _names(table: Mapping[str, str], shown: Iterable[str]) -> str:
    """Return the rows of a table of canonical names, each with all others by which it is known."""
    aliases = defaultdict(list)
    for alias, key in table.items():
        if alias != key:
            aliases[key].append(alias.replace("-", " "))
    return "\n".join(row([f"`{key.replace('-', ' ').capitalize()}`", ", ".join(aliases[key])]) for key in shown)


_NAMES = """\
The names in the template suffice. These matter for a logbook that was begun otherwise.
Any of these names will do, in lower or upper case, with a number, an emoji or an aside in parentheses. A section is
what its whole title says: “Hypothesis Queue Update” is no hypothesis queue.

| field | also recognised as |
|---|---|
{fields}

| fact in the header | also recognised as |
|---|---|
{facts}

“Weaver issue #170” is an issue on another tracker, “Shared W&B tags” are tags. Several facts may stand on a line.

| section | also recognised as |
|---|---|
{sections}

| section of an issue | also recognised as |
|---|---|
{issue_sections}

| state of a hypothesis | also recognised as |
|---|---|
{states}

A hypothesis ID is what stands as code or in bold before the colon (`H-wgrad`), or a word with a number (`H1`).

A value is still to come if it begins with {pending}, or is a dash, dots or a question mark.
Nothing is to be said if it begins with {nothing}. Both mean the same in every place."""
