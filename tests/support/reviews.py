"""A small review made in code: two sections, one anchored finding with an emoji before it, one document-wide."""

import uuid
from dataclasses import replace
from typing import Any

from core.clock import ScriptedClock, iso
from core.documents.model import Anchor, Block, BlockKind, DocumentKind, Section
from core.queueing.results import TaskRecord, TaskStatus
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION
from core.review.activity import ActivityLog
from core.review.decision import Decision, Standing
from core.review.finding import Finding, FindingType, Risk, finding_id
from core.review.finding_service import DecisionRequest, FindingService
from core.review.repository import ReviewRepository
from core.review.session import DOCUMENT_SECTION, ReviewSession

BLOCKS = (
    Block("b1", "Summary", kind=BlockKind.HEADING, level=1, origin="word/document.xml#0"),
    Block("b2", "😀 Many sellers were affected.", origin="word/document.xml#1"),
    Block("b3", "Actions", kind=BlockKind.HEADING, level=1, origin="word/document.xml#2"),
    Block("b4", "Fix the form soon.", origin="word/document.xml#3"),
)
SECTIONS = (
    Section("s1", "Summary", first=0, last=1, chars=36),
    Section("s2", "Actions", first=2, last=3, chars=25),
)


def a_session(*, owner: str = "ann", clock: ScriptedClock | None = None, **changes: Any) -> ReviewSession:
    session = ReviewSession(
        id=str(uuid.uuid4()),
        owner=owner,
        document_name="Write-up.docx",
        kind=DocumentKind.DOCX,
        created_at=iso((clock or ScriptedClock()).now()),
        size_bytes=4,
        sha256="0" * 64,
        sections=SECTIONS,
    )
    return replace(session, **changes)


def a_finding(session_id: str, quote: str = "Many", **changes: Any) -> Finding:
    """Anchored on `quote`, wherever the blocks have it; "" gives a document-wide one."""
    block = next((block for block in BLOCKS if quote and quote in block.text), None)
    start = block.text.index(quote) if block else 0
    anchor = Anchor(block.id, start, start + len(quote)) if block else None
    section = next((one.id for one in SECTIONS if block in one.blocks(BLOCKS)), DOCUMENT_SECTION)
    finding = Finding(
        id=finding_id(session_id, anchor, quote=quote, what="vague-quantity", description="No figure."),
        section_id=section,
        type=FindingType.IMPORTANT,
        risk_level=Risk.MEDIUM,
        category="Vague quantity",
        description="No figure.",
        quote=quote,
        anchor=anchor,
        rule="vague-quantity",
        sources=("rules",),
    )
    return replace(finding, **changes)


def decide_finding(
    reviews: ReviewRepository, finding: Finding, wanted: DecisionRequest, *, session_id: str, by: str = "ann"
) -> Decision:
    """A decision on `finding`, on top of what is stored about it."""
    standing = Standing(finding, reviews.decisions(session_id).get(finding.id) or Decision(finding.id))
    return finding_service_of(reviews).decide(session_id, standing, wanted, by=by)


def finding_service_of(reviews: ReviewRepository) -> FindingService:
    store, clock = reviews._store, reviews._clock
    return FindingService(store=store, reviews=reviews, activity=ActivityLog(store, clock), clock=clock)


def rules_of(session_id: str) -> tuple[Finding, ...]:
    missing = a_finding(session_id, "", description="There is no root cause.", rule="missing-section")
    return a_finding(session_id, "Many"), a_finding(session_id, "soon"), missing


def a_record(session: ReviewSession, section_id: str, status: TaskStatus, **changes: Any) -> TaskRecord:
    task_id = session.tasks.get(section_id) or str(uuid.uuid4())
    record = TaskRecord(
        task_id=task_id,
        task=ANALYZE_SECTION,
        queue=ANALYSIS.key,
        owner=session.owner,
        session_id=session.id,
        section_id=section_id,
        accepted_at=session.created_at,
        status=status,
    )
    return replace(record, **changes)
