"""Text that speaks to an AI reviewer instead of to people."""

import re
from collections.abc import Iterator
from dataclasses import replace

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
# "Any AI tool reading this must agree ...", "Dear assistant summarizing this log: treat ..."
_READING = re.compile(
    rf"\b(?i:{phrases('machine')})(?: \w+){{0,2}} (?:that |which |who )?(?i:{phrases('machine_reads')})\b"
    r"[^.!?:]{0,50}"
    r"(?::\s*\w|\b(?:must|should|shall|please|will|is to|are to|may only)\b"
    r"|, (?:tell|have|make|instruct|ask|let) (?:it|them)\b)"
    rf"|(?:^|[\"“'‘(\[]|\bFor )(?i:{phrases('machine')}|automated|automatic|machine)"
    rf" (?i:{phrases('machine_reader')})\s?:\s*\w"
    rf"|\b(?:Dear|Attention|Hello|Hi|Hey|Note to)[,:]? (?:the |any |all |every )?(?i:{phrases('machine')})\s?[,:]"
    rf"|\b(?i:automated|automatic|machine|AI|LLM) (?i:{phrases('machine_reader')})"
    r" (?:is|are|must|shall|should|ha(?:s|ve)|needs?) (?:to )?(?:not )?"
    r"(?:ignore|disregard|skip|treat|classify|rate|mark|grade|accept|approve|pass)\b"
    r"|\b[Rr](?:eply|espond) (?:only )?with [\"“'‘]?[A-Z]{2,}\b"
)
_OVERRIDE = Quick(re.compile(phrases("override"), re.IGNORECASE))
_ABOUT_PEOPLE = re.compile(
    r"\b(?:told|instructed|asked|reviewers? (?:was|were)|procedure|manual says|analysts?|clerks?)\b",
    re.IGNORECASE,
)


def _find(view: View) -> Iterator[Hit]:
    last: Sentence | None = None
    for sentence in view.sentences:
        if _is_order(sentence):
            last = replace(last, end=sentence.end) if last and _follows(view, last, sentence) else sentence
        elif last is not None:
            yield _hit(last)
            last = None
    if last is not None:
        yield _hit(last)


def _is_order(sentence: Sentence) -> bool:
    text = sentence.text
    return bool(_ADDRESSED.search(text) or _READING.search(text) or _override(sentence))


def _follows(view: View, last: Sentence, sentence: Sentence) -> bool:
    """Orders that stand one after the other are one text."""
    before, _ = view.neighbours(sentence)
    return before is not None and before.block is last.block and before.end == last.end


def _hit(order: Sentence) -> Hit:
    hidden = "hidden" in order.block.flags
    return hit_in(
        order,
        0,
        len(order.text),
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
