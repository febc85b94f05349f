"""Which task a question is: the same text under the same checklist, guidelines and prompt is the same task."""

import hashlib
import uuid

from core.documents.model import Block, Section
from core.pipeline.guideline_prompt import guidelines_version
from core.pipeline.prompt import prompt_version
from core.review.checklist import load_checklist
from core.review.session import ReviewSession

_NAMESPACE = uuid.UUID("6f1d3c52-6a0e-5b8e-9b8f-0c7a5f0b2d11")


def section_task_id(
    session: ReviewSession, section: Section, *, blocks: tuple[Block, ...], run: int = 0
) -> str:
    """blocks: all of the document. run: 0, and one more for every run that was asked for by force."""
    text = "\n".join(block.text for block in section.blocks(blocks))
    checklist = load_checklist(session.checklist)
    asked = (
        session.id,
        section.id,
        hashlib.sha256(text.encode()).hexdigest(),
        f"{checklist.id}/{checklist.version}",
        f"{guidelines_version()}/{session.guidelines.sha256}" if session.guidelines else "",
        prompt_version(),
        str(run),
    )
    return str(uuid.uuid5(_NAMESPACE, "|".join(asked)))


def is_forced(task_id: str, session: ReviewSession, section: Section, *, blocks: tuple[Block, ...]) -> bool:
    """Whether somebody wants a new answer to a question that has one. Read off the id, so that a replay knows too.

    A task from before a change of the prompt counts as forced; that costs a call, never a wrong answer.
    """
    return task_id != section_task_id(session, section, blocks=blocks)
