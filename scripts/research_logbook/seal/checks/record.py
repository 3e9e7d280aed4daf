"""Seal checks of what the summary rests on: logbook, snapshots, pull requests, labels."""

import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from research_logbook.diff import Changes, compare
from research_logbook.diff.changed_parts import difference, is_begun_with, parts_of
from research_logbook.issues.classification import naming, next_line
from research_logbook.issues.links import LinkKind, Pin
from research_logbook.lint.rules import CATALOGUE
from research_logbook.lint.rules.rule import Facts, LintCase, Revision, RuleHit, Scope
from research_logbook.logbook import decode, parse
from research_logbook.logbook.model import Entry, Field, Hypothesis, Logbook, Status, topic_of
from research_logbook.logbook.queries import last_entry, pending_result, tells_outcome, unanswered
from research_logbook.logbook.vocabulary import slug
from research_logbook.render import counted
from research_logbook.repo.logbook_resolution import PackedText, PinnedLogbook
from research_logbook.seal.checks.facts import Evidence, OtherLogbook, SealFacts, check, without_logbook


@check()
def final_snapshot(facts: SealFacts) -> Iterator[Evidence]:
    """The body or the final comment links a snapshot that contains the logbook with its last result.

    A snapshot is a `snapshot/…` tag, or a full commit hash that a branch or tag of this repository leads to. The
    logbook in it is read: a link to an older snapshot, to a fork's commit or to a tag that does not exist fails.

    Why: what was published must be found again as it was (research workflow, Before closing the issue: final
    snapshot is linked).

    Fails:

    ```markdown
    ## Links

    - Snapshot: snapshot/sparse-attention/SPA-AT-002
    ```
    ```markdown
    ## Links

    - [Snapshot](https://github.com/lab/models/tree/snapshot/sparse-attention/SPA-AT-001)
    ```

    Passes:

    ```markdown
    ## Links

    - [Final snapshot](https://github.com/lab/models/tree/snapshot/sparse-attention/SPA-AT-002)
    ```
    ```markdown
    ## Links

    - Final snapshot: 8f2c1e07d5b3a49698e0c2d7f4b1a6935c8e2d10
    ```

    How to fix: snapshot the last entry that has a result, and link the tag from the body.
    """
    found, entry = facts.final_snapshot, facts.entry
    if entry is None:
        yield from without_logbook(facts)
    elif found:
        yield Evidence(f"{found.short_name} contains the logbook with {entry.name}", facts.site.url("tree", found.name))
    else:
        yield Evidence(_instead_of_a_snapshot(facts, entry), facts.issue_page, facts.how_to_snapshot)


def _instead_of_a_snapshot(facts: SealFacts, entry: Entry) -> str:
    """Return what is wrong with the last thing that is linked in place of the final snapshot."""
    if facts.pinned_links:
        pinned = facts.pinned_links[-1][1]
        if not pinned.is_reachable:
            return f"{pinned.short_name} is linked, but no branch or tag of this repository leads to it"
        lacks = f"its logbook lacks the result of {entry.name}" if pinned.book else "it has no logbook of this thread"
        return f"{pinned.short_name} is linked, but {lacks}"
    meant = [
        link
        for text in facts.texts
        for link in text.links
        if (link.is_snapshot or link.pin in {Pin.COMMIT, Pin.ABBREVIATED}) and facts.is_own(link.repository)
    ]
    if not meant:
        return "no snapshot is linked"
    link = meant[-1]
    if not link.is_link:
        return f"{link.ref} is named, but not linked"
    if link.pin is Pin.ABBREVIATED:
        return f"{link.ref} is linked, but is not a full commit hash"
    return f"{link.ref[:80]} is linked, but is not a tag or commit of this repository"


