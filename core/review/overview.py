"""One review as the API and its pages show it: sections with their states, findings with their decisions, as JSON.

Findings are in reading order, anchors in UTF-16 units, as browsers count.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.documents.model import Anchor, Section
from core.queueing.results import STATUS_WORDS, TERMINAL, TaskRecord, TaskStatus
from core.review.decision import Standing, Verdict
from core.review.finding import Finding
from core.review.repository import ReviewRepository
from core.review.result_cache import RecordSource
from core.review.review_parts import ReviewParts, set_aside, standings
from core.review.session import DOCUMENT_SECTION, Access, ReviewSession
from core.review.versions import SECTION_GROUPS, How, NewFindings

SKIPPED = "skipped"
"""State of a section that is left out of the analysis."""


@dataclass(frozen=True)
class AboutReviews:
    """What is the same for every review of this system. checklist: {id, name, points: [{number, name}]}."""

    checklist: dict[str, Any]
    where_text_goes: str
    retention_days: int


@dataclass(frozen=True)
class OverviewReader:
    """Reads the parts of a review side by side and joins them."""

    reviews: ReviewRepository
    results: RecordSource
    about: AboutReviews

    def parts(self, session: ReviewSession) -> ReviewParts:
        with ThreadPoolExecutor(5) as pool:
            blocks = pool.submit(self.reviews.blocks, session.id)
            rules = pool.submit(self.reviews.rules, session.id)
            decisions = pool.submit(self.reviews.decisions, session.id)
            wanted = [*session.tasks.values(), *session.answered.values()]
            records = pool.submit(self.results.get_many, wanted)
            version = pool.submit(self.reviews.version, session.id) if session.version_of else None
            return ReviewParts(
                session,
                blocks.result(),
                rules.result(),
                decisions.result(),
                records.result(),
                version.result() if version else None,
            )

    def of(self, session: ReviewSession, *, viewer: str) -> dict[str, Any]:
        return overview(self.parts(session), about=self.about_review(session), viewer=viewer)

    def about_review(self, session: ReviewSession) -> AboutReviews:
        """The same for every review, but for the checklist that this one was made with."""
        return replace(self.about, checklist=self.reviews.checklist(session).about())


def overview(parts: ReviewParts, *, about: AboutReviews, viewer: str) -> dict[str, Any]:
    """The body of GET /sessions/<id> for the user `viewer`. Anchors are in UTF-16 units, as browsers count."""
    session = parts.session
    access = session.access_of(viewer)
    findings = [finding_body(one, parts) for one in standings(parts)]
    aside = [finding_body(one, parts) for one in set_aside(parts)]
    aside_in = Counter(body["section_id"] for body in aside)
    return {
        "session_id": session.id,
        "document_name": session.document_name,
        "kind": session.kind.value,
        "pages": session.pages,
        "notices": list(session.notices),
        "created_at": session.created_at,
        "owner": session.owner,
        "access": access.name.lower(),
        "can_decide": access >= Access.DECIDE and session.signed_off is None,
        "shares": {user: share.value for user, share in session.shares.items()},
        "signed_off": asdict(session.signed_off) if session.signed_off else None,
        "checklist": about.checklist,
        "guidelines": asdict(session.guidelines) if session.guidelines else None,
        "where_text_goes": about.where_text_goes,
        "retention_days": about.retention_days,
        "version": version_body(parts),
        "outline_rev": session.outline_rev,
        "sections": [
            {**_section_body(section, parts), "set_aside": aside_in[section.id]}
            for section in session.sections
        ],
        "document_pass": {"id": DOCUMENT_SECTION, **_task_body(DOCUMENT_SECTION, parts)},
        "findings": findings,
        "findings_set_aside": aside,
        "counts": {**_counts(body["decision"] for body in findings), "set_aside": len(aside)},
    }


def version_body(parts: ReviewParts) -> dict[str, Any] | None:
    """What became of the former version's findings, None for a first one. new: ids of what it had not."""
    version = parts.version
    if version is None:
        return None
    new = NewFindings(version)
    untouched = [one.finding for one in standings(parts) if not one.decision.touched]
    return {
        "of": version.of,
        "of_name": version.of_name,
        "carried": [asdict(one) for one in version.carried],
        "moved": [one.finding_id for one in version.carried if one.how is How.MOVED],
        "new": [finding.id for finding in untouched if new.has(finding)],
        "gone": [asdict(one) for one in version.gone],
        "sections": {name: list(getattr(version, name)) for name in SECTION_GROUPS},
    }


