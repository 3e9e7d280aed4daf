"""Claims about a command that does many things: one that fails stops no other, and an end says where to go on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from effects.test_publish_guard import SECRET, VALUE
from hub.bench import Connect, Hub, Repository
from hub.closeout import NOW
from repository import context
from research_logbook.cli.session import Session
from research_logbook.effects import CommandResult, Step, UpsertComment
from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.seal import view_of
from research_logbook.sweep import labels

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def session(connect: Connect) -> Session:
    """Open a session with a job's token."""
    return Session(connect(), context(Path()))


def comment(number: int, body: str) -> Step:
    """Return a step that comments."""
    return Step(number, lambda: CommandResult((UpsertComment(number, "seal", str(number), body),)))


def code_of(conclude: Callable[[], None]) -> int:
    """Return what a command exits with."""
    try:
        conclude()
    except SystemExit as end:
        return int(end.code or 0)
    except UserError as error:
        return error.exit_code
    return 0


def test_a_locked_and_a_deleted_issue_stop_no_other(
    session: Session, hub: Hub, repository: Repository, capsys: Capture
) -> None:
    """Each failure is said with its number, the others are done, and the end is exit code 3."""
    locked, gone, last = (repository.issue() for _ in range(3))
    repository.lock(locked)
    hub.fail(410, path=f"issues/{gone}/comments", times=9)
    session.each(comment(number, "the report") for number in (locked, gone, last))
    assert code_of(session.conclude) == 3
    said = capsys.readouterr()
    assert f"note: could not comment on #{locked}: the conversation is locked" in said.err
    assert f"note: could not list the comments on #{gone}" in said.err
    assert said.out.startswith(f"commented on #{last} about its closing: http")
    assert [len(repository.comments(number)) for number in (locked, last)] == [0, 1]


def test_what_is_judged_again_is_not_said_twice(session: Session, repository: Repository, capsys: Capture) -> None:
    """The notes of a verdict that somebody overtook by a change are no longer true."""
    number = repository.issue()
    long_ago = dict.fromkeys([number], NOW.replace(year=2000))
    stale = CommandResult(
        (UpsertComment(number, "seal", "1", "the report"),), ("it lacks a conclusion",), judged=long_ago
    )
    assert session.do(stale).is_stale
    assert "it lacks a conclusion" not in capsys.readouterr().err
    session.do(CommandResult(notes=stale.notes))
    assert "it lacks a conclusion" in capsys.readouterr().err


def test_a_refused_text_stops_no_other(session: Session, repository: Repository, capsys: Capture) -> None:
    """The issue whose report holds a secret is skipped with exit code 4, and the secret is not printed."""
    first, last = repository.issue(), repository.issue()
    session.each([comment(first, SECRET), comment(last, "the report")])
    assert code_of(session.conclude) == 4
    assert [len(repository.comments(number)) for number in (first, last)] == [0, 1]
    assert VALUE not in "".join(capsys.readouterr())


def test_a_summary_passes_the_publish_guard_as_well(session: Session, hub: Hub, repository: Repository) -> None:
    """Log and summary can be read by whoever reads the run: with a secret in them nothing is written at all."""
    plan = (UpsertComment(repository.issue(), "seal", "1", "the report"),)
    with pytest.raises(UserError, match="this run's log would publish") as caught:
        session.do(CommandResult(plan, summary=f"| token | {SECRET} |"))
    assert (hub.writes, caught.value.exit_code) == ([], 4)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"status": 429, "headers": {"retry-after": "3600"}}, "rate limit reached"),
        ({"status": 403, "message": "Resource not accessible by integration"}, "GitHub denied permission"),
        ({"status": 401}, "rejected the token"),
    ],
)
def test_a_failure_that_would_repeat_ends_the_steps_and_says_where_to_resume(
    session: Session, hub: Hub, repository: Repository, capsys: Capture, fault: dict[str, object], why: str
) -> None:
    """A limit, or a token that may not write, is met once: the rest is not tried, and what was done is printed."""
    first, second, third = (repository.issue() for _ in range(3))
    hub.fail(path=f"issues/{second}/comments", verb="POST", **fault)
    session.each(comment(number, "the report") for number in (first, second, third))
    with pytest.raises(UnfinishedError, match=why) as caught:
        session.conclude()
    assert f"resume with --after {first}" in caught.value.help
    assert capsys.readouterr().out.startswith(f"commented on #{first} about its closing: http")
    assert repository.comments(third) == []


def test_the_sweep_resumes_after_a_number(
    connect: Connect, session: Session, hub: Hub, repository: Repository, waits: list[float], tmp_path: Path
) -> None:
    """With `--after` nothing is read or written below; writes are a second apart, and a second sweep writes nothing."""
    owner = repository.as_person("lab")
    first, *rest = (owner.issue(f"Experiment: tiles {index}") for index in range(4))
    session.each(labels(view_of(session.github, context(tmp_path, now=NOW)), NOW, after=first))
    assert [owner.labels(number) for number in (first, *rest)] == [set(), *[{"experiment"}] * 3]
    assert waits == [1.0] * 3
    hub.forget()
    session.each(labels(view_of(connect(), context(tmp_path, now=NOW)), NOW, after=first))
    assert hub.writes == []
    assert code_of(session.conclude) == 0


def test_an_issue_that_changes_during_the_sweep_is_left_to_its_event(
    session: Session, hub: Hub, repository: Repository, tmp_path: Path, capsys: Capture
) -> None:
    """What was listed minutes ago may be no experiment any more: nothing is written on what is newer by then."""
    owner = repository.as_person("lab")
    number = owner.issue("Experiment: tiles")
    hub.meanwhile(lambda: owner.change(number, title="A bug"), path=f"issues/{number}/events")
    session.each(labels(view_of(session.github, context(tmp_path, now=NOW)), NOW))
    assert (hub.writes, owner.labels(number)) == ([], set())
    assert "has changed since it was read" in capsys.readouterr().err


def test_what_was_done_before_a_failure_is_printed(session: Session, repository: Repository, capsys: Capture) -> None:
    """The plan is printed as far as it was carried out, and the error ends the command."""

    def steps() -> Iterator[Step]:
        yield comment(number, "the report")
        raise RefusedError("too many")

    number = repository.issue()
    session.each(steps())
    assert code_of(session.conclude) == 4
    assert capsys.readouterr().out.startswith(f"commented on #{number} about its closing: http")


def test_private_text_of_one_thread_stops_no_other(session: Session, repository: Repository, capsys: Capture) -> None:
    """Of several plans the one that holds a secret is left out, with exit code 4."""
    first, last = repository.issue(), repository.issue()
    for number, body in ((first, SECRET), (last, "the report")):
        session.do_part(comment(number, body).decide())
    assert code_of(session.conclude) == 4
    assert [len(repository.comments(number)) for number in (first, last)] == [0, 1]
    assert VALUE not in "".join(capsys.readouterr())


def test_both_of_two_failures_are_printed(session: Session, hub: Hub, repository: Repository, capsys: Capture) -> None:
    """The first failure is said, the last one ends it, and the exit code is the worst of all."""
    numbers = [repository.issue() for _ in range(3)]
    session.each([comment(numbers[0], SECRET)])
    for number in numbers[1:]:
        hub.fail(403, path=f"issues/{number}/comments", verb="POST", message="Resource not accessible by integration")
        session.each([comment(number, "the report")])
    assert code_of(session.conclude) == 4
    said = capsys.readouterr().err
    assert all(said.count(f"could not comment on #{number}: GitHub denied permission") == 1 for number in numbers[1:])