@check()
def production_pr(facts: SealFacts) -> Iterator[Evidence]:
    """The body links every merged production pull request, and none of them merged a logbook.

    A production pull request is one of this repository, into its default branch, that mentions the issue and says
    “Part of #8734” or “Closes #8734”, links the logbook, or comes from the logbook's branch. One from the logbook's
    branch may include the logbook. Open pull requests are listed, but not required.

    Why: the summary leads its reader to what was shipped, and the production branch links the logbook without
    including it (research workflow, Epilogue: Seal; Before closing the issue).

    Fails:

    ```yaml given
    pull-requests:
      31: {title: Faster attention, description: "Part of #8734."}
    ```

    Passes:

    ```yaml given
    pull-requests:
      31: {title: Faster attention, description: "Part of #8734."}
    ```
    ```markdown
    Production: #31
    ```

    How to fix: link it. If a logbook was merged with it, remove the logbook from the default branch in another pull
    request.
    """
    linked = {
        link.number
        for link in facts.body.links
        if link.kind in {LinkKind.PULL_REQUEST, LinkKind.NUMBER, LinkKind.ISSUE}
        and link.is_link
        and facts.is_own(link.repository)
    }
    for pull in facts.pulls:
        page, name = facts.site.url("pull", str(pull.number)), f"#{pull.number}"
        if not pull.is_merged:
            yield Evidence(f"{name} is still open", page)
            continue
        if pull.number not in linked:
            way = f"link it: `- Production pull request: {name}`"
            yield Evidence(f"{name} is merged, but the body does not link it", page, way)
        for path in pull.carries:
            way = "remove it there in another pull request; it belongs on the research branch"
            yield Evidence(f"{name} merged {path} into the default branch", page, way)
        if pull.number in linked and not pull.carries:
            yield Evidence(f"{name} is linked", page)
    if not facts.pulls:
        yield Evidence("no pull request is part of this issue", facts.issue_page)


@check()
def final_entry(facts: SealFacts) -> Iterator[Evidence]:
    """The log has come to an end, and logbook, issue and snapshot lead to each other.

    The logbook's header names this issue, and the body names the logbook's path. The logbook links a snapshot, or its
    end is in one. Its last entry has a result, a conclusion or a decision, and every pending result is answered, in its
    place or by a later entry. “n/a”, “none”, a dash and “see above” answer nothing; “abandoned” does, and “not run
    because the cluster was down”.

    Why: whoever finds one artefact finds the others, and a run that nobody came back to is a lost result (research
    workflow, Epilogue: Seal 4).

    Fails:

    ```markdown logbook
    ### 2026-05-28 10:00 - SPA-AT-003 third seed

    - Command: `python -m train --blocks 512 --seed 2`
    - Result: pending.
    ```
    ```markdown logbook
    ### 2026-05-28 10:00 - SPA-AT-003 third seed

    - Result: pending.

    ### 2026-05-29 10:00 - SPA-AT-003 close-out

    - Result: n/a
    - Decision: stop here.
    ```

    Passes:

    ```markdown logbook
    ### 2026-05-28 10:00 - close-out

    - Decision: stop here, two seeds agree. The third was not started.
    ```

    How to fix: record the outcome of the last run, even if it is “abandoned”, and add the missing links.
    """
    book = facts.book
    if book is None:
        yield from without_logbook(facts)
        return
    missing = [*_unlinked(facts, book), *_unfinished(facts, book)]
    yield from missing
    last = last_entry(book)
    if last and not missing:
        yield Evidence(f"the log ends with {last.name}", facts.line(last.span.line))


