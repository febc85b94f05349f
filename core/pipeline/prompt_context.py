"""What goes into a prompt beside a section's text: the points that concern it, and what other sections say.

Everything is cut to a budget here, so that no document and no checklist makes a prompt grow without bound.
"""

import re
from collections.abc import Iterable, Sequence

from core.documents.model import Block, Section
from core.pipeline.section_text import clean
from core.review.checklist import Checklist, Point
from core.rules.key_facts import KeyFacts, KeyFigure
from core.rules.topics import topics_of

OUTLINE_AROUND = 30
POINTS_CHARS = 3_500
"""About 1,000 tokens: five or six points in detail."""
ELSEWHERE_CHARS = 1_400
"""About 400 tokens."""
_TITLE_CHARS = 120
_MOST_TERMS = 20
_MOST_FIGURES = 24
_PLACES_SHOWN = 3
_LEAST_LETTERS = 5
_WORD = re.compile(r"[^\W\d_]{3,}")


def outline_lines(outline: Sequence[Section], *, at: int | None = None) -> str:
    """A line per section, "..." for those far from the one at index `at`, which is marked. None: all of them."""
    around = OUTLINE_AROUND if at is not None else 2 * OUTLINE_AROUND
    first, last = max(0, (at or 0) - around), min(len(outline), (at or 0) + around + 1)
    rows = ["..."] if first else []
    rows += [_outline_line(outline[index], marked=index == at) for index in range(first, last)]
    return "\n".join([*rows, *(["..."] if last < len(outline) else [])])


def points_for(checklist: Checklist, section: Section, blocks: Sequence[Block]) -> tuple[Point, ...]:
    """The checklist points that concern the section, the most fitting first, as many as the budget holds.

    A point fits by the topic of the section's heading, or by the words of its name in the section's text.
    """
    topics = {topic.value for topic in topics_of(section.name)}
    words_present = set(_words(f"{section.name} " + " ".join(block.text for block in blocks)))
    rated = [(_fit(point, topics, words_present), point) for point in checklist.points]
    wanted = [point for fit, point in sorted(rated, key=lambda one: -one[0]) if fit]
    return tuple(_within(wanted, POINTS_CHARS))


def point_details(points: Iterable[Point]) -> str:
    """What good looks like, what is typically missing and what is asked; "" without points."""
    lines = [_detail(point) for point in points]
    if not lines:
        return ""
    head = "Of the checklist, these points concern such a section most:"
    return "\n".join(["", head, "", *lines, ""])


def elsewhere(
    facts: KeyFacts, *, outline: Sequence[Section], section: Section, blocks: Sequence[Block]
) -> str:
    """Terms that other sections define, and figures that others give for what this section counts; "" without any."""
    text = "\n".join(block.text for block in blocks)
    own = {block.id for block in blocks}
    terms = [
        f"- {term.name}: {clean(term.words)}"
        for term in facts.terms
        if term.block_id not in own and re.search(rf"\b{re.escape(term.name)}s?\b", text)
    ]
    kinds = {fact.kind for fact in facts.figures if section.id in fact.section_ids}
    figures = [fact for fact in facts.figures if fact.kind in kinds and set(fact.section_ids) - {section.id}]
    return _facts("Defined elsewhere in the document:", terms[:_MOST_TERMS]) + _facts(
        "Figures that other sections give for what this one counts:", _figure_lines(figures, outline)
    )


def facts_of_all(facts: KeyFacts, outline: Sequence[Section]) -> str:
    """For the pass over the whole document: defined terms, and figures that sections share or give differently."""
    counted = [fact.kind for fact in facts.figures]
    shared = [fact for fact in facts.figures if len(fact.section_ids) > 1 or counted.count(fact.kind) > 1]
    terms = [f"- {term.name}: {clean(term.words)}" for term in facts.terms[:_MOST_TERMS]]
    return _facts("Defined in the document:", terms) + _facts(
        "Figures, and the sections that give them:", _figure_lines(shared, outline)
    )


def _figure_lines(figures: Sequence[KeyFigure], outline: Sequence[Section]) -> list[str]:
    names = {section.id: title(section) for section in outline}
    return [
        f"- {clean(fact.written)} ({'; '.join(names.get(id, '?') for id in fact.section_ids[:_PLACES_SHOWN])})"
        for fact in figures[:_MOST_FIGURES]
    ]


def _facts(head: str, lines: Sequence[str]) -> str:
    kept, room = [], ELSEWHERE_CHARS
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(["", head, *kept, ""]) if kept else ""


def _fit(point: Point, topics: set[str], words_present: set[str]) -> int:
    if not point.concerns and not topics:
        return 1
    concern = 2 * bool(topics & set(point.concerns))
    named = [word for word in _words(point.name) if len(word) >= _LEAST_LETTERS]
    return concern + bool(named) * all(word in words_present for word in named)


def _within(points: Iterable[Point], most_chars: int) -> Iterable[Point]:
    room = most_chars
    for point in points:
        room -= len(_detail(point)) + 1
        if room < 0:
            return
        yield point


def _detail(point: Point) -> str:
    gaps, questions = " ".join(point.gaps), " ".join(point.questions)
    return f"{point.number}. {point.name}. Good: {point.good} Often missing: {gaps} Ask: {questions}"


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def title(section: Section) -> str:
    """A section's title on one line, of bounded length: titles are document text too."""
    return clean(f"{section.label} {section.name}".strip())[:_TITLE_CHARS]


def _outline_line(section: Section, *, marked: bool) -> str:
    return f"{'>>' if marked else '  '} {'  ' * (section.level - 1)}{title(section)}"
