"""What answers look like: the schemas of /openapi.json. Tests hold real answers to them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.documents.model import BlockKind, DocumentKind, Stage
from core.review.activity import Deed
from core.review.coverage import Mark
from core.review.decision import Verdict
from core.review.finding import FindingType, Risk
from core.review.session import Share
from core.review.versions import How
from core.throttling.status import ModelState

TaskWord = Literal["queued", "running", "retrying", "completed", "failed", "cancelled"]
SectionWord = Literal[
    "not_started", "queued", "running", "retrying", "completed", "failed", "cancelled", "skipped"
]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


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


class SectionDetail(Answer):
    id: str
    name: str
    label: str
    page: int | None
    chars: int


class UploadAnswer(Answer):
    success: Literal[True]
    session_id: str
    document_name: str
    sections: list[str]
    section_details: list[SectionDetail]
    total_sections: int
    notices: list[str]
    checklist: str
    guidelines: list[str]


class CarriedFinding(Answer):
    """was_in: name of the section it stood in. how: same place, moved to another section, or near: other words."""

    finding_id: str
    how: How
    was_in: str


class GoneFinding(Answer):
    category: str
    description: str
    quote: str
    decision: Verdict
    was_in: str


class ComparedSections(Answer):
    """Ids of sections; dropped: names of sections that the former version had."""

    unchanged: list[str]
    changed: list[str]
    added: list[str]
    dropped: list[str]


class VersionAnswer(Answer):
    """of: the review of the former version. moved: those of carried that moved. new: findings that it had not."""

    of: str
    of_name: str
    carried: list[CarriedFinding]
    moved: list[str]
    new: list[str]
    gone: list[GoneFinding]
    sections: ComparedSections


class NewVersionAnswer(UploadAnswer):
    version: VersionAnswer


class TaskAccepted(Answer):
    success: Literal[True]
    task_id: str
    session_id: str
    section_id: str
    status: TaskWord
    enhanced: bool


class SectionTask(Answer):
    section_id: str
    task_id: str
    status: TaskWord


class AllAccepted(Answer):
    success: Literal[True]
    session_id: str
    tasks: list[SectionTask]
    enhanced: bool


class TaskError(Answer):
    model_config = ConfigDict(extra="allow")
    code: str
    detail: str
    retryable: bool
    next_step: str


class Progress(Answer):
    """ahead: unfinished tasks that come first. eta_s: about how long until it has ended, or is tried again."""

    stage: str
    waiting_for: str | None = None
    ahead: int | None = None
    eta_s: int | None = None


class TaskAnswer(Answer):
    task_id: str
    session_id: str
    section_id: str
    status: TaskWord
    state: str
    generation: int
    accepted_at: str | None
    started_at: str | None
    ended_at: str | None
    progress: Progress | None
    error: TaskError | None
    result: dict[str, Any] | None


class UnknownTask(Answer):
    task_id: str
    status: Literal["not_found"]


class TaskAnswers(Answer):
    tasks: list[TaskAnswer | UnknownTask]


class CancelledTask(Answer):
    task_id: str
    status: TaskWord


class TaskCancelled(Answer):
    """status: "cancelled", or how it had ended before."""

    success: Literal[True]
    task_id: str
    session_id: str
    status: TaskWord


class SessionCancelled(Answer):
    """tasks: all that had not ended when this was asked, as they stand now."""

    success: Literal[True]
    session_id: str
    tasks: list[CancelledTask]


class QuestionAccepted(Answer):
    """task_id: also the question's id in the conversation."""

    success: Literal[True]
    task_id: str
    session_id: str
    status: TaskWord


class ChatCitation(Answer):
    """quote: the document's words at start to end, in UTF-16 units of the block's text."""

    block_id: str
    start: int
    end: int
    quote: str
    section_id: str | None


class PartRead(Answer):
    """How many blocks of the document were read for the answer, of how many."""

    blocks: int
    of: int