def _unlinked(facts: SealFacts, book: Logbook) -> Iterator[Evidence]:
    issue, number = book.header.issue, facts.issue.number
    if issue is None or issue.number != number or not facts.is_own(issue.repository or ""):
        what = f"the logbook's header names {issue.written[:80] if issue else 'no issue'}, not #{number}"
        yield Evidence(what, facts.line(1), f"put `issue: {number}` into its front matter")
    if not any(link.kind is LinkKind.LOGBOOK and link.path == book.path for link in facts.body.links):
        yield Evidence("the body does not name the logbook", facts.issue_page, f"link `{book.path}` from it")
    snapshots = {name for pinned in facts.snapshots for name in (pinned.name, pinned.commit) if name}
    is_in_one = facts.final_snapshot or facts.snapshot_to_link
    if not is_in_one and not any(name in link.url for link in book.links for name in snapshots):
        # One step mends this and `final-snapshot`, so it is one finding.
        what = _instead_of_a_snapshot(facts, facts.entry) if facts.entry else "the logbook links no snapshot"
        yield Evidence(what, facts.issue_page, facts.how_to_snapshot)


_ENDS = ("result", "conclusion", "decision")
_END = re.compile(
    r"\b(?:conclu(?:de|sion)|decision|decided|abandoned|closed?[ -]?out|wrap(?:ped)?[ -]?up)\w*", re.IGNORECASE
)


def _unfinished(facts: SealFacts, book: Logbook) -> Iterator[Evidence]:
    last = last_entry(book)
    if last is None:
        yield Evidence("the log has no entries", facts.line(1), "add one that says what was found or decided")
    elif not is_an_end(last):
        what = f"the last entry, {last.name}, has no result, conclusion or decision"
        yield Evidence(what, facts.line(last.span.line), "record the outcome there, or in a new entry")
    for entry, field in unanswered(book):
        what = f"the result of {entry.name} is still pending"
        yield Evidence(what, facts.line(field.span.line), "record the outcome; “abandoned” is a result")
    for entry, field in _blanked(facts, book):
        what = f"the result of {entry.name} was pending, and “{field.text[:40]}” says nothing of what came of it"
        yield Evidence(what, facts.line(field.span.line), "record the outcome; “abandoned” is a result")


def _blanked(facts: SealFacts, book: Logbook) -> Iterator[tuple[Entry, Field]]:
    """Yield the entries whose result was pending in an earlier version and says nothing now, each with that field."""
    empty = {
        slug(entry.heading): (entry, results[0])
        for entry in book.everything
        if (results := list(entry.all("result")))
        and not entry.is_measured
        and not any(field.is_pending or tells_outcome(field.text) for field in results)
    }
    # Each text that may hold one of them, the newest first: in most logs there is none.
    texts = dict.fromkeys(one.text for one in (*facts.snapshots, *facts.earlier) if one.text) if empty else {}
    for data in (text.data for text in texts):
        if not any(entry.heading.encode(errors="surrogateescape") in data for entry, _ in empty.values()):
            continue
        version = parse(book.path, data)
        for entry in version.everything if isinstance(version, Logbook) else ():
            if pending_result(entry) and slug(entry.heading) in empty:
                yield empty.pop(slug(entry.heading))


def is_an_end(entry: Entry) -> bool:
    """Return whether an entry may end a log: by its fields, or, if none of those is pending, by its words."""
    ends = list(entry.all(*_ENDS))
    if entry.is_measured or any(tells_outcome(field.text) for field in ends):
        return True
    # A field that says "none" is itself called "Conclusion".
    words = entry.heading if ends else f"{entry.heading}\n{entry.text}"
    return not any(field.is_pending for field in ends) and bool(_END.search(words))


@check()
def hypotheses_settled(facts: SealFacts) -> Iterator[Evidence]:
    """Every hypothesis that is proposed, active or of unknown status is named under Next steps; or there is none.

    Why: the queue tells the next reader what was tried (research workflow, Core Artifacts 3).

    Fails:

    ```markdown logbook
    ## Hypothesis Queue

    - `SPA-H1` (active): block sparsity keeps the loss. Next test: SPA-AT-003.
    ```

    Passes:

    ```markdown logbook
    ## Hypothesis Queue

    - `SPA-H1` (supported): block sparsity keeps the loss. Evidence: SPA-AT-002.
    ```
    ```markdown
    ## Next steps

    - Take `SPA-H1` up again at width 1024.
    ```
    ```markdown logbook
    ## Hypothesis Queue

    - `SPA-H1` (active): block sparsity keeps the loss. Next test: SPA-AT-003.
    ```

    How to fix: settle it with its evidence, or say under Next steps how it could be taken up again.
    """
    book = facts.book
    if book is None:
        yield from without_logbook(facts)
        return
    left = open_hypotheses(facts)
    for one in left:
        status = f"is {one.status}" if one.status else f"has the unknown status “{one.status_written[:40]}”"
        way = "settle it with its evidence, or name it under Next steps"
        yield Evidence(f"{one.name} {status}", facts.line(one.span.line), way)
    if not left:
        yield Evidence(f"no hypothesis is open ({len(book.hypotheses)} in the queue)", facts.line(1))


