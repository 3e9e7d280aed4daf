"""Claims about workflows: which there are, and what of their text is replaced."""

from pathlib import Path

import pytest

from research_logbook.config.load import NotYamlError
from research_logbook.setup import workflows
from research_logbook.setup.workflows import WORKFLOWS, ActionPin, workflow_templates

ROOT = Path(__file__).parents[2]
PIN = ActionPin("run-research/logbook", "a" * 40, "v1.2.0")
NEXT = ActionPin("run-research/logbook", "b" * 40, "v1.3.0")
FOREIGN = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"


def step(use: str) -> str:
    """Return a workflow with one step."""
    return f"on: push\njobs:\n  one:\n    steps:\n      - uses: {use}\n        with:\n          a: b\n"


def test_every_template_is_offered() -> None:
    """What lies in workflows-templates/ is in the list, and what is in the list and there is found."""
    listed = [workflow.file for workflow in WORKFLOWS]
    there = {path.name for path in (ROOT / "workflows-templates").iterdir()}
    assert there <= set(listed)
    assert [f"logbook-{name}.yml" for name in workflow_templates()] == [name for name in listed if name in there]


@pytest.mark.parametrize("name", workflow_templates())
def test_a_template_pins_all_that_is_ours(name: str) -> None:
    """Each of our actions is named by the commit with its version beside it; nothing else of the text changes."""
    text = workflow_templates()[name]
    made = workflows.pinned(text, PIN)
    ours = [use for use in workflows.uses(made) if workflows.is_ours(use)]
    assert ours
    assert {(use.reference, use.comment) for use in ours} == {(PIN.commit, PIN.version)}
    changed = [(old, new) for old, new in zip(text.splitlines(), made.splitlines(), strict=True) if old != new]
    assert len(changed) == len(ours)
    assert all("uses: run-research/logbook" in old for old, _ in changed)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("run-research/logbook@v1", f"run-research/logbook@{'b' * 40} # v1.3.0"),
        (f"run-research/logbook@{'a' * 40} # v1.2.0", f"run-research/logbook@{'b' * 40} # v1.3.0"),
        (
            f"run-research/logbook@{'a' * 40} # v1.2.0 our own words",
            f"run-research/logbook@{'b' * 40} # v1.3.0 our own words",
        ),
        (
            f"run-research/logbook@{'a' * 40} # why: see the wiki",
            f"run-research/logbook@{'b' * 40} # v1.3.0 why: see the wiki",
        ),
        ('"run-research/logbook/actions/lint@v1"', f"run-research/logbook/actions/lint@{'b' * 40} # v1.3.0"),
        (FOREIGN, FOREIGN),
        ("./local/action", "./local/action"),
        ("run-research/logbook-tools@v1", "run-research/logbook-tools@v1"),
    ],
)
def test_only_the_pin_is_replaced(before: str, after: str) -> None:
    """Commit and version are replaced, words beside them stay, and other people's actions do too."""
    assert workflows.pinned(step(before), NEXT) == step(after)


def test_pinning_twice_is_pinning_once() -> None:
    """What is pinned already stays as it is."""
    once = workflows.pinned(step("run-research/logbook@v1"), PIN)
    assert workflows.pinned(once, PIN) == once


def test_a_fork_of_the_actions_takes_their_place() -> None:
    """With another source the actions come from there."""
    made = workflows.pinned(step("run-research/logbook/actions/lint@v1"), ActionPin("lab/logbook", "c" * 40, "v1"))
    assert made == step(f"lab/logbook/actions/lint@{'c' * 40} # v1")


def test_windows_line_ends_stay() -> None:
    """A file keeps its line ends."""
    text = step("run-research/logbook@v1").replace("\n", "\r\n")
    assert workflows.pinned(text, PIN) == step(f"run-research/logbook@{'a' * 40} # v1.2.0").replace("\n", "\r\n")


