"""The activity log of a review: who did what and when, one object per event, never changed.

sessions/<id>/activity/<inverted_ms>-<event id>.json     newest first in a listing
"""

import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, get_as, put_json
from core.clock import Clock, iso
from core.observability.logs import get_logger
from core.queueing.keys import inverted
from core.queueing.parallel import in_parallel
from core.review.presence import session_prefix, undo_if_deleted

_log = get_logger(__name__)


class ActivityKind(StrEnum):
    """What somebody did; stored and served as `deed`."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REOPENED = "reopened"
    EDITED = "edited"
    REPLIED = "replied"
    REPLY_REMOVED = "reply_removed"
    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    ADDED = "added"
    REMOVED = "removed"
    UNDONE = "undone"
    SHARED = "shared"
    UNSHARED = "unshared"
    HANDED_OVER = "handed_over"
    SIGNED_OFF = "signed_off"
    OUTLINE_CHANGED = "outline_changed"
    EXPORTED = "exported"
    VERSION_MADE = "version_made"


@dataclass(frozen=True)
class Event:
    """One event. at: ISO UTC. by: a user id. about: details for pages, such as category, count, user."""

    id: str
    at: str
    by: str
    deed: ActivityKind
    finding_ids: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Event":
        made = {"deed": ActivityKind(data["deed"]), "finding_ids": tuple(data["finding_ids"])}
        return from_known(cls, data, **made)


@dataclass(frozen=True)
class ActivityLog:
    """Writes and reads events.

    The caller has checked the shape of session ids. Errors: Transient or Permanent storage/*.
    """

    store: ObjectStore
    clock: Clock

    def add(
        self,
        session_id: str,
        deed: ActivityKind,
        *,
        by: str,
        finding_ids: tuple[str, ...] = (),
        about: Mapping[str, Any] | None = None,
    ) -> Event:
        """Writes an event of now.

        Raises Permanent session/not-found, and leaves nothing, if the review was deleted.
        """
        now = self.clock.now()
        event = Event(str(uuid.uuid4()), iso(now), by, deed, finding_ids, about or {})
        key = f"{_prefix(session_id)}{inverted(round(now * 1000))}-{event.id}.json"
        put_json(self.store, key, asdict(event))
        undo_if_deleted(self.store, session_id, written=key)
        return event

    def newest(self, session_id: str, *, most: int, before: str = "") -> tuple[list[Event], str]:
        """Returns at most `most` events, newest first, and the cursor of the next page, "" at the end.

        before: cursor of the previous page.
        """
        keys = self._keys(session_id)
        if before:
            keys = itertools.dropwhile(lambda key: key.rpartition("/")[2] <= before, keys)
        page = list(itertools.islice(keys, most + 1))
        events = self._events(page[:most])
        return events, page[most - 1].rpartition("/")[2] if len(page) > most else ""

    def every(self, session_id: str) -> list[Event]:
        """Returns every event of the review, oldest first."""
        return self._events(list(self._keys(session_id)))[::-1]

    def _keys(self, session_id: str) -> Iterator[str]:
        return (entry.key for entry in self.store.list(_prefix(session_id)))

    def _events(self, keys: Sequence[str]) -> list[Event]:
        """Those that can be read: what was said before and after a damaged one stays to be seen."""
        return [event for event in in_parallel(self._event, keys) if event is not None]

    def _event(self, key: str) -> Event | None:
        try:
            return get_as(self.store, key, Event.from_dict)
        except Damaged as error:
            _log.error("activity_event_unreadable", detail=error.detail)
            return None


def _prefix(session_id: str) -> str:
    return f"{session_prefix(session_id)}activity/"
