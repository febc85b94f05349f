"""How a granted call ended, as far as the limits are concerned."""

from dataclasses import dataclass
from enum import StrEnum


class OutcomeKind(StrEnum):
    """How a granted call ended."""

    ANSWERED = "answered"
    UNUSED = "unused"
    """The call was never sent."""
    THROTTLED = "throttled"
    THROTTLED_DAILY = "throttled-daily"
    FAILED = "failed"
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    """The request was wrong; says nothing about the model."""
    GONE = "gone"
    DENIED = "denied"
    UNKNOWN = "unknown"
    """It ended without an answer or an error, as when the worker is told to stop; counts as fully used."""


@dataclass(frozen=True)
class Outcome:
    """How a granted call ended, and what it cost.

    charged_tokens: quota tokens of an answer. sent_at: epoch seconds at which the call was sent, from which the
    service counts it; None: never sent. held_tokens: what the service itself reserved at the start; 0: not known.
    """

    kind: OutcomeKind
    charged_tokens: int = 0
    sent_at: float | None = None
    held_tokens: int = 0


UNUSED = Outcome(OutcomeKind.UNUSED)

REFUSED = frozenset(
    {
        OutcomeKind.THROTTLED,
        OutcomeKind.THROTTLED_DAILY,
        OutcomeKind.REJECTED,
        OutcomeKind.GONE,
        OutcomeKind.DENIED,
    }
)
"""The service refused before working: the request counts, its tokens do not."""

URGENT = frozenset(
    {OutcomeKind.THROTTLED, OutcomeKind.THROTTLED_DAILY, OutcomeKind.FAILED, OutcomeKind.TIMEOUT}
)
"""Written at once, because other processes are about to call the same model. After GONE and DENIED the caller asks
for the next model at once, and that write carries the outcome."""
