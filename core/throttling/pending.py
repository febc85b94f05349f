"""The updates that one process has not written yet, and the tickets that it has promised and not yet reserved.

Ends of calls are kept apart until they are written, because their slots may be reused meanwhile. Other threads of the
process may write at any moment. There is no lock, since a fork could inherit it taken: to remove an item from a list
is one step of the interpreter, so exactly one thread gets it. What a write has taken never comes back: when its
answer is lost, nobody knows whether it was carried out.
"""

from contextlib import suppress

from core.throttling.batch import Batch
from core.throttling.constraints import SlotRequest
from core.throttling.updates import Reused, Settled, Update


class PendingUpdates:
    """Updates of this process that are not written yet; safe to use from several threads."""

    def __init__(self) -> None:
        self._updates: list[Update] = []
        self._ended: list[Settled] = []
        self._reservations: list[SlotRequest] = []

    def __bool__(self) -> bool:
        return bool(self._updates or self._ended or self._reservations)

    @property
    def ended(self) -> tuple[Settled, ...]:
        """Ends of calls whose slots may still be reused."""
        return tuple(self._ended)

    @property
    def reserved(self) -> int:
        """Number of promised tickets that are not reserved yet."""
        return len(self._reservations)

    def add(self, update: Update) -> None:
        self._updates.append(update)

    def add_ended(self, ended: Settled) -> None:
        self._ended.append(ended)

    def reserve(self, request: SlotRequest) -> None:
        self._reservations.append(request)

    def reuse(self, reused: Reused) -> bool:
        """Records that an ended call's slot is reused.

        Returns False if its end is being written: the slot is free for all.
        """
        try:
            self._ended.remove(reused.ended)
        except ValueError:
            return False
        self._updates.append(reused)
        return True

    def without_ends(self) -> Batch:
        """Returns the updates except promised tickets and ends of calls whose slots may be reused."""
        return Batch(tuple(self._updates))

    def all(self) -> Batch:
        return Batch((*self._updates, *self._ended), reservations=tuple(self._reservations))

    def take(self, request: SlotRequest | None) -> Batch:
        """Removes and returns everything, to be written now with `request`.

        Promised tickets are lost if the write fails: their tasks ask again.
        """
        with suppress(IndexError):
            while True:
                self._updates.append(self._ended.pop(0))
        reservations = tuple(self._reservations)
        del self._reservations[: len(reservations)]
        return Batch(tuple(self._updates), request, reservations)

    def written(self, batch: Batch) -> None:
        for update in batch.updates:
            with suppress(ValueError):
                self._updates.remove(update)
