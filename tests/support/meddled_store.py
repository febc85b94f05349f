"""A store in which somebody else writes at the worst moment."""

from collections.abc import Callable

from core.aws.object_store import MemoryObjectStore


class MeddledStore(MemoryObjectStore):
    """meddle: what somebody else does just before the next write of a key with `part` in it, once."""

    part, meddle = "", staticmethod(bool)

    def before(self, part: str, meddle: Callable[[], object]) -> None:
        self.part, self.meddle = part, meddle

    def put(self, key: str, body: bytes, *, content_type: str = "application/json") -> str:
        self._meddle(key)
        return super().put(key, body, content_type=content_type)

    def create(self, key: str, body: bytes, *, content_type: str = "application/json") -> str | None:
        self._meddle(key)
        return super().create(key, body, content_type=content_type)

    def replace(self, key: str, body: bytes, *, etag: str) -> str | None:
        self._meddle(key)
        return super().replace(key, body, etag=etag)

    def _meddle(self, key: str) -> None:
        if self.part and self.part in key:
            self.part, meddle = "", self.meddle
            meddle()
