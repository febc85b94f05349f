"""The search for dead letters: one for the console and the command line, however many letters there are.

An index key has queue, reason (signature), time and task of its letter. Contents are read once per reason, because
letters of one signature failed with the same words. Only a search for digits, which may be part of any id, or for a
review reads letters one by one, on pages up to a limit.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Protocol

from core.clock import iso
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DeadLetter, LetterName, place_of
from core.queueing.parallel import in_parallel

MOST_READ = 1_000
"""The most letters that one page reads."""

_READ_AT_ONCE = 100
_DIGIT = re.compile(r"[0-9]")


class LetterIndex(Protocol):
    """Where letters are looked for."""

    def names(self) -> list[LetterName]:
        """Of all letters, newest first."""
        ...

    def read(self, names: Sequence[LetterName]) -> list[DeadLetter]:
        """The letters; those that were dealt with meanwhile are left out."""
        ...


@dataclass(frozen=True)
class StoredLetters:
    """The index as it is in storage at each look, with envelopes. The console has a cache of it."""

    letters: DeadLetters

    def names(self) -> list[LetterName]:
        return self.letters.names()

    def read(self, names: Sequence[LetterName]) -> list[DeadLetter]:
        return [letter for letter in in_parallel(self.letters.read, names) if letter is not None]


@dataclass(frozen=True)
class LetterFilter:
    """Criteria for dead letters; an empty field matches everything.

    code: prefix of an error code ("model/"). task_ids: any of them. since, until: epoch seconds of the failure.
    text: in upper or lower case, anywhere in task, code and detail; with a digit in it in ids as well.
    """

    queue: str = ""
    signature: str = ""
    code: str = ""
    session_id: str = ""
    text: str = ""
    task_ids: tuple[str, ...] = ()
    since: float | None = None
    until: float | None = None

    def matches_name(self, name: LetterName) -> bool:
        """Whether the criteria about queue, signature, task and time match."""
        ended_at = name.ended_ms / 1000
        return all(
            (
                self.queue in ("", name.queue),
                self.signature in ("", name.signature),
                not self.task_ids or name.task_id in self.task_ids,
                self.since is None or ended_at >= self.since,
                self.until is None or ended_at <= self.until,
            )
        )

    def matches(self, letter: DeadLetter) -> bool:
        """Whether the criteria about the letter's contents match; `matches_name` checks the others."""
        words = (
            letter.task_id,
            letter.session_id,
            letter.section_id,
            letter.task,
            letter.code,
            letter.detail,
        )
        return all(
            (
                letter.code.startswith(self.code),
                self.session_id in ("", letter.session_id),
                self.text.lower() in "\n".join(words).lower(),
            )
        )


@dataclass(frozen=True)
class Group:
    """Letters of one queue that failed for the same reason. oldest_at, newest_at: ISO UTC. example: one of them."""

    queue: str
    signature: str
    count: int
    oldest_at: str
    newest_at: str
    example: DeadLetter


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


def page_of(index: LetterIndex, wanted: LetterFilter, *, limit: int, after: str = "") -> LetterPage:
    """Returns one page of matching letters.

    after: cursor of the previous page. Raises ValueError for any other text.
    """
    names = index.names()
    start = place_of(after) if after else None
    reasons = _reasons(
        index, [name for name in names if replace(wanted, signature="").matches_name(name)], wanted
    )
    chosen = [
        name for names in reasons.values() for name in names if wanted.signature in ("", name.signature)
    ]
    chosen.sort(key=attrgetter("place"), reverse=True)
    behind = [name for name in chosen if start is None or name.place < start]
    found, looked = _first(index, behind, wanted, limit=limit)
    return LetterPage(
        letters=found,
        fitting=None if _by_content(wanted) else len(chosen),
        after=behind[looked - 1].cursor if 0 < looked < len(behind) else "",
        indexed=dict(Counter(name.queue for name in names)),
        groups=groups(index, reasons),
    )


def fitting(index: LetterIndex, wanted: LetterFilter) -> Iterator[LetterName]:
    """Yields the names of all matching letters, newest first; letters are read lazily, if the filter needs them."""
    if _by_content(wanted):
        yield from (letter.name for letter in matching(index, wanted))
    else:
        yield from _chosen(index, wanted)


