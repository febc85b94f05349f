"""Searches dead letters.

By the fields in the index's keys, and reading the letters only where that is not enough.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from core.clock import iso
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DeadLetter, LetterName, place_of
from core.queueing.parallel import in_parallel

_READ_AT_ONCE = 100


@dataclass(frozen=True)
class LetterFilter:
    """Criteria for dead letters; an empty field matches everything.

    code: prefix of an error code ("model/"). task_ids: any of them. since, until: epoch seconds of the failure.
    text: in upper or lower case, anywhere in ids, task, code and detail.
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

    @property
    def needs_contents(self) -> bool:
        """Whether some criteria can only be checked on the letter itself."""
        return bool(self.code or self.session_id or self.text)

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
class Page:
    """One page of matching letters, newest first.

    more: there are older ones. indexed: queue -> number of all its letters, whatever the filter.
    """

    letters: list[DeadLetter]
    more: bool
    indexed: dict[str, int]

    @property
    def next_cursor(self) -> str | None:
        """The `after` of the next page, or None on the last one."""
        return self.letters[-1].name.cursor if self.more else None


@dataclass(frozen=True)
class Group:
    """Letters of one queue that failed for the same reason. oldest_at, newest_at: ISO UTC. example: one of them."""

    queue: str
    signature: str
    count: int
    oldest_at: str
    newest_at: str
    example: DeadLetter


def page(letters: DeadLetters, wanted: LetterFilter, *, limit: int, after: str = "") -> Page:
    """Returns one page of matching letters.

    after: cursor of the previous page. Raises ValueError for any other text.
    """
    names = letters.names()
    start = place_of(after) if after else None
    chosen = [name for name in names if start is None or name.place < start]
    found = list(islice(_matching(letters, chosen, wanted=wanted, at_once=limit + 1), limit + 1))
    return Page(found[:limit], more=len(found) > limit, indexed=dict(Counter(name.queue for name in names)))


def matching(letters: DeadLetters, wanted: LetterFilter) -> Iterator[DeadLetter]:
    """Iterates over the matching letters, newest first; reads them as it goes."""
    return _matching(letters, letters.names(), wanted=wanted, at_once=_READ_AT_ONCE)


def groups(
    letters: DeadLetters, wanted: LetterFilter, *, names: Sequence[LetterName] | None = None
) -> list[Group]:
    """Returns matching letters grouped by queue and signature, the largest group first.

    names: of all letters, newest first, if they were listed already. Costs one LIST and one read per group, unless
    the filter needs contents.
    """
    by_reason: dict[tuple[str, str], list[LetterName]] = {}
    names = letters.names() if names is None else names
    if wanted.needs_contents:
        chosen = [letter.name for letter in _matching(letters, names, wanted=wanted, at_once=_READ_AT_ONCE)]
    else:
        chosen = [name for name in names if wanted.matches_name(name)]
    for name in chosen:
        by_reason.setdefault((name.queue, name.signature), []).append(name)
    found = in_parallel(lambda names: _group(letters, names), by_reason.values())
    return sorted((group for group in found if group), key=lambda group: (-group.count, group.signature))


def _group(letters: DeadLetters, names: Sequence[LetterName]) -> Group | None:
    """names: newest first."""
    examples = (letter for letter in map(letters.read, names) if letter is not None)
    example = next(examples, None)
    if example is None:
        return None
    oldest, newest = (iso(names[place].ended_ms / 1000) for place in (-1, 0))
    return Group(example.queue, example.signature, len(names), oldest, newest, example)


def _matching(
    letters: DeadLetters, names: Sequence[LetterName], *, wanted: LetterFilter, at_once: int
) -> Iterator[DeadLetter]:
    chosen = [name for name in names if wanted.matches_name(name)]
    size = max(1, min(at_once, _READ_AT_ONCE))
    for start in range(0, len(chosen), size):
        for letter in in_parallel(letters.read, chosen[start : start + size]):
            if letter is not None and wanted.matches(letter):
                yield letter
