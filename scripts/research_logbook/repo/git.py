"""What git knows, through the `git` program: it answers for every kind of repository that its user has.

No text from outside becomes an option (`--end-of-options`), and no hook, pager or prompt of the work tree runs.
A repository's own configuration is its user's, and counts; so git starts where a `.git` is, which no tree can hold.
"""

import os
import re
import shlex
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from heapq import heappop, heappush
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

from research_logbook.errors import UnfinishedError
from research_logbook.logbook import MAX_BYTES
from research_logbook.repo import Commit
from research_logbook.secret_scanner import KnownSecrets, masked

SETTINGS = (
    "core.fsmonitor=false",
    "core.quotePath=false",
    "safe.bareRepository=explicit",  # from git 2.38 on; until then it is enough that git starts at the top
)
"""What every call sets: nothing that a tree or a configuration names is started, and paths come as they are."""
NO_HOOKS = "core.hooksPath=/dev/null"
SAFE = "--end-of-options"
_LONGEST_SECONDS = 120
NOTHING: Mapping[str, str] = {}
_NO_VALUE = {"unspecified", "unset"}
"""What git says of an attribute that a file has not."""
_PATHS_A_CALL = 500
"""A command line has a longest length."""
_HELD = 32_000_000
"""Bytes of answers that are held besides what is made of them."""
_LARGE = 1_000_000
"""Bytes of a file whose beginning is read by itself."""
_MOST_FETCHES = 64
"""By which some commits are looked for among many: enough for three of a thousand that are gone."""


class Blob(NamedTuple):
    """A file in a tree: its bytes, and whether it is a symbolic link."""

    data: bytes
    is_symlink: bool


class UnreadFile(bytes):
    """What stands for the contents of a file that is too large to be read: as long, and with nothing in it."""

    def __new__(cls, size: int) -> Self:
        """Make it for a file of so many bytes."""
        made = super().__new__(cls)
        made._size = size
        return made

    _size: int

    def __len__(self) -> int:
        return self._size


class TreeEntry(NamedTuple):
    """A file as a tree lists it."""

    hash: str
    """Of its contents."""
    is_symlink: bool


class Renamed(NamedTuple):
    """A path that a change touches; `old` differs from `new` for a rename, and one is empty for added or deleted."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class KnownBranches:
    """The branches that a clone knows, its own and those of remotes, by their full names such as `refs/heads/main`."""

    commits: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)
    """The default branch of each remote that tells one which is here."""
    here: str = ""
    """The branch that is checked out; empty where HEAD is on none, or has no commit yet."""
    upstream: str = ""
    """What that branch follows."""
    push: str = ""
    """What a plain ``git push`` of that branch updates."""


class Uncommitted(NamedTuple):
    """What a work tree has that no commit holds."""

    commit: str
    """The commit that is checked out; empty where there is none yet."""
    tracked: tuple[str, ...]
    """Files that git tracks and that were edited, added or removed."""
    untracked: tuple[str, ...]
    """Files that git neither tracks nor ignores; a folder, with a slash at its end, where that holds nothing else."""


_PATH_AT = {"1": 8, "u": 10}
"""For the kinds of lines of `git status --porcelain=v2` the number of words before the path."""


class FileEdit(NamedTuple):
    """What a commit made of a file that one of its parents had, or had not."""

    commit: str
    parent: str
    """Empty for the first commit of a history."""
    path: str
    old: TreeEntry | None
    new: TreeEntry | None


class FileHistory(NamedTuple):
    """Commits, and what each did to files."""

    parents: Mapping[str, tuple[str, ...]]
    """Of every commit, children first."""
    edits: tuple[FileEdit, ...] = ()
    """Children first; a merge is compared with each of its parents."""


class Tag(NamedTuple):
    """A tag on a commit; `message` is empty for a lightweight one."""

    name: str
    commit: str
    is_annotated: bool
    day: str
    """When it was made, as YYYY-MM-DD."""
    message: str


_BY_ITSELF = ("--no-ext-diff", "--ignore-submodules=dirty")
"""A comparison that starts no other program, and no git inside a submodule."""
_COMMIT = "%H%x00%an <%ae>%x00%aI%x00%s%x00%B%x00"
_LONGEST_MESSAGE = 100_000
"""Characters of a commit's message that are read."""


_LOOK = "do what git asks for; `git fsck` finds out whether the clone is whole"


