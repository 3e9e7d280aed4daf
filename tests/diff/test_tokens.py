"""Claims about the words and units that two versions of a text are compared by."""

import pytest

from research_logbook.diff.tokens import CELL_END, IMAGE, Unit, joined, units_of, without_cells, words_of
from research_logbook.markdown.page import as_shown
from research_logbook.markdown.tree import parse


def units(text: str, *, is_item: bool = False) -> tuple[Unit, ...]:
    """Return the units of a piece of Markdown."""
    return units_of(as_shown(parse(text), text), is_item=is_item)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't 2.31 3,000 a/b.log user@host", "don't|2.31|3,000|a/b.log|user@host"),
        ("a.b.", "a.b|."),
        ("-5 +5", "-|5|+|5"),
        ("a-b", "a|-|b"),
        ("--flag x", "-|-|flag|x"),
        ("a -- b --- c ---- d", "a|-|b|-|c|-|-|-|-|d"),
        ("a--b---c", "a|-|b|-|c"),
        ("a – b — c ‒ d ― e − f ‐ g ‑ h", "a|-|b|-|c|-|d|-|e|-|f|-|g|-|h"),
        ("“q” „r‟ ″s″", '"|q|"|"|r|"|"|s|"'),
        ("‘q’ ‚r‛ ′s′", "'|q|'|'|r|'|'|s|'"),
        ("wait… wait...", "wait|...|wait|..."),
        ("https://a.b/c. http://a.b/d,", "https://a.b/c|.|http://a.b/d|,"),
        ("(https://a.b/c) <https://a.b/d>", "(|https://a.b/c|)|<|https://a.b/d|>"),
        ("#12, see #7", "#12|,|see|#7"),
        ("损失a 한", "损|失|a|한"),
        ("ひらカナ豈", "ひ|ら|カ|ナ|豈"),
        ("a[^1] b[^x] c[^123]", "a|[^1]|b|[^x]|c|[^123]"),
        ("a[^1234] b[^no]", "a[^1234|]|b[^no|]"),
        ("Mu\u0308ller", "müller"),
        ("x\u200by\u00ad\u200fz \ufeffa\u2060b\u206ac\u206f\u2065\ufe0e\ufe0f", "xyz|abc"),
        ("a\u202ab\u202ec\u2066d\u2069e", "a|\u202a|b|\u202e|c|\u2066|d|\u2069|e"),
        ("\u2066a\u2069 \u202ab\u202e", "\u2066|a|\u2069|\u202a|b|\u202e"),
        ("", ""),
    ],
)
def test_the_words_of_a_text(text: str, words: str) -> None:
    """Numbers, addresses and names are whole; marks are words; typography and invisible characters do not count."""
    assert words_of(text) == tuple(filter(None, words.split("|")))


@pytest.mark.parametrize("sign", ["\u200a", "\u2010", "\u2069", "\u2070", "\ufe0d", "\ufe10", "\ufefe"])
def test_a_neighbour_of_the_invisible_characters_is_seen(sign: str) -> None:
    """The ranges of characters without a look end where they end."""
    assert words_of(f"x{sign}y") != ("xy",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# H\n\na\n\n## S\n\nb\n\n# T\n\nc", [("H", None), ("a", 0), ("S", 0), ("b", 2), ("T", None), ("c", 4)]),
        ("**B**\n\na\n\n**C:**\n\nb", [("B", None), ("a", 0), ("C :", None), ("b", 2)]),
        ("###### H\n\n**B**\n\na\n\n###### T\n\nb", [("H", None), ("B", 0), ("a", 1), ("T", None), ("b", 3)]),
        ("**B** and more\n\na", [("B and more", None), ("a", None)]),
        ("**B** <!-- x -->\n\na", [("B", None), ("a", 0)]),
        ("**B**\n**C**\n\na", [("B C", None), ("a", None)]),
        ("- a\n  - b\n\n  c\n- d", [("a", None), ("b", 0), ("c", 0), ("d", None)]),
        ("L:\n\na\n\nb", [("L :", None), ("a", 0), ("b", None)]),
        ("L:\n\n- a\n- b\n\nc", [("L :", None), ("a", 0), ("b", 0), ("c", None)]),
        ("L:\n\n<!-- x -->\n\n- a\n\nb", [("L :", None), ("a", 0), ("b", None)]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |", [("a _ b _", None), ("1 _ 2 _", 0), ("3 _ 4 _", 0)]),
        ("```\na\nb\nc\n```", [("a", None), ("b", 0), ("c", 1)]),
        ("> a\n> b", [("a b", None)]),
        ("<details>\na <b>b</b>\n\nc\n</details>", [("(a) (b)", None), ("(c)", None)]),
        ("a\nb: c", [("a b : c", None)]),
        ("a: b\nc: d", [("a : b", None), ("c : d", None)]),
        ("a\nResult: b", [("a", None), ("result : b", None)]),
        ("a\n**x**: b", [("a", None), ("x : b", None)]),
        ("", []),
        ("![](a.png)", []),
    ],
)
def test_the_units_of_a_text(text: str, expected: list[tuple[str, int | None]]) -> None:
    """Headings, bold lines and labels are parents of what follows them, items of what is in them, rows of a header."""
    assert [(unit.key.replace(CELL_END, "_"), unit.parent) for unit in units(text)] == expected


