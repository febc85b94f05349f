"""What requests carry: JSON bodies with a schema, which /openapi.json shows too."""

from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from core.errors import Permanent
from core.queueing.keys import UUID
from core.review.chat import MOST_CHARS
from core.review.decision import Verdict
from core.review.finding import FindingType, Risk
from core.review.outline_editing import MOST_EDITS, Action
from core.review.session import Share

JSON_MAX_BYTES = 256 * 1024
_UUID = f"^{UUID}$"
_FINDING = rf"^f[0-9a-f]{{20}}$|{_UUID}"
_FAULTS_SHOWN = 3
MOST_AT_ONCE = 2_000
"""Findings of one bulk decision."""

Body = TypeVar("Body", bound=BaseModel)


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


def read_body(model: type[Body]) -> Body:
    """The request's JSON as `model`. Raises request/unsupported-media or request/malformed (Permanent)."""
    # A form of another site can send text/plain without asking first; JSON it cannot.
    if request.mimetype != "application/json":
        raise Permanent("request/unsupported-media")
    request.max_content_length = JSON_MAX_BYTES
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        raise Permanent("request/malformed", _faults(error)) from error


EXPECTED = {
    "default": "it must be the id of a checklist",
    "items": "it must be a list of at most 200 lines, each {text, on}",
    "rules_off": "it must be a list of rules",
    "session_id": "it must be the id of a review",
    "section_id": "it must be the id of a section, such as s1",
    "section_name": "it must be a text of at most 500 characters",
    "content": "it must be a text",
    "force": "it must be true or false",
    "message": f"it must be a text of 1 to {MOST_CHARS:,} characters",
    "finding_id": "it must be the id of a finding",
    "current_section": "it must be a text of at most 500 characters",
    "text": "it must be a text, and not an empty one",
    "name": "it must be a text of 1 to 200 characters",
    "document_name": "it must be a text of 1 to 200 characters",
    "decision": f"it must be one of {', '.join(Verdict)}",
    "run": "it must be the id of a run, as the audit has it",
    "reason": "it must be a text of at most 500 characters, and not an empty one where a deed is confirmed",
    "note": "it must be a text of at most 4,000 characters",
    "rev": "it must be a whole number, 0 or more",
    "edit": "it must be an object with type, risk_level, category, description, suggestion or replacement",
    "finding_ids": f"it must be a list of 1 to {MOST_AT_ONCE:,} ids of findings",
    "block_id": "it must be the id of a block, such as b7",
    "start": "it must be a whole number, 0 or more",
    "end": "it must be a whole number, 0 or more",
    "more": "it must be a list of at most 100 parts, each {block_id, start, end}",
    "type": f"it must be one of {', '.join(FindingType)}",
    "risk_level": f"it must be one of {', '.join(Risk)}",
    "category": "it must be a text of 1 to 200 characters",
    "description": "it must be a text of 1 to 4,000 characters",
    "suggestion": "it must be a text of at most 4,000 characters",
    "hawkeye_refs": "it must be a list of numbers of checklist points",
    "resolved": "it must be true or false",
    "user_id": "it must be the name of a user",
    "access": f"it must be one of {', '.join(Share)}, or null",
    "what": f"it must be one of {', '.join(Downloadable)}",
    "rejected": "it must be true or false",
    "summary": "it must be true or false",
    "rewrites": "it must be true or false",
    "open": "it must be a whole number, 0 or more",
    "action": "it must be replay, delete, purge or restore",
    "ids": "it must be a list of at most 1,000 ids of dead letters",
    "queue": "it must be analysis, chat or monitoring",
    "signature": "it must be a text of at most 120 characters",
    "code": "it must be a text of at most 120 characters",
    "session": "it must be a text of at most 120 characters",
    "q": "it must be a text of at most 200 characters",
    "newer": "it must be 1h, 24h or 7d",
    "older": "it must be 1h, 24h or 7d",
    "all": "it must be true or false",
    "confirm": "it must be the name of a queue",
    "edits": f"it must be 1 to {MOST_EDITS} edits, each with a section_id and an action: {', '.join(Action)}",
}
"""Of each field what it takes, in words for whoever sends it."""


def _faults(error: ValidationError) -> str:
    """What is wrong, by field and in words; never the value that was sent."""
    rows = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(_fault(row) for row in rows[:_FAULTS_SHOWN]) + "."


def _fault(row: ErrorDetails) -> str:
    if row["type"] == "section_needed":
        return row["msg"]
    if not row["loc"]:
        return "body: it must be a JSON object"
    name = str(row["loc"][0])
    if row["type"] == "extra_forbidden":
        return f"{name[:40]}: there is no such field"
    return f"{name}: " + ("it is missing" if row["type"] == "missing" else EXPECTED[name])
