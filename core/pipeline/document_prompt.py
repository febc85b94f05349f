"""What a model is asked about the whole document: what no section shows alone.

system 1   what to look for, what a finding is                        the same for every review
system 2   the checklist, as in a section's prompt
user 1     the outline, what terms stand for and the figures that sections share
user 2     the text, all of it where it fits, else what decides most
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from string import Template

from core.documents.model import Block, BlockKind, Section
from core.models.exchange import ModelRequest, fingerprint_of
from core.pipeline.answer import answer_schema
from core.pipeline.prompt import Part, checklist_block
from core.pipeline.prompt_context import facts_of_all, outline_lines
from core.pipeline.prompt_words import delimited, version_of, words
from core.pipeline.section_text import lines
from core.review.checklist import Checklist
from core.rules.figures import has_figure
from core.rules.key_facts import KeyFacts
from core.rules.topics import Topic, topics_of

PROMPT = "document-review/v1"
WHOLE_CHARS = 60_000
"""About 17,000 tokens: some 25 pages go in whole, and the call stays a tenth of a minute's tokens."""
_FILES = ("system.md", "context.md")
_LEFT_OUT = "..."
_WEIGHTY = frozenset({Topic.SUMMARY, Topic.ROOT_CAUSE, Topic.RESOLVING, Topic.PREVENTIVE, Topic.CONCLUSION})


@cache
def document_prompt_version() -> str:
    return version_of(PROMPT, _FILES, schema=str(answer_schema()))


def document_request(
    part: Part, *, outline: Sequence[Section], checklist: Checklist, facts: KeyFacts
) -> ModelRequest:
    """Returns the request for the pass over the whole document. part: all readable blocks."""
    system = (words(PROMPT, "system.md"), checklist_block(checklist))
    kept = weightiest(part.named_blocks)
    shortened = len(kept) < len(part.named_blocks)
    context = Template(words(PROMPT, "context.md")).substitute(
        part=" (it is long: less weighty paragraphs are left out)" if shortened else "",
        outline=outline_lines(outline),
        elsewhere=facts_of_all(facts, outline),
    )
    text = "\n".join(_with_gaps(part.named_blocks, kept))
    same_text = unicodedata.normalize("NFC", text)
    asked = (document_prompt_version(), *system, context, same_text, str(part.answer_tokens))
    return ModelRequest(
        system=system,
        user=(context, delimited("document", text)),
        schema=answer_schema(),
        schema_name="document_review",
        prompt_version=document_prompt_version(),
        fingerprint=fingerprint_of(*asked),
        answer_tokens=part.answer_tokens,
    )


def weightiest(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Returns the blocks that fit into a prompt, in order.

    If not all fit: headings first, then causes, actions and summary, then figures.
    """
    if sum(len(block.text) for block in blocks) <= WHOLE_CHARS:
        return tuple(blocks)
    ranks = _ranks(blocks)
    order = sorted(range(len(blocks)), key=lambda at: (ranks[at], at))
    room, kept = WHOLE_CHARS, set()
    for at in order:
        if len(blocks[at].text) <= room:
            room -= len(blocks[at].text)
            kept.add(at)
    return tuple(block for at, block in enumerate(blocks) if at in kept)


def _ranks(blocks: Sequence[Block]) -> list[int]:
    ranks, weighty = [], False
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            weighty = bool(topics_of(block.text) & _WEIGHTY)
            ranks.append(0)
        elif weighty:
            ranks.append(1)
        else:
            ranks.append(2 if block.cell is not None or has_figure(block.text) else 3)
    return ranks


def _with_gaps(blocks: Sequence[Block], kept: Sequence[Block]) -> list[str]:
    """The lines of the kept blocks, with a mark for every run that was left out."""
    ids = {block.id for block in kept}
    found: list[str] = []
    run: list[Block] = []
    for block in blocks:
        if block.id in ids:
            run.append(block)
        elif run or not found:
            found += [*lines(run), _LEFT_OUT]
            run = []
    return found + lines(run)
