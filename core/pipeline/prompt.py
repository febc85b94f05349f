"""What a model is asked about one section. The words are versioned files under prompts/.

system 1   who you are, what a finding is, the document is data       the same for every review
system 2   the checklist                                             the same for every section
user 1     the outline with this section marked
user 2     the text, between two lines with a random mark
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from string import Template

from core.documents.model import Block, Section
from core.models.exchange import ModelRequest, fingerprint_of
from core.pipeline.answer import answer_schema
from core.pipeline.section_text import clean, lines
from core.review.checklist import Checklist, Point

PROMPT = "section-review/v1"
_FILES = ("system.md", "checklist.md", "context.md")
ANSWER_TOKENS = 1500
"""Least room for an answer; what answers of this kind usually take is learnt and may ask for more."""
_OUTLINE_AROUND = 30
_TITLE_CHARS = 120
_QUESTIONS = 2


@dataclass(frozen=True)
class Part:
    """Blocks of a section for one call. place: "" for all of it, else such as "part 2 of 3 of it".

    names: block ids as the prompt has them, where they differ. Counted within the section they stay the same when
    something is inserted before it in the document.
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
    """Name, version and hash of the words and the schema: an edit without a new version is still another prompt."""
    digest = hashlib.sha256("\n".join([*map(_file, _FILES), str(answer_schema())]).encode())
    return f"{PROMPT}-{digest.hexdigest()[:8]}"


def section_request(
    part: Part, *, section: Section, outline: Sequence[Section], checklist: Checklist
) -> ModelRequest:
    """outline: all sections of the document, in order."""
    system = (_file("system.md"), _checklist_block(checklist))
    context = _context_block(part, section, outline)
    # The other titles only say where the section stands: one more elsewhere makes this no other question.
    place = f"{part.place}|{_outline_line(section, marked=True)}"
    text = "\n".join(lines(part.named_blocks))
    # Two spellings of the same letters are the same question; spaces stay, quotes are held to them.
    same_text = unicodedata.normalize("NFC", text)
    asked = (prompt_version(), *system, place, same_text, str(part.answer_tokens))
    return ModelRequest(
        system=system,
        user=(context, _delimited(text)),
        schema=answer_schema(),
        schema_name="section_review",
        prompt_version=prompt_version(),
        fingerprint=fingerprint_of(*asked),
        answer_tokens=part.answer_tokens,
    )


def _delimited(text: str) -> str:
    """The mark is new for every request, so no document can hold the line that ends it."""
    mark = secrets.token_hex(8)
    return f"<<<document {mark}>>>\n{text}\n<<<end {mark}>>>"


def _checklist_block(checklist: Checklist) -> str:
    points = "\n".join(_point_line(point) for point in checklist.points)
    return Template(_file("checklist.md")).substitute(name=checklist.name, points=points)


def _point_line(point: Point) -> str:
    questions = " ".join(point.questions[:_QUESTIONS])
    return f"{point.number}. {point.name}: {point.intent} {questions}".rstrip()


def _context_block(part: Part, section: Section, outline: Sequence[Section]) -> str:
    at = next((index for index, other in enumerate(outline) if other.id == section.id), 0)
    first, last = max(0, at - _OUTLINE_AROUND), min(len(outline), at + _OUTLINE_AROUND + 1)
    rows = ["..."] if first else []
    rows += [_outline_line(other, marked=other.id == section.id) for other in outline[first:last]]
    rows += ["..."] if last < len(outline) else []
    place = f" (you get {part.place})" if part.place else ""
    return Template(_file("context.md")).substitute(part=place, outline="\n".join(rows))


def _outline_line(section: Section, *, marked: bool) -> str:
    """Titles are document text too: one line, of bounded length."""
    title = clean(f"{section.label} {section.name}".strip())[:_TITLE_CHARS]
    return f"{'>>' if marked else '  '} {'  ' * (section.level - 1)}{title}"


@cache
def _file(name: str) -> str:
    folder = resources.files("core.pipeline").joinpath("prompts", *PROMPT.split("/"))
    return folder.joinpath(name).read_text(encoding="utf-8").strip()
