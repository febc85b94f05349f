"""What the heading above, or the line that opens or closes a list, says of all of it: whose it is, and by when."""

import re
from collections.abc import Iterator

from core.documents.model import Block
from core.rules.actors import Actor, actor_of, agent_named, is_department, owner_named, speaks_of_owner
from core.rules.dates import has_date, without_dates
from core.rules.lexicon import phrases, words
from core.rules.view import View

_INSTITUTION = phrases("institution")
_TERM = re.compile(
    r"\b(?:due|by|until|till|before|no later than|not later than|deadline|at the latest|target)\b",
    re.IGNORECASE,
)
# "Preventive actions of Engineering", "Measures with the harbour office".
_ACTIONS_OF = re.compile(
    r"\b(?:[Aa]ctions?|[Mm]easures?|[Ss]teps?|[Tt]asks?|[Cc]hanges|[Tt]o[- ][Dd]os?|[Cc]ommitments?|[Ww]ork)"
    rf" (?:of|by|with|assigned to) (?:the )?(?:[A-ZÀ-ÖØ-Þ]|(?:[\w-]+ ){{0,2}}{_INSTITUTION}\b)"
)
# "Ada Ferro, Claims, does the following:".
_DOES = re.compile(
    r"^(?:(?:By|Until|Before)\s+,?\s*)?(?P<who>[^:;]{3,90}?),? (?:does?|takes?|will\b|handles?|carr(?:y|ies)|commits?"
    r"|undertakes?|sees? to|is to|are to|answers?|ha(?:s|ve) (?:taken|agreed|promised)|agreed|promised)\b.*[:.]\s*$"
)
_OF_ALL = re.compile(
    r"\b(?:all|both|each|every|everything|the (?:two|three|four|five|six|seven|eight))"
    r" (?:of (?:these|them|the)|(?:these |the )?(?:actions?|items?|steps?|measures?|points?|tasks?|changes?)|are|is"
    r"|belong|lie|fall)\b",
    re.IGNORECASE,
)
# "Owners and dates stand in the register", "the actions are in plan QP-3 with owner and date".
_REGISTERED = re.compile(
    r"\b(?:owners?|names?)(?: and (?:their |due )?dates?)?"
    r" (?:are|is|stand|stands|follow|can be found|is kept|are kept) (?:in|with)"
    r"|\bwith (?:its |their |the |an? )?(?:owners?|names?) and (?:its |their |an? |due )?dates?\b",
    re.IGNORECASE,
)
_FEW_WORDS = 6
_SAYS_WHAT = words("words_of_action_headings")
_WORD = re.compile(r"[\w'’-]+")
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’-]+ [A-ZÀ-ÖØ-Þ][\w'’-]+")
_TEAM = re.compile(rf"\b(?:the|our|its) (?:[\w-]+ ){{0,2}}{_INSTITUTION}\b", re.IGNORECASE)


def owner_led(view: View, block: Block) -> bool:
    """Whether what stands above the block, or behind its list, names who does all of it."""
    heading, opening = view.lead_ins[block.id]
    does = _DOES.match(without_dates(opening))
    return bool(
        owner_named(heading)
        or agent_named(heading, view.names)
        or _ACTIONS_OF.search(heading)
        or (does and actor_of(does["who"], view.names) is Actor.NAMED)
        or any(_names_somebody(view, line) for line in _leading(heading, opening))
        or _closes(view.closings.get(block.id, ""))
        or _REGISTERED.search(opening)
    )


def _closes(closing: str) -> bool:
    """ "Ada Ferro owns both actions", behind the list."""
    spoken = _OF_ALL.search(closing) and (owner_named(closing) or speaks_of_owner(closing))
    return bool(spoken or _REGISTERED.search(closing))


def term_led(view: View, block: Block) -> bool:
    """Whether what stands above the block, or behind its list, sets the date for all of it."""
    closing = view.closings.get(block.id, "")
    for_all = bool(_OF_ALL.search(closing)) and _sets_term(closing)
    return for_all or any(_sets_term(line) for line in view.lead_ins[block.id])


def _leading(heading: str, opening: str) -> Iterator[str]:
    """Those of the two that hold for all that follows: they set its date, or are little more than a name and a colon.

    "As the Safety Board asked, these steps are planned:" names nobody who takes them.
    """
    if _sets_term(heading):
        yield heading
    if _sets_term(opening) or (opening.rstrip().endswith(":") and len(opening.split()) <= _FEW_WORDS):
        yield opening


def _sets_term(line: str) -> bool:
    return bool(_TERM.search(line)) and has_date(line)


def _names_somebody(view: View, line: str) -> bool:
    """ "Engineering (Ada Ferro), due 3 May", "Claims, by 3 May:", "until 3 May, by our harbour office"."""
    kept = [word for word in _WORD.findall(without_dates(line)) if word.lower() not in _SAYS_WHAT]
    bare = " ".join(kept)
    return bool(
        _NAME.search(bare)
        or _TEAM.search(line)
        or any(is_department(word) or word in view.names for word in kept)
    )
