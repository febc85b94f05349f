"""Records each model call of a task: claimed immediately before the call, completed right after it.

claim n --- call --- answer n          a redelivery uses the stored answer and pays nothing
claim n --- (killed)                   the worker is dead: exactly one further claim, n + 1
claim n --- call ...  (second delivery) the worker is alive: Throttled, no call
claim n --- call ...  (cancelled, asked for again) the same: its answer will be in the cache
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import ObjectStore, get_as, put_json, to_json
from core.clock import Clock, iso
from core.errors import Throttled
from core.queueing.keys import attempt_prefix
from core.queueing.transitions import ANOTHER_WORKER
from core.queueing.workers import Holder, Workers


@dataclass(frozen=True)
class Attempt:
    """One model call, stored as attempts/<task_id>/<generation>/<n>.json.

    `open` until it has an answer or a failure.
    """

    number: int
    holder: Holder
    model_id: str
    claimed_at: str
    ended_at: str | None = None
    answer: dict[str, Any] | None = None
    failure: str | None = None

    @property
    def open(self) -> bool:
        return self.answer is None and self.failure is None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Attempt":
        return from_known(cls, data, holder=from_known(Holder, data["holder"]))


class AttemptLog:
    """The model calls of one task generation, as one execution of it sees and extends them.

    generation: of the task. fresh: the task was never started before, so there is nothing to read yet. wanted:
    called before each claim; raises if nobody waits for the answer any more. cancelled_before: the previous
    generation was cancelled, so its last call may still be running. look_again_s: delay of the Throttled that
    `claim` raises. Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    def __init__(
        self,
        store: ObjectStore,
        workers: Workers,
        clock: Clock,
        *,
        holder: Holder,
        generation: int,
        fresh: bool,
        wanted: Callable[[], None],
        cancelled_before: bool = False,
        look_again_s: float = 20.0,
    ) -> None:
        self._store = store
        self._workers = workers
        self._clock = clock
        self._holder = holder
        self._wanted = wanted
        self._prefix = attempt_prefix(holder.task_id, generation)
        self._former_prefix = attempt_prefix(holder.task_id, generation - 1) if cancelled_before else ""
        self._known: list[Attempt] | None = [] if fresh else None
        self._look_again_s = look_again_s

    @property
    def sent(self) -> int:
        """Number of model calls claimed so far in this generation, as far as this execution has seen."""
        return max((attempt.number for attempt in self._known or []), default=0)

    @property
    def next_call(self) -> str:
        """Idempotency key of the next call: the same in every delivery of the task until the call is claimed."""
        number = max((attempt.number for attempt in self._attempts()), default=0)
        return f"{self._prefix}{number + 1}"

    def stored_answer(self) -> dict[str, Any] | None:
        """Returns the latest answer that was already paid for in this generation, or None."""
        answers = [attempt.answer for attempt in self._attempts() if attempt.answer is not None]
        return answers[-1] if answers else None

    def failed_models(self) -> frozenset[str]:
        """Returns the ids of models whose call failed in this generation, so that others are tried first."""
        return frozenset(attempt.model_id for attempt in self._attempts() if attempt.failure is not None)

    def claim(self, model_id: str) -> None:
        """Claims the next call for this execution; to be called immediately before the model is called.

        Raises Throttled task/attempt-live while another execution is making a call, Permanent task/cancelled if
        nobody waits for the answer any more.
        """
        self._wanted()
        latest = _latest(self._attempts())
        before = latest or self._last_of_former_run()
        if before is not None and self._is_live(before):
            raise self._live()
        number = 1 if latest is None else latest.number + 1
        mine = Attempt(number, self._holder, model_id, claimed_at=iso(self._clock.now()))
        if self._store.create(self._key(number), to_json(asdict(mine))) is None:
            self._known = None
            raise self._live()
        self._remember(mine)

    def answered(self, model_id: str, answer: dict[str, Any]) -> None:
        """Stores the answer of the claimed call, right after the call and before anything is done with it."""
        self._end(model_id, answer=answer)

    def failed(self, model_id: str, code: str) -> None:
        """Records that the claimed call gave nothing usable. code: the error code."""
        self._end(model_id, failure=code)

    def _end(self, model_id: str, **outcome: Any) -> None:
        mine = [attempt for attempt in self._attempts() if attempt.holder == self._holder and attempt.open]
        if mine and mine[-1].model_id == model_id:
            ended = replace(mine[-1], ended_at=iso(self._clock.now()), **outcome)
            put_json(self._store, self._key(ended.number), asdict(ended))
            self._remember(ended)

    def _is_live(self, attempt: Attempt) -> bool:
        return attempt.open and attempt.holder != self._holder and self._workers.is_alive(attempt.holder)

    def _last_of_former_run(self) -> Attempt | None:
        return _latest(self._read_all(self._former_prefix)) if self._former_prefix else None

    def _attempts(self) -> list[Attempt]:
        if self._known is None:
            self._known = self._read_all(self._prefix)
            self._known.sort(key=lambda attempt: attempt.number)
        return self._known

    def _read_all(self, prefix: str) -> list[Attempt]:
        return [self._read(info.key) for info in self._store.list(prefix)]

    def _read(self, key: str) -> Attempt:
        found = get_as(self._store, key, Attempt.from_dict)
        if found is None:
            raise self._live()
        return found

    def _remember(self, attempt: Attempt) -> None:
        others = [known for known in self._attempts() if known.number != attempt.number]
        self._known = [*others, attempt]

    def _key(self, number: int) -> str:
        return f"{self._prefix}{number}.json"

    def _live(self) -> Throttled:
        return Throttled(
            "task/attempt-live",
            "Another worker is asking a model for this section at this moment.",
            retry_after_s=self._look_again_s,
            waiting_for=ANOTHER_WORKER,
        )


def _latest(attempts: Iterable[Attempt]) -> Attempt | None:
    return max(attempts, key=lambda attempt: attempt.number, default=None)
