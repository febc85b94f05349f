"""The shared document: what was granted or reserved in the present window, and each model's health.

Times are epoch seconds, UTC, to the millisecond. As JSON it stays under 16 KB at the default limits: entries are
lists, and names of models and queues stand in a table.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, NamedTuple

from core.throttling.limits import Limits

VERSION = 2
_SKEW_S = 5.0


class Request(NamedTuple):
    """A granted or reserved request: for one window it counts against rates and the model's quotas.

    at: the slot's time, up to one window ahead. tokens: reserved ones; after the settle, charged ones.
    """

    at: float
    model_id: str
    queue: str
    tokens: int
    lease_id: str


class Debt(NamedTuple):
    """Tokens charged beyond a call's reservation. at: when the call ended, because only then they are known."""

    at: float
    model_id: str
    queue: str
    tokens: int


class Lease(NamedTuple):
    """A running or planned call: it takes part of the concurrency limit until it is settled or expires.

    at: its rank in the competition for concurrency; its Request has the time at which the call starts. ticket:
    nobody waits for it, and the next delivery of its task redeems it.
    """

    at: float
    expires_at: float
    model_id: str
    queue: str
    reserved: int
    ticket: bool = False


class Health(NamedTuple):
    """One model's health. failures: consecutive 5xx and time-outs while the breaker is closed.

    The breaker is closed while open_until is 0, open until that time, half-open after it; cool_until likewise,
    until the model has answered again. probe: lease of the one call that may find out. openings: how often the
    breaker has opened in a row; each doubles the time. dead_reason: "gone" or "denied". overcharge: real cost of
    calls as a multiple of what the service reserves at their start, at least 1; 0: it has not answered yet.
    """

    cool_until: float = 0.0
    failures: int = 0
    open_until: float = 0.0
    openings: int = 0
    probe: str = ""
    dead_until: float = 0.0
    dead_reason: str = ""
    overcharge: float = 0.0

    @property
    def unproven(self) -> bool:
        """Whether it has failed or cooled and not answered since: only its probe may call it."""
        return bool(self.open_until or self.cool_until)


