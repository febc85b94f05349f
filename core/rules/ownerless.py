"""Sentences that say what will be done and leave open who does it."""

import re
from functools import lru_cache

from core.documents.model import Block, BlockKind
from core.rules.actors import (
    Actor,
    actor_of,
    done_by,
    has_proper_name,
    is_department,
    owner_named,
    speaks_of_owner,
)
from core.rules.clauses import (
    ALSO,
    BRACKETS,
    PARTICIPLE,
    PASSIVE,
    WHO,
    in_relative_clause,
    is_list_item,
    without_number,
)
from core.rules.dates import has_date, without_dates
from core.rules.led import owner_led
from core.rules.lexicon import phrases, words
from core.rules.planned import ends_in_a_date, ends_in_a_word_with_a_date, has_owner_and_date
from core.rules.topics import ACTIONS, Topic
from core.rules.view import Sentence, View

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
_SCHEDULED = re.compile(r"\b(?:is|are) (?:planned|scheduled|due|foreseen) for\b")
_IMPERSONAL = re.compile(rf"\b{phrases('impersonal_plan')}")
_TO_BE = re.compile(rf"^[^.;:]{{3,60}} to be {PARTICIPLE}\b")
# Those who get it are no owners: "Ward clerks", "all new drivers".
_HANDED_OUT = re.compile(
    r"(?:The |All |Every |Each )?[A-Z]?[a-z]+(?: [a-z]+){0,2} (?:will|shall) (?:also |then )?"
    r"(?:get|receive|be given)"
    r" (?:an?|the|new|one|two|their own) (?:[a-z-]+ ){0,2}(?:forms?|cards?|guides?|lists?|checklists?|manuals?"
    r"|tools?|screens?|training|courses?|briefings?|reminders?|leaflets?|instructions?|devices?|scanners?|templates?)\b"
)
# "If the count is not zero by then, it will be put before the board": what may never come is no action yet.
_IF = re.compile(r"(?:If|Unless|Should|In case|Whenever|In the event)\b")
_DONE = re.compile(
    r"\b(?:done|completed|finished|in place|closed|carried out) (?:on|since|by|in)\b", re.IGNORECASE
)
_DUE_LAST = re.compile(
    r"[;,(–-] ?(?:target(?: date)?|due(?: date)?|deadline|to be done by)\b:? [^.;()]{4,40}\)?\.?$",
    re.IGNORECASE,
)
_DUE_FIELD = re.compile(
    r"(?:due|deadline|target(?: date)?|by when|completion)(?: date| by| on)?(?: ?[:–-] ?.*\d| \d)",
    re.IGNORECASE,
)
# "No change before 6 January: decision of the board, 13 January": somebody of their own.
_BY_A_BODY = re.compile(rf"\b(?:the|our|its|an?) (?:[\w-]+ ){{0,2}}{phrases('institution')}\b", re.IGNORECASE)
_WITH_FIELD = re.compile(r"(?:Owner|Responsible|Who|Lead|DRI|In charge)\b")
_TWO = 2
_FIRST_VERB = re.compile(r" (?:needs?|lacks?|requires?|gets?|has|have|must|should|is|are|will)\b")
_IMPERATIVE = re.compile(rf"^(?:to )?{phrases('imperative')}\b", re.IGNORECASE)
_COMMAND = re.compile(
    r"^([A-Z][a-z]+(?<!s)(?<!ed)(?<!ing)(?<!ly)) (?:an?|the|all|every|each|both|two|three|one|its|our|another) [a-z]"
)
_NO_VERB = words("no_verb_before_an_article")
# "Measure: no stop until March" is a label.
_LABEL = re.compile(r"^\w+(?: \w+)?:")


def is_ownerless(view: View, sentence: Sentence) -> bool:
    """Whether it is promised, planned, advised or commanded, and nothing here or beside it names who does it."""
    text = sentence.text
    if _IF.match(text) or _is_scheduled(view, sentence):
        return False
    passive = (
        PASSIVE.search(text)
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
        or lacks_owner_field(view, sentence)
    )