class ChatAnswer(Answer):
    """dropped_citations: how many quoted words that are not in the document."""

    answer: str
    answered_at: str
    citations: list[ChatCitation]
    dropped_citations: int
    model_used: str
    model_id: str
    brain: str
    sources: list[str]
    read: PartRead
    cost_usd: float


class ChatTurn(Answer):
    """section_id and finding_id: what the question is about, null for the whole document."""

    id: str
    asked_at: str
    asked_by: str
    question: str
    section_id: str | None
    finding_id: str | None
    status: TaskWord
    progress: Progress | None
    error: TaskError | None
    answer: ChatAnswer | None


class Conversation(Answer):
    """running: the id of the turn that is being answered."""

    session_id: str
    turns: list[ChatTurn]
    running: str | None


class BrowserAnchor(Answer):
    """start and end in UTF-16 units of the block's text."""

    block_id: str
    start: int
    end: int
    stage: Stage


class ReplyAnswer(Answer):
    id: str
    text: str
    by: str
    at: str


class FindingAnswer(Answer):
    """type to suggestion: in the reviewer's words where edited; original: what those fields said before.

    own: written by a reviewer. alike: the same for findings that say the same elsewhere.
    """

    id: str
    rev: int
    section_id: str
    type: FindingType
    risk_level: Risk
    category: str
    description: str
    suggestion: str
    example: str
    questions: list[str]
    hawkeye_refs: list[int]
    confidence: float
    quote: str
    anchor: BrowserAnchor | None
    rule: str
    grounded: bool
    sources: list[str]
    original: dict[str, str]
    replacement: str
    replies: list[ReplyAnswer]
    resolved: bool
    own: bool
    alike: str
    decision: Verdict
    reason: str
    note: str
    decided_by: str
    decided_at: str
    provisional: bool
    found: bool


class AnsweredBy(Answer):
    """cached: an earlier answer about the same text, cached_at: of when."""

    model_used: str | None
    model_id: str | None
    brain: str | None
    enhanced: bool | None
    cached: bool | None
    cached_at: str | None


class DocumentPass(Answer):
    """The reading of the whole document that comes after its sections."""

    id: str
    status: SectionWord
    task_id: str | None
    error: TaskError | None
    progress: Progress | None
    answered_by: AnsweredBy | None


class SectionState(SectionDetail):
    """set_aside: how many undecided findings are not shown because the section is skipped."""

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
    """sha256: of their text. names: of the files."""

    sha256: str
    names: list[str]


class Counts(Answer):
    open: int
    accepted: int
    rejected: int
    total: int


class SignedOff(Answer):
    """open: findings that nobody had decided."""

    by: str
    at: str
    open: int


class TeamAnswer(Answer):
    """shares: user id -> what that teammate may do."""

    success: Literal[True]
    session_id: str
    owner: str
    shares: dict[str, Share]
    signed_off: SignedOff | None


class EventAnswer(Answer):
    id: str
    at: str
    by: str
    deed: Deed
    finding_ids: list[str]
    about: dict[str, Any]


class ActivityAnswer(Answer):
    """Newest first. next: ?before= of the following page."""

    session_id: str
    events: list[EventAnswer]
    next: str | None


class ManyDecided(Answer):
    success: Literal[True]
    undo_id: str
    findings: list[FindingAnswer]


class Undone(Answer):
    """passed_over: findings that were decided anew since, and stay as they are."""

    success: Literal[True]
    findings: list[FindingAnswer]
    passed_over: int


class FindingRemoved(Answer):
    success: Literal[True]
    finding_id: str


class CoveredSection(Answer):
    id: str
    name: str
    label: str
    status: SectionWord


class CoverageCell(Answer):
    section_id: str
    point: int
    mark: Mark
    findings: int
    risk: Risk | None


class CoverageAnswer(Answer):
    session_id: str
    points: list[ChecklistPoint]
    sections: list[CoveredSection]
    cells: list[CoverageCell]


