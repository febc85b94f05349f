"""Findings: decided, written, talked about, listed."""

from typing import Literal

from core.documents.model import Stage
from core.review.decision import Verdict
from core.review.finding import FindingType, Risk
from core.web import bodies
from core.web.api.answer import Answer, BlockRange
from core.web.api.refusals import JSON_BODY, MY_SESSION, TO_CHANGE
from core.web.api.spec import CSV, SESSION, RouteSpec


class BrowserAnchor(BlockRange):
    """Place of a finding. more: only if the words go on in later blocks."""

    stage: Stage
    more: list[BlockRange] = []


class ReplyAnswer(Answer):
    id: str
    text: str
    by: str
    at: str


class FindingAnswer(Answer):
    """A finding with its decision.

    type to suggestion: in the reviewer's words if edited; original: what those fields said before. own: written by
    a reviewer. alike: equal for findings that say the same about equal words elsewhere. set_aside: nobody decided
    it, and its section is skipped.
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
    set_aside: bool
    decision: Verdict
    reason: str
    note: str
    decided_by: str
    decided_at: str
    provisional: bool
    found: bool


class Counts(Answer):
    open: int
    accepted: int
    rejected: int
    total: int


class ReviewCounts(Counts):
    """Numbers of findings by decision.

    set_aside: undecided findings of skipped sections, not in the other counts.
    """

    set_aside: int


class ManyDecided(Answer):
    success: Literal[True]
    undo_id: str
    findings: list[FindingAnswer]


class Undone(Answer):
    """Result of an undo. passed_over: findings that were decided again since, and were not changed."""

    success: Literal[True]
    findings: list[FindingAnswer]
    passed_over: int


class FindingRemoved(Answer):
    success: Literal[True]
    finding_id: str


class FindingsExport(Answer):
    session_id: str
    document_name: str
    exported_at: str
    counts: ReviewCounts
    findings: list[FindingAnswer]


ROUTES = (
    RouteSpec(
        "PUT",
        f"{SESSION}/findings/<finding:finding_id>/decision",
        "Accept, reject or reopen a finding, note or edit it",
        gives=FindingAnswer,
        body=bodies.DecideFinding,
        errors=(*TO_CHANGE, *JSON_BODY, "finding/not-found", "request/changed"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/decisions",
        "Decide many findings at once",
        gives=ManyDecided,
        body=bodies.DecideFindings,
        errors=(*TO_CHANGE, *JSON_BODY, "finding/not-found"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/decisions/<task:undo_id>/undo",
        "Take a decision about many back",
        gives=Undone,
        errors=(*TO_CHANGE, "review/nothing-to-undo"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/findings",
        "Add a finding of your own, on words or to a section",
        gives=FindingAnswer,
        body=bodies.AddFinding,
        errors=(*TO_CHANGE, *JSON_BODY, "section/not-found"),
    ),
    RouteSpec(
        "DELETE",
        f"{SESSION}/findings/<finding:finding_id>",
        "Remove a finding that a reviewer wrote",
        gives=FindingRemoved,
        errors=(*TO_CHANGE, "finding/not-found", "finding/not-own", "finding/not-yours"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/findings/<finding:finding_id>/replies",
        "Reply under a finding",
        gives=FindingAnswer,
        body=bodies.ReplyToFinding,
        errors=(*TO_CHANGE, *JSON_BODY, "finding/not-found", "review/too-many-replies"),
    ),
    RouteSpec(
        "DELETE",
        f"{SESSION}/findings/<finding:finding_id>/replies/<task:reply_id>",
        "Remove a reply of yours",
        gives=FindingAnswer,
        errors=(*TO_CHANGE, "finding/not-found", "reply/not-found"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/findings/<finding:finding_id>/resolved",
        "Resolve the conversation under a finding, or open it again",
        gives=FindingAnswer,
        body=bodies.ResolveFinding,
        errors=(*TO_CHANGE, *JSON_BODY, "finding/not-found"),
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/findings.json",
        "The findings with their decisions",
        gives=FindingsExport,
        errors=MY_SESSION,
    ),
    RouteSpec("GET", f"{SESSION}/findings.csv", "The findings as a table", media=CSV, errors=MY_SESSION),
)
