"""Where the bars of a chart stand, in units of its viewBox; templates draw them, the numbers are printed beside."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 560
_ROW = 24
_BAR = 16
_LEFT, _RIGHT = 200, 516
_FOOT = 22
_MOST_TICKS = 4
_LONGEST_NAME = 28


@dataclass(frozen=True)
class Segment:
    """series: "accepted", "rejected" or "open"."""

    series: str
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    name: str
    total: int
    y: float
    segments: tuple[Segment, ...]
    end: float


@dataclass(frozen=True)
class BarChart:
    """ticks: (x, number)."""

    width: int
    height: int
    left: int
    bar_height: int
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]


def bar_chart(rows: Sequence[Mapping[str, Any]]) -> BarChart:
    """rows: [{name, accepted, rejected, open, total}], drawn in their order."""
    most = max((row["total"] for row in rows), default=1)
    step = _step(most)
    steps = max(1, math.ceil(most / step))
    scale = (_RIGHT - _LEFT) / (step * steps)
    bars = tuple(_bar(row, y=number * _ROW + 4, scale=scale) for number, row in enumerate(rows))
    ticks = tuple((round(_LEFT + number * step * scale, 1), number * step) for number in range(steps + 1))
    return BarChart(WIDTH, len(rows) * _ROW + _FOOT, _LEFT, _BAR, bars, ticks)


def _step(most: int) -> int:
    """1, 2 or 5 times a power of ten, so that the longest bar fits into four steps or fewer."""
    rough = max(1, math.ceil(most / _MOST_TICKS))
    power = int(10 ** (len(str(rough)) - 1))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def _bar(row: Mapping[str, Any], *, y: float, scale: float) -> Bar:
    segments = []
    x = float(_LEFT)
    for series in ("accepted", "rejected", "open"):
        width = row[series] * scale
        if width:
            segments.append(Segment(series, round(x, 1), round(width, 1)))
        x += width
    return Bar(_short(row["name"]), row["total"], y, tuple(segments), round(x, 1))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"
