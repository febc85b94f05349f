"""The first page of dead letters as monitoring saw it within the last minute.

Listing thousands takes a second, and this is one object: a page with nothing cached opens with it, and shows the
present state a moment later. It also counts restored letters, which have no message in SQS.
"""

from dataclasses import asdict, dataclass
from typing import Any

from core.aws.object_store import ObjectStore, get_json, put_json
from core.clock import Clock, epoch, iso
from core.operations.letters import LetterPage, LetterShelf, page_of
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DEAD_LETTERS_PREFIX, DeadLetter
from core.queueing.letter_search import Group, LetterFilter

GLANCE_KEY = f"{DEAD_LETTERS_PREFIX}glance.json"
LETTERS_SHOWN = 50
_GOOD_FOR_S = 180.0
"""It is renewed each minute: an older one is not used, since then monitoring does not run."""


@dataclass(frozen=True)
class Glance:
    """page: the newest letters, without filter. at: ISO UTC, when it was so."""

    page: LetterPage
    at: str


@dataclass(frozen=True)
class LetterGlance:
    """Errors: storage/*."""

    store: ObjectStore
    clock: Clock

    def renew(self, letters: DeadLetters) -> dict[str, int]:
        """Writes it anew. Letters in the index by queue. Where there are none and were none, nothing is written."""
        page = page_of(LetterShelf(letters, self.clock), LetterFilter(), limit=LETTERS_SHOWN)
        if page.letters:
            put_json(self.store, GLANCE_KEY, asdict(Glance(page, iso(self.clock.now()))))
        elif self.store.get(GLANCE_KEY) is not None:
            self.forget()
        return page.indexed

    def indexed(self) -> dict[str, int]:
        """By queue, as monitoring last saw them; empty where there is no glance."""
        glance = self.last()
        return {} if glance is None else glance.page.indexed

    def last(self) -> Glance | None:
        """None: there were no letters, monitoring does not run, or letters have been dealt with since."""
        found = get_json(self.store, GLANCE_KEY)
        if found is None or self.clock.now() - epoch(found["at"]) > _GOOD_FOR_S:
            return None
        return Glance(_page(found["page"]), found["at"])

    def forget(self) -> None:
        """Deletes it after letters were dealt with, so that they do not show up again for a moment."""
        self.store.delete(GLANCE_KEY)


def _page(document: dict[str, Any]) -> LetterPage:
    groups = [
        Group(**{**group, "example": DeadLetter.from_dict(group["example"])}) for group in document["groups"]
    ]
    letters = [DeadLetter.from_dict(letter) for letter in document["letters"]]
    return LetterPage(**{**document, "letters": letters, "groups": groups})
