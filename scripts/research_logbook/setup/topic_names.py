"""The name of a thread in letters that a file, a branch and a tag can have, from a topic in any language. Pure."""

import re
import unicodedata

from research_logbook.errors import UserError
from research_logbook.logbook import vocabulary
from research_logbook.markdown.escape import quoted

_LONGEST = 60
"""Characters of a topic, which becomes a file name and a part of a branch and of tags."""

_SINGLE = str.maketrans(
    "øłđðħıŋабвгдезийклмнопрстуфыэіґαβγδεζηικλμνξοπρσςτυω",
    "olddhinabvgdeziiklmnoprstufyeigavgdeziiklmnxoprsstyo",
)
_SEVERAL = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ж": "zh",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ю": "yu",
        "я": "ya",
        "є": "ye",
        "ъ": "",
        "ь": "",
        "θ": "th",
        "φ": "f",
        "χ": "ch",
        "ψ": "ps",
    }
)
_GREEK_LETTER = re.compile(r"(?<![^\W\d_])[α-ω](?![^\W\d_])")


def latin(text: str) -> str:
    """Return `text` in lower case with Latin, Cyrillic and Greek letters as plain Latin ones; others stay.

    A Greek letter by itself is called by its name, as in β-VAE.
    """
    folded = text.casefold()
    named = _GREEK_LETTER.sub(lambda letter: unicodedata.name(letter[0]).rpartition(" ")[2].lower(), folded)
    bare = "".join(it for it in unicodedata.normalize("NFKD", named) if not unicodedata.combining(it))
    return bare.translate(_SINGLE).translate(_SEVERAL)


def topic_name(topic: str) -> str:
    """Return a topic as letters, digits and hyphens; raises `UserError` where letters of it would be lost."""
    lost = [one for one in unicodedata.normalize("NFC", topic) if any(map(_is_foreign, latin(one)))]
    if lost:
        raise UserError(
            f"a branch and tags cannot be named with `{quoted(lost[0])}`",
            "write the topic in Latin letters; the issue's title can be changed to any others",
        )
    name = vocabulary.slug(latin(topic))[:_LONGEST].strip("-")
    if not name:
        raise UserError("the topic must contain a letter or digit", "name it in a few words, like sparse-attention")
    return name


def _is_foreign(letter: str) -> bool:
    return letter.isalnum() and not letter.isascii()


def topic_title(topic: str) -> str:
    """Return a topic in words, with its own letters: “Größe der Köpfe”, and “Sparse attention” for sparse-attention."""
    text = unicodedata.normalize("NFC", topic)
    if re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", text):
        text = re.sub(r"[-_]", " ", text)
    words = re.findall(r"[^\W_]+(?:[.+'’-][^\W_]+)*", text)
    title = " ".join(words)[:_LONGEST].strip()
    return title[:1].upper() + title[1:] if title[:2].isalpha() else title
