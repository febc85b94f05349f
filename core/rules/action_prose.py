"""Promises in sentences and list items: who will do it, and by when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from core.rules.action_columns import action_columns
from core.rules.actors import Actor, has_proper_name, owned_by_nobody
from core.rules.clauses import WHO, without_number
from core.rules.due_nearby import is_bound, is_dated, is_vaguely_due
from core.rules.list_siblings import undated_among_dated
from core.rules.ownerless import is_ownerless, lacks_owner_field
from core.rules.promised import is_taken_on, promising
from core.rules.topics import ACTIONS, Topic
from core.rules.vagueness import vague_times
from core.rules.view import Sentence, View
from core.rules.writeup import reads_like_a_writeup

# "No hearing will be held" promises nothing.
_NO_PROMISE = re.compile(r"^(?:no|none|neither|nothing|nobody)\b", re.IGNORECASE)
# "Ada Ferro owns actions 1 and 2": what they are, and until when, stands elsewhere.
# "She owns both of them", behind their list.
_OWNS_NUMBERED = re.compile(
    r"\bowns? (?:(?:the )?(?:actions?|items?|points?|steps?|measures?|numbers?) \d"
    r"|(?:all|both|each)(?: (?:two|three|four|five|six))?"
    r"(?: of (?:them|these|the)\b|(?: (?:actions|items|steps|measures))?[.;,]))"
)
_FIELD = re.compile(r"(?:owner|responsible|lead|assignee|who|by whom|in charge) ?[:=–]", re.IGNORECASE)
_ITEM_ID = re.compile(r"(?:(?:Action|Measure|Step|Item|Task) )?((?:[A-Z]{1,4}[-.]?)?\d{1,3})\b(?![.,]\d)")


class Missing(StrEnum):
    OWNER = "owner"
    DATE = "date"


@dataclass(frozen=True)
class Promise:
    """A sentence that promises something and lacks something. dated: it says by when."""

    sentence: Sentence
    missing: Missing
    dated: bool = False


@lru_cache(maxsize=1)
def lacking_promises(view: View) -> tuple[Promise, ...]:
    """At most one per sentence, in order; under headings about actions, or in a write-up without headings.

    Elsewhere "shall be" and "will be" are the clauses of a contract or an ordinance, and promise nothing.
    """
    known = bool(view.headings) or any(view.topics_at(block) for block in view.blocks)
    if not known and not reads_like_a_writeup(view):
        return ()
    found: list[Promise] = []
    for sentence in view.sentences:
        if sentence.block.cell is None and _may_promise(view.topics_at(sentence.block), known=known):
            found += _promise(view, sentence)
    return tuple(_at_its_action(view, one) for one in _first_of_chain(view, found))


def _at_its_action(view: View, promise: Promise) -> Promise:
    """ "Owner: Ada Ferro." with no field for a date behind it: what lacks the date is the action before it."""
    before, after = view.neighbours(promise.sentence)
    last_field = promise.missing is Missing.DATE and after is None and _FIELD.match(promise.sentence.text)
    return replace(promise, sentence=before) if before is not None and last_field else promise


def _may_promise(topics: frozenset[Topic], *, known: bool) -> bool:
    return bool(topics & ACTIONS) if known else True


def _promise(view: View, sentence: Sentence) -> Iterator[Promise]:
    text = sentence.text
    if text.endswith("?") or _NO_PROMISE.match(text) or sentence.is_quoted():
        return
    if owned_by_nobody(text):
        yield Promise(sentence, Missing.OWNER, dated=is_dated(view, sentence))
        return
    # "Ada Ferro will do it soon" is told once, as a vague time.
    if _OWNS_NUMBERED.search(text) or vague_times(text, action=True) or _is_listed(view, text):
        return
    missing = _missing(view, sentence)
    if missing is Missing.OWNER:
        yield Promise(sentence, missing, dated=is_bound(text) or lacks_owner_field(view, sentence))
    elif missing is Missing.DATE and not (is_dated(view, sentence) or is_vaguely_due(view, sentence)):
        yield Promise(sentence, missing)


def _is_listed(view: View, text: str) -> bool:
    """ "P5 is planned for May": the table of actions tells whose P5 is."""
    numbered = _ITEM_ID.match(text)
    return numbered is not None and numbered[1] in _listed(view)


@lru_cache(maxsize=1)
def _listed(view: View) -> frozenset[str]:
    """What stands in the first column of the tables of actions."""
    tables = (table for table in view.tables if action_columns(table) is not None)
    return frozenset(table.text(row, table.columns[0]).rstrip(".") for table in tables for row in table.rows)


def _missing(view: View, sentence: Sentence) -> Missing | None:
    """What the sentence lacks or might lack: DATE means that it has an owner and needs a date."""
    if is_taken_on(view, sentence) or _lacks_its_siblings_date(view, sentence):
        return Missing.DATE
    if promising(view, sentence.text) is Actor.NOBODY:
        return None if is_dated(view, sentence) else Missing.OWNER
    return Missing.OWNER if is_ownerless(view, sentence) else None


def _lacks_its_siblings_date(view: View, sentence: Sentence) -> bool:
    """ "Ada Ferro (Claims) keeps two people free" in a list whose other items have a name and a date."""
    if sentence.block.id not in undated_among_dated(view) or view.neighbours(sentence)[0] is not None:
        return False
    item = without_number(sentence.block.text)
    return bool(WHO.match(item)) or has_proper_name(item)


def _first_of_chain(view: View, promises: list[Promise]) -> list[Promise]:
    """Two sentences in a row about one action ("X will do it. Y owns it.", "Do it. Owner: all.") are one finding."""
    kept: list[Promise] = []
    for promise in promises:
        before, _ = view.neighbours(promise.sentence)
        chained = (
            bool(kept)
            and before is not None
            and kept[-1].sentence == before
            and kept[-1].missing is promise.missing
        )
        repeats = promise.missing is Missing.DATE or owned_by_nobody(promise.sentence.text)
        if not (chained and repeats):
            kept.append(promise)
    return kept
