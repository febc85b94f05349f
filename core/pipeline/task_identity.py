"""Derives task ids: the same text under the same checklist, guidelines and prompt is the same task."""

import hashlib
import uuid
from collections.abc import Sequence

from core.documents.model import Block, Section
from core.pipeline.document_prompt import document_prompt_version
from core.pipeline.guidance_prompt import guidance_version
from core.pipeline.guideline_prompt import guidelines_version
from core.pipeline.prompt import prompt_version
from core.review.checklist import load_checklist
from core.review.session import DOCUMENT_SECTION, ReviewSession

_NAMESPACE = uuid.UUID("6f1d3c52-6a0e-5b8e-9b8f-0c7a5f0b2d11")


def section_of(session: ReviewSession, section_id: str, blocks: Sequence[Block]) -> Section | None:
    """Returns the section with that id, also for the whole document; None if there is none."""
    if section_id == DOCUMENT_SECTION and blocks:
        return Section(DOCUMENT_SECTION, "Whole document", first=0, last=len(blocks) - 1)
    return session.section(section_id)


def blocks_asked(session: ReviewSession, section: Section, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Returns the blocks that a task about `section` reads: never those of skipped sections.

    blocks: the document's.
    """
    if section.id != DOCUMENT_SECTION:
        return section.blocks(blocks)
    skipped = {block.id for other in session.sections if other.skipped for block in other.blocks(blocks)}
    return tuple(block for block in blocks if block.id not in skipped)


def section_task_id(
    session: ReviewSession, section: Section, *, blocks: tuple[Block, ...], run: int = 0
) -> str:
    """Returns the id of the section's task.

    blocks: the document's. run: 0, plus one for every run that was forced.
    """
    text = "\n".join(block.text for block in blocks_asked(session, section, blocks))
    asked = (
        session.id,
        section.id,
        hashlib.sha256(text.encode()).hexdigest(),
        f"{session.checklist}/{session.checklist_version or load_checklist(session.checklist).version}",
        f"{guidelines_version()}/{session.guidelines.sha256}" if session.guidelines else "",
        f"{guidance_version()}/{session.guidance.sha256}" if session.guidance else "",
        document_prompt_version() if section.id == DOCUMENT_SECTION else prompt_version(),
        str(run),
    )
    return str(uuid.uuid5(_NAMESPACE, "|".join(asked)))


def is_forced(task_id: str, session: ReviewSession, section: Section, *, blocks: tuple[Block, ...]) -> bool:
    """Whether the task is a forced run, as its id shows, so that a replay knows it too.

    A task from before a change of the prompt counts as forced; that costs a call, never a wrong answer.
    """
    return task_id != section_task_id(session, section, blocks=blocks)
