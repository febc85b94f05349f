"""How much one user may upload: files a minute, files and bytes a day, counted over all processes.

quotas/<user_hash>/<day>.json   {uploads, bytes, recent: [epoch seconds of the last minute], nonce}

What is refused by its size, ending or content type costs nothing; every document that is opened counts.
"""

from typing import Any

from core.auth.identity import user_hash
from core.aws.object_store import ObjectStore, update_json, with_nonce
from core.clock import Clock, iso
from core.config import MIB, DocumentSettings
from core.errors import Throttled

_MINUTE_S, _DAY_S = 60.0, 86_400.0


class UploadQuota:
    """Counts uploads against the settings' limits. A limit of 0 means none; without any, nothing is written."""

    def __init__(self, store: ObjectStore, clock: Clock, limits: DocumentSettings) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits

    def take(self, user_id: str, size_bytes: int) -> None:
        """Counts an upload of `size_bytes`. Raises Throttled limits/uploads with the seconds until one fits."""
        limits = self._limits
        if not (limits.uploads_per_minute or limits.uploads_per_day or limits.upload_bytes_per_day):
            return
        now = self._clock.now()
        key = f"quotas/{user_hash(user_id)}/{iso(now)[:10]}.json"
        update_json(
            self._store, key, lambda present: self._counted(present, size_bytes, now), clock=self._clock
        )

    def _counted(self, present: Any, size_bytes: int, now: float) -> dict[str, Any]:
        before = present or {"uploads": 0, "bytes": 0, "recent": []}
        recent = [at for at in before["recent"] if at > now - _MINUTE_S]
        uploads, total_bytes = before["uploads"] + 1, before["bytes"] + size_bytes
        self._refuse_day(uploads, total_bytes, left_s=_DAY_S - now % _DAY_S)
        most = self._limits.uploads_per_minute
        if most and len(recent) >= most:
            raise _refusal(f"{most} documents a minute", recent[-most] + _MINUTE_S - now)
        return with_nonce({"uploads": uploads, "bytes": total_bytes, "recent": [*recent, now]})

    def _refuse_day(self, uploads: int, total_bytes: int, *, left_s: float) -> None:
        limits = self._limits
        if limits.uploads_per_day and uploads > limits.uploads_per_day:
            raise _refusal(f"{limits.uploads_per_day} documents a day", left_s)
        if limits.upload_bytes_per_day and total_bytes > limits.upload_bytes_per_day:
            raise _refusal(f"{limits.upload_bytes_per_day / MIB:,.0f} MB a day", left_s)


def _refusal(most: str, left_s: float) -> Throttled:
    return Throttled("limits/uploads", f"You can upload at most {most}.", retry_after_s=max(1.0, left_s))
