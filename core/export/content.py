"""Chooses what goes into a copy: which findings, what is said about each, the summary page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.auth.identity import Identity
from core.export.comment_text import plain
from core.export.model import Summary
from core.export.review_copy import About, Reply, ReviewCopy
from core.review.checklist import Checklist
from core.review.decision import Decision, Standing, Verdict
from core.review.finding import FindingType
from core.review.review_parts import ReviewParts, set_aside, standings

_HEAD = ("No.", "Type and risk", "Section", "Finding")


@dataclass(frozen=True)
class Options:
    """What a user wants in the copy.

    rejected: rejected findings too, marked. summary: a summary page. rewrites: replacements of quoted words.
    """

    rejected: bool = False
    summary: bool = False
    rewrites: bool = False


@dataclass(frozen=True)
class CopyTaker:
    """Who takes a copy away, and when. called: the name of a user, by the id."""

    by: Identity
    at: datetime
    called: Callable[[str], str]


def review_copy(
    parts: ReviewParts, options: Options, *, document: bytes, checklist: Checklist, taken: CopyTaker
) -> ReviewCopy:
    """Returns the content of a copy: accepted findings and reviewers' own, in the reviewers' words.

    document: the review's file.
    """
    every = standings(parts)
    wanted = {Verdict.ACCEPTED} | ({Verdict.REJECTED} if options.rejected else set())
    shown = [one for one in every if one.decision.decision in wanted]
    return ReviewCopy(
        document=document,
        blocks=parts.blocks,
        sections=parts.session.sections,
        items=[(one.worded, one.decision.note) for one in shown],
        author=taken.by.name,
        at=taken.at,
        checklist_names=checklist.names,
        about={one.finding.id: _about(one.decision, options, taken) for one in shown},
        summary=_summary(parts, shown, every=every, taken=taken) if options.summary else None,
    )


def _about(decision: Decision, options: Options, taken: CopyTaker) -> About:
    is_accepted = decision.decision is Verdict.ACCEPTED
    return About(
        replies=tuple(
            Reply(said.text, taken.called(said.by), datetime.fromisoformat(said.at))
            for said in decision.replies
        ),
        resolved=decision.resolved,
        # Only what a reviewer wrote to stand there; a suggestion is advice, no text for the document.
        rewrite=decision.edit.get("replacement", "") if options.rewrites and is_accepted else "",
        rejected=_rejected(decision),
    )


def _rejected(decision: Decision) -> str:
    if decision.decision is not Verdict.REJECTED:
        return ""
    return f"Rejected: {decision.reason}" if decision.reason else "Rejected"


def _summary(
    parts: ReviewParts, shown: Sequence[Standing], *, every: Sequence[Standing], taken: CopyTaker
) -> Summary:
    """every: all findings of the review, which the counts are of. shown: those that the table lists."""
    at = taken.at
    made = [one.decision.decision for one in every]
    counts = ", ".join(f"{made.count(verdict)} {verdict.value}" for verdict in reversed(Verdict))
    aside = len(set_aside(parts))
    counts += f", {aside} set aside with the sections that are skipped" if aside else ""
    types = [one.worded.type for one in shown]
    by_type = ", ".join(f"{types.count(kind)} {kind.value}" for kind in FindingType if kind in types)
    lines = (
        plain(parts.session.document_name),
        plain(f"Written for {taken.by.name} on {at.day} {at:%B %Y}. Checklist: {parts.session.checklist}."),
        f"Findings: {counts}." + (f" In this document: {by_type}." if by_type else ""),
    )
    rows = tuple(_row(number, one, parts) for number, one in enumerate(shown, 1))
    return Summary("Review summary", lines, _HEAD, rows)


def _row(number: int, standing: Standing, parts: ReviewParts) -> tuple[str, ...]:
    finding = standing.worded
    section = parts.session.section(parts.section_of(finding))
    said = f"{finding.category}: {finding.description}"
    rejected = "Rejected. " if standing.decision.decision is Verdict.REJECTED else ""
    where = f"{section.label} {section.name}" if section else "Whole document"
    kind = f"{finding.type.value.capitalize()}, {finding.risk_level.value}"
    return str(number), kind, plain(where), plain(rejected + said)
