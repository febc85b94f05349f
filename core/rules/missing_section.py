"""Parts that every write-up is expected to have and this one has not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.documents.model import Block, BlockKind
from core.review.finding import FindingType, Risk
from core.rules.action_columns import action_columns
from core.rules.rule import Hit, Rule, Scope
from core.rules.told_parts import told_parts
from core.rules.topics import BOTH_ACTIONS, EXPECTED, Topic, perhaps_topics_of, topics_of
from core.rules.view import View
from core.rules.writeup import is_an_article, reads_like_a_writeup

_ENOUGH_WORDS = 80
_TITLE_WORDS = 6
_TELLING = {Topic.TIMELINE, Topic.ROOT_CAUSE, Topic.RESOLVING, Topic.PREVENTIVE}
"""Who has one of these means to write such a document, whatever its words."""
_TITLE_LIKE = re.compile(r"^[^.!?]{3,60}$")
_RUN_IN = re.compile(r"^(?P<name>[A-Z][A-Za-z' /&-]{3,40})(?::|\.(?= [A-Z])| [–—] | \([^)]*\)$)")


@dataclass(frozen=True)
class _Part:
    reason: str
    suggestion: str
    question: str
    hawkeye_refs: tuple[int, ...]
    risk: Risk


_PARTS = {
    Topic.SUMMARY: _Part(
        "There is no summary (executive summary, overview): only who reads everything learns what happened.",
        "Open with five to ten lines: what happened, who was affected, why, what was done and what will change.",
        "What should someone know who reads only the first half page?",
        (13,),
        Risk.MEDIUM,
    ),
    Topic.TIMELINE: _Part(
        "There is no timeline (chronology): when the first signal came and how long each step took stays open.",
        "Add a timeline with date, time, event, actor and source, from the first signal to the end of containment.",
        "When was the first signal, and when was it acted on?",
        (2, 13),
        Risk.HIGH,
    ),
    Topic.IMPACT: _Part(
        "There is no impact section (impact assessment): how many were affected and what it cost is not assessed.",
        "Add a section on impact: customers, sellers and amounts, each with count and source.",
        "Who was affected, how many, and with what loss?",
        (1,),
        Risk.HIGH,
    ),
    Topic.ROOT_CAUSE: _Part(
        "There is no root cause section (root cause analysis): what made it possible is not explained.",
        "Add the root cause, with the chain of reasons that leads to it and the evidence for each step.",
        "Which gap in process or design made this possible?",
        (11,),
        Risk.HIGH,
    ),
    Topic.RESOLVING: _Part(
        "There is no section on resolving actions (corrective action, remediation): what was done is not told.",
        "Add what was done to stop it and to make it good, by whom and when.",
        "What was done, by whom, and when was it over?",
        (4, 13),
        Risk.HIGH,
    ),
    Topic.PREVENTIVE: _Part(
        "There is no section on preventative actions (preventive measures, prevention): nobody commits to a change.",
        "Add preventative actions, each with one owner, a date and the cause that it addresses.",
        "What will change so that it cannot happen again, who owns it and by when?",
        (12,),
        Risk.HIGH,
    ),
}
_BECAUSE = {
    Risk.HIGH: "Without it the decision in the review has nothing to rest on.",
    Risk.MEDIUM: "The content may be there, but it has to be searched for.",
}


def _find(view: View) -> Iterator[Hit]:
    present, perhaps = _present(view)
    told = present | perhaps | _in_tables(view) | told_parts(view)
    missing = [topic for topic in EXPECTED if topic not in told]
    if is_an_article(view):
        return
    recognised = len(present & set(EXPECTED)) + bool(perhaps)
    if recognised >= 2 and (present & _TELLING or _reads_like_a_writeup(view)):
        yield from (_hit(_PARTS[topic]) for topic in missing)
    elif recognised < 2 and _reads_like_a_writeup(view):
        # Hardly a part is recognised: perhaps it has no headings. Six findings would be noise.
        yield _combined(missing)


def _reads_like_a_writeup(view: View) -> bool:
    return sum(len(block.text.split()) for block in view.blocks) >= _ENOUGH_WORDS and reads_like_a_writeup(
        view
    )


def _present(view: View) -> tuple[set[Topic], set[Topic]]:
    """The parts that have a heading, and those that a heading of any document ("Plan") may stand for."""
    names = [block.text for block in view.headings] + [section.name for section in view.sections]
    names += [name for block in view.blocks for name in _titles(block)]
    present: set[Topic] = set()
    perhaps: set[Topic] = set()
    for name in names:
        if name != _title(view):
            doubtful = perhaps_topics_of(name)
            perhaps |= doubtful
            present |= topics_of(name) - doubtful
    return present, perhaps


def _in_tables(view: View) -> set[Topic]:
    """A table of actions with owners or dates is the part, whatever stands above it."""
    firsts = (table.blocks[0] for table in view.tables if action_columns(table) is not None)
    return {topic for block in firsts for topic in view.topics_at(block)} & BOTH_ACTIONS


def _title(view: View) -> str:
    """A long first heading is the title: "Impact of the depot move on deliveries" is no impact section."""
    first = view.blocks[0] if view.blocks else None
    titled = first is not None and first.kind is BlockKind.HEADING and len(first.text.split()) > _TITLE_WORDS
    return first.text if first is not None and titled else ""


def _titles(block: Block) -> list[str]:
    """A heading that is not marked as one: a short line alone, the first words of a paragraph before a colon."""
    run_in = _RUN_IN.match(block.text)
    text = block.text.strip()
    if run_in and len(run_in["name"].split()) <= 5:
        return [run_in["name"]]
    alone = _TITLE_LIKE.match(text) and len(text.split()) <= 5 and text[:1].isupper()
    label = block.cell is None or (block.cell.column == 0 and not block.cell.header)
    return [text] if alone and label and not text.endswith((",", ";")) else []


def _hit(part: _Part) -> Hit:
    return Hit(
        None,
        0,
        0,
        reason=part.reason,
        suggestion=part.suggestion,
        because=_BECAUSE[part.risk],
        questions=(part.question,),
        risk=part.risk,
        hawkeye_refs=part.hawkeye_refs,
    )


def _combined(missing: list[Topic]) -> Hit:
    listed = ", ".join(topic.value for topic in missing[:-1]) + f" and {missing[-1].value}"
    return Hit(
        None,
        0,
        0,
        reason=f"No headings for {listed} could be recognised.",
        suggestion="Give each part a heading, or leave this finding aside if the document is no incident write-up.",
        because="It may be another kind of document.",
        risk=Risk.MEDIUM,
        hawkeye_refs=(13,),
    )


RULE = Rule(
    slug="missing-section",
    title="Missing section",
    type=FindingType.CRITICAL,
    risk=Risk.HIGH,
    hawkeye_refs=(13,),
    suggestion="Add the part.",
    because=_BECAUSE[Risk.HIGH],
    precision="Many names per part count; with fewer than two parts recognised there is one finding, not six.",
    find=_find,
    scope=Scope.DOCUMENT,
)
