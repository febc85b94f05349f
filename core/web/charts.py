"""How long the bars of a chart are, in percent of their row; templates draw them, the numbers are printed beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SERIES = ("accepted", "rejected", "open")


@dataclass(frozen=True)
class Segment:
    """A part of a bar. series: "accepted", "rejected" or "open"."""

    series: str
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    """A bar with its segments."""

    name: str
    total: int
    segments: tuple[Segment, ...]
    end: float


def bar_chart(rows: Sequence[Mapping[str, Any]]) -> tuple[Bar, ...]:
    """Returns a bar for each row {name, accepted, rejected, open, total}; the longest bar fills its row."""
    most = max((row["total"] for row in rows), default=0)
    return tuple(_bar(row, scale=100 / max(1, most)) for row in rows)


def _bar(row: Mapping[str, Any], *, scale: float) -> Bar:
    segments = []
    x = 0.0
    for series in _SERIES:
        width = row[series] * scale
        if width:
            segments.append(Segment(series, round(x, 2), round(width, 2)))
        x += width
    return Bar(row["name"], row["total"], tuple(segments), round(x, 2))