def test_a_list_in_braces_stays_one() -> None:
    """In a flow mapping nothing after the value is taken for a comment of its own."""
    text = "steps: [{uses: run-research/logbook@v1, with: {a: b}}]\n"
    assert (
        workflows.pinned(text, ActionPin(*PIN[:2], ""))
        == f"steps: [{{uses: run-research/logbook@{'a' * 40}, with: {{a: b}}}}]\n"
    )


@pytest.mark.parametrize("text", ["a: \x00", "%YAML 9", "a: 'b"])
def test_a_file_that_is_not_yaml_is_refused(text: str) -> None:
    """A broken file ends in an error that callers expect."""
    with pytest.raises(NotYamlError):
        workflows.pinned(text, PIN)


@pytest.mark.parametrize("text", ["on: !!omap [a: 1, a: 2]", "on: !!int x"])
def test_tags_change_nothing(text: str) -> None:
    """What a tag says of a value is not believed: nothing is made of it."""
    assert (workflows.pushed_branches(text), workflows.permissions(text), workflows.uses(text)) == ((), {}, [])


def test_an_anchor_that_is_used_again_is_not_warned_of() -> None:
    """YAML's reader would print its lines as they are; here warnings are errors."""
    text = "::add-mask::x: &a 1\nb: &a 2\non: {push: {branches: [c]}}\n"
    assert workflows.pushed_branches(text) == ("c",)


def test_aliases_and_depth_cost_nothing() -> None:
    """Aliases that multiply and lists that nest deeply are visited once; deeper ones end in a sentence."""
    bombs = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*{'a' if not n else f'b{n - 1}'}, *a]\n" for n in range(50))
    deep = f"deep: {'[' * 90}{']' * 90}\n"
    text = bombs + deep + step("run-research/logbook@v1")
    assert len(workflows.uses(text)) == 1
    with pytest.raises(NotYamlError, match="line 1: the nesting is deeper than 100 levels"):
        workflows.uses(f"deep: {'[' * 5_000}")


def test_an_alias_is_followed() -> None:
    """GitHub reads aliases, so what an anchor says counts where it is used again."""
    text = "on: {push: {branches: &main [main]}, pull_request: {branches: *main}}\npermissions: &p {issues: write}\n"
    assert workflows.pushed_branches(text) == ("main",)
    assert workflows.permissions(f"{text}jobs: {{a: {{permissions: *p}}}}") == {"issues": "write"}


def test_branches_are_those_of_the_configuration() -> None:
    """An added workflow runs on pushes to the research branches; its comments stay."""
    text = workflow_templates()["lint"]
    made = workflows.with_branches(text, ["research/**", "exp/*"])
    assert workflows.pushed_branches(made) == ("research/**", "exp/*")
    assert made.replace('["research/**", "exp/*"]', '["research/**"]') == text


def test_a_starter_names_whatever_the_default_branch_is() -> None:
    """An organisation's workflow has `$default-branch` where the template says `main`, and nowhere else."""
    text = 'on:\n  pull_request:\n    branches: [main, "release/*"] # main ones\njobs: {}\n'
    assert workflows.as_starter(text) == text.replace("[main", '["$default-branch"')
    assert workflows.as_starter(workflow_templates()["lint"]) == workflow_templates()["lint"]


def test_permissions_and_secrets_are_read() -> None:
    """A workflow may do the most that one of its jobs may; GitHub's own token is not a secret to set."""
    jobs = "jobs: {a: {permissions: {issues: read}}, b: {permissions: {issues: write, x: odd}}}"
    assert workflows.permissions(f"permissions: {{}}\n{jobs}") == {"issues": "write", "x": "odd"}
    assert workflows.permissions("permissions: write-all\njobs: [odd]") == {}
    assert workflows.secrets(
        "${{ secrets.WANDB_API_KEY }} ${{ secrets.GITHUB_TOKEN }} ${{ secrets.WANDB_API_KEY }}"
    ) == ("WANDB_API_KEY",)
