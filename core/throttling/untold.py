"""What one process has yet to tell the others: what happened, and tickets that it promised.

An end of a call lies apart until it is told: its place may be taken meanwhile. Another thread of the process may
tell at any moment, and taking something out of a list is one step of the interpreter, so either the one or the
other gets it; a lock could be inherited by a fork. What was once on its way to the others never comes back here:
nobody knows whether a write whose answer was lost has told them.
"""

from contextlib import suppress

from core.throttling.constraints import SlotRequest
from core.throttling.notes import Followed, Note, Settled
from core.throttling.said import Said


class Untold:
    """places: calls that were answered, the latest last. wishes: tickets that were promised and not yet reserved."""

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._places: list[Settled] = []
        self._wishes: list[SlotRequest] = []

    def __bool__(self) -> bool:
        return bool(self._notes or self._places or self._wishes)

    @property
    def places(self) -> tuple[Settled, ...]:
        return tuple(self._places)

    @property
    def wished(self) -> int:
        return len(self._wishes)

    def note(self, note: Note) -> None:
        self._notes.append(note)

    def answered(self, note: Settled) -> None:
        self._places.append(note)

    def wish(self, request: SlotRequest) -> None:
        self._wishes.append(request)

    def follow(self, followed: Followed) -> bool:
        """False: the others are being told that this place is free."""
        try:
            self._places.remove(followed.ended)
        except ValueError:
            return False
        self._notes.append(followed)
        return True

    def happened(self) -> Said:
        """All but the ends whose places may be taken, and promises."""
        return Said(tuple(self._notes))

    def said(self) -> Said:
        return Said((*self._notes, *self._places), wishes=tuple(self._wishes))

    def telling(self, ask: SlotRequest | None) -> Said:
        """Everything, to be told now. A promise that cannot be told is gone: whom it is for asks anew."""
        with suppress(IndexError):
            while True:
                self._notes.append(self._places.pop(0))
        wishes = tuple(self._wishes)
        del self._wishes[: len(wishes)]
        return Said(tuple(self._notes), ask, wishes)

    def told(self, said: Said) -> None:
        for note in said.notes:
            with suppress(ValueError):
                self._notes.remove(note)