@pytest.mark.parametrize(
    ("label", "is_one"),
    [
        ("x" * 60, True),
        ("x" * 61, False),
        ("a b c d e f g", True),
        ("a b c d e f g h", False),
        ("1st", False),
        ("a", True),
        ("(see", True),
    ],
)
def test_a_label_has_up_to_sixty_characters_and_seven_words(label: str, is_one: bool) -> None:
    """Only a short name before a colon makes a line a field of its own."""
    assert (len(units(f"{label}: 1\n{label}: 2")) == 2) is is_one


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a ~~b~~ c", "a ~b c"),
        ("a <del>b</del> c", "a ~b c"),
        ("a <s>b <strike>c</strike> d</s> e", "a ~b ~c ~d e"),
        ("a </del>b", "a b"),
        ("a <del>b</del></del> <del>c</del>", "a ~b ~c"),
        ("a <s-x>b</s-x>", "a b"),
        ("a<br>b<br-x>c", "a bc"),
        ("a <style>b</style> c", "a c"),
        ("a <script>b</script> c", "a c"),
        ("a <styles>b</styles> c", "a b c"),
        ("a ![](x.png) b", f"a {IMAGE} b"),
        ("a ![pic](x.png) b", "a (pic) b"),
        ("a [![pic](x.png)](y) b", "a (pic) b"),
        ("a <img src=x> <video> <imgs> b", f"a {IMAGE} {IMAGE} (b)"),
        ("<div>a <!-- b --> c <? d ?> e</div>", "a c e"),
        ("<div>a <style>b</style> c <img> d</div>", f"a c {IMAGE} d"),
        ("<div>a <![CDATA[ b ]]> c <!X y> d</div>", "a c d"),
    ],
)
def test_html_counts_as_github_shows_it(text: str, words: str) -> None:
    """Struck words stay and are marked; what GitHub hides is no word; a picture is one."""
    (unit,) = units(text)
    assert unit.key == words


def test_where_words_are() -> None:
    """A word knows its line, whether it begins it, the link it is in, and its place in the text."""
    (unit,) = units("one [two\nthree](https://a.b) four")
    assert [(word.text, word.line, word.is_first, bool(word.url)) for word in unit.words] == [
        ("one", 1, True, False),
        ("two", 1, False, True),
        ("three", 2, True, True),
        ("four", 2, False, False),
    ]
    assert (unit.cut(1, 3), unit.cut(3, 3), unit.line) == ("two three", "", 1)
    row = units("| a b | c |\n|---|---|\n| d e | f |")[1]
    assert (row.cut(0, 2), row.cut(3, 4), row.line) == ("d e", "f", 3)


def test_a_word_may_reach_over_styles_and_links() -> None:
    """`H<sub>2</sub>O` is one word, and so is what is half linked; it is in the link that it begins in."""
    (unit,) = units("H<sub>2</sub>O a**b**c [d](https://a.b)e")
    assert unit.key == "H2O abc de"
    assert [bool(word.url) for word in unit.words] == [False, False, True]


def test_code_is_read_line_by_line() -> None:
    """A line that a backslash continues is one with the next; prompts are none of it; each line knows its number."""
    text = "```sh\n$ a \\\n  b\n  $ c\nx $ y\n```\n\n    d"
    assert [(unit.key, unit.line, unit.is_code) for unit in units(text)] == [
        ("a b", 2, True),
        ("c", 4, True),
        ("x $ y", 5, True),
        ("d", 8, True),
    ]
    assert [unit.key for unit in units("```sh\na \\\n```")] == ["a"]


def pending(text: str) -> str:
    """Return the words of an item's own text that are a value still to come; `None` for none."""
    unit = units(text, is_item=True)[0]
    return "|".join(unit.cut(start, stop) for start, stop in unit.pending) if unit.pending else "None"


