"""The system's health: measured signs, judged against bounds.

metrics/health.json   written by monitor_health once a minute; an old one means that monitoring does not run
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import ObjectStore, get_as, put_json
from core.clock import Clock, epoch, iso
from core.errors import Transient

_KEY = "metrics/health.json"


class Condition(StrEnum):
    """From best to worst; the system is as its worst sign is. UNKNOWN: not measured, does not count."""

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    BUSY = "busy"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True)
class Sign:
    """One judged value. of: a queue or "". value: None for unknown. bounds: in words. pages: a person is alerted."""

    name: str
    of: str
    condition: Condition
    value: float | None
    bounds: str
    pages: bool = False


@dataclass(frozen=True)
class Health:
    """The system's condition with all its signs. at: ISO UTC, when it was judged; None: never."""

    condition: Condition
    at: str | None
    pages: bool
    signs: tuple[Sign, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "signs": [asdict(sign) for sign in self.signs]}


@dataclass(frozen=True)
class _Bounds:
    """Tests of a value: healthy, unhealthy; one that passes neither is busy."""

    healthy: Callable[[float], bool]
    unhealthy: Callable[[float], bool]
    words: str

    def judge(self, value: float) -> Condition:
        if self.unhealthy(value):
            return Condition.UNHEALTHY
        return Condition.HEALTHY if self.healthy(value) else Condition.BUSY


OLDEST_AGE_S = {"analysis": 900, "chat": 120, "monitoring": 300}
"""Age in seconds of the oldest waiting task, by queue, above which a person is alerted."""

_BOUNDS = {
    "queue-depth": _Bounds(lambda n: n < 10, lambda n: n > 50, "below 10 healthy, above 50 unhealthy"),
    "success-rate": _Bounds(
        lambda rate: rate > 0.99, lambda rate: rate < 0.95, "above 99 % healthy, below 95 % unhealthy"
    ),
    "cpu": _Bounds(lambda part: part <= 60, lambda part: part > 80, "30 to 60 % usual, above 80 % unhealthy"),
    "memory": _Bounds(lambda part: part <= 70, lambda _part: False, "40 to 70 % usual"),
    "dead-letters": _Bounds(lambda n: n == 0, lambda n: n > 0, "none is healthy"),
    "storage": _Bounds(bool, lambda reached: not reached, "reachable"),
    "enhanced": _Bounds(bool, lambda on: not on, "at least one model can be used"),
    "workers": _Bounds(lambda n: n > 0, lambda n: n == 0, "at least one"),
}
_PAGES = frozenset({"oldest-age", "dead-letters"})


def bounds() -> list[tuple[str, str]]:
    """Returns (sign, its bounds in words) of all signs, for the docs."""
    fixed = [(name, one.words) for name, one in _BOUNDS.items()]
    ages = [(f"oldest-age of {queue}", f"at most {most} s") for queue, most in OLDEST_AGE_S.items()]
    return [*fixed, *ages, ("models", "all that are configured; none: unhealthy")]


def sign(name: str, value: float | None, *, of: str = "") -> Sign:
    """Judges a value by the fixed bounds of its sign."""
    held_to = _BOUNDS[name]
    condition = Condition.UNKNOWN if value is None else held_to.judge(value)
    pages = name in _PAGES and condition is Condition.UNHEALTHY
    return Sign(name, of, condition, value, held_to.words, pages=pages)


def oldest_age(queue: str, age_s: float | None) -> Sign:
    """Judges the age of the oldest waiting task of a queue. age_s: None if nothing waits."""
    most = OLDEST_AGE_S[queue]
    condition = Condition.HEALTHY if age_s is None or age_s <= most else Condition.UNHEALTHY
    return Sign(
        "oldest-age", queue, condition, age_s, f"at most {most} s", pages=age_s is not None and age_s > most
    )


def models(usable: int, configured: int) -> Sign:
    """Judges how many configured models are usable, that is not dead; a cooling model recovers by itself."""
    held_to = _Bounds(lambda n: n == configured, lambda n: n == 0, f"{configured} are configured")
    return Sign("models", "", held_to.judge(usable), usable, held_to.words)


def health_of(signs: Iterable[Sign], *, at: str | None) -> Health:
    found = tuple(signs)
    order = list(Condition)
    worst = max((one.condition for one in found), key=order.index, default=Condition.UNKNOWN)
    return Health(worst, at, any(one.pages for one in found), found)


class HealthBook:
    """Stores the latest health.

    Errors: Permanent storage/denied, storage/damaged; of `enter` Transient storage/unavailable as well."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def enter(self, signs: Sequence[Sign]) -> Health:
        found = health_of(signs, at=iso(self._clock.now()))
        put_json(self._store, _KEY, found.to_dict())
        return found

    def latest(self) -> Health:
        """Returns the latest health, with the age of monitoring's last run as a sign of its own. One request.

        If storage does not answer, that is the only sign.
        """
        try:
            data = get_as(self._store, _KEY, _entered)
        except Transient:
            return health_of([sign("storage", 0)], at=None)
        if data is None:
            return Health(Condition.UNKNOWN, None, pages=False, signs=())
        signs, at = data
        age_s = round(max(0.0, self._clock.now() - epoch(at)))
        return health_of([*signs, oldest_age("monitoring", age_s)], at=at)


def _entered(data: dict[str, Any]) -> tuple[list[Sign], str]:
    """What `enter` wrote: the signs, and when. Raises ValueError, TypeError or KeyError for anything else."""
    signs = [from_known(Sign, one, condition=Condition(one["condition"])) for one in data["signs"]]
    epoch(data["at"])
    return signs, data["at"]
