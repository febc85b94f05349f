"""Who a sentence says will do something: a named person or team, nobody in particular, or a thing."""

import re
from enum import StrEnum

from core.rules.dates import MONTHS
from core.rules.lexicon import phrases, words

_CAP = r"[A-ZÀ-ÖØ-Þ][\w'’&-]*"
_INSTITUTION = phrases("institution")
_APPOSITION = rf"(?:,? \([^)]*\)|, (?:the )?{_CAP}[^,]*,?|, (?:the |a )?[a-z ]*{_INSTITUTION}[^,]*,?)?"
_NAME_RUN = rf"{_CAP}(?: (?:(?:and|of|de|van|von|der|la|&) )*{_CAP})*"
_NAMED = re.compile(
    rf"^(?:[Tt]he |[Bb]oth )?(?:(?:[a-z]+ ){{0,2}}{_INSTITUTION} (?:of|for|at|in) )?"
    rf"(?:the )?(?P<name>{_NAME_RUN}){_APPOSITION}"
    rf"(?: (?:{_INSTITUTION}|(?:of|from|in|at) {_CAP}(?: {_CAP})*))?{_APPOSITION}$"
)
_ROLE = re.compile(
    rf"^(?:[Tt]he|[Ii]ts|[Oo]ur|[Aa]n?)(?: [\w-]+){{0,3}} {_INSTITUTION}(?: (?:of|for) [\w ]+)?$"
)
_HONORIFIC = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? (?=[A-ZÀ-ÖØ-Þ])")
_NOBODY = re.compile(rf"^{phrases('nobody_as_subject')}$", re.IGNORECASE)
_BY_ACTOR = re.compile(
    rf"\bby (?:(?:the |an? |its |our )?(?:[\w-]+ ){{0,3}}?{_INSTITUTION}s?\b|(?:the )?(?P<name>{_CAP})"
    r"|(?:each|every|all) \w+)"
)
# Not "by the data team tool".
_AGENT_ENDS = r"(?=$|[.,;:)]| (?:and|as|at|for|from|in|of|on|over|through|to|under|using|who|with)\b)"
_AGENT = re.compile(
    rf"\bby (?P<who>(?:the |an? |its |our )(?:[\w-]+ ){{0,3}}?{_INSTITUTION}|(?:the )?{_NAME_RUN}){_AGENT_ENDS}"
)
_DEPARTMENTS = words("departments")
_OWNERSHIP = re.compile(
    r"\bown(?:er|ed)s?\b|\bown(?:s|ing)? (?:it|this|the|that|these|both|all|each)\b|\bassign(?:ed to|ee)\b"
    r"|\bresponsible:"
    r"|\b(?:is|are|be) (?:responsible|accountable)\b|\bleads?(?:s|:)|\bwill lead\b|\bin charge of\b"
    r"|\b(?:accepted|agreed) (?:it|this|the action)\b|\bwill \w+ (?:\w+ )?(?:this|it|them|these|both|that)\b"
)
_OWNER_NAMED = re.compile(
    r"\b(?:[Oo]wner|[Rr]esponsible|[Ll]ead|[Oo]wned by|[Aa]ssignee|[Aa]ssigned to)\b ?(?:[:=–]|is\b) ?"
    rf"(?:the )?(?P<name>{_NAME_RUN})"
    rf"|\b(?P<owns>{_NAME_RUN}) (?:owns|is responsible for|is accountable for|takes over|will lead|leads) "
    rf"|\b{_CAP} {_CAP} {phrases('takes_it')} (?:it|this|that|these|them|this one|the (?:action|item|task|job))"
    r"(?=[.,;)]|$)"
    rf"|\b{_CAP} {_CAP} {phrases('takes_on')}\b"
    rf"|\b{_CAP} {_CAP} [a-z]+s (?:it|this|these|them|both)(?=[.,;]|$| (?:by|until|before|on)\b)"
    # Initials in brackets, with their date.
    r"|[(\[][A-Z]{2,3}, [^)\]]{0,20}\d[^)\]]{0,12}[)\]]"
)
_HELD_BY = re.compile(
    r"\b(?:falls|goes|lies|rests|sits|remains|is|are|(?:given|handed|assigned|allotted|left|entrusted))"
    rf" (?:to|with|up to|down to|in the hands of|for) (?P<name>{_CAP} {_CAP})(?=[.,;)]|$| (?:to|and|of|in)\b)"
)
# "A second reader: Ada Ferro", "Add the check - Ada Ferro, Claims", "Add it (owner Ada Ferro)".
_NAME_LAST = re.compile(
    rf"[a-z\d)] ?(?:[:–—(]|- ) ?(?:[Oo]wner |[Rr]esp\.? |[Bb]y )?{_CAP} {_CAP}(?:, {_CAP}(?: {_CAP})*)?[).]*$"
)
# "Ada Ferro." or "Ada Ferro, Data Team." behind what is to be done.
_SIGNATURE = re.compile(rf"^{_CAP} {_CAP}(?: {_CAP})?(?:, {_CAP}(?: (?:and |of )?{_CAP})*)?\.?$")
_OWNER_FIELD = re.compile(
    r"\b(?:owner|responsible|assignee|assigned to|lead|who|in charge|by whom) ?[:=–] ?(?P<who>[^.;()]+)",
    re.IGNORECASE,
)
# "AI-2 (unassigned, 6 March)"
_UNASSIGNED = re.compile(
    r"[(,;:–-] ?(?:unassigned|un-?owned|not (?:yet )?assigned|no owner(?: yet)?|owner missing)(?=[),.;]|$)",
    re.IGNORECASE,
)
_NOBODY_IN_A_CELL = re.compile(phrases("nobody_in_a_cell"), re.IGNORECASE)
_INDEFINITE = words("indefinite_owner")
_FIRST_WORDS = words("never_a_name")
_CALENDAR = (
    frozenset(MONTHS)
    | frozenset(month[:3] for month in MONTHS)
    | {"q1", "q2", "q3", "q4", "end", "monday", "tuesday", "wednesday", "thursday", "friday"}
)


