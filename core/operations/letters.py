"""Dead letters as the console shows them: groups and pages from one listing, however many there are.

An index key has queue, reason (signature), time and task of its letter. Contents are read once per reason, because
letters of one signature failed with the same words. Only a search for digits, which may be part of any id, reads
letters one by one, up to a limit.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from core.clock import Clock, epoch, iso
from core.operations.cached_value import CachedValue
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DeadLetter, LetterName, place_of
from core.queueing.letter_search import Group, LetterFilter
from core.queueing.parallel import Later, at_once, in_parallel

MOST_READ = 1_000
"""The most letters that one search reads."""

_READ_AT_ONCE = 100
_LEFT_OUT = ("body", "trace", "listed_as")
_DIGIT = re.compile(r"[0-9]")


class LetterCache:
    """A cache of the index: names, a moment old, and letters without envelopes, which never change while listed.

    Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    def __init__(self, letters: DeadLetters, clock: Clock, *, later: Later = at_once) -> None:
        self._letters = letters
        self._known: dict[LetterName, DeadLetter] = {}
        self.names: CachedValue[list[LetterName]] = CachedValue(self._listed, clock=clock, later=later)

    def read(self, names: Sequence[LetterName]) -> list[DeadLetter]:
        """Returns the letters, without envelopes; those that were dealt with meanwhile are left out."""
        known = self._known
        unknown = [name for name in names if name not in known]
        for name, letter in zip(unknown, in_parallel(self._letters.read, unknown), strict=True):
            if letter is not None:
                known[name] = replace(letter, body="", trace=[])
        return [known[name] for name in names if name in known]

    def _listed(self) -> list[LetterName]:
        """Drops contents no longer listed: a letter that is restored has the same name and other contents."""
        names, known = self._letters.names(), self._known
        # A new dict: another thread may be reading from the old one.
        self._known = {name: known[name] for name in names if name in known}
        return names


@dataclass(frozen=True)
class LetterPage:
    """One page of matching letters, newest first.

    fitting: how many match, None if not all were checked. after: cursor of the next page, "" at the end. indexed:
    queue key -> number of all its letters, whatever the filter. groups: of letters that match apart from the
    signature, the largest first.
    """

    letters: list[DeadLetter]
    fitting: int | None
    after: str
    indexed: dict[str, int]
    groups: list[Group]


def page_of(cache: LetterCache, wanted: LetterFilter, *, limit: int, after: str = "") -> LetterPage:
    """Returns one page of matching letters.

    after: cursor of the previous page. Raises ValueError for any other text.
    """
    names = cache.names()
    start = place_of(after) if after else None
    reasons = _reasons(
        cache, [name for name in names if replace(wanted, signature="").matches_name(name)], wanted
    )
    chosen = [
        name for names in reasons.values() for name in names if wanted.signature in ("", name.signature)
    ]
    chosen.sort(key=attrgetter("place"), reverse=True)
    behind = [name for name in chosen if start is None or name.place < start]
    found, looked = _first(cache, behind, wanted, limit=limit)
    return LetterPage(
        letters=found,
        fitting=None if _by_content(wanted) else len(chosen),
        after=behind[looked - 1].cursor if 0 < looked < len(behind) else "",
        indexed=dict(Counter(name.queue for name in names)),
        groups=_groups(cache, reasons),
    )


def fitting(cache: LetterCache, wanted: LetterFilter) -> Iterator[LetterName]:
    """Yields the names of all matching letters, newest first; letters are read lazily, if the filter needs them."""
    named = [name for name in cache.names() if wanted.matches_name(name)]
    chosen = [name for names in _reasons(cache, named, wanted).values() for name in names]
    chosen.sort(key=attrgetter("place"), reverse=True)
    if not _by_content(wanted):
        yield from chosen
        return
    for start in range(0, len(chosen), _READ_AT_ONCE):
        letters = cache.read(chosen[start : start + _READ_AT_ONCE])
        yield from (letter.name for letter in letters if wanted.matches(letter))


def summary(letter: DeadLetter, *, now: float) -> dict[str, Any]:
    """Returns a letter as a list shows it: without its envelope and trace."""
    known = {name: value for name, value in letter.to_dict().items() if name not in _LEFT_OUT}
    age_s = round(now - epoch(letter.ended_at))
    return {**known, "signature": letter.signature, "age_s": age_s}


def filter_in_words(wanted: LetterFilter) -> dict[str, Any]:
    """Returns the filter's criteria as the audit log stores them."""
    return {name: value for name, value in vars(wanted).items() if value and name != "task_ids"}


def _reasons(
    cache: LetterCache, names: Sequence[LetterName], wanted: LetterFilter
) -> dict[tuple[str, str], list[LetterName]]:
    """(queue, signature) -> its names, of the reasons that match."""
    found: dict[tuple[str, str], list[LetterName]] = {}
    for name in names:
        found.setdefault((name.queue, name.signature), []).append(name)
    if not wanted.code and (not wanted.text or _by_content(wanted)):
        return found
    examples = {(one.queue, one.signature): one for one in cache.read([names[0] for names in found.values()])}
    return {key: found[key] for key, example in examples.items() if _reason_fits(example, wanted)}


def _reason_fits(example: DeadLetter, wanted: LetterFilter) -> bool:
    if not example.code.startswith(wanted.code):
        return False
    words = f"{example.code}\n{example.detail}\n{example.task}".lower()
    return _by_content(wanted) or wanted.text.lower() in words


def _by_content(wanted: LetterFilter) -> bool:
    """Whether letters have to be read one by one to see if they match."""
    return bool(wanted.session_id or _DIGIT.search(wanted.text))


def _first(
    cache: LetterCache, names: Sequence[LetterName], wanted: LetterFilter, *, limit: int
) -> tuple[list[DeadLetter], int]:
    """The first matching letters, and how many names were looked at for them."""
    if not _by_content(wanted):
        return cache.read(names[:limit]), min(limit, len(names))
    found: list[DeadLetter] = []
    most = min(len(names), MOST_READ)
    for start in range(0, most, _READ_AT_ONCE):
        read = {letter.name: letter for letter in cache.read(names[start : start + _READ_AT_ONCE])}
        for place, name in enumerate(names[start : start + _READ_AT_ONCE], start + 1):
            if name in read and wanted.matches(read[name]):
                found.append(read[name])
            if len(found) == limit:
                return found, place
    return found, most


def _groups(cache: LetterCache, reasons: dict[tuple[str, str], list[LetterName]]) -> list[Group]:
    examples = {
        (one.queue, one.signature): one for one in cache.read([names[0] for names in reasons.values()])
    }
    found = []
    for key, example in examples.items():
        newest, oldest = (iso(reasons[key][place].ended_ms / 1000) for place in (0, -1))
        found.append(Group(*key, len(reasons[key]), oldest, newest, example))
    return sorted(found, key=lambda group: (-group.count, group.signature))
