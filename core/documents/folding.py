"""Folding of text, so that a quote is found though quotes, dashes, case or white space differ.

Every folded character knows which original character it came from; offsets are code points.
"""

import unicodedata
from collections.abc import Iterable

_LOOKALIKES = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    "\u2026": "...",
}
# Zero-width characters, soft hyphen and direction marks: nobody sees them, so nobody quotes them.
_INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def fold(text: str) -> tuple[str, list[int]]:
    """Returns folded text and, for each of its characters, the index of the character of `text` it came from.

    White space runs become one space; leading and trailing white space is removed.
    """
    out: list[str] = []
    origins: list[int] = []
    for index, char in enumerate(text):
        for folded in _fold_char(char):
            if folded == " " and (not out or out[-1] == " "):
                continue
            out.append(folded)
            origins.append(index)
    if out and out[-1] == " ":
        out.pop()
        origins.pop()
    return "".join(out), origins


def _fold_char(char: str) -> str:
    if char < "\x7f" and char > " ":
        return char.lower()
    if char in _INVISIBLE:
        return ""
    if char.isspace():
        return " "
    # Taken apart, so that an accented letter is the same whether it is one character or two.
    folded = _apart(_apart(_LOOKALIKES.get(char, char)).casefold())
    return " " if folded.isspace() else folded


def _apart(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def to_utf16(text: str, offset: int) -> int:
    """The offset in UTF-16 units, as browsers count, of a code point offset."""
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def from_utf16(text: str, units: int) -> int:
    """The code point offset of an offset in UTF-16 units; inside a pair: the start of its character."""
    head = text.encode("utf-16-le", "surrogatepass")[: max(0, units) * 2]
    return len(head.decode("utf-16-le", "ignore"))


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with the characters of `spans`, in order, as spaces: every other character keeps its offset."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*parts, text[at:]])
