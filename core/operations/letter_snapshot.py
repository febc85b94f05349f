"""The first page of dead letters as monitoring saw it within the last minute.

Listing thousands of letters takes a second, and this is one object: a page with nothing cached opens with it, and
shows the present state a moment later. It also counts restored letters, which have no message in SQS.
"""

from dataclasses import asdict, dataclass
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, get_as, put_json
from core.clock import Clock, epoch, iso
from core.observability.logs import get_logger
from core.operations.letters import LetterCache
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DEAD_LETTERS_PREFIX, DeadLetter
from core.queueing.letter_search import Group, LetterFilter, LetterPage, page_of

_log = get_logger(__name__)
SNAPSHOT_KEY = f"{DEAD_LETTERS_PREFIX}glance.json"
LETTERS_SHOWN = 50
_GOOD_FOR_S = 180.0
"""It is renewed each minute: an older one is not used, since then monitoring does not run."""


@dataclass(frozen=True)
class LetterSnapshot:
    """The newest letters, unfiltered, as they were `at` (ISO UTC)."""

    page: LetterPage
    at: str


@dataclass(frozen=True)
class LetterSnapshots:
    """Stores the snapshot. Errors: storage/*."""

    store: ObjectStore
    clock: Clock

    def renew(self, letters: DeadLetters) -> dict[str, int]:
        """Stores a new snapshot and returns the number of letters by queue.

        If there are no letters and were none, nothing is written.
        """
        page = page_of(LetterCache(letters, self.clock), LetterFilter(), limit=LETTERS_SHOWN)
        if page.letters:
            put_json(self.store, SNAPSHOT_KEY, asdict(LetterSnapshot(page, iso(self.clock.now()))))
        elif self.store.get(SNAPSHOT_KEY) is not None:
            self.forget()
        return page.indexed

    def indexed(self) -> dict[str, int]:
        """Returns the number of letters by queue as of the snapshot; {} without one."""
        snapshot = self.last()
        return {} if snapshot is None else snapshot.page.indexed

    def last(self) -> LetterSnapshot | None:
        """Returns the snapshot, or None: no letters, monitoring does not run, or letters were dealt with since.

        None also if it cannot be read: it is no more than a shortcut, and written anew within a minute.
        """
        try:
            found = get_as(self.store, SNAPSHOT_KEY, _snapshot)
        except Damaged as error:
            _log.error("letter_snapshot_unreadable", detail=error.detail)
            return None
        if found is None or self.clock.now() - epoch(found.at) > _GOOD_FOR_S:
            return None
        return found

    def forget(self) -> None:
        """Deletes the snapshot after letters were dealt with, so that they do not reappear for a moment."""
        self.store.delete(SNAPSHOT_KEY)


def _snapshot(document: dict[str, Any]) -> LetterSnapshot:
    made = LetterSnapshot(_page(document["page"]), document["at"])
    epoch(made.at)
    return made


def _page(document: dict[str, Any]) -> LetterPage:
    groups = [
        from_known(Group, group, example=DeadLetter.from_dict(group["example"]))
        for group in document["groups"]
    ]
    letters = [DeadLetter.from_dict(letter) for letter in document["letters"]]
    return from_known(LetterPage, document, letters=letters, groups=groups)
