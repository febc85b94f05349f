"""What answers of several rooms have in common, and the words for how far work is."""

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
    """start and end in UTF-16 units of the block's text."""

    block_id: str
    start: int
    end: int


class Problem(Answer):
    """RFC 9457. current: the finding or outline as it is now, with request/changed."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    next_step: str
    correlation_id: str
    current: dict[str, Any] | None = None


class TaskError(Answer):
    model_config = ConfigDict(extra="allow")
    code: str
    detail: str
    retryable: bool
    next_step: str
    correlation_id: str = ""


class Progress(Answer):
    """ahead: unfinished tasks that come first. eta_s: about how long until it has ended, or is tried again."""

    stage: str
    waiting_for: str | None = None
    ahead: int | None = None
    eta_s: int | None = None
