"""Graceful shutdown of a worker.

It takes nothing new, lets its tasks end, and hands back those that do not end in time.

SIGTERM, SIGINT    messages fetched and not started are released to the other workers; running tasks go on for
                   SHUTDOWN_GRACE_S, then they are handed back
SIGQUIT            everything is handed back at once

To hand back: the children are killed, the worker's record is removed, the task's record says that it waits, and
only then its message is made visible: whoever receives it finds nobody working on it.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from celery import bootsteps, signals

from core.clock import Clock, SystemClock
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.heartbeat import Heartbeat, HeldMessage, delivery_id
from core.queueing.results import TaskRecord, TaskResults
from core.queueing.service import Queueing
from core.queueing.transitions import ANOTHER_WORKER, handed_back, held_by

_log = get_logger(__name__)
_SETTLED_S = 1.0
"""By then a child that got a task just before the signal has reported that it runs it."""


class GracefulShutdown:
    """Shuts a worker down on SIGTERM, SIGINT or SIGQUIT.

    held: returns the messages that the worker keeps invisible. kill: ends its children. remove_record: removes its
    liveness record for good. stop_extending: from now on the visibility of these messages is not extended. end:
    ends the process.
    """

    def __init__(
        self,
        queueing: Callable[[], Queueing],
        *,
        held: Callable[[], Sequence[HeldMessage]],
        kill: Callable[[], None],
        remove_record: Callable[[], None],
        stop_extending: Callable[[Sequence[HeldMessage]], None],
        grace_s: float,
        clock: Clock,
        end: Callable[[], None] = lambda: os._exit(0),
    ) -> None:
        self._queueing = queueing
        self._held = held
        self._kill = kill
        self._remove_record = remove_record
        self._stop_extending = stop_extending
        self._grace_s = grace_s
        self._clock = clock
        self._end = end
        self._begun = False

    def install(self) -> None:
        """Installs the signal handlers. Called in the main thread, after Celery has set its own."""
        signals.worker_shutting_down.connect(self._on_shutting_down, weak=False)
        signal.signal(signal.SIGQUIT, lambda *_signal: self._start(self.hand_back_all))

    def drain(self) -> None:
        """Waits for the grace period, then hands back whatever still runs.

        Returns only in tests: a worker's process ends as soon as its tasks have, or in `hand_back_all`.
        """
        deadline = time.monotonic() + self._grace_s
        self._clock.sleep(min(_SETTLED_S, self._grace_s))
        self._try(self._release_unbegun)
        self._clock.sleep(deadline - time.monotonic())
        self.hand_back_all()

    def hand_back_all(self) -> None:
        """Hands everything back and ends the process."""
        for step in (self._kill, self._remove_record, self._hand_back):
            self._try(step)
        self._end()

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:  # noqa: BLE001 - one of the four doors: a background thread's loop
            # The worker must end; its messages then come back when their visibility runs out.
            _log.exception("shutdown_step_failed")

    def _on_shutting_down(self, **_signal: Any) -> None:
        self._start(self.drain)

    def _start(self, step: Callable[[], None]) -> None:
        """Runs `step` in a thread, because signal handlers may not wait. SIGQUIT overtakes what SIGTERM began."""
        if step == self.hand_back_all or not self._begun:
            self._begun = True
            threading.Thread(target=step, name="shutdown", daemon=True).start()

    def _release_unbegun(self) -> None:
        results = self._queueing().results
        unbegun = [item for item in self._held() if _record_held(results, item) is None]
        self._stop_extending(unbegun)
        self._make_visible(unbegun)

    def _hand_back(self) -> None:
        held, results = self._held(), self._queueing().results
        for item in held:
            try:
                self._hand_back_record(results, item)
            except AppError as error:
                _log.warning("record_not_handed_back", task_id=item.task_id, code=error.code)
        self._make_visible(held)
        _log.warning("tasks_handed_back", messages=len(held))

    def _hand_back_record(self, results: TaskResults, item: HeldMessage) -> None:
        present = _record_held(results, item)
        if present is None:
            return

        def change(record: TaskRecord) -> TaskRecord | None:
            if not held_by(record, delivery_id(item.handle)):
                return None
            return handed_back(record, now=self._clock.now(), delay_s=0, waiting_for=ANOTHER_WORKER)

        results.swap(present.task_id, present.generation, change)

    def _make_visible(self, held: Sequence[HeldMessage]) -> None:
        by_queue: dict[str, list[str]] = {}
        for item in held:
            by_queue.setdefault(item.queue_url, []).append(item.handle)
        for url, handles in by_queue.items():
            self._queueing().queues.set_visibility(url, handles, seconds=0)


def _record_held(results: TaskResults, item: HeldMessage) -> TaskRecord | None:
    """The task's record while this very delivery runs it. Periodic tasks have none."""
    record = results.get(item.task_id)
    return record if record is not None and held_by(record, delivery_id(item.handle)) else None


class ShutdownStep(bootsteps.StartStopStep):
    """Consumer step that installs the graceful shutdown."""

    requires = (Heartbeat,)

    def include_if(self, consumer: Any) -> bool:
        return consumer.app.queueing is not None

    def start(self, consumer: Any) -> None:
        """Installs it once; Celery calls this again after each reconnect."""
        app = consumer.app
        if not hasattr(app, "graceful_shutdown"):
            heartbeat: Heartbeat = app.heartbeat
            app.graceful_shutdown = GracefulShutdown(
                app.queueing,
                held=heartbeat.held,
                kill=lambda: _kill_children(consumer.pool),
                remove_record=heartbeat.leave,
                stop_extending=heartbeat.stop_extending,
                grace_s=app.queue_settings.shutdown_grace_s,
                clock=SystemClock(),
            )
            app.graceful_shutdown.install()

    def stop(self, consumer: Any) -> None:
        """Lets kombu close its channel at once.

        It would wait for the length of a long poll before it releases messages.
        """
        if consumer.task_consumer is not None:
            consumer.task_consumer.channel.wait_time_seconds = 0


def _kill_children(pool: Any) -> None:
    for process in list(pool._pool._pool) if pool and pool._pool else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
