"""Sentences in which a person or a team is asked to do something without being their subject before "will"."""

import re

from core.documents.model import Block, BlockKind
from core.rules.actors import Actor, actor_of, agent_named, is_department
from core.rules.lexicon import phrases
from core.rules.view import Sentence, View

ALSO = r"(?:(?: also| still| then| now| next| further| jointly| again| only| \w+ly)*)"
PARTICIPLE = phrases("participle")
CLAUSE = re.compile(
    r"(?:;|:|, and|, but|, while|, so) +|^(?:Furthermore|In addition|Also|Finally|However|Later),? +"
)
RELATIVE = re.compile(r"\b(?:that|which|who|whose|what|whether|if|how|why|where)\b(?:(?!,).)*$")
ERRAND = re.compile(phrases("errand"))
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
    if passive is None or _STANDING.search(text) or RELATIVE.search(text[: passive.start()]):
        return False
    return agent_named(CLAUSE.split(text[passive.end() :])[0], view.names)


def is_list_item(block: Block) -> bool:
    return block.kind is BlockKind.LIST_ITEM