def matching(index: LetterIndex, wanted: LetterFilter) -> Iterator[DeadLetter]:
    """Yields all matching letters, newest first; reads them as it goes."""
    chosen = _chosen(index, wanted)
    for start in range(0, len(chosen), _READ_AT_ONCE):
        letters = index.read(chosen[start : start + _READ_AT_ONCE])
        yield from (letter for letter in letters if not _by_content(wanted) or wanted.matches(letter))


def by_reason(names: Iterable[LetterName]) -> dict[tuple[str, str], list[LetterName]]:
    """Returns (queue, signature) -> those of the names."""
    found: dict[tuple[str, str], list[LetterName]] = {}
    for name in names:
        found.setdefault((name.queue, name.signature), []).append(name)
    return found


def _chosen(index: LetterIndex, wanted: LetterFilter) -> list[LetterName]:
    """Those that match as far as names and reasons tell, newest first."""
    named = [name for name in index.names() if wanted.matches_name(name)]
    chosen = [name for names in _reasons(index, named, wanted).values() for name in names]
    return sorted(chosen, key=attrgetter("place"), reverse=True)


def _reasons(
    index: LetterIndex, names: Sequence[LetterName], wanted: LetterFilter
) -> dict[tuple[str, str], list[LetterName]]:
    """(queue, signature) -> its names, of the reasons that match."""
    found = by_reason(names)
    if not wanted.code and (not wanted.text or _by_content(wanted)):
        return found
    examples = _examples(index, found)
    return {key: found[key] for key, example in examples.items() if _reason_fits(example, wanted)}


def _examples(
    index: LetterIndex, reasons: Mapping[tuple[str, str], Sequence[LetterName]]
) -> dict[tuple[str, str], DeadLetter]:
    """One letter of each reason: the newest, or the next where that was dealt with since it was listed."""
    found: dict[tuple[str, str], DeadLetter] = {}
    left, place = dict(reasons), 0
    while left:
        read = index.read([names[place] for names in left.values()])
        found |= {(one.queue, one.signature): one for one in read}
        place += 1
        left = {key: names for key, names in left.items() if key not in found and len(names) > place}
    return found


def _reason_fits(example: DeadLetter, wanted: LetterFilter) -> bool:
    if not example.code.startswith(wanted.code):
        return False
    words = f"{example.code}\n{example.detail}\n{example.task}".lower()
    return _by_content(wanted) or wanted.text.lower() in words


def _by_content(wanted: LetterFilter) -> bool:
    """Whether letters have to be read one by one to see if they match."""
    return bool(wanted.session_id or _DIGIT.search(wanted.text))


def _first(
    index: LetterIndex, names: Sequence[LetterName], wanted: LetterFilter, *, limit: int
) -> tuple[list[DeadLetter], int]:
    """The first matching letters, and how many names were looked at for them."""
    if not _by_content(wanted):
        return index.read(names[:limit]), min(limit, len(names))
    found: list[DeadLetter] = []
    most = min(len(names), MOST_READ)
    for start in range(0, most, _READ_AT_ONCE):
        read = {letter.name: letter for letter in index.read(names[start : start + _READ_AT_ONCE])}
        for place, name in enumerate(names[start : start + _READ_AT_ONCE], start + 1):
            if name in read and wanted.matches(read[name]):
                found.append(read[name])
            if len(found) == limit:
                return found, place
    return found, most


def groups(index: LetterIndex, reasons: Mapping[tuple[str, str], Sequence[LetterName]]) -> list[Group]:
    """Returns a group for each of `reasons`, the largest first; one read each.

    reasons: as returned by `by_reason`, names newest first.
    """
    examples = _examples(index, reasons)
    found = []
    for key, example in examples.items():
        newest, oldest = (iso(reasons[key][place].ended_ms / 1000) for place in (0, -1))
        found.append(Group(*key, len(reasons[key]), oldest, newest, example))
    return sorted(found, key=lambda group: (-group.count, group.signature))
