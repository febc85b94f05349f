"""Sentences in which a person or a team is asked to do something without being their subject before "will"."""

import re
from functools import lru_cache

from core.documents.model import Block, BlockKind
from core.rules.actors import Actor, actor_of, agent_named, is_department, owner_named
from core.rules.lexicon import phrases
from core.rules.text import TYPED_NUMBER
from core.rules.topics import ACTIONS
from core.rules.view import Sentence, View

ALSO = (
    r"(?:(?: also| still| then| now| next| further| jointly| again| only| in addition| therefore| likewise| moreover"
    r"| \w+ly)*)"
)
PARTICIPLE = phrases("participle")
CLAUSE = re.compile(
    r"(?:;|:|, and|, but|, while|, so) +|^(?:Furthermore|In addition|Also|Finally|However|Later),? +"
)
_FINITE = re.compile(
    r"\b(?:who|which|that|whose)\b.*\b(?:did|do|does|was|were|had|has|have|is|are|cannot|could|\w{2,}ed)\b"
)
RELATIVE = re.compile(r"\b(?:that|which|who|whose|what|whether|if|how|why|where)\b(?:(?!,).)*$")
ERRAND = re.compile(phrases("errand"))
# Those who get it are no owners: "Ward clerks", "all new drivers".
HANDED_OUT = re.compile(
    r"(?:The |All |Every |Each )?[A-Z]?[a-z]+(?: [a-z]+){0,2} (?:will|shall) (?:also |then )?"
    r"(?:get|receive|be given)"
    r" (?:an?|the|new|one|two|their own) (?:[a-z-]+ ){0,2}(?:forms?|cards?|guides?|lists?|checklists?|manuals?"
    r"|tools?|screens?|training|courses?|briefings?|reminders?|leaflets?|instructions?|devices?|scanners?|templates?)\b"
)
_ASKED = re.compile(rf"^(?P<who>[A-ZÀ-ÖØ-Þ][^,.;:()]{{1,60}}?) (?:is |are )?to {phrases('errand')}\b")
_BINDING = re.compile(rf"\b(?:will|shall|(?:is|are) to){ALSO} be{ALSO} {PARTICIPLE}\b")
# "Every refund will be checked by the desk" says how it works from then on.
_STANDING = re.compile(
    rf"\b(?:every|each|all|any|always|never|if|{phrases('vague_recurrence')})\b", re.IGNORECASE
)


def is_asked(view: View, sentence: Sentence) -> bool:
    """ "It will be added by the data team", and as a list item "Anna Berg to update the manual"."""
    text = sentence.text
    if asked := _ASKED.match(text):
        who = asked["who"]
        return is_list_item(sentence.block) and (
            is_department(who) or actor_of(who, view.names) is Actor.NAMED
        )
    passive = _BINDING.search(text)
    if passive is None or _STANDING.search(text) or in_relative_clause(text[: passive.start()]):
        return False
    return agent_named(CLAUSE.split(text[passive.end() :])[0], view.names)


def is_list_item(block: Block) -> bool:
    """Also a paragraph whose number or dash was typed."""
    return block.kind is BlockKind.LIST_ITEM or (block.cell is None and bool(TYPED_NUMBER.match(block.text)))


def without_number(text: str) -> str:
    return TYPED_NUMBER.sub("", text)


def in_relative_clause(before: str) -> bool:
    """Whether what follows `before` belongs to a relative clause: in "the form that will be sent", not in "the
    sellers who did not answer will be called", whose clause has its verb already."""
    clause = RELATIVE.search(before)
    return clause is not None and not _FINITE.search(clause[0])


@lru_cache(maxsize=1)
def lists_owners(view: View) -> bool:
    """Whether items of a list of actions name their owners."""
    items = (block for block in view.blocks if is_list_item(block) and view.topics_at(block) & ACTIONS)
    return any(owner_named(block.text) for block in items)
