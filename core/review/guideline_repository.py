"""The guidelines a user worked with last, so that they need not be sent with every document.

users/<user_hash>/guidelines/<inverted_ms>.json   written once; the newest counts, older ones are removed after it

These keys must have no hyphen: in users/<user_hash>/ it marks the entries of the list of reviews.
"""

from collections.abc import Iterable

from core.auth.identity import user_hash
from core.aws.object_store import ObjectStore, get_as, put_json
from core.clock import Clock
from core.queueing.keys import inverted
from core.review.guidelines import Guidelines


class GuidelineRepository:
    """Stores the guidelines that each user used last. Reviews have their own copies. Errors: storage/*."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def kept(self, owner: str) -> Guidelines | None:
        """Returns the guidelines that the user used last, or None."""
        newest = next(iter(self._keys(owner)), None)
        return get_as(self._store, newest, Guidelines.from_dict) if newest else None

    def keep(self, owner: str, guidelines: Guidelines) -> None:
        """Replaces the user's guidelines. If it fails half-way the newer ones count."""
        key = f"{_prefix(owner)}{inverted(int(self._clock.now() * 1000))}.json"
        put_json(self._store, key, guidelines.to_dict())
        self._delete([other for other in self._keys(owner) if other > key])

    def forget(self, owner: str) -> None:
        """Removes the user's guidelines, the oldest first: if it fails half-way, no older ones reappear."""
        self._delete(reversed(self._keys(owner)))

    def _keys(self, owner: str) -> list[str]:
        """Newest first."""
        return [entry.key for entry in self._store.list(_prefix(owner))]

    def _delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._store.purge(key)


def _prefix(owner: str) -> str:
    return f"users/{user_hash(owner)}/guidelines/"
