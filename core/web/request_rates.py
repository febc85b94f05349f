"""Limits on how often one user may ask for what is expensive, per minute and web process; uploads: upload_quota."""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass

from core.clock import Clock
from core.config import RateSettings
from core.errors import Throttled

_WINDOW_S = 60.0
_MOST_KEPT = 10_000


@dataclass(frozen=True)
class Rate:
    """A limit on requests. most: in a minute; 0: no limit."""

    thing: str
    most: int


class RequestRates:
    """Counts the requests of each user to each limited endpoint."""

    def __init__(self, clock: Clock, limits: RateSettings) -> None:
        analyses = Rate("analyses", limits.analyses_per_minute)
        exports = Rate("downloads and exports", limits.exports_per_minute)
        self._clock = clock
        self._every = Rate("requests", limits.requests_per_minute)
        from_outside = Rate("requests to sign in", limits.sign_ins_per_minute)
        self._of = {
            "sign_in.sign_in": from_outside,
            "oidc.begin": from_outside,
            "oidc.come_back": from_outside,
            "download_links.fetch": from_outside,
            "analysis.analyze_section": analyses,
            "analysis.analyze_all": analyses,
            "chat.ask": Rate("questions", limits.chats_per_minute),
            "exports.reviewed": exports,
            "bundle.bundle": exports,
            "bundle.export": exports,
        }
        self._lock = threading.Lock()
        self._times: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def take(self, who: str, endpoint: str) -> None:
        """Counts a request. who: a user id, or the address of somebody who is not signed in.

        Raises Throttled limits/requests with the seconds until the next request fits.
        """
        own = self._of.get(endpoint)
        for rate in (self._every, own) if own else (self._every,):
            if rate.most:
                self._count(who, rate)

    def _count(self, who: str, rate: Rate) -> None:
        now = self._clock.now()
        with self._lock:
            times = self._times.setdefault((who, rate.thing), deque())
            self._times.move_to_end((who, rate.thing))
            while times and times[0] <= now - _WINDOW_S:
                times.popleft()
            if len(times) >= rate.most:
                detail = f"At most {rate.most} {rate.thing} a minute."
                raise Throttled("limits/requests", detail, retry_after_s=max(1.0, times[0] + _WINDOW_S - now))
            times.append(now)
            while len(self._times) > _MOST_KEPT:
                self._times.popitem(last=False)
