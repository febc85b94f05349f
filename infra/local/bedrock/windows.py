"""Sliding windows, exact: a call counts for one window's length from its stamp on, half-open (now - length, now]."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Charge:
    """What one call takes of its quotas. at: seconds. tokens: reserved, then settled."""

    at: float
    tokens: int


@dataclass(eq=False)
class SlidingWindow:
    """Charges of the last `length_s` seconds, added in the order of their stamps."""

    length_s: float
    tokens: int = 0
    _charges: deque[Charge] = field(default_factory=deque)

    @property
    def requests(self) -> int:
        return len(self._charges)

    def forget_until(self, now: float) -> None:
        while self._charges and self._charges[0].at <= now - self.length_s:
            self.tokens -= self._charges.popleft().tokens

    def add(self, charge: Charge) -> None:
        self._charges.append(charge)
        self.tokens += charge.tokens

    def change(self, charge: Charge, *, tokens: int, now: float) -> None:
        """Before `charge.tokens` becomes `tokens`: it may have left this window already."""
        self.forget_until(now)
        if charge.at > now - self.length_s:
            self.tokens += tokens - charge.tokens


def most_in_window(points: Iterable[tuple[float, int]], *, length_s: float) -> int:
    """The largest sum of weights that any window of this length holds. points: (stamp, weight), weights >= 0."""
    inside: deque[tuple[float, int]] = deque()
    total = most = 0
    for stamp, weight in sorted(points):
        while inside and inside[0][0] <= stamp - length_s:
            total -= inside.popleft()[1]
        inside.append((stamp, weight))
        total += weight
        most = max(most, total)
    return most
