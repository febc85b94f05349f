"""The prompt for one section. Its texts are versioned files under prompts/.

system 1   who you are, what a finding is, the document is data       the same for every review
system 2   the checklist                                             the same for every section
user 1     the outline with this section marked, what other sections say of the same, the points that concern it
user 2     the text, between two lines with a random mark
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from string import Template

from core.documents.model import Block, Section
from core.models.exchange import ModelRequest, fingerprint_of
from core.pipeline.answer import answer_schema
from core.pipeline.prompt_context import elsewhere, outline_lines, point_details, points_for
from core.pipeline.prompt_words import delimited, version_of, words
from core.pipeline.section_text import lines
from core.review.checklist import Checklist
from core.rules.key_facts import KeyFacts

PROMPT = "section-review/v2"
_FILES = ("system.md", "checklist.md", "context.md")
ANSWER_TOKENS = 1500
"""Least room for an answer; what answers of this kind usually take is learnt and may ask for more."""

_NOTHING_ELSEWHERE = KeyFacts()


@dataclass(frozen=True)
class Part:
    """Blocks of a section for one call.

    place: "" for all of it, else such as "part 2 of 3 of it". names: block ids as the prompt has them, where they
    differ: counted within the section they stay the same if something is inserted before it in the document.
    """

    blocks: tuple[Block, ...]
    place: str = ""
    answer_tokens: int = ANSWER_TOKENS
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def named_blocks(self) -> tuple[Block, ...]:
        return tuple(replace(block, id=self.names.get(block.id, block.id)) for block in self.blocks)


@cache
def prompt_version() -> str:
    return version_of(PROMPT, _FILES, schema=str(answer_schema()))


def section_request(
    part: Part,
    *,
    section: Section,
    outline: Sequence[Section],
    checklist: Checklist,
    facts: KeyFacts = _NOTHING_ELSEWHERE,
) -> ModelRequest:
    """Returns the request for one part of a section. outline: all sections. facts: of the whole document."""
    system = (words(PROMPT, "system.md"), checklist_block(checklist))
    points = points_for(checklist, section, part.blocks)
    stated_elsewhere = elsewhere(facts, outline=outline, section=section, blocks=part.blocks)
    details = point_details(points)
    context = Template(words(PROMPT, "context.md")).substitute(
        part=f" (you get {part.place})" if part.place else "",
        outline=outline_lines(outline, at=_index_of(section, outline)),
        elsewhere=stated_elsewhere,
        points=details,
    )
    # The other titles only say where the section stands: one more elsewhere makes this no other question.
    place = f"{part.place}|{outline_lines([section], at=0)}|{stated_elsewhere}|{details}"
    text = "\n".join(lines(part.named_blocks))
    # Two spellings of the same letters are the same question; spaces stay, quotes are held to them.
    same_text = unicodedata.normalize("NFC", text)
    asked = (prompt_version(), *system, place, same_text, str(part.answer_tokens))
    return ModelRequest(
        system=system,
        user=(context, delimited("document", text)),
        schema=answer_schema(),
        schema_name="section_review",
        prompt_version=prompt_version(),
        fingerprint=fingerprint_of(*asked),
        answer_tokens=part.answer_tokens,
    )


def checklist_block(checklist: Checklist) -> str:
    points = "\n".join(f"{point.number}. {point.name}: {point.intent}" for point in checklist.points)
    return Template(words(PROMPT, "checklist.md")).substitute(name=checklist.name, points=points)


def _index_of(section: Section, outline: Sequence[Section]) -> int:
    return next((index for index, other in enumerate(outline) if other.id == section.id), 0)
