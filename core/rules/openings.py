"""Searches that look only where they can find something: most of the vocabulary is in no given sentence.

A pattern that begins at the start of a word, or with a mark, can match only where one of its alternatives begins so.
What words and marks of a text begin with is looked up once for all patterns; each has a bit that says "perhaps".
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import count
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_CHARS = 5
_MOST_OF_CLASS = 12
_MOST_OPENINGS = 2_000
_LONGEST = 3_000
"""Longer than a sentence, a text holds a bit of everything."""
_STARTS = re.compile(rf"(?:\b(?=\w)|(?=[^\w\s]))(?=(.{{1,{_CHARS}}}))", re.DOTALL)
_numbers = count()
_bits: dict[str, int] = defaultdict(int)
"""The first 1 to _CHARS characters of a match, in small letters -> bits of the patterns that can begin so."""


class Quick:
    """A pattern with `search` and `finditer` as re has them."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        openings = openings_of(pattern)
        self._bit = 1 << next(_numbers) if openings else 0
        for opening in openings:
            _bits[opening] |= self._bit
        _perhaps_at.cache_clear()
        _perhaps.cache_clear()

    def search(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text) if self._may_match(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(text) if self._may_match(text) else iter(())

    def _may_match(self, text: str) -> bool:
        return not self._bit or len(text) > _LONGEST or _perhaps(text) & self._bit != 0


@lru_cache(maxsize=8192)
def _perhaps(text: str) -> int:
    """Bits of the patterns that may match in `text`."""
    found = 0
    for start in _STARTS.findall(text.lower()):
        found |= _perhaps_at(start)
    return found


@lru_cache(maxsize=65_536)
def _perhaps_at(start: str) -> int:
    found = 0
    for length in range(1, len(start) + 1):
        found |= _bits.get(start[:length], 0)
    return found


def openings_of(pattern: re.Pattern[str]) -> frozenset[str]:
    """What each match begins with, in small letters; empty where that is not known, or may be within a word."""
    live, done = _extended({_Opening()}, parser.parse(pattern.pattern, pattern.flags))
    every = live | done
    is_known = len(every) <= _MOST_OPENINGS and all(one.is_known for one in every)
    return frozenset(one.chars for one in every) if is_known else frozenset()


class _Opening(NamedTuple):
    """at_word: nothing that is part of a word stands before it."""

    at_word: bool = False
    chars: str = ""

    @property
    def is_known(self) -> bool:
        first = self.chars[:1]
        return self.at_word if _is_of_word(first) else bool(first.strip())


_Openings = set[_Opening]


def _extended(live: _Openings, items: Iterable[tuple[Any, Any]]) -> tuple[_Openings, _Openings]:
    """(those that what follows may extend, those that are as long as they can be known)."""
    done: _Openings = set()
    for op, argument in items:
        live, ended = _step(live, op, argument)
        done |= ended | {one for one in live if len(one.chars) >= _CHARS}
        live = {one for one in live if len(one.chars) < _CHARS}
        if not live or len(live) > _MOST_OPENINGS:
            return set(), done | live
    return live, done


def _step(live: _Openings, op: Any, argument: Any) -> tuple[_Openings, _Openings]:
    if op is code.AT or op in (code.ASSERT, code.ASSERT_NOT):
        at_word = _is_word_start(op, argument)
        return {one._replace(at_word=one.at_word or (at_word and not one.chars)) for one in live}, set()
    if op is code.BRANCH:
        ways = [_extended(live, branch) for branch in argument[1]]
        return set().union(*(way[0] for way in ways)), set().union(*(way[1] for way in ways))
    if op is code.SUBPATTERN:
        return _extended(live, argument[-1])
    if op in (code.MAX_REPEAT, code.MIN_REPEAT):
        least, most, repeated = argument
        once, ended = _extended(live, repeated)
        skipped = live if least == 0 else set()
        return (skipped | once, ended) if most == 1 else (skipped, ended | once)
    chars = _chars(op, argument)
    if not chars:
        return set(), live
    return {one._replace(chars=one.chars + char) for one in live for char in chars}, set()


def _chars(op: Any, argument: Any) -> set[str]:
    """The characters that match, in small letters; empty for too many to tell."""
    if op is code.LITERAL:
        return {chr(argument).lower()}
    if op is not code.IN or any(kind not in (code.LITERAL, code.RANGE) for kind, _ in argument):
        return set()
    ranges = [(value, value) if kind is code.LITERAL else value for kind, value in argument]
    if sum(high - low + 1 for low, high in ranges) > _MOST_OF_CLASS:
        return set()
    return {chr(char).lower() for low, high in ranges for char in range(low, high + 1)}


def _is_word_start(op: Any, argument: Any) -> bool:
    """Whether a word character that follows is a word's first."""
    if op is code.AT:
        return argument in (code.AT_BOUNDARY, code.AT_BEGINNING, code.AT_BEGINNING_STRING)
    direction, items = argument
    last = list(items)[-1:]
    if direction > 0 or not last:
        return False
    if op is code.ASSERT_NOT:
        return len(items) == 1 and last[0][0] is code.IN and (code.CATEGORY, code.CATEGORY_WORD) in last[0][1]
    chars = _chars(*last[0])
    return bool(chars) and not any(map(_is_of_word, chars))


def _is_of_word(char: str) -> bool:
    return char.isalnum() or char == "_"