FIVE = "one two three four five"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Result: pending", "pending"),
        ("Result:", ""),
        ("pending", "pending"),
        ("loss 2.31", "None"),
        (f"Result: pending {FIVE}", f"pending {FIVE}"),
        (f"Result: pending {FIVE} six", "None"),
        (f"Result: pending {FIVE} (w{' w' * 11})", f"pending {FIVE} (w{' w' * 11})"),
        (f"Result: pending {FIVE} (w{' w' * 12})", "None"),
        (f"Result: pending {'x' * 120}", f"pending {'x' * 120}"),
        (f"Result: pending {'x' * 121}", "None"),
        ("Result: pending, launch validation", "pending"),
        ("Result: pending which run", "None"),
        ("Result: running on v5p-8", "running on v5p-8"),
        ("Result: running d768 soon", "None"),
        ("Status: running since noon", "running since noon"),
        ("Interpretation: pending launch", "pending launch"),
        ("Interpretation: running on v5p-8", "None"),
        ("Command: queued behind job 12", "None"),
        ("Next action: pending", "pending"),
        ("Next action: awaiting d512", "None"),
        ("Result: submitted as job 12", "submitted as job 12"),
        ("Notes: submitted as job 12", "None"),
        ("Result: to be run", "to be run"),
        ("Result: to be run with seed 2", "None"),
        ("Result: —", "—"),
        ("Result: empty", "empty"),
        ("Result: empty outputs", "None"),
        ("Result: n/a", "n/a"),
        ("Result: n/a (no run)", "n/a (no run)"),
        ("Commit: n/a", "None"),
        ("Result: pending 2.31 s", "None"),
    ],
)
def test_a_value_still_to_come(text: str, value: str) -> None:
    """A placeholder, a few words and an aside are a value still to come; prose that begins like one is not."""
    assert pending(text) == value


def test_what_may_have_a_value_still_to_come() -> None:
    """In a paragraph a known or bold name, in an item any name; in a heading none, in a bold line each."""
    texts = ("Foo: pending", "Result: pending", "**Foo**: pending", "#### Result: pending", "**Result: pending**")
    assert [units(text)[0].pending != () for text in texts] == [False, True, True, False, True]
    (item,) = parse("- Foo: pending")[0].blocks
    assert units_of([item])[0].pending == ((2, 3),)
    assert units("- Foo: pending")[0].pending == ((2, 3),)


def test_an_item_may_begin_with_anything() -> None:
    """An empty item is nothing, and code or a list in front of an item's text is read as such."""
    assert [unit.key for unit in units("-\n- a")] == ["a"]
    assert [(unit.key, unit.is_code) for unit in units("- ```\n  a\n  ```")] == [("a", True)]
    assert [unit.key for unit in units("- - a\n  - b")] == ["a", "b"]


def test_what_follows_a_label_may_be_the_value() -> None:
    """Below `Result:` or a heading of that name, a sentence that begins with "pending" is still to come."""
    for text in ("**Result:**\n\npending launch", "#### Result\n\npending launch"):
        assert [unit.is_pending for unit in units(text)] == [False, True]
    assert [unit.is_pending for unit in units("#### Notes of mine\n\npending launch")] == [False, False]
    assert [unit.is_pending for unit in units("**Result:**\n\nIt ran.\n\npending launch")] == [False, False, False]


def test_cells_still_to_come() -> None:
    """Each empty or pending cell of a row is a value of its own; a row without words is none."""
    _, row, *rest = units("| a | b | c |\n|---|---|---|\n| | pending | x |\n| | | |")
    assert (row.pending, row.is_pending, rest) == (((0, 0), (1, 2)), False, [])
    assert [len(unit.words) for unit in without_cells([row])] == [2]
    assert without_cells([row])[0].pending == ()


def test_words_can_be_taken_out() -> None:
    """Ranges of a unit move with the words before them; a unit without such words is the same."""
    (unit,) = units("a b: pending", is_item=True)
    assert unit.pending == ((3, 4),)
    assert (unit.without({"a"}).pending, unit.without({"a"}).key) == (((2, 3),), unit.key)
    assert unit.without({"x"}) is unit


def test_two_texts_joined() -> None:
    """Parents of the second text are counted on from the first."""
    one, other = units("# P\n\nb"), units("# C\n\nd")
    assert [(unit.key, unit.parent) for unit in joined(one, other)] == [("P", None), ("b", 0), ("C", None), ("d", 2)]
