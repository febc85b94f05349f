"""Counts what one process does, and stores it for the totals of all processes.

    count --> in memory --(STATISTICS_EVERY_S after the first)--> metrics/hours/<hour>/<source>.json, its own object
                        --(the process ends)--------------------^

Each object has one writer, and each write has everything that the process counted in that hour, so writes are
idempotent. If nothing is counted, nothing is written. A killed process loses what it counted since its last write,
at most STATISTICS_EVERY_S.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from core.aws.object_store import ObjectStore, get_json, put_json
from core.clock import Clock, epoch, iso
from core.errors import AppError
from core.observability.logs import get_logger
from core.statistics.tally import Tally, added

_log = get_logger(__name__)

HOURS_PREFIX = "metrics/hours/"
CLOSED_AFTER_S = 300.0
"""How long after its end an hour's objects may still be written; later counts go into the present hour."""
HOUR_S = 3600.0


def hour_of(at: float) -> str:
    """The UTC hour of a time, as 2026-11-22T02. at: epoch seconds."""
    return iso(at)[:13]


def end_of(hour: str) -> float:
    return epoch(f"{hour}:00:00.000Z") + HOUR_S


class Recorder(Protocol):
    """Counts for /stats. Implementations must not raise: statistics must not make work fail."""

    def count(self, user: str, numbers: Mapping[str, int]) -> None:
        """Adds to counts. user: a hash, "" for nobody. numbers: by names as made by `tally.named`."""
        ...

        """Adds a duration to its histogram. name: as made by `tally.named`."""

    def record_duration(self, name: str, seconds: float) -> None: ...

    def flush(self) -> bool:
        """Writes what has been counted.

        Returns False if storage cannot be reached: the counts are kept for the next flush.
        """
        ...


class NullRecorder:
    """Counts nothing."""

    def count(self, user: str, numbers: Mapping[str, int]) -> None: ...

    def record_duration(self, name: str, seconds: float) -> None: ...

    def flush(self) -> bool:
        return True


Later = Callable[[float, Callable[[], object]], None]


def in_a_thread(delay_s: float, action: Callable[[], object]) -> None:
    timer = threading.Timer(delay_s, action)
    timer.daemon = True
    timer.start()


class StoredRecorder:
    """The recorder of one process, made after the fork.

    about: returns further facts that its objects contain, called at each write. later: calls an action once, after
    so many seconds.
    """

    def __init__(
        self,
        store: ObjectStore,
        clock: Clock,
        *,
        every_s: float,
        about: Callable[[], dict[str, Any]] = dict,
        later: Later = in_a_thread,
    ) -> None:
        self._store, self._clock, self._every_s = store, clock, every_s
        self._about, self._later = about, later
        self._source = secrets.token_hex(6)
        self._counting, self._writing = threading.Lock(), threading.Lock()
        self._pending: dict[str, Tally] = {}
        self._written: dict[str, Tally] = {}
        self._due = False

    def count(self, user: str, numbers: Mapping[str, int]) -> None:
        with self._counting:
            self._present().count(user, {name: number for name, number in numbers.items() if number})

    def record_duration(self, name: str, seconds: float) -> None:
        with self._counting:
            self._present().record_duration(name, seconds)

    def flush(self) -> bool:
        with self._writing:
            with self._counting:
                pending, self._pending, self._due = self._pending, {}, False
            left = {hour: tally for hour, tally in pending.items() if not self._write(hour, tally)}
            kept = {hour for hour in self._written if self._is_open(hour) or hour in left}
            self._written = {hour: self._written[hour] for hour in kept}
        for hour, tally in left.items():
            with self._counting:
                self._present(hour).add(tally)
        return not left

    def _present(self, hour: str = "") -> Tally:
        if not self._due:
            self._due = True
            self._later(self._every_s, self.flush)
        return self._pending.setdefault(hour or hour_of(self._clock.now()), Tally())

    def _write(self, hour: str, tally: Tally) -> bool:
        process = {"at": iso(self._clock.now()), "host": socket.gethostname(), "pid": os.getpid()}
        try:
            if not self._is_open(hour):
                hour, tally = hour_of(self._clock.now()), self._missing(hour, tally)
            whole = added(self._written.get(hour, Tally()), tally)
            put_json(
                self._store,
                f"{HOURS_PREFIX}{hour}/{self._source}.json",
                {**process, **self._about(), **whole.to_dict()},
            )
        except AppError as error:
            _log.warning("statistics_not_written", code=error.code)
            return False
        self._written[hour] = whole
        return True

    def _missing(self, hour: str, tally: Tally) -> Tally:
        """Those counts of a closed hour that its object lacks: a write whose reply was lost may be stored."""
        stored = get_json(self._store, f"{HOURS_PREFIX}{hour}/{self._source}.json")
        if stored is None:
            return tally
        return added(self._written.get(hour, Tally()), tally).without(Tally.from_dict(stored))

    def _is_open(self, hour: str) -> bool:
        return self._clock.now() < end_of(hour) + CLOSED_AFTER_S