class Cut(Counts):
    key: str | int
    name: str


class ReasonCount(Answer):
    reason: str
    total: int


class ModelUse(Answer):
    name: str
    sections: int


class Work(Answer):
    """seconds: from accepted to ended, added up. cached: sections answered from an earlier answer."""

    sections: int
    failed: int
    cost_usd: float
    cached: int
    seconds: float
    models: list[ModelUse]


class Figures(Answer):
    """acceptance_rate: of the decided ones, null without any. by_source: a finding counts for each of its sources;

    the other cuts but that by point, of which a finding may have several, add up to the total."""

    total: Counts
    acceptance_rate: float | None
    by_risk: list[Cut]
    by_type: list[Cut]
    by_point: list[Cut]
    by_source: list[Cut]
    edited: int
    own: int
    reasons: list[ReasonCount]
    work: Work


class InsightAnswer(Figures):
    session_id: str
    by_section: list[Cut]


class Pattern(Counts):
    category: str
    documents: int


class MyInsight(Figures):
    reviews: int
    patterns: list[Pattern]


class ReviewAnswer(Answer):
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
    counts: Counts


class SessionSummary(Answer):
    """completed, failed and active count sections whose review was asked for."""

    session_id: str
    document_name: str
    kind: DocumentKind
    pages: int | None
    created_at: str
    total_sections: int
    completed: int
    failed: int
    active: int
    owner: str
    signed_off: bool


class SessionList(Answer):
    sessions: list[SessionSummary]


class SessionChanged(Answer):
    success: Literal[True]
    session_id: str
    document_name: str


class Deleted(Answer):
    success: Literal[True]
    session_id: str


class CellAnswer(Answer):
    table: int
    row: int
    column: int
    column_span: int
    row_span: int
    header: bool


class BlockCommentAnswer(Answer):
    """A comment that the upload already had; start and end in UTF-16 units of the block's text."""

    id: str
    text: str
    author: str
    date: str
    start: int
    end: int
    resolved: bool
    parent: str


class BlockAnswer(Answer):
    id: str
    text: str
    kind: BlockKind
    label: str
    page: int | None
    level: int
    cell: CellAnswer | None
    flags: list[str]
    hidden: list[tuple[int, int]]
    comments: list[BlockCommentAnswer]


class BlockList(Answer):
    session_id: str
    blocks: list[BlockAnswer]


class FindingsExport(Answer):
    session_id: str
    document_name: str
    exported_at: str
    counts: Counts
    findings: list[FindingAnswer]


class ExportedFile(Answer):
    """path: inside the folder. sha256: hex."""

    path: str
    size_bytes: int
    sha256: str


class ExportAnswer(Answer):
    """folder: where in the review's own part of storage. files: each was read back and found equal."""

    success: Literal[True]
    session_id: str
    status: Literal["done"]
    folder: str
    files: list[ExportedFile]


class Alive(Answer):
    status: Literal["ok"]


class Ready(Answer):
    ready: bool


class QueueDepth(Answer):
    waiting: int
    in_flight: int
    delayed: int
    dead_letters: int


class ReviewCounts(Answer):
    total: int
    sections: int
    asked: int


class ModelAnswer(Answer):
    model_id: str
    name: str
    state: ModelState
    until: str | None
    why: str
    requests: int
    failures: int
    tokens: int
    slots: int


class LimiterAnswer(Answer):
    """requests and tokens of the present window; slots: calls in flight; queues: requests by queue; tickets: slots
    reserved for later. clock_offset_s: what the web tier's clock lacks."""

    requests: int
    tokens: int
    slots: int
    queues: dict[str, int]
    usable: bool
    models: list[ModelAnswer]
    tickets: int
    clock_offset_s: float


class Stats(Answer):
    """queues and limiter: operators only, else null."""

    at: str
    reviews: ReviewCounts
    queues: dict[str, QueueDepth] | None
    limiter: LimiterAnswer | None
