"""Histograms of durations, which can be added up over processes: percentiles within 5 %.

Each bucket is a tenth wider than the one before, from one millisecond on. The bounds must never change: stored
counts would no longer add up.
"""

import math
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

_GROWTH = 1.1
_LEAST_S = 0.001


def bucket_of(seconds: float) -> str:
    """Returns the bucket of a duration, as a JSON key. Less than a millisecond counts as one."""
    return str(math.ceil(math.log(max(seconds, _LEAST_S), _GROWTH) - 1e-9))


def percentiles(buckets: Mapping[str, int] | None) -> dict[str, Any] | None:
    """Returns {count, p50, p95, p99} in seconds, or None if nothing was measured."""
    counted = sorted((int(bucket), number) for bucket, number in (buckets or {}).items() if number > 0)
    total = sum(number for _bucket, number in counted)
    if not total:
        return None
    return {"count": total, **{f"p{part}": _at(counted, part * total / 100) for part in (50, 95, 99)}}


def _at(counted: list[tuple[int, int]], rank: float) -> float:
    """The middle of the bucket that holds the value of this rank."""
    up_to = accumulate(number for _bucket, number in counted)
    bucket = next(bucket for (bucket, _number), seen in zip(counted, up_to, strict=True) if seen >= rank)
    return round(math.pow(_GROWTH, bucket - 0.5), 4)