@dataclass(frozen=True)
class LimiterState:
    """The shared document. at: the latest time seen, so that time never runs backwards.

    requests, debts: oldest first. leases: by lease id. health: by model id. typical_call_s: moving average of
    finished calls; predicts when a slot becomes free.
    """

    at: float = 0.0
    requests: tuple[Request, ...] = ()
    debts: tuple[Debt, ...] = ()
    leases: dict[str, Lease] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=dict)
    typical_call_s: float = 5.0

    def health_of(self, model_id: str) -> Health:
        return self.health.get(model_id, Health())

    def starts_at(self, lease_id: str) -> float:
        """Returns when the lease's call starts, as planned or as recorded since. (Its own `at` is its rank.)"""
        lease = self.leases[lease_id]
        return next((item.at for item in self.requests if item.lease_id == lease_id), lease.at)

    def without(self, lease_id: str) -> "LimiterState":
        """Returns the state as if this slot had never been given out. lease_id: "" for none."""
        if not lease_id:
            return self
        return replace(
            self,
            requests=tuple(item for item in self.requests if item.lease_id != lease_id),
            leases={other: held for other, held in self.leases.items() if other != lease_id},
            health={
                model_id: health._replace(probe="") if health.probe == lease_id else health
                for model_id, health in self.health.items()
            },
        )

    def to_dict(self) -> dict[str, Any]:
        names = _Names()
        number = names.number
        return {
            "v": VERSION,
            "at": self.at,
            "requests": [(_ms(at), number(m), number(q), *rest) for at, m, q, *rest in self.requests],
            "debts": [(_ms(at), number(m), number(q), tokens) for at, m, q, tokens in self.debts],
            "leases": {
                lease_id: (_ms(at), _ms(end), number(m), number(q), *rest)
                for lease_id, (at, end, m, q, *rest) in self.leases.items()
            },
            "health": {model_id: health._asdict() for model_id, health in self.health.items()},
            "typical_call_s": round(self.typical_call_s, 3),
            "names": names.listed,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "LimiterState":
        """Raises ValueError, TypeError, KeyError or IndexError for anything that `to_dict` did not write."""
        if data["v"] != VERSION:
            raise ValueError(f"limiter state of version {data['v']}")
        names = [str(name) for name in data["names"]]
        return cls(
            at=_moment(data["at"]),
            requests=tuple(
                Request(_moment(at), names[m], names[q], int(tokens), str(lease_id))
                for at, m, q, tokens, lease_id in data["requests"]
            ),
            debts=tuple(
                Debt(_moment(at), names[m], names[q], int(tokens)) for at, m, q, tokens in data["debts"]
            ),
            leases={
                lease_id: Lease(_moment(at), _moment(end), names[m], names[q], int(reserved), bool(ticket))
                for lease_id, (at, end, m, q, reserved, ticket) in data["leases"].items()
            },
            health={model_id: _health(item) for model_id, item in data["health"].items()},
            typical_call_s=_moment(data["typical_call_s"]),
        )


def _moment(value: Any) -> float:
    """Raises ValueError for NaN and infinity, which JSON takes for numbers: they would close the limiter for ever."""
    if not isfinite(value):
        raise ValueError("not a moment")
    return float(value)


def _health(item: dict[str, Any]) -> Health:
    health = Health(**item)
    for value, usual in zip(health, Health(), strict=True):
        if not (isinstance(value, str) and isinstance(usual, str)):
            _moment(value)
    return health


class _Names:
    """A table of names, so that entries carry a number in the place of a long name."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = len(self.listed)
            self.listed.append(name)
        return self._numbers[name]


def _ms(at: float) -> float:
    return round(at, 3)


def closed_state(model_ids: Iterable[str], until: float) -> LimiterState:
    """Returns the replacement of an unreadable document.

    What that had granted is unknown, so nothing is granted before `until`.
    """
    return LimiterState(health={model_id: Health(cool_until=until) for model_id in model_ids})


def present(state: LimiterState, *, limits: Limits, now: float) -> LimiterState:
    """Returns the state as of `now`: without what has left the window and without expired leases.

    If `now` is a little behind the latest writer's time, that time counts. If it is far behind, the writer's clock
    was wrong: its entries are moved to now and count for a whole window from there. So nothing is granted twice,
    and a clock that was hours ahead for a moment does not close the limiter for hours.
    """
    now = _ms(now)
    if state.at - now > _SKEW_S:
        state = _moved_back(state, limits=limits, now=now)
    now = max(now, state.at)
    horizon = now - limits.span_s
    # A call that has not ended may have started later: its StartedLate update may not be written yet.
    unsettled = {lease_id for lease_id, lease in state.leases.items() if not lease.ticket}
    farthest = {lease_id: horizon - limits.unreported_delay_s for lease_id in unsettled}
    return replace(
        state,
        at=now,
        requests=tuple(
            item
            for item in _given_up_later(state, limits, now)
            if item.at > farthest.get(item.lease_id, horizon)
        ),
        debts=tuple(item for item in state.debts if item.at > horizon),
        leases={lease_id: lease for lease_id, lease in state.leases.items() if lease.expires_at > now},
    )


def _given_up_later(state: LimiterState, limits: Limits, now: float) -> tuple[Request, ...]:
    """Counts requests of expired tickets from the latest unreported start: a process may have redeemed one in a freed
    slot and been killed before it wrote that."""
    given_up = {key for key, lease in state.leases.items() if lease.ticket and lease.expires_at <= now}
    if not given_up:
        return state.requests
    late_s = limits.unreported_delay_s
    moved = (
        item._replace(at=item.at + late_s) if item.lease_id in given_up else item for item in state.requests
    )
    return tuple(sorted(moved))


def _moved_back(state: LimiterState, *, limits: Limits, now: float) -> LimiterState:
    def health_back(health: Health) -> Health:
        return health._replace(
            cool_until=min(health.cool_until, now + max(limits.cooldown_s, limits.daily_cooldown_s)),
            open_until=min(health.open_until, now + limits.breaker_open_most_s),
            dead_until=min(health.dead_until, now + limits.dead_s),
        )

    return replace(
        state,
        at=now,
        requests=tuple(item._replace(at=min(item.at, now)) for item in state.requests),
        debts=tuple(item._replace(at=min(item.at, now)) for item in state.debts),
        leases={
            lease_id: lease._replace(
                at=min(lease.at, now), expires_at=min(lease.expires_at, now + limits.lease_s)
            )
            for lease_id, lease in state.leases.items()
        },
        health={model_id: health_back(health) for model_id, health in state.health.items()},
    )