def _section_body(section: Section, parts: ReviewParts) -> dict[str, Any]:
    held = parts.blocks[section.first : section.last + 1]
    return {
        "id": section.id,
        "name": section.name,
        "label": section.label,
        "level": section.level,
        "page": section.page,
        "chars": section.chars,
        "first_block": held[0].id if held else None,
        "last_block": held[-1].id if held else None,
        **_task_body(section.id, parts),
        **({"status": SKIPPED} if section.skipped else {}),
    }


def _task_body(section_id: str, parts: ReviewParts) -> dict[str, Any]:
    record = parts.record_of(section_id)
    return {
        "status": STATUS_WORDS[record.status] if record else "not_started",
        "task_id": record.task_id if record else None,
        "error": error_body(record) if record else None,
        "progress": progress_of(record) if record else None,
        "answered_by": _answered_by(record) if record else None,
    }


def error_body(record: TaskRecord) -> dict[str, Any] | None:
    """Why it failed or is tried again, and the correlation id by which the logs can be searched."""
    return {**record.error, "correlation_id": record.correlation_id} if record.error else None


def progress_of(record: TaskRecord) -> dict[str, Any] | None:
    """How far a task is that has not ended: {stage, waiting_for?}; None for one that has."""
    if record.status in TERMINAL:
        return None
    stage = {"stage": STATUS_WORDS[record.status]}
    return {**stage, "waiting_for": record.waiting_for} if record.waiting_for else stage


_ANSWERED_BY = ("model_used", "model_id", "brain", "enhanced", "cached", "cached_at")


def _answered_by(record: TaskRecord) -> dict[str, Any] | None:
    if record.status is not TaskStatus.SUCCESS or record.result is None:
        return None
    return {name: record.result.get(name) for name in _ANSWERED_BY}


def finding_body(standing: Standing, parts: ReviewParts) -> dict[str, Any]:
    """One finding with its decision, as every answer of the API shows it."""
    finding, decision = standing.finding, standing.decision
    section_id = parts.section_of(finding)
    return {
        **standing.worded.to_dict(),
        "section_id": section_id,
        "anchor": _browser_anchor(finding.anchor, parts),
        "rev": decision.rev,
        "decision": decision.decision.value,
        "reason": decision.reason,
        "note": decision.note,
        "decided_by": decision.decided_by,
        "decided_at": decision.decided_at,
        "original": _original(standing),
        "replacement": decision.edit.get("replacement", ""),
        "replies": [asdict(reply) for reply in decision.replies],
        "resolved": decision.resolved,
        "own": decision.own,
        "alike": _alike(finding),
        "set_aside": parts.is_set_aside(standing),
        "provisional": _is_provisional(section_id, parts) and not parts.reviewed_in(finding),
        # Before the section is reviewed nobody can say that the finding is not there any more.
        "found": standing.found or not parts.reviewed_in(finding),
    }


def _original(standing: Standing) -> dict[str, str]:
    """What the edited fields said before."""
    found = standing.finding.to_dict()
    return {name: str(found[name]) for name in standing.decision.edit if name in found}


def _alike(finding: Finding) -> str:
    """A digest that is equal for findings of one kind about equal words in different places: pages fold those.

    Findings without words, such as a missing section, are alike only with the same description.
    """
    words = (finding.quote if finding.rule else "") or finding.description
    same = " ".join(f"{finding.rule or finding.category}|{words}".casefold().split())
    return hashlib.sha256(same.encode()).hexdigest()[:12]


def _is_provisional(section_id: str, parts: ReviewParts) -> bool:
    record = parts.record_of(section_id)
    return section_id != DOCUMENT_SECTION and (record is None or record.status not in TERMINAL)


def _browser_anchor(anchor: Anchor | None, parts: ReviewParts) -> dict[str, Any] | None:
    """The anchor as a browser counts it; `more` only where the words go on in later blocks."""
    every = anchor.parts if anchor else ()
    shown = [part.in_utf16(block.text) for part in every if (block := parts.block(part.block_id))]
    if anchor is None or not shown:
        return None
    first, *more = shown
    return {**first, "stage": anchor.stage.value, **({"more": more} if more else {})}


def _counts(decisions: Iterable[str]) -> dict[str, int]:
    made = list(decisions)
    return {**{verdict.value: made.count(verdict.value) for verdict in Verdict}, "total": len(made)}
