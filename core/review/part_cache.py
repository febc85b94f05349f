"""An in-memory cache of parts of reviews: each stored version of a part is parsed once per process."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from core.aws.object_store import ObjectStore

Part = TypeVar("Part")

MOST_BYTES = 4 * 1024 * 1024
"""As stored. Parsed it is some five times that: a few dozen reviews of ten pages."""


class PartCache:
    """Caches parsed parts, least recently used ones dropped first.

    Shared by threads, so nobody may change what `parse` returns. The caller checks who may read a part.
    """

    def __init__(self, most_bytes: int = 0) -> None:
        """most_bytes: of all parts together, as stored; 0: nothing is kept."""
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, int, Any]] = OrderedDict()

    def get(
        self, key: str, read: Callable[[], bytes | None], *, parse: Callable[[bytes], Part], version: str = ""
    ) -> Part | None:
        """Returns the parsed part under `key`, or None if `read` finds nothing there.

        read: fetches the stored bytes if this version is not cached. version: the part's ETag now; "" if it is
        written once.
        """
        with self._lock:
            known = self._kept.get(key)
            if known is not None and known[0] == version:
                self._kept.move_to_end(key)
                return known[2]  # type: ignore[no-any-return]
        body = read()
        if body is None:
            return None
        part = parse(body)
        with self._lock:
            self._kept[key] = (version, len(body), part)
            self._kept.move_to_end(key)
            self._shorten()
        return part

    def forget(self, prefix: str) -> None:
        """Drops every part whose key begins with `prefix`."""
        with self._lock:
            for key in [key for key in self._kept if key.startswith(prefix)]:
                del self._kept[key]

    def _shorten(self) -> None:
        held = sum(size for _, size, _ in self._kept.values())
        while held > self._most_bytes:
            held -= self._kept.popitem(last=False)[1][1]


def reader_of(store: ObjectStore, key: str) -> Callable[[], bytes | None]:
    """Returns a function that reads the bytes stored under `key`, None if there is nothing."""

    def read() -> bytes | None:
        found = store.get(key)
        return None if found is None else found.body

    return read
