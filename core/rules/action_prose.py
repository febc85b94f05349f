"""Promises in sentences and list items: who will do it, and by when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from core.rules.action_columns import action_columns
from core.rules.actors import (
    Actor,
    actor_of,
    done_by,
    ends_in_name,
    has_proper_name,
    is_department,
    is_signature,
    owned_by_nobody,
    owner_named,
    speaks_of_owner,
)
from core.rules.asked import (
    ALSO,
    CLAUSE,
    ERRAND,
    HANDED_OUT,
    PARTICIPLE,
    in_relative_clause,
    is_asked,
    is_list_item,
    lists_owners,
    without_number,
)
from core.rules.dates import duration_spans, has_date
from core.rules.lexicon import pattern, phrases, words
from core.rules.restated import stems_of
from core.rules.text import is_quoted
from core.rules.topics import ACTIONS, Topic
from core.rules.vagueness import vague_times
from core.rules.view import Sentence, View
from core.rules.writeup import reads_like_a_writeup

_FUTURE = phrases("future")
_ACTIVE = re.compile(
    rf"\b{_FUTURE}{ALSO} (?!(?:be|not|have|been|the|an?|this|that|its?|their|our)\b)"
    r"(?P<verb>take (?:care|over|charge|on|up)\b|[a-z][\w-]+)"
)
_PASSIVE = re.compile(
    rf"\b(?:will|shall|must|(?:is|are|has|have|needs?|remains?|is going|are going){ALSO} to){ALSO}"
    rf" be{ALSO} {PARTICIPLE}\b"
)
_ADVISED = re.compile(rf"\b(?:should|ought to){ALSO} be{ALSO} {PARTICIPLE}\b")
_PLANNED = re.compile(
    r"\b(?:is|are)(?: (?:still|currently|now|already|also))?"
    rf" (?:planned|foreseen|envisaged|intended|{phrases('being_done')})"
    r"\b|\b[Tt]here (?:will|shall) be\b|\b(?:[Ss]omeone|[Ss]omebody|[Ww]e) (?:should|ought to)\b"
)
# What a manual or a maker's sheet advises is no promise of this document.
_QUOTES_A_RULE = re.compile(
    r"\b(?:according to|as required (?:by|in|under)|in line with|as (?:stated|laid down) in)\b"
)
_IMPERSONAL = re.compile(rf"\b{phrases('impersonal_plan')}")
_TO_BE = re.compile(rf"^[^.;:]{{3,60}} to be {PARTICIPLE}\b")
_STATIVE = words("stative_verbs")
# "No hearing will be held" promises nothing.
_NO_PROMISE = re.compile(r"^(?:no|none|neither|nothing|nobody)\b", re.IGNORECASE)
# "The form will make it harder" promises nothing, "Ada Ferro will make the form ask twice" does.
_DONE_BY_PEOPLE = words("stative_but_done_by_people")
# "Ada Ferro owns actions 1 and 2": what they are, and until when, stands elsewhere.
_OWNS_NUMBERED = re.compile(r"\bowns? (?:the )?(?:actions?|items?|points?|steps?|measures?|numbers?) \d")
_BOUND = pattern("time_bound")
_PAST = pattern("looking_back")
_AHEAD = pattern("looking_ahead")
_LEADING = re.compile(
    rf"^(?:{phrases('leading_adverbial')}\b[^,]{{1,70}}, "
    r"|(?:Until then|From then on|In addition|Then|First|Second|Third|Next|Separately|Meanwhile),? )"
)
_DUE = re.compile(r"^(?:due|deadline|by when|target(?: date)?|when|date|completion)\b", re.IGNORECASE)
_DUE_LAST = re.compile(
    r"[;,(–-] ?(?:target(?: date)?|due(?: date)?|deadline|to be done by)\b:? [^.;()]{4,40}\)?\.?$",
    re.IGNORECASE,
)
_DUE_FIELD = re.compile(
    r"(?:due|deadline|target(?: date)?|by when|completion)(?: date| by)? ?[:–-] ?.*\d", re.IGNORECASE
)
_FIRST_VERB = re.compile(r" (?:needs?|lacks?|requires?|gets?|has|have|must|should|is|are|will)\b")
_GOES_ON = re.compile(
    r"\b(?:it|this|that|these|they|she|he|both|all|the (?:actions?|work|changes?|measures?|steps?))\b",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r" ?\([^)]*\)")
_WHO = re.compile(r"^(?:The )?[A-ZÀ-ÖØ-Þ][\w'’-]+(?: (?:of |for )?[A-ZÀ-ÖØ-Þ][\w'’-]+)+")
_IMPERATIVE = re.compile(rf"^(?:to )?{phrases('imperative')}\b", re.IGNORECASE)
_ITEM_ID = re.compile(r"(?:(?:Action|Measure|Step|Item|Task) )?((?:[A-Z]{1,4}[-.]?)?\d{1,3})\b(?![.,]\d)")
_COMMAND = re.compile(
    r"^([A-Z][a-z]+(?<!s)(?<!ed)(?<!ing)(?<!ly)) (?:an?|the|all|every|each|both|two|three|one|its|our|another) [a-z]"
)
_NO_VERB = words("no_verb_before_an_article")
# "Measure: no stop until March" is a label.
_LABEL = re.compile(r"^\w+(?: \w+)?:")
# "Ada Ferro, Claims, adds it", "Ada Ferro (Claims) adds it", "Ada Ferro from Claims adds it".
_TEAM = (
    r"(?:, (?:the )?[A-ZÀ-ÖØ-Þ][^.,;:()]{1,40},| \([A-ZÀ-ÖØ-Þ][^.;:()]{1,40}\)"
    r"| (?:from|of|at|in) (?:the )?[A-ZÀ-ÖØ-Þ][\w'’-]+)"
)
_ERRAND_TOLD = re.compile(
    rf"^(?P<who>[A-ZÀ-ÖØ-Þ][\w'’-]+(?: (?:of |for |and )?[A-ZÀ-ÖØ-Þ][\w'’-]+)*){_TEAM}? {phrases('errand')}e?s\b"
)
_ACCEPTED = re.compile(
    r"^(?P<who>(?:The )?[A-ZÀ-ÖØ-Þ][\w'’-]+(?: [A-ZÀ-ÖØ-Þ][\w'’-]+)*)"
    rf"{_TEAM}? (?:has )?(?:[a-z]+ed|took|taken|chose)(?: [\w-]+){{1,6}},? and{ALSO} {_FUTURE}\b"
)


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
    return tuple(_first_of_chain(view, found))


def _may_promise(topics: frozenset[Topic], *, known: bool) -> bool:
    return bool(topics & ACTIONS) if known else True


def _promise(view: View, sentence: Sentence) -> Iterator[Promise]:
    text = sentence.text
    if (
        text.endswith("?")
        or _NO_PROMISE.match(text)
        or is_quoted(sentence.block.text, sentence.start, sentence.end)
    ):
        return
    if owned_by_nobody(text):
        yield Promise(sentence, Missing.OWNER, dated=_dated(view, sentence))
        return
    # "Ada Ferro will do it soon" is told once, as a vague time.
    if _OWNS_NUMBERED.search(text) or vague_times(text, action=True) or _is_listed(view, text):
        return
    missing = _missing(view, sentence)
    if missing is Missing.OWNER:
        yield Promise(sentence, missing, dated=_is_bound(text) or _lacks_owner_field(view, sentence))
    elif missing is Missing.DATE and not (_dated(view, sentence) or _vaguely_due(view, sentence)):
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
    active = _active_actor(view, sentence.text)
    named = (
        active is Actor.NAMED
        or _accepted(view, sentence.text)
        or owner_named(sentence.text)
        or _is_signed(view, sentence)
        or _does_errand(view, sentence)
        or (is_list_item(sentence.block) and ends_in_name(sentence.text))
    )
    if named or is_asked(view, sentence):
        return Missing.DATE
    if active is Actor.NOBODY:
        return None if _dated(view, sentence) else Missing.OWNER
    if _is_ownerless(view, sentence):
        return Missing.OWNER
    return None


def _accepted(view: View, text: str) -> bool:
    """ "Ada Ferro, Claims, accepted the advice and will start in May"."""
    told = _ACCEPTED.match(text)
    return told is not None and actor_of(told["who"], view.names) is Actor.NAMED


def _does_errand(view: View, sentence: Sentence) -> bool:
    """ "Ada Ferro adds a second reader", told as if it were done already."""
    told = _ERRAND_TOLD.match(without_number(sentence.text))
    acting = view.topics_at(sentence.block) & {Topic.PREVENTIVE, Topic.RECOMMENDATIONS}
    if told is None or not acting:
        return False
    who = told["who"]
    return (
        is_department(who) or who in view.names or (" " in who and actor_of(who, view.names) is Actor.NAMED)
    )


def _is_signed(view: View, sentence: Sentence) -> bool:
    """A list item such as "Add the check to the nightly run. Ada Ferro." with no date anywhere in it."""
    before, after = view.neighbours(sentence)
    last = before is not None and after is None
    return (
        last
        and is_list_item(sentence.block)
        and is_signature(sentence.text)
        and not has_date(sentence.block.text)
    )


def _active_actor(view: View, text: str) -> Actor | None:
    for match in _ACTIVE.finditer(text):
        clause = _subject(text[: match.start()])
        verb = match["verb"].lower()
        if verb in _STATIVE and not (verb in _DONE_BY_PEOPLE and _WHO.match(clause)):
            continue
        if clause and not in_relative_clause(clause):
            if is_department(clause) and ERRAND.fullmatch(match["verb"]):
                return Actor.NAMED
            return actor_of(clause, view.names)
    return None


def _subject(before: str) -> str:
    """The subject of the clause that ends here: what follows the last clause mark and a leading adverbial."""
    starts = [match.end() for match in CLAUSE.finditer(before)]
    clause = before[starts[-1] :] if starts else without_number(before)
    return _LEADING.sub("", clause).strip()


def _is_ownerless(view: View, sentence: Sentence) -> bool:
    text = sentence.text
    passive = (
        _PASSIVE.search(text)
        or _PLANNED.search(text)
        or _IMPERSONAL.search(text)
        or _advice(view, sentence)
        or (is_list_item(sentence.block) and _TO_BE.search(without_number(text)))
    )
    if passive:
        clause = text[: passive.start()] if passive.start() else ""
        return not (
            in_relative_clause(clause) or done_by(text[passive.start() :]) or _owned_nearby(view, sentence)
        )
    return (
        _is_bare_item(view, sentence)
        or _is_bare_need(view, sentence)
        or _is_handed_out(view, sentence)
        or _lacks_owner_field(view, sentence)
    )


def _lacks_owner_field(view: View, sentence: Sentence) -> bool:
    """ "Each lift has a scale. Due: 3 May 2026." in a list whose other items have a field for the owner."""
    before, after = view.neighbours(sentence)
    first_of_two = before is None and after is not None and _DUE_FIELD.match(after.text) is not None
    if not (first_of_two and is_list_item(sentence.block) and lists_owners(view)):
        return False
    item = without_number(sentence.block.text)
    who = item.split()[0]
    named = _WHO.match(item) or has_proper_name(item) or who in view.names or is_department(who)
    return not (named or done_by(item) or speaks_of_owner(item))


def _is_handed_out(view: View, sentence: Sentence) -> bool:
    """ "Pilots will get a short card": from whom is not said."""
    handed = HANDED_OUT.match(sentence.text)
    acting = view.topics_at(sentence.block) & {Topic.PREVENTIVE, Topic.RECOMMENDATIONS}
    return bool(handed and acting) and not (
        done_by(sentence.text) or " from " in sentence.text or _owned_nearby(view, sentence)
    )


def _advice(view: View, sentence: Sentence) -> re.Match[str] | None:
    if not view.topics_at(sentence.block) & {Topic.RECOMMENDATIONS, Topic.PREVENTIVE, Topic.RESOLVING}:
        return None
    return None if _QUOTES_A_RULE.search(sentence.text) else _ADVISED.search(sentence.text)


def _is_bare_item(view: View, sentence: Sentence) -> bool:
    """A list item such as "Introduce an address limit" under preventative actions, with no name and no date."""
    item = without_number(sentence.text)
    if not is_list_item(sentence.block) or not _commands(item) or _LABEL.match(item):
        return False
    if not view.topics_at(sentence.block) & {Topic.PREVENTIVE, Topic.RECOMMENDATIONS}:
        return False
    return not (has_proper_name(sentence.block.text) or _owned_nearby(view, sentence))


def _commands(item: str) -> bool:
    """ "Fit a second gauge": a word with a capital before an article is a verb, unless it is one of grammar."""
    told = _COMMAND.match(item)
    verb = told is not None and told[1].lower() not in _NO_VERB and not re.search(r"\b[A-Z]", item[1:])
    return verb or bool(_IMPERATIVE.match(item))


def _is_bare_need(view: View, sentence: Sentence) -> bool:
    """A list item such as "The job needs a lock; target 31 July", which names nobody."""
    due = is_list_item(sentence.block) and _DUE_LAST.search(sentence.text)
    if not due or not view.topics_at(sentence.block) & {Topic.PREVENTIVE, Topic.RECOMMENDATIONS}:
        return False
    if actor_of(_FIRST_VERB.split(without_number(sentence.text))[0], view.names) is not Actor.THING:
        return False
    named = has_proper_name(sentence.block.text[: due.start() - sentence.start or None])
    return has_date(due[0]) and not (named or done_by(sentence.text) or _owned_nearby(view, sentence))


def _owned_nearby(view: View, sentence: Sentence) -> bool:
    """Whether this sentence, the ones beside it or the line that opens the list say who owns it.

    What stands in brackets in a sentence beside it ("(owner: Ada Ferro)") is about that sentence.
    """
    near = [_BRACKETS.sub("", one.text) or one.text for one in view.neighbours(sentence) if one]
    near.append(sentence.text)
    if is_list_item(sentence.block):
        near.append(view.opening_lines.get(sentence.block.id, ""))
    return any(speaks_of_owner(text) or owner_named(text) for text in near)


def _is_bound(text: str) -> bool:
    return has_date(text) or bool(duration_spans(text)) or bool(_BOUND.search(text))


def _dated(view: View, sentence: Sentence) -> bool:
    """A date here, or in the sentence beside it if that one looks ahead too."""
    if _is_bound(sentence.text):
        return True
    near = [one.text for one in view.neighbours(sentence) if one]
    return any(_gives_due(text) and not _others_action(text, sentence.text) for text in near)


def _vaguely_due(view: View, sentence: Sentence) -> bool:
    """ "Due: as soon as possible" beside it is told as a vague time."""
    near = (one.text for one in view.neighbours(sentence) if one)
    return any(_DUE.match(text) and vague_times(text, action=True) for text in near)


def _others_action(text: str, mine: str) -> bool:
    """Whether the sentence beside mine is about what somebody else does, and its date with it."""
    who, me = _WHO.match(text), _WHO.match(mine)
    promised = _ACTIVE.search(text) or _PASSIVE.search(text)
    if promised and not (_GOES_ON.search(text[: promised.start()]) or speaks_of_owner(text)):
        return not stems_of(text) & stems_of(mine)
    return (
        who is not None
        and me is not None
        and who[0] != me[0]
        and not speaks_of_owner(_BRACKETS.sub("", text))
    )


def _gives_due(text: str) -> bool:
    return has_date(text) and bool(_AHEAD.search(text) if _PAST.search(text) else True)


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
