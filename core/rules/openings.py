"""Searches that look only where they can find something: most of the vocabulary is in no given sentence.

An alternative that begins at the start of a word, or with a mark, can match only where the text has such a beginning.
What words and marks of a text begin with is looked up once for all alternatives of all patterns; those that perhaps
match are tried, and compiled when they are tried first.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import count, groupby, takewhile
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_CHARS = 8
_MOST_READ = 100
"""Characters of an alternative; a group that begins before is read to its end."""
_FEWER_CHARS = 4
"""Of very many openings, so that they are fewer."""
_MOST_OF_CLASS = 12
_MOST_OPENINGS = 2_000
_STARTS = re.compile(rf"(?:\b(?=\w)|(?=[^\w\s]))(?=(.{{1,{_CHARS}}}))", re.DOTALL)
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+", re.DOTALL)
_REPEATS = ("?", "*", "+", "{")
_numbers = count()
_places: dict[str, list[tuple[int, int]]] = defaultdict(list)
"""The first 1 to _CHARS characters of a match, in small letters -> (number of a Quick, index of its way) each."""

_heads: set[str] = set()
"""What any of these begins with."""


@dataclass(frozen=True)
class _Way:
    """Alternatives of a pattern that are tried together. openings: empty where a match may begin with anything."""

    source: str
    flags: int
    openings: frozenset[str]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.source, self.flags)


class Quick:
    """`before(?:one|two|...)after` with `search` and `finditer` as re has them."""

    def __init__(
        self, alternatives: Iterable[str], *, before: str = "", after: str = "", flags: int = 0
    ) -> None:
        whole = "|".join(alternatives)
        self.source, self.flags = f"{before}(?:{whole}){after}", flags
        self._number = next(_numbers)
        self._ways = tuple(_ways(_apart(whole), (before, after), flags))
        self._always = tuple(at for at, way in enumerate(self._ways) if not way.openings)
        for at, way in enumerate(self._ways):
            for opening in way.openings:
                _places[opening].append((self._number, at))
                _heads.update(opening[:end] for end in range(1, len(opening) + 1))
        _places_at.cache_clear()
        _perhaps.cache_clear()

    def search(self, text: str) -> re.Match[str] | None:
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        ways = [self._ways[at].regex for at in self._perhaps_in(text)]
        if len(ways) == 1:
            return ways[0].finditer(text)
        return _merged(ways, text) if ways else iter(())

    def found(self, match: re.Match[str]) -> bool:
        """Whether it is a match of this pattern."""
        return any(match.re is way.regex for way in self._ways)

    def _perhaps_in(self, text: str) -> Sequence[int]:
        """Indexes of the ways that may match, in order."""
        found = _perhaps(text).get(self._number)
        return sorted({*found, *self._always}) if found else self._always


def _merged(ways: Sequence[re.Pattern[str]], text: str) -> Iterator[re.Match[str]]:
    """What one pattern of all the ways finds: the first match, of the first way where several begin there."""
    following = [way.search(text) for way in ways]
    while present := [one for one in following if one is not None]:
        best = min(present, key=re.Match.start)
        yield best
        end = best.end() if best.end() > best.start() else best.end() + 1
        for at, one in enumerate(following):
            if one is not None and one.start() < end:
                following[at] = ways[at].search(text, end)


def _ways(alternatives: Iterable[str], around: tuple[str, str], flags: int) -> Iterator[_Way]:
    """One for each alternative of known openings; those that follow each other without are one."""
    before, after = around
    known = (pair for one in alternatives for pair in _known(one, before, flags))
    for openings, group in groupby(known, key=lambda pair: pair[1]):
        yield _Way(f"{before}(?:{'|'.join(one for one, _ in group)}){after}", flags, openings)


def _known(alternative: str, before: str, flags: int) -> Iterator[tuple[str, frozenset[str]]]:
    """The alternative with its openings; in parts, with and without, where it begins with a choice of some."""
    openings = openings_of(before + alternative, flags)
    choice, rest = ("", "") if openings else _choice(alternative)
    if not choice:
        yield alternative, openings
        return
    parts = ((part, openings_of(before + part, flags)) for part in _apart(choice))
    for _, group in groupby(parts, key=lambda pair: bool(pair[1])):
        some, of_some = zip(*group, strict=True)
        yield f"(?:{'|'.join(some)}){rest}", frozenset[str]().union(*of_some)


def _choice(alternative: str) -> tuple[str, str]:
    """What stands in the group that it begins with, and what follows; "" twice where it begins otherwise."""
    depth, end = 0, 0
    for piece in _PIECE.findall(alternative):
        depth += (piece == "(") - (piece == ")")
        end += len(piece)
        if not depth:
            break
    begins, rest = alternative.startswith("(?:"), alternative[end:]
    return (alternative[3 : end - 1], rest) if begins and rest[:1] not in _REPEATS else ("", "")


def _apart(source: str) -> Iterator[str]:
    """The alternatives of a regular expression."""
    depth, alternative = 0, ""
    for piece in _PIECE.findall(source):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and not depth:
            yield alternative
            alternative = ""
        else:
            alternative += piece
    yield alternative


@lru_cache(maxsize=8192)
def _perhaps(text: str) -> Mapping[int, set[int]]:
    """By the number of a Quick: indexes of its ways that may match in `text`."""
    found: dict[int, set[int]] = defaultdict(set)
    for start in set(_STARTS.findall(text.lower())):
        for number, at in _places_at(start):
            found[number].add(at)
    return found


@lru_cache(maxsize=65_536)
def _places_at(start: str) -> Sequence[tuple[int, int]]:
    heads = takewhile(_heads.__contains__, (start[:end] for end in range(1, len(start) + 1)))
    return tuple(place for head in heads for place in _places.get(head, ()))


def openings_of(source: str, flags: int) -> frozenset[str]:
    """What each match begins with, in small letters; empty where that is not known, or may be within a word."""
    return _openings(_beginning(source), flags)


@lru_cache(maxsize=2048)
def _openings(beginning: str, flags: int) -> frozenset[str]:
    """Many alternatives begin with the same long list of words."""
    live, done = _extended({_Opening()}, parser.parse(beginning, flags))
    every = live | done
    is_known = len(every) <= _MOST_OPENINGS and all(one.is_known for one in every)
    return frozenset(one.chars for one in every) if is_known else frozenset()


def _beginning(source: str) -> str:
    """Of a long regular expression as much as tells how it begins."""
    depth, end = 0, 0
    for piece in _PIECE.findall(source):
        if piece == "(" and not depth and end > _MOST_READ:
            return source[:end]
        depth += (piece == "(") - (piece == ")")
        end += len(piece)
    return source


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
        if len(live) + len(done) > _MOST_OPENINGS:
            done |= live
            return set(), {_Opening(one.at_word, one.chars[:_FEWER_CHARS]) for one in done}
        if not live:
            break
    return live, done


def _step(live: _Openings, op: Any, argument: Any) -> tuple[_Openings, _Openings]:
    if op is code.AT or op in (code.ASSERT, code.ASSERT_NOT):
        at_word = _is_word_start(op, argument)
        return {_Opening(one.at_word or (at_word and not one.chars), one.chars) for one in live}, set()
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
    return {_Opening(one.at_word, one.chars + char) for one in live for char in chars}, set()


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
