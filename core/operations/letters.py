"""Dead letters as the console shows them: a cache of their index, and a letter as JSON."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.clock import Clock, epoch
from core.operations.cached_value import CachedValue
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DeadLetter, LetterName
from core.queueing.letter_search import LetterFilter
from core.queueing.parallel import Later, at_once, in_parallel

_LEFT_OUT = ("body", "trace", "listed_as")


class LetterCache:
    """A cache of the index: names, a moment old, and letters without envelopes, which never change while listed.

    Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    def __init__(self, letters: DeadLetters, clock: Clock, *, later: Later = at_once) -> None:
        self._letters = letters
        self._known: dict[LetterName, DeadLetter] = {}
        self._names: CachedValue[list[LetterName]] = CachedValue(self._listed, clock=clock, later=later)

    def names(self) -> list[LetterName]:
        """Returns the names of all letters, newest first, as they were a moment ago."""
        return self._names()

    def forget_names(self) -> None:
        self._names.forget()

    def read(self, names: Sequence[LetterName]) -> list[DeadLetter]:
        """Returns the letters, without envelopes; those that were dealt with meanwhile are left out."""
        known = self._known
        unknown = [name for name in names if name not in known]
        for name, letter in zip(unknown, in_parallel(self._letters.read, unknown), strict=True):
            if letter is not None:
                known[name] = replace(letter, body="", trace=[])
        return [known[name] for name in names if name in known]

    def _listed(self) -> list[LetterName]:
        """Drops contents no longer listed: a letter that is restored has the same name and other contents."""
        names, known = self._letters.names(), self._known
        # A new dict: another thread may be reading from the old one.
        self._known = {name: known[name] for name in names if name in known}
        return names


def summary(letter: DeadLetter, *, now: float) -> dict[str, Any]:
    """Returns a letter as a list shows it: without its envelope and trace."""
    known = {name: value for name, value in letter.to_dict().items() if name not in _LEFT_OUT}
    age_s = round(now - epoch(letter.ended_at))
    return {**known, "signature": letter.signature, "age_s": age_s}


def filter_in_words(wanted: LetterFilter) -> dict[str, Any]:
    """Returns the filter's criteria as the audit log stores them."""
    return {name: value for name, value in vars(wanted).items() if value and name != "task_ids"}