def open_hypotheses(facts: SealFacts) -> tuple[Hypothesis, ...]:
    """Return the hypotheses that are neither settled nor named under Next steps."""
    steps = [section for text in facts.texts for section in text.named("next-steps")]
    told = (line for section in steps for line in section.items or [section.text] * section.has_content)
    lines = (next_line(text) or "" for text in facts.texts)
    is_planned = naming("\n".join((*told, *lines)))
    left = (one for one in (facts.book.hypotheses if facts.book else ()) if one.status in _OPEN)
    return tuple(one for one in left if not is_planned(one.id or one.text[:60]))


_OPEN = {Status.PROPOSED, Status.ACTIVE, None}


@check()
def one_logbook(facts: SealFacts) -> Iterator[Evidence]:
    """No other logbook of the issue has anything that the judged one lacks, whichever of them the body links.

    Every logbook on the default branch or a research branch whose header names the issue is looked at: one of another
    topic, and the same one with another text on another branch. One that is contained in the judged one does no harm,
    such as an older version. One whose header names no issue counts too if it has the judged one's path, or one of its
    entries: a header is easily cut off. A child logbook names its parent in its header, or is named there, and has
    entries of its own; it need not be contained. What a branch has that is no research branch is named, and hinders
    nothing: it may be anybody's draft.

    Why: whoever is judged does not choose the evidence (research workflow, Epilogue: Seal 4).

    Fails:

    ```markdown other
    ### 2026-05-27 10:00 - SPA-AT-003 third seed

    - Command: `python -m train --blocks 512 --seed 2`
    - Result: diverged at step 120.
    ```

    Passes:

    ```markdown other
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss 2.231 after 400 steps.
    - Next action: a second seed.
    ```

    How to fix: merge the other one's entries into the judged one; or, if it is of another thread, name that thread's
    issue in its header.
    """
    if facts.book is None:
        yield from without_logbook(facts)
        return
    book, judged = facts.book, f"{facts.book.path} on {facts.ref}"
    others = [other for other in facts.others if other.names_issue or _is_copy(book, other)]
    for other in others:
        version, where = other.version, other.place
        page, parsed = facts.site.url("blob", other.branches[0], version.path), version.book
        if other.is_stray:
            if what := _lacking(facts, version):
                yield Evidence(f"{where}, which is no research branch, names this issue too, and {what}", page)
        elif parsed is None:
            yield Evidence(f"{where} cannot be read", page, "`logbook lint` says what is wrong with it")
        elif _is_related(book, other, parsed):
            yield Evidence(f"{where} is a related logbook with entries of its own", page)
        elif what := _lacking(facts, version):
            is_pinned = any(one.name == facts.ref for one in facts.snapshots)
            way = f"{'link it from the body' if is_pinned else f'merge it into {judged}'}, or name the issue of its "
            tie = "names this issue too" if other.names_issue else "has entries of this one and names no issue"
            yield Evidence(f"{where} {tie}, and {what}", page, f"{way}own thread in its header")
        else:
            yield Evidence(f"{where} has nothing that {judged} lacks", page)
    moved = {one.path for one in facts.snapshots if one.names_issue}
    for other in facts.others:
        if other.header.issue and not other.names_issue and other.version.path in moved:
            what = f"{other.place} names {other.header.issue.written[:80]}, and a snapshot of it named this issue"
            yield Evidence(what, facts.site.url("blob", other.branches[0], other.version.path))
    if all(other.is_stray for other in others):
        yield Evidence(f"no other logbook names #{facts.issue.number}", facts.line(1))


