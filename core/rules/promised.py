"""Sentences in which a named person or team takes something on, promises it or is asked to do it."""

import re

from core.rules.actors import (
    Actor,
    actor_of,
    agent_named,
    ends_in_name,
    is_department,
    is_signature,
    owner_named,
)
from core.rules.clauses import (
    ACTIVE,
    ALSO,
    CLAUSE,
    FUTURE,
    PARTICIPLE,
    WHO,
    in_relative_clause,
    is_list_item,
    subject_before,
    without_number,
)
from core.rules.dates import has_date
from core.rules.lexicon import phrases, words
from core.rules.topics import Topic
from core.rules.view import Sentence, View

_ERRAND = re.compile(phrases("errand"))
_STATIVE = words("stative_verbs")
# "The form will make it harder" promises nothing, "Ada Ferro will make the form ask twice" does.
_DONE_BY_PEOPLE = words("stative_but_done_by_people")
# "Ada Ferro, Claims, adds it", "Ada Ferro (Claims) adds it", "Ada Ferro from Claims adds it".
_TEAM = (
    r"(?:, (?:the )?[A-ZÀ-ÖØ-Þ][^.,;:()]{1,40},| \([A-ZÀ-ÖØ-Þ][^.;:()]{1,40}\)"
    r"| (?:from|of|at|in) (?:the )?[A-ZÀ-ÖØ-Þ][\w'’-]+)"
)
_ERRAND_TOLD = re.compile(
    rf"^(?P<who>[A-ZÀ-ÖØ-Þ][\w'’-]+(?: (?:of |for |and )?[A-ZÀ-ÖØ-Þ][\w'’-]+)*){_TEAM}?{ALSO}"
    rf" {phrases('errand')}e?s\b"
)
_ACCEPTED = re.compile(
    r"^(?P<who>(?:The )?[A-ZÀ-ÖØ-Þ][\w'’-]+(?: [A-ZÀ-ÖØ-Þ][\w'’-]+)*)"
    rf"{_TEAM}? (?:has )?(?:[a-z]+ed|took|taken|chose)(?: [\w-]+){{1,6}},? and{ALSO} {FUTURE}\b"
)
_ASKED = re.compile(rf"^(?P<who>[A-ZÀ-ÖØ-Þ][^,.;:()]{{1,60}}?) (?:is |are )?to {phrases('errand')}\b")
# "Ada Ferro, Claims: train the new clerks."
_CALLED_UPON = re.compile(
    rf"^(?P<who>[A-ZÀ-ÖØ-Þ][\w'’-]+ [A-ZÀ-ÖØ-Þ][\w'’-]+){_TEAM.removesuffix(')')}|, [A-ZÀ-ÖØ-Þ][^.,;:()]{{1,40}})?"
    rf" ?[:–—] ?(?:to )?{phrases('imperative')}\b"
)
# "Ada Ferro will have the contracts confirmed": somebody else does it, she sees to it.
_SEES_TO = re.compile(
    rf"\b{FUTURE}{ALSO} (?:have|get) (?:the|all|its|their|his|her|our|these|each|every|both|a|an|\d+)"
    rf" [^.,;:]{{3,60}}? {PARTICIPLE}"
    r"(?=[.,;]| (?:by|in|at|with|from|for|again|anew|through|on)\b)"
)
_BINDING = re.compile(rf"\b(?:will|shall|(?:is|are) to){ALSO} be{ALSO} {PARTICIPLE}\b")
# "Every refund will be checked by the desk" says how it works from then on.
_STANDING = re.compile(
    rf"\b(?:every|each|all|any|always|never|if|{phrases('vague_recurrence')})\b", re.IGNORECASE
)


def is_taken_on(view: View, sentence: Sentence) -> bool:
    """Whether somebody named will do it, in whatever form that is told."""
    text = sentence.text
    return (
        promising(view, text) is Actor.NAMED
        or _sees_to(view, text)
        or _accepted(view, text)
        or owner_named(text)
        or _is_signed(view, sentence)
        or _does_errand(view, sentence)
        or (is_list_item(sentence.block) and (ends_in_name(text) or _is_called_upon(view, text)))
        or _is_asked(view, sentence)
    )


def promising(view: View, text: str) -> Actor | None:
    """Who "will do" something, as its subject says; None where nobody and nothing will."""
    for match in ACTIVE.finditer(text):
        clause = subject_before(text[: match.start()])
        verb = match["verb"].lower()
        if verb in _STATIVE and not (verb in _DONE_BY_PEOPLE and WHO.match(clause)):
            continue
        if clause and not in_relative_clause(clause):
            if is_department(clause) and _ERRAND.fullmatch(match["verb"]):
                return Actor.NAMED
            return actor_of(clause, view.names)
    return None


def _sees_to(view: View, text: str) -> bool:
    told = _SEES_TO.search(text)
    who = subject_before(text[: told.start()]) if told else ""
    return bool(who) and not in_relative_clause(who) and actor_of(who, view.names) is Actor.NAMED


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


def _is_called_upon(view: View, text: str) -> bool:
    called = _CALLED_UPON.match(without_number(text))
    return called is not None and actor_of(called["who"], view.names) is Actor.NAMED


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


def _is_asked(view: View, sentence: Sentence) -> bool:
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