class Repository:
    """A git repository. `switch` changes it and `fetch` adds to it; all else reads.

    A method is one call of git where its docstring names no other number, and raises `UnfinishedError` when git fails.
    """

    def __init__(self, root: Path, newer_tags: Mapping[str, str] = NOTHING) -> None:
        """Look at the repository in `root`, and take it that it has `newer_tags` too, each with its commit."""
        self.root = root
        self._newer_tags = newer_tags
        self._sizes: dict[str, int] = {}

    def with_tags(self, made: Mapping[str, str]) -> "Repository":
        """Return the same with tags that the server has got since this was cloned, each with its commit."""
        return Repository(self.root, {**self._newer_tags, **made})

    @classmethod
    def around(cls, path: Path) -> "Repository | None":
        """Return the repository that holds the folder `path`, or None where there is none.

        Raises `UnfinishedError` where git refuses it for belonging to another user.
        """
        top = _top(path)
        # Where the user names a repository (GIT_DIR), git looks for none.
        if top is None and "GIT_DIR" not in os.environ:
            return None
        place = top or path
        result = _git(place, ["rev-parse", "--show-toplevel", "--is-shallow-repository"])
        if result.returncode == 0:
            root, _, is_shallow = result.stdout.removesuffix(b"\n").rpartition(b"\n")
            found = cls(Path(os.fsdecode(root)))
            found.is_shallow = is_shallow == b"true"
            return found
        if b"dubious ownership" in result.stderr:
            raise UnfinishedError(
                f"git refuses the repository at {place}: it belongs to another user",
                f"if you trust it, run `git config --global --add safe.directory {shlex.quote(str(place))}` first",
            )
        return None

    def commit(self, revision: str) -> str | None:
        """Return the full hash of the commit that `revision` names, or None."""
        result = self._run("rev-parse", "--verify", "--quiet", SAFE, revision + "^{commit}")
        return result.stdout.decode().strip() or None if result.returncode == 0 else None

    def tip(self, branch: str | None) -> str | None:
        """Return the commit that a branch of the remote is at; None without a branch, or where it was not fetched."""
        return self.commit(f"{self._remote_refs}/{branch}") if branch else None

    def parents(self, commit: str) -> tuple[str, ...]:
        """Return the hashes of a commit's parents, those that a shallow clone left out too."""
        head = self._text("cat-file", "commit", commit).partition("\n\n")[0]
        return tuple(line.removeprefix("parent ") for line in head.split("\n") if line.startswith("parent "))

    def merge_base(self, one: str, *others: str) -> str | None:
        """Return the best common ancestor of a commit and any of the `others`, or None where none is here."""
        if one in others or not others:
            return one if others else None
        return self._run("merge-base", SAFE, one, *others).stdout.decode().strip() or None

    def apart(self, one: str, other: str) -> tuple[int, int]:
        """Return how many commits only the one of two has, and how many only the other."""
        counted = self._text("rev-list", "--left-right", "--count", SAFE, f"{one}...{other}").split()
        return int(counted[0]), int(counted[1])

    def only_in(self, one: str, other: str) -> tuple[Commit, ...]:
        """Return the commits that one has and the other has not, the newest first.

        What the other has as the same change, as after a rebase, is left out, and so are merges.
        """
        how = ("--cherry-pick", "--left-only", "--no-merges")
        return tuple(_commits(self._text("log", *how, *_LOG, SAFE, f"{one}...{other}")))

    def is_ancestor(self, old: str, new: str) -> bool:
        """Return whether commit `old` is an ancestor of `new`, or the same."""
        return self._run("merge-base", "--is-ancestor", SAFE, old, new).returncode == 0

    def is_led_to(self, commit: str) -> bool:
        """Return whether a branch of the remote or a tag leads to the commit; where nothing was fetched, any branch.

        Two calls of git.
        """
        where = [self._remote_refs, "refs/tags"] if self.remote_branches() else ["refs/heads", "refs/tags"]
        return bool(self._text("for-each-ref", "--count=1", f"--contains={commit}", *where).strip())

    @cached_property
    def is_shallow(self) -> bool:
        """Whether part of the history was not fetched, as it was at the first question."""
        return self._text("rev-parse", "--is-shallow-repository").strip() == "true"

    @property
    def has_all_history(self) -> bool:
        """Whether this clone is neither shallow nor partial: git has nothing left to fetch when it is needed."""
        promised = re.compile(r"remote\..+\.(?:promisor|partialclonefilter)", re.DOTALL)
        return not (self.is_shallow or any(map(promised.fullmatch, self._settings)))

    @property
    def branch(self) -> str | None:
        """The branch that is checked out, or None where HEAD is on none."""
        name = self._run("symbolic-ref", "--quiet", "HEAD").stdout.decode(errors="replace").strip()
        return name.removeprefix("refs/heads/") or None

    def branches(self) -> KnownBranches:
        """Return what this clone knows of branches."""
        form = "%00".join(f"%({what})" for what in ("refname", "objectname", "symref", "HEAD", "upstream", "push"))
        listed = self._text("for-each-ref", f"--format={form}", "refs/heads", "refs/remotes")
        rows = [line.split("\0") for line in _lines(listed)]
        commits = {name: commit for name, commit, symref, *_ in rows if not symref}
        # A remote's HEAD that leads to a branch which is gone is in no list.
        defaults = {name[len("refs/remotes/") : -len("/HEAD")]: symref for name, _, symref, *_ in rows if symref}
        here = next(((name, upstream, push) for name, _, _, mark, upstream, push in rows if mark == "*"), ("", "", ""))
        return KnownBranches(commits, {key: ref for key, ref in defaults.items() if ref in commits}, *here)

    @cached_property
    def _settings(self) -> Mapping[str, str]:
        """What the configuration says of branches and remotes, as it was at the first question."""
        pattern = r"^(branch|remote)\.|^init\.defaultbranch$"
        listed = self._run("config", "--null", "--get-regexp", pattern).stdout.decode(errors="surrogateescape")
        return {key: value for key, _, value in (line.partition("\n") for line in listed.split("\0"))}

    @property
    def remotes(self) -> tuple[str, ...]:
        """The remotes by name."""
        urls = (re.fullmatch(r"remote\.(.+)\.url", key, re.DOTALL) for key in self._settings)
        return tuple(url[1] for url in urls if url)

    @cached_property
    def remote(self) -> str:
        """The remote that is meant: the branch's own, `remote.pushDefault`, origin, or the only one; else empty.

        Two calls of git, at the first question only.
        """
        known, remotes = self._settings, self.remotes
        wanted = (known.get(f"branch.{self.branch}.remote"), known.get("remote.pushdefault"), "origin")
        return next((name for name in wanted if name in remotes), None) or (remotes[0] if len(remotes) == 1 else "")

    @property
    def _remote_refs(self) -> str:
        return f"refs/remotes/{self.remote or 'origin'}"

    @property
    def remote_address(self) -> str:
        """The address of the remote that is meant; empty where there is none. One call of git more than `remote`."""
        remote = self.remote
        found = self._run("remote", "get-url", remote) if remote else None
        return found.stdout.decode(errors="replace").strip() if found else ""

    @property
    def usual_defaults(self) -> tuple[str, ...]:
        """What a default branch is called where no remote says which it is."""
        return tuple(dict.fromkeys(("main", "master", *filter(None, [self._settings.get("init.defaultbranch")]))))

    @property
    def default_branch(self) -> str | None:
        """The default branch of the remote, as far as this clone knows. Two calls of git."""
        result = self._run("symbolic-ref", "--quiet", f"{self._remote_refs}/HEAD")
        named = result.stdout.decode(errors="replace").strip().removeprefix(f"{self._remote_refs}/")
        known = self.remote_branches()
        return next((name for name in (named, *self.usual_defaults) if name in known), None)

    def fetch(self, reference: str, token: str = "", *, alone: bool = False) -> None:
        """Bring the commits of a reference of the remote into this clone: objects alone, no branch and no file changes.

        `reference` may be the hash of a commit; `alone` leaves its history behind, as a shallow clone does. `token`
        opens a private repository on GitHub, and is in no argument that others could read. Git is also asked which
        remote is meant.
        """
        result = self._fetch([reference], token, alone=alone)
        if result.returncode != 0:
            raise UnfinishedError(failure("fetch", result.stderr), "look whether the reference is still there")

    def fetch_commits(self, hashes: Iterable[str], token: str = "") -> dict[str, str]:
        """Bring those of some commits that this clone lacks; return those that did not come, each with the reason.

        One fetch brings all that the remote still has; where it refuses one, halves are tried, the first half first,
        up to a limit, so that one cannot hide the others.
        """
        lacking = [name for name, is_here in self.exist(hashes).items() if not is_here]
        waiting = [lacking[start : start + _PATHS_A_CALL] for start in range(0, len(lacking), _PATHS_A_CALL)]
        failed: dict[str, str] = {}
        unasked = f"over {_MOST_FETCHES} fetches would be needed"
        for _ in range(_MOST_FETCHES):
            if not waiting:
                break
            some = waiting.pop(0)
            try:
                result = self._fetch(some, token)
            except UnfinishedError as error:  # such as for a remote that does not answer in time
                waiting.insert(0, some)
                unasked = error.message
                break
            if result.returncode != 0 and len(some) > 1 and _is_about_one(result.stderr):
                half = len(some) // 2
                waiting[:0] = [some[:half], some[half:]]
            elif result.returncode != 0:
                is_gone = b"not our ref" in result.stderr
                why = "the remote no longer has it" if is_gone else failure("fetch", result.stderr)
                failed |= dict.fromkeys(some, why)
        failed |= {name: unasked for some in waiting for name in some}
        return failed

    def _fetch(
        self, references: Sequence[str], token: str, *, alone: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        arguments = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        arguments += ["--depth=1"] if alone else []
        # What comes is an outsider's: git itself looks whether the objects are sound.
        checked = ["-c", "fetch.fsckObjects=true", *arguments, SAFE, self.remote or "origin", *references]
        return _git(self.root, checked, more=_credentials(self.remote_address, token))

    @cached_property
    def common_folder(self) -> Path:
        """The folder of git's own files, which all work trees of this clone share."""
        named = os.fsdecode(self._bytes("rev-parse", "--git-common-dir").removesuffix(b"\n"))
        return self.root / named

    def uncommitted(self, *, with_untracked: bool = True) -> Uncommitted:
        """Return what the work tree has that the commit which is checked out has not."""
        which = "normal" if with_untracked else "no"
        how = ("--porcelain=v2", "--branch", "-z", f"--untracked-files={which}", "--no-renames")
        tracked, untracked, commit = list[str](), list[str](), ""
        for line in _split(self._bytes("status", *how)):
            if line.startswith("# branch.oid "):
                commit = line.removeprefix("# branch.oid ")
            elif line[0] in _PATH_AT:
                tracked.append(line.split(" ", _PATH_AT[line[0]])[-1])
            elif line[0] == "?":
                untracked.append(line[2:])
        return Uncommitted("" if commit == "(initial)" else commit, tuple(tracked), tuple(untracked))

    def changes_text(self, *but: str, new: Sequence[str] = ()) -> bytes:
        """Return what tracked files have that the commit that is checked out has not, as a patch; `but` is left out.

        The files in `new`, which git does not track, are in it. One call of git for each of them.
        """
        how = ("diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv")
        variables = {"GIT_LITERAL_PATHSPECS": "0"}
        left_out = [f":(exclude,literal){path}" for path in but]
        answers = [_git(self.root, [*how, "HEAD", "--", ".", *left_out], more=variables)]
        answers += [_git(self.root, [*how, "--no-index", "--", "/dev/null", path]) for path in new]
        for answer in answers:
            if answer.returncode > 1 or (answer.returncode and not answer.stdout):
                raise UnfinishedError(failure("diff", answer.stderr), _LOOK)
        return b"".join(answer.stdout for answer in answers)

    @cached_property
    def work_trees(self) -> tuple[Path, ...]:
        """The work trees of this clone; no call of git where there is no other one than this."""
        if not (self.common_folder / "worktrees").is_dir():
            return (self.root,)
        listed = _lines(self._text("worktree", "list", "--porcelain"))
        return tuple(Path(line.removeprefix("worktree ")) for line in listed if line.startswith("worktree "))

    def entries(self, commit: str, folders: Sequence[str]) -> dict[str, TreeEntry]:
        """Return the files below `folders` in a commit's tree, symbolic links too."""
        below = [] if "." in folders else [f"{folder}/" for folder in folders]
        return dict(_entries(self._bytes("ls-tree", "-r", "-z", "--full-tree", SAFE, commit, *below)))

    def files(self, commit: str, folders: Sequence[str]) -> dict[str, str]:
        """Return the regular files below `folders` in a commit's tree, each with the hash of its contents."""
        return {path: entry.hash for path, entry in self.entries(commit, folders).items() if not entry.is_symlink}

    def tracked(self, folders: Sequence[str]) -> frozenset[str]:
        """Return the files below `folders` in the work tree that git tracks, or would not ignore."""
        which = ("--cached", "--others", "--exclude-standard", "--deleted")
        listed = _split(self._bytes("ls-files", "-z", "-t", *which, "--", *folders))
        gone = {path for status, _, path in (line.partition(" ") for line in listed) if status == "R"}
        return frozenset(line.partition(" ")[2] for line in listed) - gone

    def ignored(self, path: str) -> tuple[str, ...]:
        """Return the files at or below `path` that git ignores; the path itself where that would be, once it is there.

        Two calls of git.
        """
        # This command knows no literal paths, and takes none for a pattern.
        any_path = {"GIT_LITERAL_PATHSPECS": "0"}
        itself = _git(self.root, ["check-ignore", "-z", "--stdin"], os.fsencode(f"{path}\0"), any_path).stdout
        below = self._bytes("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", path)
        return tuple(dict.fromkeys((*_split(itself), *_split(below))))

    def setting(self, name: str) -> str:
        """Return a setting of git's as it counts in this clone, whoever made it; empty for none."""
        return os.fsdecode(self._run("config", "--null", "--get", name).stdout.removesuffix(b"\0"))

    def merge_attributes(self, paths: Sequence[str]) -> dict[str, str]:
        """Return with what git merges each of some files of the work tree, as its attributes say."""
        said = _split(self._bytes("check-attr", "-z", "--stdin", "merge", lines=paths, end="\0") if paths else b"")
        return dict(zip(said[::3], said[2::3], strict=True))

    def left_out(self, paths: Sequence[str]) -> dict[str, str]:
        """Return the files at or below `paths` that a sparse checkout left out, each with the hash of its contents."""
        listed = _split(self._bytes("ls-files", "-z", "-t", "--stage", "--", *paths)) if paths else []
        entries = (line.partition("\t") for line in listed if line.startswith("S 100"))
        return {path: about.split(" ")[2] for about, _, path in entries}

    def stored(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return what git would store of those files of the work tree that their attributes have it store otherwise.

        The repository's own filters and encodings do it, as for ``git add``; nothing is added. A file that git cannot
        convert is left out. One call of git where no attribute asks for more; line ends are not looked at.
        """
        asked = ("working-tree-encoding", "filter", "ident")
        answer = self._bytes("check-attr", "-z", "--stdin", *asked, lines=paths, end="\0") if paths else b""
        said = _split(answer)
        converted = {path for path, value in zip(said[::3], said[2::3], strict=True) if value not in _NO_VALUE}
        if not converted:
            return {}
        hashes = dict[str, str]()
        with TemporaryDirectory(prefix="logbook-") as objects:
            elsewhere = {"GIT_OBJECT_DIRECTORY": objects}
            for path in sorted(converted):
                result = _git(self.root, ["hash-object", "-w", f"--path={path}", "--", path], more=elsewhere)
                if result.returncode == 0:
                    hashes[path] = result.stdout.decode().strip()
            batch = "".join(f"{digest}\n" for digest in hashes.values()).encode()
            contents = _git(self.root, ["cat-file", "--batch"], batch, more=elsewhere).stdout
            return {path: data for path, data in zip(hashes, _batch(contents), strict=True) if data is not None}

    def changes(self, old: str, new: str | None) -> tuple[Renamed, ...]:
        """Return what changed from commit `old` to `new`, or to the work tree; renames are followed."""
        where = [old, new] if new else [old]
        raw = self._bytes("diff", "--name-status", "-z", "--find-renames=40%", *_BY_ITSELF, SAFE, *where)
        return tuple(_renames(_split(raw)))

    def history(self, head: str, without: Iterable[str], folders: Sequence[str]) -> FileHistory:
        """Return what was done to the files below `folders` by commits that lead to `head`, and to none of `without`.

        Two calls of git.
        """
        commits = [head, *(f"^{commit}" for commit in dict.fromkeys(without))]
        listed = self._text("rev-list", "--topo-order", "--parents", SAFE, *commits)
        parents = {commit: tuple(rest) for commit, *rest in (line.split() for line in _lines(listed))}
        if not parents:
            return FileHistory(parents)
        settings = ("-c", "log.diffMerges=separate", "-c", "log.showRoot=true", "-c", "log.follow=false")
        raw = self._bytes(*settings, "log", *_EDITS, SAFE, *commits, "--", *folders)
        return FileHistory(parents, tuple(_edits(raw, parents)))

    def read(self, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Blob]:
        """Return the files named by (commit, path); what is not there is left out.

        One call of git for each commit (for each 500 of its paths), and one for the contents.
        """
        found: dict[tuple[str, str], TreeEntry] = {}
        for commit in dict.fromkeys(commit for commit, _ in names):
            paths = [path for of, path in names if of == commit]
            for start in range(0, len(paths), _PATHS_A_CALL):
                some = paths[start : start + _PATHS_A_CALL]
                listed = self._bytes("ls-tree", "-z", "--full-tree", SAFE, commit, *some)
                found |= {(commit, path): entry for path, entry in _entries(listed)}
        contents = self.contents([entry.hash for entry in found.values()])
        return {name: Blob(contents.get(entry.hash, b""), entry.is_symlink) for name, entry in found.items()}

    def trees(self, commits: Iterable[str], folders: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return what is equal for commits whose `folders` hold the same."""
        asked = list(dict.fromkeys(commits))
        names = {(commit, at): f"{commit}:{'' if at == '.' else at}" for commit in asked for at in folders}
        found = self.hashes(names.values())
        return {commit: tuple(found.get(names[commit, folder], "") for folder in folders) for commit in asked}

    def hashes(self, names: Iterable[str]) -> dict[str, str]:
        """Return the hashes of the objects named, such as `COMMIT:PATH`; what is not there is left out."""
        wanted = [name for name in dict.fromkeys(names) if "\n" not in name]
        lines = self._text("cat-file", "--batch-check=%(objectname)", lines=wanted).split("\n") if wanted else []
        return {
            name: line
            for name, line in zip(wanted, lines, strict=False)
            if not line.endswith((" missing", " ambiguous"))
        }

    def contents(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of files by their hashes; for one that is too large to be read, its size.

        Two calls of git, and one more for each 32 MB.
        """
        return dict(self.contents_in_turn(hashes))

    def contents_in_turn(self, hashes: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield what `contents` returns, and hold no more than 32 MB of it at once."""
        sizes = self.sizes(hashes)
        yield from ((digest, UnreadFile(size)) for digest, size in sizes.items() if size > MAX_BYTES)
        for some in _parts({digest: size for digest, size in sizes.items() if size <= MAX_BYTES}):
            answer = self._bytes("cat-file", "--batch", lines=some)
            yield from ((it, data) for it, data in zip(some, _batch(answer), strict=True) if data is not None)

    def beginnings(self, hashes: Iterable[str], length: int) -> dict[str, bytes]:
        """Return the first bytes of files of any size, by their hashes.

        Two calls of git, one more for each 32 MB, and one for each file of over a megabyte.
        """
        sizes = self.sizes(hashes)
        small = (digest for digest, size in sizes.items() if size <= _LARGE)
        found = {digest: data[:length] for digest, data in self.contents_in_turn(small)}
        return found | {digest: self._beginning(digest, length) for digest, size in sizes.items() if size > _LARGE}

    def _beginning(self, digest: str, length: int) -> bytes:
        # Git reads no more of it than is taken.
        arguments = ["-c", f"core.bigFileThreshold={_LARGE}", "cat-file", "blob", digest]
        with _started(self.root, arguments) as process:
            assert process.stdout  # noqa: S101 - it was asked for
            data = process.stdout.read(length)
            process.kill()
        return data

    def remote_branches(self) -> dict[str, str]:
        """Return the branches of the remote, each with its commit, the last committed to first.

        Those whose commit this clone lacks come last. Where there are any, it takes three calls of git more.
        """
        within = f"{self._remote_refs}/"
        how = ("for-each-ref", "--format=%(refname)%00%(objectname)", within)
        by_date = self._run(*how, "--sort=-committerdate")
        listed = by_date.stdout.decode(errors="surrogateescape") if by_date.returncode == 0 else self._text(*how)
        pairs = (line.removeprefix(within).partition("\0") for line in _lines(listed))
        found = {name: commit for name, _, commit in pairs if name != "HEAD"}
        if by_date.returncode == 0:
            return found
        here = [commit for commit, is_here in self.exist(found.values()).items() if is_here]
        dated = _lines(self._text("rev-list", "--no-walk=sorted", "--stdin", lines=here)) if here else []
        places = {commit: place for place, commit in enumerate(dated)}
        return dict(sorted(found.items(), key=lambda branch: places.get(branch[1], len(places))))

    def sizes(self, hashes: Iterable[str]) -> dict[str, int]:
        """Return how many bytes files have, by their hashes."""
        wanted = list(dict.fromkeys(hashes))
        asked = [digest for digest in wanted if digest not in self._sizes]
        form = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
        for line in _lines(self._text("cat-file", form, lines=asked)) if asked else ():
            digest, *about = line.split(" ")
            if about[0] == "blob":
                self._sizes[digest] = int(about[1])
        return {digest: self._sizes[digest] for digest in wanted if digest in self._sizes}

    def exist(self, names: Iterable[str]) -> dict[str, bool]:
        """Return for each object name, such as ``HASH:path``, whether the repository holds it, or several like it."""
        wanted = [name for name in dict.fromkeys(names) if "\n" not in name]
        lines = self._bytes("cat-file", "--batch-check=%(objecttype)", lines=wanted).split(b"\n") if wanted else []
        return {name: not line.endswith(b" missing") for name, line in zip(wanted, lines, strict=False)}

    @property
    def has_all_branches(self) -> bool:
        """Whether a remote was fetched from, and no branch of it is left out as a clone of a single branch does."""
        # Git fails where there is no remote.
        listed = _git(self.root, ["config", "--get-regexp", r"^remote\..*\.fetch$"]).stdout
        return b"refs/heads/*:" in listed and bool(self.remote_branches())

    def tags(self, pattern: str) -> tuple[tuple[str, str], ...]:
        """Return the tags below ``refs/tags/`` that match, each with its commit, by name.

        A pattern without wildcards matches a tag of that name and all in a folder of that name.
        """
        form = "%(refname:lstrip=2)%00%(objecttype) %(objectname)%00%(*objecttype) %(*objectname)"
        listed = self._text("for-each-ref", f"--format={form}", f"refs/tags/{pattern}")
        rows = (line.split("\0") for line in listed.split("\n") if line)
        peeled = ((name, of_tag if of_tag.strip() else itself) for name, itself, of_tag in rows)
        here = {name: what.partition(" ")[2] for name, what in peeled if what.startswith("commit ")}
        newer = {
            name: commit
            for name, commit in self._newer_tags.items()
            if name not in here and f"{name}/".startswith(f"{pattern}/" if pattern else "")
        }
        return (*here.items(), *newer.items())

    def tag_names(self) -> tuple[str, ...]:
        """Return the names of all tags, whatever they are on."""
        return (*_lines(self._text("for-each-ref", "--format=%(refname:lstrip=2)", "refs/tags")), *self._newer_tags)

    def merged_tags(self, commit: str, pattern: str) -> frozenset[str]:
        """Return the tags below ``refs/tags/`` that match and that a commit descends from."""
        form = ("--format=%(refname:lstrip=2)", f"--merged={commit}")
        return frozenset(_lines(self._text("for-each-ref", *form, f"refs/tags/{pattern}")))

    def led_to(self, commits: Iterable[str]) -> frozenset[str]:
        """Return the commits that a branch of the remote leads to; where nothing was fetched, any branch.

        Two calls of git.
        """
        wanted = frozenset(commits)
        where = "--remotes" if self.remote_branches() else "--branches"
        listed = self._text("rev-list", "--ignore-missing", "--stdin", "--not", where, lines=wanted)
        return wanted - frozenset(_lines(listed))

    def newest_first(self, tags: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return tags with their commits, each before those of its ancestors; of the others the later name goes first.

        The dates of tags say nothing: one run makes many within a second. Two calls of git, none for a single commit.
        """
        by_name = sorted(tags, key=lambda tag: _natural(tag[0]), reverse=True)
        commits = dict.fromkeys(commit for _, commit in by_name)
        if len(commits) < 2:
            return tuple(by_name)
        shared = self._run("merge-base", "--octopus", SAFE, *commits).stdout.decode().strip()
        inside = [*commits, *([f"^{shared}"] if shared else [])]
        listed = _lines(
            self._text("rev-list", "--topo-order", "--parents", "--ignore-missing", "--stdin", lines=inside)
        )
        parents = {commit: rest for commit, *rest in (line.split() for line in listed)}
        order = {commit: place for place, commit in enumerate(_by_ancestry(commits, parents))}
        return tuple(sorted(by_name, key=lambda tag: order[tag[1]]))

    def commits(self, revision: str, without: Sequence[str]) -> tuple[Commit, ...]:
        """Return a branch's own commits, oldest first: first parents from `revision`, none that `without` holds."""
        listed = self._text("log", "--first-parent", "--reverse", *_LOG, SAFE, revision, *(f"^{it}" for it in without))
        return tuple(_commits(listed))

    def replaced(self, commits: Sequence[str], head: str, path: str) -> tuple[str, ...]:
        """Return the commits that lead to some by first parents, change a file, and are no ancestors of `head`."""
        if not commits:
            return ()
        listed = self._text("rev-list", "--first-parent", "--stdin", "--", path, lines=[*commits, f"^{head}"])
        return tuple(_lines(listed))

    def about(self, hashes: Iterable[str]) -> dict[str, Commit]:
        """Return what git's log shows of commits."""
        wanted = dict.fromkeys(hashes)
        if not wanted:
            return {}
        listed = self._bytes("log", "--no-walk=unsorted", *_LOG, "--stdin", lines=wanted)
        return {commit.hash: commit for commit in _commits(listed.decode(errors="surrogateescape"))}

    def touched(self, hashes: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the files that each commit has added or changed, a merge against its first parent."""
        wanted = dict.fromkeys(hashes)
        if not wanted:
            return {}
        how = ("-m", "--first-parent", "--name-only", "--diff-filter=d", "-z", "--format=%x01%H", "--no-show-signature")
        listed = self._bytes("-c", "log.showRoot=true", "log", "--no-walk=unsorted", *how, "--stdin", lines=wanted)
        parts = (chunk.split(b"\0") for chunk in listed.split(b"\x01") if chunk)
        return {os.fsdecode(head): tuple(_split(b"\0".join(rest).lstrip(b"\n"))) for head, *rest in parts}

    def annotated(self, pattern: str) -> tuple[Tag, ...]:
        """Return the tags below ``refs/tags/`` that match and are on a commit: `newest_first` turned round.

        Three calls of git.
        """
        form = "%(refname:lstrip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00"
        form += "%(creatordate:short)%00%(contents)%00"
        listed = self._text("for-each-ref", f"--format={form}", f"refs/tags/{pattern}")
        fields = listed.split("\0")
        rows = (fields[at : at + 7] for at in range(0, len(fields) - 1, 7))
        found = {tag.name: tag for row in rows if (tag := _tag(row))}
        order = self.newest_first((tag.name, tag.commit) for tag in found.values())
        return tuple(found[name] for name, _ in reversed(order))

    def branches_with(self, commit: str) -> tuple[str, ...]:
        """Return the branches of the remote that hold a commit."""
        within = f"{self._remote_refs}/"
        listed = self._text("for-each-ref", f"--contains={commit}", "--format=%(refname)", within)
        return tuple(name for line in _lines(listed) if (name := line.removeprefix(within)) != "HEAD")

    def containing(self, text: str, folders: Sequence[str]) -> tuple[str, ...]:
        """Return the tracked files below `folders` in the work tree that contain `text`."""
        how = ("--no-recurse-submodules", "--files-with-matches", "-z", "--fixed-strings")
        result = self._run("grep", *how, "-e", text, "--", *folders)
        return tuple(_split(result.stdout))

    def references_at(self, url: str) -> dict[str, str]:
        """Return the branches and tags of another repository by their full names, tags also as the commit behind them.

        Such a name ends in `^{}`. It asks whatever server `url` names, with the user's own credentials.
        """
        lines = _lines(self._text("ls-remote", "--tags", "--heads", SAFE, url))
        return {name: commit for commit, _, name in (line.partition("\t") for line in lines)}

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return _git(self.root, arguments)

    def _bytes(self, *arguments: str, lines: Iterable[str] = (), end: str = "\n") -> bytes:
        """Return what git prints, given `lines` on its standard input."""
        stdin = "".join(f"{line}{end}" for line in lines).encode("utf-8", "surrogateescape")
        result = _git(self.root, arguments, stdin)
        if result.returncode != 0:
            raise UnfinishedError(failure(arguments[0], result.stderr), _LOOK)
        return result.stdout

    def _text(self, *arguments: str, lines: Iterable[str] = ()) -> str:
        return self._bytes(*arguments, lines=lines).decode(errors="surrogateescape")


def _top(folder: Path) -> Path | None:
    """Return the nearest folder from `folder` upwards that holds a `.git`, or None.

    Git would also take a folder for a repository that holds `HEAD`, `objects` and `refs`, and run what its `config`
    names. Any tree can hold those; an entry called `.git` is in none, because git refuses it. Source: git's manual,
    "safe.bareRepository"; `GIT_CEILING_DIRECTORIES` ends the search as it does for git.
    """
    here = folder.resolve()
    ceilings = {Path(it).resolve() for it in os.environ.get("GIT_CEILING_DIRECTORIES", "").split(":") if it}
    for place in (here, *here.parents):
        if place != here and place in ceilings:
            return None
        entry = place / ".git"
        if os.path.lexists(entry / "HEAD") or entry.is_file():  # a file is that of a linked work tree or a submodule
            return place
    return None


def _lines(text: str) -> list[str]:
    """Return git's lines: a name may hold what Python, and not git, takes for the end of one."""
    return [line for line in text.split("\n") if line]


def failure(command: str, stderr: bytes) -> str:
    """Return a sentence that says that a command failed, and what git says of it; or that git is too old.

    The password that the address of a remote may hold is left out.
    """
    told = masked(KnownSecrets.of(os.environ).mask(stderr.decode(errors="replace")))
    said = _PASSWORD.sub("://…@", told).strip().splitlines()
    if any(words in stderr for words in (b"unknown option", b"usage: git", b"unrecognized argument")):
        version = _version()
        if version < _OLDEST:
            return f"git {'.'.join(map(str, version))} is too old: install git {'.'.join(map(str, _OLDEST))} or newer"
    return f"`git {command}` failed: {said[-1] if said else 'it said nothing'}"


_PASSWORD = re.compile(r"://[^/@\s'\"]*@")
_OLDEST = (2, 30)
_TAKES_SETTINGS = (2, 31)
"""The first git that reads settings from GIT_CONFIG_COUNT (its release notes)."""


@cache
def _version() -> tuple[int, ...]:
    """Return the version of git, such as (2, 39)."""
    found = re.search(rb"(\d+)\.(\d+)", _git(Path(), ["version"]).stdout)
    return tuple(map(int, found.groups())) if found else ()


def _is_about_one(stderr: bytes) -> bool:
    """Return whether a fetch failed for a commit that the remote refuses, or for an object that is not sound."""
    return any(words in stderr for words in (b"not our ref", b"unadvertised object", b"fsck", b"index-pack"))


def _credentials(origin: str, token: str) -> dict[str, str]:
    """Return the environment that shows GitHub a token; nothing if the remote is not on the web."""
    if not token or not origin.casefold().startswith("https://"):
        return {}
    basic = b64encode(f"x-access-token:{token}".encode()).decode()
    # The empty value takes back what a checkout may have left: GitHub refuses to be told twice who asks.
    told = ("", f"AUTHORIZATION: basic {basic}")
    key = f"http.{_PASSWORD.sub('://', origin)}.extraHeader"
    if _version() < _TAKES_SETTINGS:
        # Only there does git not document what hands `-c` on to the programs that it starts, and no release of these
        # versions will change it.
        before = os.environ.get("GIT_CONFIG_PARAMETERS", "")
        quoted = ("'" + f"{key}={it}".replace("'", "'\\''") + "'" for it in told)
        return {"GIT_CONFIG_PARAMETERS": " ".join([before, *quoted]).strip()}
    count = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isascii() and count.isdigit() else 0
    settings = {"GIT_CONFIG_COUNT": str(first + len(told))}
    for index, value in enumerate(told, first):
        settings |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return settings


def git_environment(more: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """Return the environment that git runs in: what it says is English, and it asks nothing."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    environment |= {"GIT_LITERAL_PATHSPECS": "1", **more}
    # What a clone puts in the place of a commit or of its parents is on nobody else's record.
    return environment | {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": "/dev/null/none"}


def _started(folder: Path, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - as in `_git`
        _command(folder, arguments),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=git_environment(),
    )


def _git(
    folder: Path, arguments: Sequence[str], stdin: bytes = b"", more: Mapping[str, str] = NOTHING
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - a list, no shell; outside text comes after --end-of-options
            _command(folder, arguments),
            cwd=folder,
            input=stdin,
            capture_output=True,
            env=git_environment(more),
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise UnfinishedError("git is not installed, or not on the PATH", "install git 2.30 or newer") from error
    except subprocess.TimeoutExpired as error:
        what = f"`git {arguments[0]}` took over {_LONGEST_SECONDS} seconds"
        raise UnfinishedError(what, "look whether the repository's disk answers, then run it again") from error


def _command(folder: Path, arguments: Sequence[str]) -> list[str]:
    settings = (*SETTINGS, NO_HOOKS, *trusted(folder))
    return ["git", *(word for setting in settings for word in ("-c", setting)), *arguments]


def trusted(folder: Path) -> tuple[str, ...]:
    """Return the setting that tells git that a job's own workspace may be read whoever it belongs to.

    In a container the user is another one than the runner's, whose checkout it is. Before git 2.38 no argument counts.
    Source: git's manual, "safe.directory".
    """
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if os.environ.get("GITHUB_ACTIONS") != "true" or not workspace:
        return ()
    place = folder.resolve()
    return (f"safe.directory={place}",) if place.is_relative_to(Path(workspace).resolve()) else ()


def _split(raw: bytes) -> list[str]:
    return [os.fsdecode(part) for part in raw.split(b"\0") if part]


def _entries(listed: bytes) -> Iterator[tuple[str, TreeEntry]]:
    """Yield the files that ``ls-tree -z`` lists; folders and submodules are left out."""
    for line in _split(listed):
        about, _, path = line.partition("\t")
        mode, kind, digest = about.split(" ")
        if kind == "blob":
            yield path, TreeEntry(digest, mode == "120000")


_LOG = ("--no-show-signature", "--encoding=UTF-8", f"--format=tformat:{_COMMIT}")


# All commits, each with what it changed against each of its parents, whatever the user's git shows otherwise.
_EDITS = (
    *("--topo-order", "--full-history", "--sparse", "-m", "--raw", "-z", "--no-renames", "--no-abbrev"),
    *("--format=oneline", "--no-abbrev-commit", "--no-decorate", "--no-color", "--no-show-signature", "--no-notes"),
)


def _edits(raw: bytes, parents: Mapping[str, tuple[str, ...]]) -> Iterator[FileEdit]:
    """Yield what ``log --raw -z --format=oneline`` shows; of merges it says which parent it means."""
    commit = parent = ""
    rest = iter(_split(raw))
    for line in rest:
        if line[:1] != ":":
            commit, _, said = line.lstrip("\n").partition(" ")
            own = parents.get(commit, ())
            parent = said.removeprefix("(from ").partition(")")[0] if len(own) > 1 else "".join(own)
            continue
        old_mode, new_mode, old, new, _ = line[1:].split(" ")
        yield FileEdit(commit, parent, next(rest), _entry(old_mode, old), _entry(new_mode, new))


def _entry(mode: str, digest: str) -> TreeEntry | None:
    """Return a file as git lists it; None for one that is not there, and for a submodule."""
    return TreeEntry(digest, mode == "120000") if mode[:2] in {"10", "12"} else None


def _commits(listed: str) -> Iterator[Commit]:
    fields = listed.split("\0")
    for at in range(0, len(fields) - 1, 5):
        digest, author, authored_at, subject, message = fields[at : at + 5]
        yield Commit(digest.lstrip("\n"), author, authored_at, subject, message[:_LONGEST_MESSAGE])


def _natural(name: str) -> tuple[tuple[str, int], ...]:
    """Return what sorts names as people count: `SPA-AT-002.2` before `SPA-AT-002.10`."""
    return tuple((text, int(number or 0)) for text, number in re.findall(r"([^0-9]*)([0-9]{0,18})", name))


def _by_ancestry(commits: Iterable[str], parents: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield `commits`, each before its ancestors, and else as they come; `parents` lists children first."""
    order = {commit: place for place, commit in enumerate(commits)}
    # Of each commit those of the `commits` that lead to it without another one between.
    children: dict[str, set[str]] = {}
    for commit, above in parents.items():
        nearest = {commit} if commit in order else children.get(commit, set())
        for parent in above:
            children.setdefault(parent, set()).update(nearest)
    left = {commit: len(children.get(commit, ())) for commit in order}
    behind: dict[str, list[str]] = {}
    for commit in order:
        for child in children.get(commit, ()):
            behind.setdefault(child, []).append(commit)
    ready = [place for commit, place in order.items() if not left[commit]]
    names = list(order)
    while ready:
        commit = names[heappop(ready)]
        yield commit
        for ancestor in behind.get(commit, ()):
            left[ancestor] -= 1
            if not left[ancestor]:
                heappush(ready, order[ancestor])


def _tag(row: Sequence[str]) -> Tag | None:
    name, kind, digest, peeled_kind, peeled, day, message = row
    if "commit" not in {kind, peeled_kind}:
        return None
    is_annotated = kind == "tag"
    # Of a lightweight tag, git shows the commit's message.
    return Tag(name.lstrip("\n"), peeled if is_annotated else digest, is_annotated, day, message * is_annotated)


def _renames(parts: Sequence[str]) -> Iterator[Renamed]:
    rest = iter(parts)
    for status in rest:
        path = next(rest)
        if status[0] in "RC":
            yield Renamed(path if status[0] == "R" else "", next(rest))
        else:
            yield Renamed("" if status[0] == "A" else path, "" if status[0] == "D" else path)


def _parts(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield files in parts of so many bytes as are held at once."""
    part, held = list[str](), 0
    for digest, size in sizes.items():
        if part and held + size > _HELD:
            yield part
            part, held = [], 0
        part.append(digest)
        held += size
    if part:
        yield part


def _batch(answer: bytes) -> Iterator[bytes | None]:
    """Yield the contents that ``cat-file --batch`` wrote, None for what is missing or not a file."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        header = answer[at:end].split(b" ")
        at = end + 1
        if len(header) < 3 or header[-2] not in {b"blob", b"tree", b"commit", b"tag"} or not header[-1].isdigit():
            yield None
            continue
        size = int(header[-1])
        yield answer[at : at + size] if header[-2] == b"blob" else None
        at += size + 1
