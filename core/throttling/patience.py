"""How long what is to be written may wait for company, and how old that may be which an answer comes from.

One write serves all who wait on a machine. Where other machines write too, a write costs a look as well and may be
refused, so there it waits longer.
"""

import random

from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.limits import FRESH_S

IDLE_LINGER_S = 0.2
_LINGER_S = 0.04
_LONG_LINGER_S = 1.0
_LATE_LINGER_S = 0.01
_CROWDED_LINGER_S = 0.05
_SOONEST = 0.3
"""Of that, where other machines write: they shall not all write at the same moment."""

REFUSAL_S = 10.0
"""So old may be what a refusal comes from: who is told to come back later comes back later."""
_TURN_S = 0.2


def enough_s(request: SlotRequest, answer: Granted | Denied, *, now: float) -> float:
    """How old that may be which this answer comes from, if it leaves everything as it is. Whose turn has not come
    wants to know when it does."""
    if isinstance(answer, Denied):
        return REFUSAL_S
    return _TURN_S if request.again and answer.at > now else FRESH_S


def within_s(ask: SlotRequest | None) -> float:
    """The same, for who has looked already and found too little."""
    return _TURN_S if ask is not None and ask.again else FRESH_S


def linger_s(answer: Granted | Denied, *, taken_up: bool, crowded: bool, now: float) -> float:
    """taken_up: somebody has come for its ticket. crowded: other machines write too."""
    least_s = _CROWDED_LINGER_S if crowded else _LATE_LINGER_S if taken_up else 0.0
    if isinstance(answer, Denied):
        return max(least_s, _LINGER_S)
    most_s = _LONG_LINGER_S if taken_up or (crowded and answer.ticket) else _LINGER_S
    lingers_s = max(least_s, min(most_s, 0.5 * (answer.at - now)))
    return lingers_s * random.uniform(_SOONEST, 1.0) if crowded else lingers_s  # noqa: S311 - spreads machines
