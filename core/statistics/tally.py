"""Counts that can be added up over processes, hours and days, in any order.

Whole numbers only, so that sums are exact; money is counted in nano-dollars. Each count belongs to a user (a hash)
or to nobody (""); the sum over all of them is the system's.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.statistics.histogram import bucket_of

NANO = 1_000_000_000


class CountKind(StrEnum):
    """First part of a count's name; the comments say which parts follow it."""

    TASKS = "tasks"
    """queue, how it ended (or RETRY)"""
    CALLS = "calls"
    """model, brain, "answered", "throttled", "failed" or "fallback" """
    TOKENS = "tokens"
    """model, brain, kind"""
    COST = "cost"
    """model; nano-dollars"""
    CACHE_HITS = "cache-hits"
    """queue"""
    REPLAYED = "replayed"
    """queue"""
    REQUESTS = "requests"
    """class of the web tier's answer: 2xx"""


class DurationKind(StrEnum):
    """First part of a duration's name; queue or model follows."""

    WAIT = "wait"
    """acceptance to first start"""
    RUN = "run"
    """first start to end"""
    WHOLE = "whole"
    """acceptance to end"""
    CALL = "call"
    """one answered model call"""
    LIMITER = "limiter"
    """for a slot: slept, or handed back for"""
    REQUEST = "request"
    """one answer of the web tier"""


def named(kind: CountKind | DurationKind, *parts: str) -> str:
    """Returns the name of a count or duration: the kind and its parts, joined by "|"."""
    return "|".join([kind, *(part.replace("|", "/") for part in parts)])


def parts_of(counts: Mapping[str, int], kind: CountKind | DurationKind) -> dict[tuple[str, ...], int]:
    """Returns the counts of one kind, by the parts of their names."""
    split = ((name.split("|"), number) for name, number in counts.items())
    return {tuple(parts[1:]): number for parts, number in split if parts[0] == kind}


@dataclass
class Tally:
    """Counts by user, and histograms of durations.

    users: user hash -> name of a count -> number. spreads: name of a duration -> bucket -> number.
    """

    users: dict[str, Counter[str]] = field(default_factory=dict)
    spreads: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, user: str, numbers: Mapping[str, int]) -> None:
        self.users.setdefault(user, Counter()).update(numbers)

    def record_duration(self, name: str, seconds: float) -> None:
        self.spreads.setdefault(name, Counter())[bucket_of(seconds)] += 1

    def add(self, other: "Tally") -> "Tally":
        """Adds the other's numbers to this one."""
        for own, others in ((self.users, other.users), (self.spreads, other.spreads)):
            for key, numbers in others.items():
                own.setdefault(key, Counter()).update(numbers)
        return self

    def without(self, other: "Tally") -> "Tally":
        """Returns a new tally: this one's numbers less the other's."""
        return Tally(_without(self.users, other.users), _without(self.spreads, other.spreads))

    def total(self) -> Counter[str]:
        """Returns the counts summed over all users."""
        found: Counter[str] = Counter()
        for numbers in self.users.values():
            found.update(numbers)
        return found

    def to_dict(self) -> dict[str, Any]:
        return {"users": self.users, "spreads": self.spreads}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Tally":
        return cls(
            {user: _counted(numbers) for user, numbers in data["users"].items()},
            {name: _counted(buckets) for name, buckets in data["spreads"].items()},
        )


def _counted(numbers: Mapping[str, int]) -> Counter[str]:
    """Raises TypeError for what is no whole number: it would make every sum that it is in unreadable."""
    if not all(isinstance(number, int) for number in numbers.values()):
        raise TypeError("not a count")
    return Counter(numbers)


def _without(own: Mapping[str, Counter[str]], others: Mapping[str, Counter[str]]) -> dict[str, Counter[str]]:
    left = {key: numbers - others.get(key, Counter()) for key, numbers in own.items()}
    return {key: numbers for key, numbers in left.items() if numbers}


def added(*tallies: Tally) -> Tally:
    """Returns a new tally: the sum of all."""
    found = Tally()
    for tally in tallies:
        found.add(tally)
    return found
