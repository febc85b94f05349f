"""Sliding windows as blocks: periods of time in which one more entry would exceed a limit.

An entry at t is allowed when every half-open window of `span_s` seconds that holds it stays within the limit,
windows that begin before t as well as those that hold entries reserved after it.

    entries, limit 2, span 6     0     1                    may one more come?
                                 |-----|-----|-----|----->  blocked: (1 - 6, 0 + 6)

So the first free moment can be computed, and nobody has to poll.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import inf
from typing import NamedTuple


class WaitingFor(StrEnum):
    """What a request waits for, in words that a page can show."""

    REQUESTS = "request limit"
    QUEUE_RATE = "queue rate"
    SLOT = "free slot"
    TOKENS = "token limit"
    MODEL = "models pausing"
    NO_MODEL = "no model left"
    TOO_LARGE = "request too large"
    TURN = "reserved turn"


UNREACHABLE = "limiter"
"""What a task waits for while the limits themselves cannot be read or written."""


class Block(NamedTuple):
    """No entry may lie strictly between `after` and `until`, epoch seconds."""

    after: float
    until: float
    why: WaitingFor


class Free(NamedTuple):
    """The first free moment, and the limit that delayed it; None if none did."""

    at: float
    why: WaitingFor | None


Point = tuple[float, int]
"""(epoch seconds, weight)"""


class Window(NamedTuple):
    """A limit on the sum of weights in any `span_s` seconds."""

    limit: int
    span_s: float
    why: WaitingFor


def blocked(points: Sequence[Point], need: int, window: Window) -> list[Block]:
    """Returns the blocks of one window for an entry of weight `need`. points: oldest first."""
    if need > window.limit:
        return [Block(-inf, inf, WaitingFor.TOO_LARGE)]
    room = window.limit - need
    if sum(weight for _, weight in points) <= room:
        return []
    found, total, end = [], 0, 0
    for start, weight in points:
        while total <= room and end < len(points):
            total += points[end][1]
            end += 1
        if total <= room:
            break
        # From `start` to `last` there is already too much for one more.
        last = points[end - 1][0]
        if last - start < window.span_s:
            found.append(Block(last - window.span_s, start + window.span_s, window.why))
        total -= weight
    return found


def where_both(some: Sequence[Block], others: Sequence[Block]) -> list[Block]:
    """Returns the overlaps of two lists of blocks."""
    overlaps = (
        Block(max(one.after, other.after), min(one.until, other.until), one.why)
        for one in some
        for other in others
    )
    return [block for block in overlaps if block.after < block.until]


def first_free(blocks: Iterable[Block], since: float) -> Free:
    """Returns the first moment from `since` on that lies in no block."""
    free = Free(since, None)
    for block in sorted(blocks):
        if block.after >= free.at:
            break
        if block.until > free.at:
            free = Free(block.until, block.why)
    return free
