"""Figures as they come out of a slip of the pen."""

from collections.abc import Iterator
from itertools import pairwise

MOST_DIGITS = 15
"""Longer ones identify something; nobody counts that far."""


_FAR_DIGITS = 4
"""With fewer digits figures that differ like this are too many."""


def far_swaps(digits: str) -> Iterator[str]:
    """The values with two digits of this one swapped that have one between them: 5,204 and 5,402."""
    if len(digits.rstrip("0")) < _FAR_DIGITS or len(digits) > MOST_DIGITS:
        return
    for at in range(len(digits) - 2):
        one, between, other = tuple(digits[at : at + 3])
        if one != other and not (at == 0 and other == "0"):
            yield digits[:at] + other + between + one + digits[at + 3 :]


def swaps(digits: str) -> Iterator[str]:
    """The values with two different neighbouring digits of this one swapped."""
    if len(digits.rstrip("0")) < 2 or len(digits) > MOST_DIGITS:
        return
    for at, (one, other) in enumerate(pairwise(digits)):
        if one != other:
            yield digits[:at] + other + one + digits[at + 2 :]
