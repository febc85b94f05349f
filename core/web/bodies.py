"""The JSON bodies that routes take, as schemas: requests are checked against them, /openapi.json shows them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.queueing.keys import UUID
from core.review.chat import MOST_CHARS
from core.review.decision import Verdict
from core.review.finding import FindingType, Risk
from core.review.outline_editing import MOST_EDITS, Action
from core.review.session import Share

_UUID = f"^{UUID}$"
_FINDING = rf"^f[0-9a-f]{{20}}$|{_UUID}"
MOST_AT_ONCE = 2_000
"""Findings of one bulk decision."""


class RequestBody(BaseModel):
    """Unknown fields are passed over: scripts for the original endpoints send more than is needed here."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class AnalyzeSection(RequestBody):
    session_id: str | None = Field(default=None, pattern=_UUID)
    section_id: str | None = Field(default=None, max_length=12, examples=["s1"])
    section_name: str | None = Field(default=None, max_length=500)
    content: str | None = Field(
        default=None, description="Without session_id: the text to review, which becomes a review of its own"
    )
    force: bool = Field(default=False, description="Review a finished section once more")

    @model_validator(mode="after")
    def _names_a_section(self) -> "AnalyzeSection":
        if self.session_id and not (self.section_id or self.section_name):
            raise PydanticCustomError("section_needed", "section_id or section_name is needed")
        return self


class AnalyzeAll(RequestBody):
    session_id: str = Field(pattern=_UUID)


class Ask(RequestBody):
    session_id: str = Field(pattern=_UUID)
    message: str = Field(min_length=1, max_length=MOST_CHARS)
    section_id: str | None = Field(default=None, max_length=12, examples=["s1"])
    finding_id: str | None = Field(default=None, pattern=_FINDING)
    current_section: str | None = Field(
        default=None, max_length=500, description="Another name of section_id; a section's name will do"
    )


class GuidelinesText(RequestBody):
    text: str = Field(min_length=1)
    name: str = Field(default="Guidelines", min_length=1, max_length=200)


class ChooseChecklist(RequestBody):
    default: str = Field(min_length=1, max_length=40, description="Id of the checklist that new reviews use")


class GuidanceLine(RequestBody):
    id: str = Field(default="", max_length=40)
    text: str = Field(max_length=2_000)
    on: bool = True
    about: str = Field(default="", max_length=120, description="The kind of finding it grew from")


class ReplaceGuidance(RequestBody):
    rev: int = Field(ge=0, description="Of the guidance that was changed")
    items: list[GuidanceLine] = Field(max_length=200)
    rules_off: list[str] = Field(default=[], max_length=100)


class RenameSession(RequestBody):
    document_name: str = Field(min_length=1, max_length=200)


class OutlineEdit(BaseModel):
    action: Action
    section_id: str = Field(max_length=12, examples=["s1"])
    block_id: str | None = Field(
        default=None, max_length=12, description="Of a split: where the second part begins"
    )
    name: str | None = Field(
        default=None, max_length=200, description="Of a rename; of what a split or merge makes"
    )


class ChangeOutline(RequestBody):
    edits: list[OutlineEdit] = Field(min_length=1, max_length=MOST_EDITS)
    rev: int | None = Field(default=None, ge=0, description="The outline_rev that the edits are about")


class FindingEdit(RequestBody):
    """What is not sent reads as it was found. replacement: what the quoted words shall read instead."""

    type: FindingType | None = None
    risk_level: Risk | None = None
    category: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, min_length=1, max_length=4_000)
    suggestion: str | None = Field(default=None, max_length=4_000)
    replacement: str | None = Field(default=None, max_length=4_000)

    def as_edit(self) -> dict[str, str]:
        return self.model_dump(mode="json", exclude_none=True)


class DecideFinding(RequestBody):
    decision: Verdict
    reason: str = Field(default="", max_length=500)
    note: str | None = Field(default=None, max_length=4_000, description="Without it the note stays")
    edit: FindingEdit | None = Field(
        default=None,
        description="The reviewer's wording; without it that stays, {} goes back to the original",
    )
    rev: int | None = Field(default=None, ge=0, description="The finding's rev that the decision is about")


class DecideFindings(RequestBody):
    finding_ids: list[Annotated[str, Field(pattern=_FINDING)]] = Field(min_length=1, max_length=MOST_AT_ONCE)
    decision: Verdict
    reason: str = Field(default="", max_length=500)


class BlockSpan(RequestBody):
    block_id: str = Field(max_length=12)
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class AddFinding(RequestBody):
    section_id: str | None = Field(
        default=None, max_length=12, description="Needed where block_id is not sent", examples=["s1"]
    )
    block_id: str | None = Field(default=None, max_length=12, examples=["b7"])
    start: int = Field(default=0, ge=0, description="Into the block's text, in UTF-16 units")
    end: int = Field(default=0, ge=0)
    more: list[BlockSpan] = Field(
        default=[], max_length=100, description="How the words go on in later blocks"
    )
    type: FindingType
    risk_level: Risk
    category: str = Field(min_length=1, max_length=200)
    description: str = Field(min_length=1, max_length=4_000)
    suggestion: str = Field(default="", max_length=4_000)
    hawkeye_refs: list[Annotated[int, Field(ge=1, le=99)]] = Field(default=[], max_length=20)


class ReplyToFinding(RequestBody):
    text: str = Field(min_length=1, max_length=4_000)


class ResolveFinding(RequestBody):
    resolved: bool


class ShareReview(RequestBody):
    user_id: str = Field(min_length=1, max_length=200)
    access: Share | None = Field(description="null: no longer")


class HandOver(RequestBody):
    user_id: str = Field(min_length=1, max_length=200)


class Downloadable(StrEnum):
    REVIEWED = "reviewed"
    BUNDLE = "bundle"


class DownloadLink(RequestBody):
    """rejected, summary, rewrites: as of GET /sessions/<id>/reviewed."""

    what: Downloadable
    rejected: bool = False
    summary: bool = False
    rewrites: bool = False


class SignOffReview(RequestBody):
    open: int = Field(ge=0, description="How many findings are undecided, as seen by whoever signs")


class ChooseLetters(RequestBody):
    """By ids, by a filter as the list takes it, or all of them. A filter with a slip of the pen must not mean all.

    To restore: ids of removed letters, or the run that removed them.
    """

    model_config = ConfigDict(extra="forbid")

    action: Literal["replay", "delete", "purge", "restore"]
    ids: list[Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,80}$")]] = Field(default=[], max_length=1_000)
    queue: Literal["", "analysis", "chat", "monitoring"] = ""
    signature: str = Field(default="", max_length=120)
    code: str = Field(default="", max_length=120)
    session: str = Field(default="", max_length=120)
    q: str = Field(default="", max_length=200)
    newer: Literal["", "1h", "24h", "7d"] = ""
    older: Literal["", "1h", "24h", "7d"] = ""
    all: bool = False
    run: str = Field(default="", pattern="^([0-9a-f]{12})?$")


class ConfirmRun(RequestBody):
    reason: str = Field(min_length=1, max_length=500)
    confirm: str = Field(default="", max_length=40, description="Of a purge: the name of its queue")


class StopRun(RequestBody):
    reason: str = Field(min_length=1, max_length=500)


class EditLetter(RequestBody):
    section_id: str = Field(default="", max_length=12, examples=["s4"])
    session_id: str = Field(default="", max_length=40)
    reason: str = Field(min_length=1, max_length=500)
