"""What operators read: how long something took, and what a deed was about."""

from typing import Any


def age(seconds: float) -> str:
    """In the two largest units: 4 s, 3 min 20 s, 2 h 5 min, 3 d 4 h."""
    whole = max(0, round(seconds))
    for name, size, below, small in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size} {name}" + (f" {rest} {below}" if rest else "")
    return f"{whole} s"


def plain(value: Any) -> str:
    """Of JSON, what a person reads in a line: section_id s4, session_id ...; several in a row."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(part)}" for name, part in value.items())
    return ", ".join(map(plain, value)) if isinstance(value, list) else str(value)
