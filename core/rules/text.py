"""Reading running text: sentences with offsets, words, and what stands in quotation marks."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from core.rules.lexicon import words as words_of

Span = tuple[int, int]
"""Start and end (excluded) in code points."""

_CLOSING = "\"'”’»)\\]"
_OPENING = "\"'“‘«(\\["
_BOUNDARY = re.compile(
    rf"(?<![.!?…])[.!?…]+[{_CLOSING}]*(?=\s+[{_OPENING}]*[A-ZÀ-ÖØ-Þ0-9])|\n[ \t]*\n|\n(?=[-•*–][ \t])",
)
TYPED_NUMBER = re.compile(r"^\s*(?:\d{1,2}(?:\.\d{1,2})*[.)]?|[-•*–]|\(?[a-z]\))\s+")
"""A number, letter or dash that was typed before a paragraph."""
_WORD = re.compile(r"\w[\w'’.,:/-]*")
_LAST_WORD = re.compile(r"(\S+?)\.$")
_QUOTED = re.compile(r'"[^"\n]{1,400}"|“[^”\n]{1,400}”|„[^“”\n]{1,400}[“”]|«[^»\n]{1,400}»')

_LONGEST = 3_000
_NEAR = 100
"""Code points around a full stop that tell whether it ends a sentence."""

_ABBREVIATIONS = words_of("abbreviations")
_NUMBERED = words_of("before_numbers")
# "Group A. The rest" ends a sentence, "J. Brandt" does not.
_LETTERED = words_of("before_letters")


def sentences(text: str) -> list[Span]:
    """Spans of the sentences of `text`, white space trimmed, in order; abbreviations do not end one."""
    spans, start = [], 0
    for boundary in _BOUNDARY.finditer(text):
        if not _is_abbreviation(text, start, boundary.end()):
            spans.append((start, boundary.end()))
            start = boundary.end()
    spans.append((start, len(text)))
    parts = (part for span in spans for part in _parts(text, span))
    return [trimmed for part in parts if (trimmed := trim(text, part))[0] < trimmed[1]]


def _parts(text: str, span: Span) -> Iterator[Span]:
    """What is too long for a sentence in stretches that end between words: rules look at one again and again."""
    start, end = span
    while end - start > _LONGEST:
        at = max(text.rfind(" ", start, start + _LONGEST), text.rfind("\n", start, start + _LONGEST)) + 1
        cut = at if at > start else start + _LONGEST
        yield start, cut
        start = cut
    yield start, end


def trim(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def words(text: str) -> list[str]:
    return _WORD.findall(text)


@lru_cache(maxsize=2048)
def quoted_spans(text: str) -> tuple[Span, ...]:
    """What stands between double quotation marks: other people's words, titles, labels."""
    return tuple(match.span() for match in _QUOTED.finditer(text))


def is_quoted(text: str, start: int, end: int) -> bool:
    spans = quoted_spans(text)
    at = bisect_right(spans, (start, len(text)))
    return at > 0 and end <= spans[at - 1][1]


def overlaps(spans: Iterable[Span], start: int, end: int) -> bool:
    return any(first < end and start < last for first, last in spans)


def _is_abbreviation(text: str, start: int, end: int) -> bool:
    start = max(start, end - _NEAR)
    last = _LAST_WORD.search(text[start:end])
    if last is None:
        return False
    word = last[1].lstrip("(\"'“‘[")
    if word.lower() in _ABBREVIATIONS:
        return True
    if word.lower() in _NUMBERED:
        return text[end : end + _NEAR].lstrip()[:1].isdigit()
    return len(word) == 1 and word.isupper() and _is_initial(text[start : end - 2])


def _is_initial(before: str) -> bool:
    previous = before.split()
    return not previous or previous[-1].lower() not in _LETTERED
