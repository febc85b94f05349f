"""Figures as they come out of a slip of the pen."""

from collections.abc import Iterator
from itertools import pairwise

MOST_DIGITS = 15
"""Longer ones identify something; nobody counts that far."""


def swaps(digits: str) -> Iterator[str]:
    """The values with two different neighbouring digits of this one swapped."""
    if len(digits.rstrip("0")) < 2 or len(digits) > MOST_DIGITS:
        return
    for at, (one, other) in enumerate(pairwise(digits)):
        if one != other:
            yield digits[:at] + other + one + digits[at + 2 :]