class Actor(StrEnum):
    NAMED = "named"
    NOBODY = "nobody"
    THING = "thing"


def actor_of(subject: str, names: frozenset[str]) -> Actor:
    """What stands before "will". names: single words the document uses as names."""
    subject, titled = _HONORIFIC.subn("", subject.strip())
    if _NOBODY.match(subject):
        return Actor.NOBODY
    if _ROLE.match(subject):
        return Actor.NAMED
    match = _NAMED.match(subject)
    if match and (titled or _is_name(match["name"], names)):
        return Actor.NAMED
    return Actor.THING


def done_by(text: str) -> bool:
    """Whether a passive names who does it: "by Depot Planning", not "by 30 May"."""
    return any(
        match["name"] is None or match["name"].lower().rstrip(".") not in _CALENDAR
        for match in _BY_ACTOR.finditer(text)
    )


def agent_named(text: str, names: frozenset[str]) -> bool:
    """Whether a passive names the person or team who does it; "by each reviewer" and "by Version 3" name none."""
    return any(
        actor_of(match["who"], names) is Actor.NAMED and match["who"].split()[0].lower() not in _CALENDAR
        for match in _AGENT.finditer(text)
    )


def is_department(subject: str) -> bool:
    """A team that goes by one word which can also be a thing; what it is said to do tells."""
    return subject.removeprefix("the ").removeprefix("The ") in _DEPARTMENTS


def speaks_of_owner(text: str) -> bool:
    """Whether the text says anything at all about who owns something."""
    return bool(_OWNERSHIP.search(text))


def owner_named(text: str) -> bool:
    """Whether a name stands beside a word for ownership: "(owner: Ada Ferro)", "Ada Ferro owns it"."""
    held = _HELD_BY.search(text)
    return bool(_OWNER_NAMED.search(text) or (held and held["name"].split()[0].lower() not in _FIRST_WORDS))


def ends_in_name(text: str) -> bool:
    """Whether a person's name is the last thing that an item says, behind a mark."""
    return bool(_NAME_LAST.search(text))


def is_signature(text: str) -> bool:
    """Whether the sentence is nothing but a name, perhaps with its team."""
    return bool(_SIGNATURE.match(text))


def owned_by_nobody(text: str) -> bool:
    """Whether a field for the owner holds nobody: "Owner: all of us", "(who: still open)"."""
    return bool(_UNASSIGNED.search(text)) or any(
        is_nobody(field["who"]) for field in _OWNER_FIELD.finditer(text)
    )


def is_nobody(who: str) -> bool:
    """Whether what stands in a field for the owner is nobody in particular: "all of us", "Somebody in Validation",
    "whoever has time"; a later word with a capital speaks for somebody unless the first word is vague."""
    row = re.findall(r"[\w’'-]+", who)
    if who.rstrip().endswith("?"):
        return bool(row)
    if not row or _NOBODY_IN_A_CELL.fullmatch(who.strip(" .")):
        return bool(row)
    named = any(word[0].isupper() for word in row[1:])
    vague = row[0].lower() in _INDEFINITE and not (len(row) > 1 and row[1][0].isupper())
    return vague if named else any(word.lower() in _INDEFINITE for word in row)


def has_proper_name(text: str) -> bool:
    """Whether two capitalised words stand together after the first word: a person or a team."""
    return bool(re.search(rf"(?<=\S )(?:{_CAP} )+{_CAP}", text)) or bool(
        re.search(rf"[(–:,-] ?{_CAP}(?: {_CAP})*[,)]", text)
    )


def _is_name(name: str, names: frozenset[str]) -> bool:
    parts = name.split()
    if parts[0].lower() in _FIRST_WORDS:
        return False
    if len(parts) > 1:
        return True
    return name in names or (name.isupper() and len(name) > 1)
