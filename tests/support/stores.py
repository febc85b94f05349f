"""In-memory stores that record requests, or in which another writer acts at the worst moment."""

from collections.abc import Callable, Iterator

from core.aws.object_store import MemoryObjectStore, ObjectInfo, StoredObject


class CountingStore(MemoryObjectStore):
    """asked: the reads, listings and conditional writes so far, as ("get" | "list" | "create", key or prefix)."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def get(self, key: str) -> StoredObject | None:
        self.asked.append(("get", key))
        return super().get(key)

    def list(self, prefix: str, *, most: int | None = None) -> Iterator[ObjectInfo]:
        self.asked.append(("list", prefix))
        return super().list(prefix, most=most)

    def create(self, key: str, body: bytes, *, content_type: str = "application/json") -> str | None:
        self.asked.append(("create", key))
        return super().create(key, body, content_type=content_type)


class MeddledStore(MemoryObjectStore):
    """Lets somebody else act once, between the caller's look at an object and the caller's write."""

    def __init__(self) -> None:
        super().__init__()
        self._part, self._act = "", _nothing

    def before_writing(self, part: str, act: Callable[[], object]) -> None:
        """Calls `act` just before the next write of a key with `part` in it; "": of any key."""
        self._part, self._act = part, act

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
        if self._part in key:
            act, self._act = self._act, _nothing
            act()


def _nothing() -> None:
    return None
