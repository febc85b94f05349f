"""Schemas shared by several subjects: blocks, problems, progress."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

TaskWord = Literal["queued", "running", "retrying", "completed", "failed", "cancelled"]
SectionWord = Literal[
    "not_started", "queued", "running", "retrying", "completed", "failed", "cancelled", "skipped"
]

People = dict[str, str]
"""The names of users by their ids; absent where that is the name."""


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BlockRange(Answer):
    """A range of a block's text, in UTF-16 units."""

    block_id: str
    start: int
    end: int


class Problem(Answer):
    """RFC 9457 problem details. current: the present finding or outline, with request/changed."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    next_step: str
    correlation_id: str
    current: dict[str, Any] | None = None


class TaskError(Answer):
    """Why a task failed or is retried."""

    model_config = ConfigDict(extra="allow")
    code: str
    detail: str
    retryable: bool
    next_step: str
    correlation_id: str = ""


class Progress(Answer):
    """Progress of a task that has not ended.

    ahead: unfinished tasks that come first. eta_s: estimated seconds until it has ended, or is tried again.
    """

    stage: str
    waiting_for: str | None = None
    ahead: int | None = None
    eta_s: int | None = None