def _is_copy(book: Logbook, other: OtherLogbook) -> bool:
    """Return whether a logbook that names no issue is another version of `book`: by its path, or by an entry's heading.

    What names another issue is of another thread.
    """
    if other.header.issue is not None or other.version.text is None:
        return False
    headings = (entry.heading.encode(errors="surrogateescape") for entry in book.everything if entry.ids)
    data = other.version.text.data
    return other.version.path == book.path or any(heading in data for heading in headings)


def _names_of(book: Logbook) -> frozenset[str]:
    """Return what entries are known by: their IDs, and the headings of those without one."""
    return frozenset(name for entry in book.everything for name in entry.heading_ids or (slug(entry.heading),))


def _is_related(book: Logbook, other: OtherLogbook, parsed: Logbook) -> bool:
    """Return whether another logbook is a child or the parent of `book`: a header says so, and they share no entry."""
    says_so = bool(other.header.parent) or topic_of(other.version.path) in book.header.parent
    return says_so and _names_of(parsed).isdisjoint(_names_of(book))


_MOST_NAMED = 5


def _lacking(facts: SealFacts, version: PinnedLogbook) -> str:
    """Return what a version of another logbook has that the judged one lacks, in words; empty for nothing."""
    text = decode(version.path, version.data or b"")
    if facts.book is None or (isinstance(text, str) and _is_unchanged(text, facts.book.text)):
        return ""
    found: dict[str, list[str]] = {"removed-entry": [], "rewritten-entry": []}
    for name, hit in _hits(facts, version, _RECORD):
        subject = hit.where.subject.partition(" ")[2] or hit.where.subject
        found.setdefault(name, []).append(subject)
    gone, changed = found.pop("removed-entry"), found.pop("rewritten-entry")
    gone += [subject for subjects in found.values() for subject in subjects]
    parts = []
    for what, subjects in (("has what the judged one lacks", gone), ("has another text of", changed)):
        if subjects:
            more = f" and {len(subjects) - _MOST_NAMED} more" if len(subjects) > _MOST_NAMED else ""
            parts.append(f"{what}: {', '.join(f'“{subject[:60]}”' for subject in subjects[:_MOST_NAMED])}{more}")
    return "; ".join(parts)


_RECORD = frozenset({"removed-entry", "rewritten-entry", "rewritten-decision", "dropped-hypothesis"})
"""The rules by which a logbook is held against another one's text: its order and its aims are its own."""


def _hits(facts: SealFacts, version: PinnedLogbook, names: Collection[str] = ()) -> Iterator[tuple[str, RuleHit]]:
    """Yield what the history rules find when the judged logbook is held against a version, each with its rule's name.

    Of `names`, where there are some, no other rule is asked.
    """
    book = version.book
    if book is None or facts.book is None:
        return
    revision = Revision(version.name, version.path, book)
    case = LintCase(book=facts.book, facts=Facts(facts.now), config=facts.config, revisions=(revision,))
    for rule in CATALOGUE:
        if rule.group != "history" or rule.scope is not Scope.LOGBOOK or rule.name == "replaced-next-action":
            continue
        if (not names or rule.name in names) and facts.config.rules.get(rule.name) != "off":
            yield from ((rule.name, hit._replace(help=hit.help or rule.help)) for hit in rule.check(case))


