"""An age as operators type it: 90s, 30m, 2h, 7d."""

import argparse
import re

_AGE = re.compile(r"([0-9]+)([smhd])")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MOST_AGE_S = 10 * 365 * 86_400


def age_s(text: str) -> float:
    """In seconds, for an option of a command. Raises argparse.ArgumentTypeError, also above ten years."""
    match = _AGE.fullmatch(text)
    seconds = int(match[1]) * _UNITS_S[match[2]] if match else _MOST_AGE_S + 1
    if seconds > _MOST_AGE_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no age: write 90s, 30m, 2h or 7d")
    return float(seconds)
