"""Reviews: listed, shown, renamed, deleted, their outline cut anew."""

from typing import Literal

from core.documents.model import DocumentKind
from core.review.session import Share
from core.web import bodies
from core.web.api.answer import Answer, People, Progress, SectionWord, TaskError, TaskWord
from core.web.api.findings import FindingAnswer, ReviewCounts
from core.web.api.refusals import AS_OWNER, JSON_BODY, MY_SESSION, STORAGE, TO_CHANGE
from core.web.api.spec import NOT_CHANGED, SESSION, Query, RouteSpec
from core.web.api.teamwork import SignedOff
from core.web.api.uploads import SectionDetail, VersionAnswer


class AnsweredBy(Answer):
    """Who answered. cached: an earlier answer about the same text; cached_at: when that was given."""

    model_used: str | None
    model_id: str | None
    brain: str | None
    enhanced: bool | None
    cached: bool | None
    cached_at: str | None


class DocumentPass(Answer):
    """State of the pass over the whole document, which follows its sections."""

    id: str
    status: SectionWord
    task_id: str | None
    error: TaskError | None
    progress: Progress | None
    answered_by: AnsweredBy | None


class SectionState(SectionDetail):
    """A section and its state. set_aside: undecided findings that are not shown because the section is skipped."""

    level: int
    first_block: str | None
    last_block: str | None
    status: SectionWord
    task_id: str | None
    error: TaskError | None
    progress: Progress | None
    answered_by: AnsweredBy | None
    set_aside: int


class OutlineAnswer(Answer):
    success: Literal[True]
    session_id: str
    outline_rev: int
    sections: list[SectionState]


class ChecklistPoint(Answer):
    number: int
    name: str


class ChecklistAnswer(Answer):
    id: str
    name: str
    version: str
    points: list[ChecklistPoint]


class GuidelinesInUse(Answer):
    """Guidelines of a review. sha256: of their text. names: of the files."""

    sha256: str
    names: list[str]


class ReviewAnswer(Answer):
    """A review. findings_set_aside: undecided findings of skipped sections, which the workspace does not show."""

    session_id: str
    document_name: str
    kind: DocumentKind
    pages: int | None
    notices: list[str]
    created_at: str
    owner: str
    access: Literal["view", "decide", "own"]
    can_decide: bool
    shares: dict[str, Share]
    signed_off: SignedOff | None
    checklist: ChecklistAnswer
    guidelines: GuidelinesInUse | None
    where_text_goes: str
    retention_days: int
    outline_rev: int
    version: VersionAnswer | None
    sections: list[SectionState]
    document_pass: DocumentPass
    findings: list[FindingAnswer]
    findings_set_aside: list[FindingAnswer]
    counts: ReviewCounts
    people: People


class SessionSummary(Answer):
    """A review in a list.

    completed, failed, active: number of sections in that state; document_pass: state of the pass over the whole
    document.
    """

    session_id: str
    document_name: str
    kind: DocumentKind
    pages: int | None
    created_at: str
    total_sections: int
    completed: int
    failed: int
    active: int
    document_pass: TaskWord | Literal["not_started"]
    owner: str
    signed_off: bool


class SessionList(Answer):
    """My reviews. found: how many match, listed or not. total: how many I can read."""

    sessions: list[SessionSummary]
    people: People
    found: int
    total: int


class TallyAnswer(Answer):
    """Progress of a review: `decided` of `total` findings."""

    decided: int
    total: int


class TalliesAnswer(Answer):
    """Progress by session id; unknown and foreign ids are absent."""

    tallies: dict[str, TallyAnswer]


class SessionChanged(Answer):
    success: Literal[True]
    session_id: str
    document_name: str


class Deleted(Answer):
    success: Literal[True]
    session_id: str


ROUTES = (
    RouteSpec(
        "GET",
        "/sessions",
        "My reviews, newest first",
        gives=SessionList,
        query=(
            Query("most", "Only the newest so many, 1 to 1000"),
            Query("find", "Only those whose name has all of these words"),
        ),
        errors=(*STORAGE, "request/malformed"),
        also={304: NOT_CHANGED},
    ),
    RouteSpec(
        "GET",
        "/sessions/tallies",
        "How many findings of these reviews are decided",
        gives=TalliesAnswer,
        query=(Query("ids", "1 to 20 session ids, separated by commas", required=True),),
        errors=(*STORAGE, "request/malformed"),
    ),
    RouteSpec(
        "GET",
        SESSION,
        "One review: outline with states, findings with decisions",
        gives=ReviewAnswer,
        errors=MY_SESSION,
        also={304: NOT_CHANGED},
    ),
    RouteSpec(
        "PATCH",
        SESSION,
        "Rename a review",
        gives=SessionChanged,
        body=bodies.RenameSession,
        errors=(*AS_OWNER, *JSON_BODY, "review/signed-off"),
    ),
    RouteSpec(
        "DELETE",
        SESSION,
        "Delete a review: document, text, findings, decisions and results",
        gives=Deleted,
        errors=AS_OWNER,
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/outline",
        "Merge, split, rename or skip sections; every character stays in exactly one",
        gives=OutlineAnswer,
        body=bodies.ChangeOutline,
        errors=(*TO_CHANGE, *JSON_BODY, "section/not-found", "outline/refused", "request/changed"),
    ),
)
