"""Claims about the configuration: what is read, what is refused in which words, and what its pages say."""

import datetime as dt
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from ruamel.yaml import YAML

from config_pages import EXAMPLE, json_schema, reference
from research_logbook.config.load import MOST_PROBLEMS, load, load_as, schema
from research_logbook.config.schema import Allow, Branches, Config, Guard, RecordHistory, Seal, Wandb, with_host
from research_logbook.config.starter import SCHEMA_URL, Setting, starter
from research_logbook.errors import ConfigurationError

KEYS = ", ".join(f"`{name.replace('_', '-')}`" for name in Config.__struct_fields__)
NO_HOST = "is not a server address; write it like `https://api.wandb.ai`; only this machine may use `http`"
NO_DURATION = "is not a duration; write it like `1h`, `30m` or `2d`, or `0` for none"
NO_PROJECT = "is not a W&B project; write it as ENTITY/PROJECT, as in the project's address"


def read(text: str) -> Config:
    """Return the configuration in a file `logbook.yml`."""
    return load(text, "logbook.yml")


def message(text: str) -> str:
    """Return what is said about a file `logbook.yml`; its name and a colon where nothing is."""
    try:
        read(text)
    except ConfigurationError as error:
        return error.message
    return "logbook.yml:"


def refused(text: str) -> list[str]:
    """Return the problems of a file `logbook.yml`, without its name."""
    return [line.removeprefix("logbook.yml:") for line in message(text).split("\n")]


ACCEPTED = {
    "logbooks: ['**/*.md', '!docs/**']": Config(logbooks=("**/*.md", "!docs/**")),
    "branches: {research: [exp/*]}": Config(branches=Branches(research=("exp/*",))),
    "branches: {research: []}": Config(branches=Branches(research=())),
    "branches: {}": Config(),
    "fail-on: never": Config(fail_on="never"),
    "fail-on: 'warning'": Config(fail_on="warning"),
    "rules: {missing-scope: off, local-path: error}": Config(rules={"missing-scope": "off", "local-path": "error"}),
    "rules: {removed-entry: warning}": Config(rules={"removed-entry": "warning"}),
    "allow: [{rule: local-path, reason: one disk}]": Config(allow=(Allow(rule="local-path", reason="one disk"),)),
    "allow: [{rule: local-path, reason: r, path: a.md, heading: Log}]": Config(
        allow=(Allow(rule="local-path", reason="r", path="a.md", heading="Log"),)
    ),
    "allow: []\nrules: {}\nheld-back: []": Config(),
    "held-back: ['falcon[- ]?9', '10\\.(?:\\d{1,3}\\.){2}\\d{1,3}']": Config(
        held_back=("falcon[- ]?9", r"10\.(?:\d{1,3}\.){2}\d{1,3}")
    ),
    "held-back: ['123', 'yes', no]": Config(held_back=("123", "yes", "no")),
    "seal: {checks: {docs-updated: required}, sections: [Ethics review]}": Config(
        seal=Seal(checks={"docs-updated": "required"}, sections=("Ethics review",))
    ),
    "guard: {mode: comment, since: '2026-05-25'}": Config(guard=Guard(mode="comment", since="2026-05-25")),
    "wandb: {projects: [lab/tiles, a_b-c/d e]}": Config(wandb=Wandb(projects=("lab/tiles", "a_b-c/d e"))),
    "wandb: {host: 'http://localhost:8080', metrics: [eval/loss]}": Config(
        wandb=Wandb(host="http://localhost:8080", metrics=("eval/loss",))
    ),
    "wandb: {better: {eval/loss: lower}, baseline: {tiles: TILE-001}}": Config(
        wandb=Wandb(better={"eval/loss": "lower"}, baseline={"tiles": "TILE-001"})
    ),
    "history: {grace: 30m}": Config(history=RecordHistory(grace="30m")),
    "history: {grace: 0}": Config(history=RecordHistory(grace=0)),
    "history: {grace: '0'}": Config(history=RecordHistory(grace="0")),
    "pending-days: 1": Config(pending_days=1),
    "pending-days: 3650": Config(pending_days=3650),
    "{}": Config(),
}


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    """What the page describes is accepted, each value as it was written."""
    assert ACCEPTED[text] == read(text)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "---\n...\n", "~\n", "\ufeff# nothing\n"])
