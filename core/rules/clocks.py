"""Times of day by the clock, of 24 hours or of twice twelve."""

import re

HALF_OF_DAY = r"(?: ?(?P<half>[ap])\.?m\b\.?)?"
"""What may follow the groups `hour` and `minute`."""


def hour_and_minute(clock: re.Match[str]) -> tuple[int, int]:
    """ "1:10 p.m." is 13:10, "12:05 a.m." five past midnight."""
    hour, half = int(clock["hour"]), (clock["half"] or "").lower()
    return (hour % 12 + (12 if half == "p" else 0) if half else hour), int(clock["minute"])
