"""Reading the configuration from where it counts: never from the tree that is judged in Actions."""

from pathlib import Path

from research_logbook.config.schema import Config
from research_logbook.errors import ConfigurationError, UserError
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Repository

PATH = ".github/logbook.yml"


def of_file(path: Path) -> Config:
    """Return the configuration in a file that the user named."""
    try:
        if path.is_symlink():
            raise UserError(f"the configuration {path} is a symbolic link", "put the file itself there")
        return _parsed(path.read_bytes(), str(path))
    except OSError as error:
        raise UserError(
            f"the configuration {path} cannot be read: {error.strerror}", "name a file that is there"
        ) from error


def of_work_tree(repository: Repository) -> Config:
    """Return the configuration of the work tree, which counts for what is done there by hand."""
    return of_repository(repository, Comparison(None))[0]


def of_repository(repository: Repository, basis: Comparison) -> tuple[Config, str]:
    """Return the configuration that counts, and a sentence about it where it is not the judged tree's."""
    if basis.rules_from is None:
        path = repository.root / PATH
        misnamed = path.with_suffix(".yaml")
        note = f"{misnamed.name} is not read: name it {PATH}" if misnamed.is_file() and not path.is_file() else ""
        return (of_file(path) if path.is_file() else Config()), note
    asked = [(basis.rules_from, PATH), *([(basis.head, PATH)] if basis.head else [])]
    found = repository.read(asked)
    counts = found.get((basis.rules_from, PATH))
    judged = found.get((basis.head, PATH)) if basis.head else None
    config = _parsed(counts.data, PATH) if counts and not counts.is_symlink else Config()
    return config, _note(counts.data if counts else None, judged.data if judged else None)


def of_default_branch(repository: Repository | None, name: str | None, path: str | None = None) -> Config:
    """Return what counts for everything that writes: the file that the user named, else the default branch's."""
    if path:
        return of_file(Path(path))
    if repository is None:
        return Config()
    tip = repository.commit(f"refs/remotes/origin/{name}") if name else None
    return of_repository(repository, Comparison(None, rules_from=tip))[0]


def _parsed(data: bytes, path: str) -> Config:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8", "save it as UTF-8") from error
    from research_logbook.config.load import load  # noqa: PLC0415 - a run without a configuration does not wait for it

    return load(text, path)


def _note(counts: bytes | None, judged: bytes | None) -> str:
    if counts == judged:
        return ""
    return f"this change edits {PATH}; it was judged by the configuration without that edit"