def test_empty(text: str) -> None:
    """A file that holds nothing is all defaults."""
    assert Config() == read(text)


REFUSED = {
    # keys
    "fail_on: error": ["1: unknown key `fail_on`; did you mean `fail-on`?"],
    "Fail On: error": ["1: unknown key `Fail On`; did you mean `fail-on`?"],
    "notify: 1": [f"1: unknown key `notify`; the keys are {KEYS}"],
    "branches:\n  reserch: [a]": ["2: unknown key `reserch` in `branches`; did you mean `research`?"],
    "branches:\n  main: [a]": ["2: unknown key `main` in `branches`; the keys are `research`"],
    "allow:\n- rule: local-path\n  reason: r\n  heding: x": [
        "4: unknown key `heding` in an item of `allow`; did you mean `heading`?"
    ],
    "1: error": [f"1: unknown key `1`; the keys are {KEYS}"],
    # kinds
    "fail-on: errors": ["1: `fail-on` is `errors`; it must be error, warning or never"],
    "fail-on: no": ["1: `fail-on` is `no`; it must be error, warning or never"],
    "fail-on: false": ["1: `fail-on` is `false`; it must be error, warning or never"],
    "fail-on: Error": ["1: `fail-on` is `Error`; it must be error, warning or never"],
    "fail-on: [error]": ["1: `fail-on` is a list; it must be error, warning or never"],
    "fail-on:": ["1: `fail-on` has no value; add one, or delete the line to use the default"],
    "rules:": ["1: `rules` has no value; add one, or delete the line to use the default"],
    "rules: [local-path]": ["1: `rules` is a list; it must be a mapping, with lines of `name: value`"],
    "logbooks: a.md": ["1: `logbooks` is `a.md`; it must be a list, with one item per line after `- `"],
    "logbooks: {a: b}": ["1: `logbooks` is a mapping; it must be a list, with one item per line after `- `"],
    "logbooks: []": ["1: `logbooks` is an empty list; add an item, or delete the line to use the default"],
    "logbooks: [[a]]": ["1: an item of `logbooks` is a list; it must be text"],
    "branches: [research/**]": ["1: `branches` is a list; it must be a mapping with the keys `research`"],
    "held-back:\n- 123\n- true\n- 1.5\n-": [
        "2: an item of `held-back` is a number, `123`; put it in quotes to make it text",
        "3: an item of `held-back` is a boolean, `true`; put it in quotes to make it text",
        "4: an item of `held-back` is a number, `1.5`; put it in quotes to make it text",
        "5: an item of `held-back` has no value; add one, or delete the line to use the default",
    ],
    "history: {grace: 30}": [f"1: `30` in `history.grace` {NO_DURATION}"],
    "history: {grace: 1.5h}": [f"1: `1.5h` in `history.grace` {NO_DURATION}"],
    "history: {grace: -1h}": [f"1: `-1h` in `history.grace` {NO_DURATION}"],
    "history: {grace: false}": [f"1: `false` in `history.grace` {NO_DURATION}"],
    "history: {grace: [1h]}": [f"1: `history.grace` {NO_DURATION}"],
    "history: {grace: }": ["1: `history.grace` has no value; add one, or delete the line to use the default"],
    "pending-days: '14'": ["1: `pending-days` is the text `14`; it must be a whole number from 1 to 3650"],
    "pending-days: two weeks": ["1: `pending-days` is the text `two weeks`; it must be a whole number from 1 to 3650"],
    "pending-days: 0": ["1: `pending-days` is `0`; it must be a whole number from 1 to 3650"],
    "pending-days: -3": ["1: `pending-days` is `-3`; it must be a whole number from 1 to 3650"],
    "pending-days: 3651": ["1: `pending-days` is `3651`; it must be a whole number from 1 to 3650"],
    "pending-days: 14.5": ["1: `pending-days` is `14.5`; it must be a whole number from 1 to 3650"],
    "allow: {rule: local-path, reason: r}": [
        "1: `allow` is a mapping; it must be a list, with one item per line after `- `"
    ],
    "allow: [local-path]": [
        "1: an item of `allow` is `local-path`; it must be a mapping with the keys `rule`, `reason`, `path`, `heading`"
    ],
    "- a": [f"1: the file is a list; it must be a mapping with the keys {KEYS}"],
    "logbooks": [f"1: the file is `logbooks`; it must be a mapping with the keys {KEYS}"],
    "14": [f"1: the file is `14`; it must be a mapping with the keys {KEYS}"],
    # the seal
    "seal:\n  checks:\n    negative-result: off": [
        "3: `negative-result` in `seal.checks` is not a seal check; did you mean `negative-results`?"
    ],
    "seal: {checks: {docs-updated: error}}": [
        "1: `seal.checks.docs-updated` is `error`; it must be advisory, required or off"
    ],
    "seal: {sections: ['##']}": [
        "1: `##` in `seal.sections` is not a section title; write it as in its heading, without the `#`"
    ],
    "guard: {since: yesterday}": ["1: `yesterday` in `guard.since` is not a day; write it like 2026-05-25"],
    # W&B
    "wandb: {host: 'http://lab.example'}": [f"1: `http://lab.example` in `wandb.host` {NO_HOST}"],
    "wandb: {host: 'https://key@lab.example'}": [f"1: `https://key@lab.example` in `wandb.host` {NO_HOST}"],
    "wandb: {projects: [tiles, lab/a/b]}": [
        f"1: `tiles` in `wandb.projects` {NO_PROJECT}",
        f"1: `lab/a/b` in `wandb.projects` {NO_PROJECT}",
    ],
    "wandb: {better: {eval/loss: less}}": ["1: `wandb.better.eval/loss` is `less`; it must be higher or lower"],
    # rules and allowances
    "rules:\n  entry-out-of-ordr: off": [
        "2: `entry-out-of-ordr` in `rules` is not a rule; did you mean `entry-out-of-order`?"
    ],
    "rules:\n  quality: off": ["2: `quality` in `rules` is not a rule; `logbook rules` lists them"],
    "rules: {local-path: off, missing-scope: yes}": [
        "1: `rules.missing-scope` is `yes`; it must be error, warning or off"
    ],
    "rules: {local-path: false}": ["1: `rules.local-path` is `false`; it must be error, warning or off"],
    "allow: [{rule: local-paths, reason: r}]": [
        "1: `local-paths` in `allow.rule` is not a rule; did you mean `local-path`?"
    ],
    "allow: [{rule: removed-entry, reason: r}]": [
        "1: `removed-entry` in `allow.rule` cannot be silenced; remove this, and fix what the rule finds"
    ],
    "allow:\n- rule: local-path": ["2: an item of `allow` has no `reason`; add `reason: …`"],
    "allow:\n- {}": [
        "2: an item of `allow` has no `rule`; add `rule: …`",
        "2: an item of `allow` has no `reason`; add `reason: …`",
    ],
    "allow: [{rule: local-path, reason: ''}]": ["1: `allow.reason` is empty; say why the rule is silenced"],
    "allow: [{rule: local-path, reason: ' '}]": ["1: `allow.reason` is empty; say why the rule is silenced"],
    # patterns
    "logbooks: ['']": ["1: an item of `logbooks` is empty; write a pattern, or delete the line"],
    "logbooks: [/etc/*.md]": [
        "1: `/etc/*.md` in `logbooks` is an absolute path; write it from the root of the repository"
    ],
    "logbooks: ['C:/a.md']": [
        "1: `C:/a.md` in `logbooks` is an absolute path; write it from the root of the repository"
    ],
    "logbooks: [a/../b]": [
        "1: `a/../b` in `logbooks` leaves a folder with `..`; write it from the root of the repository"
    ],
    "logbooks: [a, '!../b']": [
        "1: `!../b` in `logbooks` leaves a folder with `..`; write it from the root of the repository"
    ],
    "logbooks: ['!a.md', b.md]": [
        "1: `!a.md` in `logbooks` excludes with `!`, but nothing comes before it; put a pattern without `!` first"
    ],
    "logbooks: ['{a,b}/*.md']": [
        (
            "1: `{a,b}/*.md` in `logbooks` has braces, which match only themselves; "
            "write one pattern for each alternative"
        )
    ],
    "logbooks: ['[z-a]']": ["1: `[z-a]` in `logbooks` has a backward range; write the lower end first, as in `[a-z]`"],
    f"logbooks: [{'a' * 257}]": [f"1: `{'a' * 60}…` in `logbooks` is over 256 characters; shorten it with `*` or `**`"],
    f"logbooks: [{'a, ' * 101}]": ["1: `logbooks` has 101 items; at most 100 are allowed"],
    "allow: [{rule: local-path, reason: r, path: '!a.md'}]": [
        "1: `!a.md` in `allow.path` excludes with `!`, but nothing comes before it; put a pattern without `!` first"
    ],
    "allow: [{rule: local-path, reason: r, path: /a.md}]": [
        "1: `/a.md` in `allow.path` is an absolute path; write it from the root of the repository"
    ],
    # regular expressions
    "held-back: ['']": ["1: an item of `held-back` is empty; write an expression, or delete the line"],
    "held-back: ['a(b']": [
        (
            "1: `a(b` in `held-back` is not a regular expression: "
            "missing ): a(b; correct it; `\\` makes the next character literal"
        )
    ],
    f"held-back: [{'a' * 301}]": [
        f"1: `{'a' * 60}…` in `held-back` is over 300 characters; write several shorter ones"
    ],
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    """What is not described is refused in words that say where, what and how to fix it."""
    assert REFUSED[text] == refused(text)


REFUSED_YAML = {
    "a: [": [
        (
            "1: the file is not YAML: expected the node content, but found '<stream end>'; "
            "correct this line or the one before"
        )
    ],
    "fail-on: error\nrules:\n\tlocal-path: off": [
        "3: the file is not YAML: found character '\\t' that cannot start any token; indent with spaces"
    ],
    "fail-on: error: warning": [
        (
            "1: the file is not YAML: mapping values are not allowed here; "
            "put the value in quotes if it contains `: `, or correct the indentation"
        )
    ],
    'held-back: ["\\d"]': [
        (
            "1: the file is not YAML: found unknown escape character 'd'; "
            "put it in single quotes, which keep every backslash"
        )
    ],
    "fail-on: @error": [
        "1: the file is not YAML: found character '@' that cannot start any token; put the value in quotes"
    ],
    "fail-on: error\nrules: \0": [
        "2: the file is not YAML: special characters are not allowed; remove the control character"
    ],
    'fail-on: "\\UFFFFFFFF"': ["1: the file is not YAML: invalid escape or version; correct it"],
    "%YAML 1." + "1" * 5000 + "\n---\n": ["1: the file is not YAML: invalid escape or version; correct it"],
    'fail-on: "\\uD800"': ["1: a value has half a character; correct its `\\u` escape"],
    "fail-on: error\nfail-on: never\nfail-on: never": [
        "2: `fail-on` is here again after line 1; keep one of them",
        "3: `fail-on` is here again after line 1; keep one of them",
    ],
    "rules:\n  local-path: off\n  'local-path': error": [
        "3: `local-path` is here again after line 2; keep one of them"
    ],
    "fail-on: error\n---\nfail-on: never": ["2: a second document begins; keep one and remove the `---` line"],
    "? [a]\n: b": ["1: a key is a list or mapping; write a word"],
    "logbooks:\n- *.md": ["2: `*.md` without quotes is a YAML alias; put the value in quotes"],
    "logbooks:\n- **/a.md": ["2: `**/a.md` without quotes is a YAML alias; put the value in quotes"],
    "logbooks:\n- a.md\n- !b.md": ["3: `!b.md` without quotes is a YAML tag; put the value in quotes"],
    "fail-on: !!python/name:os.system error": [
        "1: `!!python/name:os.system` without quotes is a YAML tag; put the value in quotes"
    ],
    "fail-on: &a error": ["1: `&a` without quotes is a YAML anchor; remove it, or put the value in quotes"],
    "pending-days: " + "9" * 5000: [f"1: `pending-days` is `{'9' * 60}…`; it must be a whole number from 1 to 3650"],
    "<<: {fail-on: error}": [f"1: unknown key `<<`; the keys are {KEYS}"],
    "%YAML 1.1\n---\nfail-on: off": ["3: `fail-on` is `off`; it must be error, warning or never"],
}


@pytest.mark.parametrize(
    "value",
    [
        *(
            "!!omap [a: 1, a: 2]",
            "!!set {a}",
            "!!pairs [a: 1]",
            "!!python/object/apply:os.system ['true']",
            "!!binary é",
        ),
        *("!!timestamp x", "!!int x", "!<> x", "&a [*a]", "{<<: *a}", "? ? ?", '"\\ud800"', '"\\U00110000"', "\x01"),
        *(
            "\n!!omap [a: 1, a: 2]: b",
            "\ntrue: 1",
            "\n[a]: 1",
            "\n%YAML 9.9",
            "[" * 5_000,
            "{" * 5_000,
            "? " * 5_000,
            "\0",
        ),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_hostile_yaml_is_refused_in_words(value: str) -> None:
    """Whatever the YAML is, it ends in a problem with its line, never in an exception."""
    assert all(re.match(r"\d+: ", problem) for problem in refused(f"fail-on: {value}"))


@pytest.mark.parametrize("text", REFUSED_YAML)
def test_refused_yaml(text: str) -> None:
    """What YAML itself refuses, or reads in ways that surprise, is reported with its line and how to fix it."""
    assert REFUSED_YAML[text] == refused(text)


def test_every_problem_at_once() -> None:
    """All problems are told together, in the order of their lines, those of YAML among the others."""
    text = "fail_on: error\nlogbooks: [a]\nrules:\n  nope: off\npending-days: 0\nlogbooks: *a\nheld-back: [x]"
    assert [line.split(":")[0] for line in refused(text)] == ["1", "4", "5", "6", "6"]


def test_help_names_the_page() -> None:
    """The error's help says where every key is described."""
    with pytest.raises(ConfigurationError) as caught:
        read("a: b")
    assert caught.value.help == "docs/configuration.md describes every key"


def test_hostile_text_stays_in_its_line() -> None:
    """Line ends, control characters, direction overrides and backticks of the file never reach a message."""
    problems = refused('"a\\nb\\e[31m\\u202e`c": 1')
    assert [f"1: unknown key `a\\nb\\x1b[31m\\u202e'c`; the keys are {KEYS}"] == problems


@pytest.mark.parametrize("opening", ["", "*", "&", "!", "a: 1\n? ", "fail-on: "])
def test_long_text_is_cut(opening: str) -> None:
    """Of a long word a message quotes the beginning."""
    assert all(len(line) < 300 for line in refused(f"{opening}{'x' * 5000}"))


def test_hostile_path_stays_in_its_line() -> None:
    """A file name with a line end in it makes no second line of a message."""
    with pytest.raises(ConfigurationError) as caught:
        load("fail-on: x", "a\n::error::b.yml")
    assert caught.value.message == "a\\n::error::b.yml:1: `fail-on` is `x`; it must be error, warning or never"


def test_too_large() -> None:
    """A file over 256 KiB is not read; the bytes count, not the characters."""
    too_large = ["1: the file is over 256 KiB; remove what is not configuration"]
    assert Config() == read("#" * 256 * 1024)
    assert too_large == refused("#" * (256 * 1024 + 1))
    assert too_large == refused("#" + "é" * 128 * 1024)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_too_deep(opening: str) -> None:
    """Nesting ends the reading at once, however deep it goes on."""
    assert refused(opening * 20_000) == ["1: the nesting is deeper than 10 levels; no key needs that"]


@pytest.mark.parametrize("opening", ["[", "{", "[\n ", "[{"])
def test_what_begins_many_levels_is_not_read_at_length(opening: str) -> None:
    """The reader's cube of a time is spent on nothing that is refused anyway."""
    assert refused("rules: " + opening * 4_000) == ["1: the nesting is deeper than 10 levels; no key needs that"]
    assert refused(f"rules: {'[' * 3}{']' * 3}") != ["1: the nesting is deeper than 10 levels; no key needs that"]


def test_aliases_never_multiply() -> None:
    """Aliases of aliases are refused where they stand, and none is followed."""
    bomb = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1} '] * 9)}]\n" for n in range(1, 9))
    assert sum("is a YAML alias" in line for line in refused(bomb)) == 8 * 9


def test_many_problems_are_cut() -> None:
    """Past a hundred problems the message says that there are more, and nothing more is looked for."""
    problems = refused("".join(f"key-{n}: 1\n" for n in range(15_000)))
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1] == " there are more problems; correct these first"


PIECES = (
    *"[]{}:,-?!&*|>'\"%@`#\n\t ~\\",
    *(
        "\n  ",
        "- ",
        ": ",
        "---\n",
        "\0",
        "\ud800",
        "\ufeff",
        "\x85",
        "é",
        "\\x41",
        "\\u",
        "<<",
        "true",
        "null",
        "14",
        "off",
    ),
    *(
        "fail-on: ",
        "rules:\n  ",
        "allow:\n- ",
        "held-back:\n- ",
        "branches: ",
        "rule: ",
        "reason: ",
        "research: ",
    ),
    *("a", "local-path", "(a+)+", "[[", "../"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text(text: str) -> None:
    """Whatever the file holds, it is read, or refused in lines that each name the file."""
    assert all(line.startswith("logbook.yml:") for line in message(text).split("\n"))


def validator() -> Draft202012Validator:
    """Return the schema as an editor applies it."""
    return Draft202012Validator(schema(), format_checker=FormatChecker())


def plain(text: str) -> Any:
    """Return a file as an editor reads it."""
    return YAML(typ="safe", pure=True).load(text)


SCHEMA_CANNOT_SEE = {"logbooks: ['[z-a]']", "held-back: ['a(b']"}


@pytest.mark.parametrize("text", [*ACCEPTED, EXAMPLE])
def test_schema_accepts(text: str) -> None:
    """The schema accepts what is read."""
    assert [error.message for error in validator().iter_errors(plain(text))] == []


@pytest.mark.parametrize("text", [text for text in REFUSED if text not in SCHEMA_CANNOT_SEE])
def test_schema_refuses(text: str) -> None:
    """The schema refuses what is refused."""
    assert not validator().is_valid(plain(text))


def test_schema_is_a_schema() -> None:
    """The schema is valid itself, names its own address, and refuses unknown keys at every depth."""
    made = json_schema()
    Draft202012Validator.check_schema(made)
    assert made["$id"] == SCHEMA_URL
    structs = [made, made["$defs"]["Branches"], made["$defs"]["Allow"]]
    assert [struct["additionalProperties"] for struct in structs] == [False] * 3


def test_schema_describes_every_key() -> None:
    """Every key has its description from the code, for the editor to show."""
    made = json_schema()
    for struct in (made, made["$defs"]["Branches"], made["$defs"]["Allow"]):
        assert all(properties.get("description") for properties in struct["properties"].values())


def test_schema_without_rules() -> None:
    """Without a catalogue the schema takes any name for a rule."""
    assert Draft202012Validator(json_schema()).is_valid({"rules": {"of-tomorrow": "off"}})


def test_example_is_loaded() -> None:
    """The example of the page is a configuration, and gives every key another value than its default."""
    example, default = read(EXAMPLE), Config()
    assert [field for field in Config.__struct_fields__ if getattr(example, field) == getattr(default, field)] == []
    assert EXAMPLE in reference(schema())


def leaves(plain: Any, above: str = "") -> list[str]:
    """Return the names of all keys, as the page writes them."""
    found = []
    for key, value in plain.items():
        items = value[0] if isinstance(value, tuple) and value else None
        if isinstance(value, dict) and f"{above}{key}" not in MAPPINGS:
            found += leaves(value, f"{above}{key}.")
        else:
            found += [f"{above}{key}", *(leaves(items, f"{above}{key}[].") if isinstance(items, dict) else [])]
    return found


MAPPINGS = {"rules", "seal.checks", "wandb.better", "wandb.baseline"}


def test_reference_has_every_key() -> None:
    """The page has a row for every key, nested ones included, in the order of the type."""
    every = msgspec.to_builtins(Config(allow=(Allow("r", "w"),)))
    assert re.findall(r"^\| `(.+?)` \|", reference(schema()), re.MULTILINE) == leaves(every)


def test_reference_row() -> None:
    """A row says what the key takes, its default and its meaning."""
    meaning = "The lowest severity of a finding that fails a run."
    assert f"| `fail-on` | error, warning or never | `error` | {meaning} |" in reference(schema()).split("\n")


def test_frozen() -> None:
    """A configuration does not change after it was read."""
    with pytest.raises(AttributeError):
        read("").fail_on = "never"  # type: ignore[misc]


def test_defaults_are_allowed() -> None:
    """The defaults pass the checks that a file's values go through."""
    assert Config() == read(msgspec.json.encode(Config()).decode())


@pytest.mark.parametrize(
    "host", ["http://lab.example", "https://lab.example\n", "https://lab.example?x=1", "lab.example"]
)
def test_a_host_that_could_leak_the_key_is_refused(host: str) -> None:
    """A W&B server by the user's own word is held to the same form as the configuration's."""
    with pytest.raises(ConfigurationError, match="not a server address"):
        with_host(Config(), host)
    assert with_host(Config(), "https://lab.example/api").wandb.host == "https://lab.example/api"


class Alerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What is announced."""

    by_mail: bool = True
    """Whether mail is sent."""


class Later(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A configuration of tomorrow."""

    dry_run: bool = False
    """Whether nothing is written."""
    alerts: Alerts = Alerts()
    """What is announced."""


def test_a_boolean_key_needs_no_more_than_its_type() -> None:
    """The schema, the loader, the page and the starter all know a key from its type alone."""
    later = json_schema(Later)
    Draft202012Validator.check_schema(later)
    assert load_as(Later, later, "dry-run: true\nalerts: {by-mail: false}", "l.yml") == Later(
        dry_run=True, alerts=Alerts(by_mail=False)
    )
    with pytest.raises(ConfigurationError) as caught:
        load_as(Later, later, "dry-run: yes\nalerts: {by-mail: 1}\ndryrun: true", "l.yml")
    assert caught.value.message.split("\n") == [
        "l.yml:1: `dry-run` is `yes`; it must be true or false",
        "l.yml:2: `alerts.by-mail` is `1`; it must be true or false",
        "l.yml:3: unknown key `dryrun`; did you mean `dry-run`?",
    ]
    assert "| `alerts.by-mail` | true or false | `true` | Whether mail is sent. |" in reference(later)
    assert "# Whether nothing is written.\n# dry-run: false\n" in starter(later)
    written = starter(later, [Setting("alerts.by-mail", value=False, why="too many")])
    assert load_as(Later, later, written, "l.yml") == Later(alerts=Alerts(by_mail=False))


@pytest.mark.parametrize(("written", "minutes"), [("0", 0), (0, 0), ("0h", 0), ("45m", 45), ("1h", 60), ("2d", 2880)])
def test_a_grace_is_a_span_of_time(written: Any, minutes: int) -> None:
    """Minutes, hours and days are understood, and `0` is none."""
    assert RecordHistory(grace=written).grace_time == dt.timedelta(minutes=minutes)
