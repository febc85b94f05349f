"""Waits for a slot: sleeps until a near one, hands the task back to its queue with a ticket for a far one.

ask -> now                                        call
    -> in 4 s      sleep, ask again               call
    -> in 48 s     Throttled, 45 s in the queue   next delivery: ask -> in 3 s, sleep, ask again -> call
    -> not soon    Throttled, without a slot      next delivery: ask
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from core.clock import Clock
from core.errors import Permanent, Throttled
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.limiter import Limiter
from core.throttling.outcome import UNUSED
from core.throttling.windows import WaitingFor

_SOON_S = 10.0
"""The worker sleeps if the slot is nearer than this: a message that is handed back takes seconds to return."""
_LONGEST_WAIT_S = 30.0
"""Limit on the sum of one task's sleeps: under load a worker must not hold a task for its whole time limit."""
_EARLY_S = 3.0
"""How long before its slot a task comes back: SQS delays by whole seconds, and a late task loses its slot."""
_LEAST_DELAY_S = 1.0
_SPREAD, _GROUPS = 0.5, 4
"""Tasks that found no slot come back in so many groups, spread over that part of the window: the tickets of one group
are reserved in few writes, and the first group comes when the present reservations have left the window."""


class SlotWaiter:
    """Waits until a slot is due.

    window_s: of the limits; tasks that found no slot come back spread over a part of it.
    """

    def __init__(self, limiter: Limiter, clock: Clock, *, window_s: float) -> None:
        self._limiter = limiter
        self._clock = clock
        self._window_s = window_s

    def wait_for_slot(self, ask: SlotRequest, *, deadline_at: float) -> tuple[Granted, float]:
        """Returns a slot that is due now, and the seconds slept for it.

        deadline_at: epoch seconds by this machine's clock. Raises Throttled model/throttled (hand the task back for
        retry_after_s; a ticket is kept for it) or limiter/unavailable; Permanent model/none-left, limits/too-large
        or task/deadline.
        """
        waited_s = 0.0
        while True:
            left_s = deadline_at - self._clock.now()
            patience_s = min(_SOON_S, _LONGEST_WAIT_S - waited_s, left_s)
            answer = self._limiter.acquire(replace(ask, patience_s=patience_s, again=waited_s > 0))
            if isinstance(answer, Denied):
                raise self._without_slot(answer)
            with self._kept(answer):
                if left_s <= 0:
                    raise Permanent("task/deadline")
                if answer.due:
                    return answer, waited_s
                wait_s = max(0.0, answer.at - self._limiter.now())
                if not answer.ticket:
                    self._clock.sleep(wait_s)
                    waited_s += wait_s
                    continue
            raise _with_ticket(answer, wait_s)

    def give_back(self, granted: Granted) -> None:
        """Returns a slot that was not used. A ticket stays, for the next delivery of the task."""
        if not granted.ticket:
            self._limiter.settle(granted.lease_id, UNUSED)

    @contextmanager
    def _kept(self, granted: Granted) -> Iterator[None]:
        """Returns the slot if the block is left by an error, such as the task's time limit while it sleeps."""
        try:
            yield
        except BaseException:
            self.give_back(granted)
            raise

    def _without_slot(self, denied: Denied) -> Permanent | Throttled:
        if denied.waiting_for is WaitingFor.NO_MODEL:
            return Permanent("model/none-left")
        if denied.waiting_for is WaitingFor.TOO_LARGE:
            return Permanent("limits/too-large")
        group = random.randrange(_GROUPS) + 0.5  # noqa: S311 - keeps a crowd apart
        spread_s = _SPREAD * self._window_s * group / _GROUPS
        wait_s = denied.until - self._limiter.now() + spread_s
        return _throttled(denied.waiting_for, max(_LEAST_DELAY_S, wait_s))


def _with_ticket(granted: Granted, wait_s: float) -> Throttled:
    return _throttled(granted.waiting_for, max(_LEAST_DELAY_S, wait_s - _EARLY_S))


def _throttled(waiting_for: WaitingFor, retry_after_s: float) -> Throttled:
    return Throttled(
        "model/throttled",
        f"Waits for: {waiting_for}.",
        retry_after_s=retry_after_s,
        waiting_for=str(waiting_for),
    )