def _is_scheduled(view: View, sentence: Sentence) -> bool:
    """ "Release 9 is planned for 1 October": an outlook tells what will happen anyhow."""
    looks_out = view.topics_at(sentence.block) & ACTIONS == {Topic.CONCLUSION}
    return looks_out and bool(_SCHEDULED.search(without_dates(sentence.text)))


def lacks_owner_field(view: View, sentence: Sentence) -> bool:
    """ "Each lift has a scale. Due: 3 May 2026." in a list whose other items have a field for the owner."""
    if _ends_in_a_date_alone(view, sentence):
        return True
    before, after = view.neighbours(sentence)
    first_of_two = before is None and after is not None and _DUE_FIELD.match(after.text) is not None
    if not (first_of_two and is_list_item(sentence.block) and _lists_owners(view)):
        return False
    return not _names_its_owner(view, sentence.block.text)


def _ends_in_a_date_alone(view: View, sentence: Sentence) -> bool:
    """ "Buy a second scale. (3 May 2026)" in a list whose items end in "(Ada Ferro, 3 May 2026)"."""
    block = sentence.block
    if block.id not in _beside_owners(view) or not ends_in_a_date(block.text) or _DONE.search(block.text):
        return False
    said = next(one for one in view.by_block[block.id] if re.search(r"[a-z]", one.text))
    if said != sentence or has_owner_and_date(block.text) or ends_in_a_word_with_a_date(block.text):
        return False
    told = without_dates(block.text)
    return not (_names_its_owner(view, told) or _BY_A_BODY.search(told))


def _names_its_owner(view: View, text: str) -> bool:
    item = without_number(text)
    who = item.split()[0]
    named = WHO.match(item) or has_proper_name(item) or who in view.names or is_department(who)
    return bool(named or done_by(item) or speaks_of_owner(item))


def _has_due_field(view: View, block: Block) -> bool:
    """A paragraph whose last words are "Due 3 May 2026", with or without the owner before it."""
    if block.kind is not BlockKind.PARAGRAPH or block.cell is not None:
        return False
    last = view.by_block[block.id][-1].text if view.by_block.get(block.id) else ""
    return bool(_DUE_FIELD.match(last) or (has_owner_and_date(last) and _WITH_FIELD.match(last)))


@lru_cache(maxsize=1)
def _beside_owners(view: View) -> frozenset[str]:
    """Ids of the items of lists of actions of which two or more, and half of them all, have an owner and a date."""
    lists: dict[str, list[Block]] = {}
    for block in view.blocks:
        if view.topics_at(block) & ACTIONS and (is_list_item(block) or _has_due_field(view, block)):
            lists.setdefault(view.lead_ins[block.id][0], []).append(block)
    found: set[str] = set()
    for items in lists.values():
        complete = sum(has_owner_and_date(block.text) for block in items)
        if complete >= _TWO and 2 * complete >= len(items):
            found.update(block.id for block in items)
    return frozenset(found)


@lru_cache(maxsize=1)
def _lists_owners(view: View) -> bool:
    """Whether items of a list of actions name their owners."""
    items = (block for block in view.blocks if is_list_item(block) and view.topics_at(block) & ACTIONS)
    return any(owner_named(block.text) for block in items)


def _is_handed_out(view: View, sentence: Sentence) -> bool:
    """ "Pilots will get a short card": from whom is not said."""
    handed = _HANDED_OUT.match(sentence.text)
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
    if _DONE.search(sentence.block.text) or ends_in_a_word_with_a_date(sentence.block.text):
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
    """Whether this sentence, the ones beside it, the heading or the line that opens the list say who owns it.

    What stands in brackets in a sentence beside it ("(owner: Ada Ferro)") is about that sentence.
    """
    near = [BRACKETS.sub("", one.text) or one.text for one in view.neighbours(sentence) if one]
    near.append(sentence.text)
    near.append(view.lead_ins[sentence.block.id][1])
    led = owner_led(view, sentence.block)
    return led or any(speaks_of_owner(text) or owner_named(text) for text in near)
