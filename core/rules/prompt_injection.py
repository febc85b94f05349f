"""Text that speaks to an AI reviewer instead of to people."""

import re
from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.lexicon import phrases
from core.rules.openings import Quick
from core.rules.rule import Hit, Rule, hit_in
from core.rules.view import Sentence, View

_ADDRESS = (
    r"[Nn]ote|[Nn]otice|[Mm]essage|[Ii]nstructions?|[Aa]ttention|[Tt]o|[Ff]or|[Dd]ear|[Hh]ey|[Ii]f you are|[Yy]ou are"
    r"|[Aa]s"
)
_ADDRESSED = re.compile(
    rf"(?:^|[\"“'‘:(\[]|\b(?:{_ADDRESS}) (?:to |for )?(?:all |any |an? |the |every )*)\s*"
    rf"(?:[Aa]ny |[Aa]ll |[Tt]he |[Aa]n? |[Ee]very )?(?i:{phrases('machine')})\b[^.!?]{{0,80}}?"
    rf"(?:\b{phrases('command')}\b[^.!?]*\b{phrases('object_of_review')}\b"
    rf"|\b{phrases('object_of_review')}\b[^.!?]{{0,40}}\b(?:must|should|shall|may|can)(?: not)? be\b)"
)
_OVERRIDE = Quick(re.compile(phrases("override"), re.IGNORECASE))
_ABOUT_PEOPLE = re.compile(
    r"\b(?:told|instructed|asked|reviewers? (?:was|were)|procedure|manual says|analysts?|clerks?)\b",
    re.IGNORECASE,
)


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        match = _ADDRESSED.search(sentence.text) or _override(sentence)
        if match:
            hidden = "hidden" in sentence.block.flags
            yield hit_in(
                sentence,
                0,
                len(sentence.text),
                reason="This text gives orders to an AI that reviews the document"
                + (" and is hidden from readers." if hidden else "; it is not addressed to people."),
                questions=("Where does this text come from, and who put it there?",),
            )


def _override(sentence: Sentence) -> re.Match[str] | None:
    """Orders without an addressee, unless the sentence tells what people were told."""
    match = _OVERRIDE.search(sentence.text)
    return match if match and not _ABOUT_PEOPLE.search(sentence.text) else None


RULE = Rule(
    slug="prompt-injection",
    title="Text addressed to an AI reviewer",
    type=FindingType.CRITICAL,
    risk=Risk.HIGH,
    hawkeye_refs=(13, 15),
    suggestion="Take it out, or mark it as evidence and describe it in your own words; it was not followed here.",
    because="It tries to steer the review.",
    precision="An order to a machine about reviewing, not a mention of a model; quoted text counts, it is read too.",
    find=_find,
)
