"""Other consumers of the same quotas: calls at a constant rate that eat their share, without anybody making them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from infra.local.bedrock.catalogue import base_id


@dataclass(frozen=True)
class Outside:
    """rpm: calls in one window, evenly spaced. tokens: of each. model: "" = some other model of the account.

    from_s, until_s: seconds since the quotas were configured.
    """

    rpm: float
    model: str = ""
    tokens: int = 0
    from_s: float = 0.0
    until_s: float = float("inf")


def read_outside(data: Mapping[str, Any]) -> Outside:
    """Raises ValueError, TypeError for what is none."""
    if unknown := sorted(set(data) - {item.name for item in fields(Outside)}):
        raise ValueError(f"an outside consumer has no {', '.join(unknown)}")
    given = {name: value for name, value in data.items() if value is not None}
    outside = Outside(**{**given, "model": base_id(data.get("model", ""))})
    if not outside.rpm > 0:
        raise ValueError("an outside consumer needs an rpm above 0")
    return outside


class Ticks:
    """When outside consumers call, computed when somebody looks. Not for several threads at once."""

    def __init__(self, consumers: Sequence[Outside], *, window_s: float, start: float) -> None:
        self.admitted = 0
        self.refused = 0
        self._consumers = consumers
        self._every_s = [window_s / consumer.rpm for consumer in consumers]
        self._next = [start + consumer.from_s for consumer in consumers]
        self._end = [start + consumer.until_s for consumer in consumers]

    def until(self, now: float) -> Iterator[tuple[Outside, float]]:
        """(consumer, time) of every call up to now that was not given before, in the order of time."""
        while due := [(at, number) for number, at in enumerate(self._next) if at <= now]:
            at, number = min(due)
            ended = at >= self._end[number]
            self._next[number] = float("inf") if ended else at + self._every_s[number]
            if not ended:
                yield self._consumers[number], at