@check()
def history_intact(facts: SealFacts) -> Iterator[Evidence]:
    """The logbook still has everything its snapshots had: compared with each of them, no history rule finds anything.

    All snapshots of the issue's logbooks count, under whatever topic they are tagged; one of a child logbook, or of
    one that names another issue by now, may be contained in that instead. A commit that is linked as the final
    snapshot is compared too. A next action that was replaced when its result came in does not count.

    What the branch had itself since it left the default branch counts too, whether a snapshot holds it or not: an entry
    that an ordinary commit dropped long ago is missed until it is put back.

    Neither may a force push lose anything, or a deletion of the branch: GitHub lists when each was pushed, and keeps
    what it replaced for a while. A text that was taken back less than `history.grace` after it was first pushed is
    named, and does not fail. What GitHub does not list, or no longer has, does not fail either, and is listed as not
    checked.

    A snapshot tag is where our comment on the issue announced it. One that was moved or deleted fails the check, and
    the announced commit is compared as well, as far as GitHub still has it. A tag that somebody made by hand, with or
    without a message, counts as what its commit holds and no more; one that was made anew on the same commit changes
    nothing.

    Why: the log is append-only; a thread whose past was changed cannot be closed on it (task-logbook).

    Fails:

    ```markdown before
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss 2.31 after 400 steps.
    ```
    ```markdown after
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss 2.13 after 400 steps.
    ```

    Passes:

    ```markdown before
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss 2.31 after 400 steps.
    ```
    ```markdown after
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss ~~2.31~~ 2.13 after 400 steps.
    ```

    How to fix: put the words back; correct them as `~~old~~ new`, or in a new entry.
    """
    if facts.book is None:
        yield from without_logbook(facts)
        return
    found: list[Evidence] = []
    for moved in facts.moved_tags:
        name = shlex.quote(moved.tag)
        way = f"put it back: `git tag --annotate --force {name} {moved.announced}`, and push that tag"
        now = f"was moved: it is on {moved.now[:12]} now" if moved.now else "is gone"
        found.append(Evidence(f"{moved.tag} {now}, and was announced on {moved.announced[:12]}", moved.url, way))
    final = facts.final_snapshot
    linked = [final] if final and not final.is_tag else []
    seen: Counter[tuple[str, str]] = Counter()
    for version in _distinct([*facts.snapshots, *facts.earlier, *linked], facts.book):
        if len(found) < _ENOUGH:
            hits = _new_hits(facts, version, seen)
            found += [Evidence(hit.message, facts.line(hit.where.span.line), hit.help) for hit in hits]
    for version, until in facts.replaced:
        if len(found) < _ENOUGH and not _is_in_another_copy(facts, version):
            page = facts.site.url("blob", version.commit, version.path)
            for hit in _new_hits(facts, version, seen, until):
                way = f"run `git fetch origin {version.commit}`, and {hit.help}"
                found.append(Evidence(f"{hit.message}: lost in a force push, or with the branch", page, way))
    yield from found
    if not found:
        snapshots = [one for one in (*facts.snapshots, *linked) if one.text]
        counts = [counted(len(snapshots), "snapshot")] if len(snapshots) > 1 else [one.name for one in snapshots]
        earlier = len(facts.earlier) + len(facts.replaced)
        counts += [counted(earlier, "earlier version")] if earlier else []
        yield Evidence(
            f"nothing is missing that {' and '.join(counts)} had" if counts else "there is no snapshot to compare with"
        )
    for version in _distinct(facts.taken_back, facts.book):
        page = facts.site.url("blob", version.commit, version.path)
        for hit in _new_hits(facts, version, seen):
            yield Evidence(f"{hit.message}: taken back within {facts.config.history.grace} of its first push", page)
    yield from (Evidence(f"not checked: {sentence}") for sentence in facts.unchecked)


_ENOUGH = 100
"""Losses, after which no more versions are compared: a report shows no more, and there may be hundreds of versions."""


def _is_in_another_copy(facts: SealFacts, version: PinnedLogbook) -> bool:
    """Return whether another copy of the logbook has all of a version: `one-logbook` holds that against the judged."""
    copies = (it.version.book for it in facts.others if it.names_issue and it.version.path == version.path)
    return any(book and not any(_hits(replace(facts, book=book), version)) for book in copies)


