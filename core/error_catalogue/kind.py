"""What is said of an error: the HTTP status it has at the web tier, a title and the next step for a person."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorKind:
    status: int
    title: str
    next_step: str