def _new_hits(
    facts: SealFacts,
    version: PinnedLogbook,
    seen: Counter[tuple[str, str]],
    until: Sequence[PinnedLogbook] = (),
) -> Iterator[RuleHit]:
    """Yield what a version has that the judged logbook lacks, without what versions before it showed alike: `seen`.

    What none of the versions `until` a force push had any more was taken back before, when it was young.
    """
    is_own = facts.book is not None and version.path == facts.book.path
    names = () if is_own else _RECORD
    hits = [hit for _, hit in _hits(facts, version, names)]
    if hits and not is_own and _is_kept_elsewhere(facts, version):
        return
    if hits and until and version not in until:
        later = (replace(facts, book=it.book) for it in until)
        lacking = [{(hit.where.subject, hit.message) for _, hit in _hits(it, version, names)} for it in later]
        hits = [hit for hit in hits if not all((hit.where.subject, hit.message) in keys for keys in lacking)]
    here: Counter[tuple[str, str]] = Counter()
    for hit in hits:
        key = hit.where.subject, hit.message
        here[key] += 1
        if here[key] > seen[key]:
            yield hit
    seen |= here


def _distinct(versions: Iterable[PinnedLogbook], book: Logbook) -> Iterator[PinnedLogbook]:
    """Yield the versions that have to be compared: each text once, and none that the judged or a newer one contains.

    Versions come the newest first, and a log changes by a page between two of them. So hundreds of large ones are
    looked through in seconds, and what one of them lost is found when that one is compared.
    """
    newer: dict[str, str] = {}
    seen: set[tuple[str, PackedText]] = set()
    for one in versions:
        if one.text is None or (one.path, one.text) in seen:
            continue
        seen.add((one.path, one.text))
        text = decode(one.path, one.text.data)
        if not isinstance(text, str):
            continue
        is_contained = is_begun_with(book.text, text) or (one.path in newer and _is_unchanged(text, newer[one.path]))
        newer[one.path] = text
        if not is_contained:
            yield one


def _is_unchanged(old: str, new: str) -> bool:
    """Return whether no history rule would find anything in a newer text, by what differs between the two."""
    if is_begun_with(new, old):
        return True
    before, after = (parse("", text.encode()) for text in difference(parts_of(old), parts_of(new)))
    return isinstance(before, Logbook) and isinstance(after, Logbook) and compare(before, after) == Changes()


def _is_kept_elsewhere(facts: SealFacts, version: PinnedLogbook) -> bool:
    """Return whether a snapshot of another logbook is contained in that one, which is not held against the judged."""
    for other in facts.others:
        home = other.version.book if other.version.path == version.path else None
        if home is None or facts.book is None or other.is_stray:
            continue
        is_apart = other.header.issue is not None if not other.names_issue else _is_related(facts.book, other, home)
        if is_apart and not any(_hits(replace(facts, book=home), version, _RECORD)):
            return True
    return False


@check()
def labels(facts: SealFacts) -> Iterator[Evidence]:
    """The issue has its labels: `experiment`, and `agent-generated` if an agent created it.

    A label that `labels.not-put-back` lists and that somebody removed may be missing.

    Why: a closed thread is found by its labels (research workflow, Core Artifacts 1).

    Fails:

    ```yaml given
    labels: [experiment]
    ```
    ```markdown
    🤖 Agent-driven experiment issue.
    ```

    Passes:

    ```yaml given
    labels: [experiment, agent-generated]
    ```
    ```markdown
    🤖 Agent-driven experiment issue.
    ```

    How to fix: run `logbook labels`, or add them by hand.
    """
    missing = facts.missing_labels
    for name in missing:
        yield Evidence(f"`{name}` is missing", facts.issue_page, "add it, or run `logbook labels`")
    if not missing:
        yield Evidence("all labels are there", facts.issue_page)
