"""The result of a section's review: grounded findings merged with the instant ones, and what the calls cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from core.documents.model import Block, Section
from core.models.exchange import ModelAnswer
from core.pipeline.answer import SectionAnswer
from core.pipeline.answer_service import ServedAnswer
from core.pipeline.calls_made import RULES_BRAIN, calls_made, display_name
from core.pipeline.document_prompt import document_prompt_version
from core.pipeline.grounding import agreed, checked_points, ground, without_repeats
from core.pipeline.guidance_prompt import guidance_version, without_switched_off
from core.pipeline.prompt import prompt_version
from core.pipeline.sectioning import Piece
from core.pipeline.team_guidelines import PromptGuidelines
from core.review.checklist import Checklist
from core.review.finding import Finding
from core.review.merging import equal, merge
from core.review.session import DOCUMENT_SECTION, ReviewSession
from core.rules.key_facts import KeyFacts


@dataclass(frozen=True)
class Subject:
    """What a section's task is about.

    blocks: the readable ones. instant: findings of the rules in this section. known: for the pass over the whole
    document, findings of the rules in any section. forced: stored answers are not used.
    """

    session: ReviewSession
    section: Section
    checklist: Checklist
    blocks: tuple[Block, ...]
    instant: tuple[Finding, ...]
    facts: KeyFacts
    known: Sequence[Finding]
    forced: bool
    guidelines: PromptGuidelines | None = None

    @property
    def names(self) -> dict[str, str]:
        """Block ids as the prompt has them: counted within the section, so that text before it changes none."""
        return {block.id: f"b{number}" for number, block in enumerate(self.blocks, 1)}


@dataclass(frozen=True)
class Reply:
    """A model's answer about a piece of the section."""

    piece: Piece
    asked: ServedAnswer
    parsed: SectionAnswer

    @property
    def answer(self) -> ModelAnswer:
        return self.asked.answer

    @property
    def source(self) -> str:
        return RULES_BRAIN if self.answer.brain == RULES_BRAIN else self.answer.model_id


def section_result(subject: Subject, replies: Sequence[Reply], *, total_s: float) -> dict[str, Any]:
    """Returns the `result` of a SUCCESS; see SectionAnalysis.run. total_s: seconds since the task began."""
    grounded = without_repeats([_grounded(reply, subject) for reply in replies])
    wanted = without_switched_off(merge(subject.instant, _new(grounded, subject)), subject.session.rules_off)
    findings = [agreed(finding) for finding in wanted]
    checked = [point for reply in replies for point in reply.parsed.checked]
    answers = [reply.answer for reply in replies]
    team = subject.guidelines
    paid = [reply.asked for reply in replies] + (list(team.asked) if team else [])
    return {
        "feedback": [finding.to_dict() for finding in findings],
        "confidence": round(fmean(item.confidence for item in findings), 3) if findings else None,
        "checked": checked_points(checked, findings, subject.checklist),
        "sources": _distinct([source for finding in findings for source in finding.sources])
        or _distinct([reply.source for reply in replies]),
        "prompt_version": _prompt_version(subject),
        "checklist": {"id": subject.checklist.id, "version": subject.checklist.version},
        "guidelines": team.about() if team else None,
        **_who_answered(answers),
        **_stored(replies),
        **_metered([asked.answer for asked in paid if not asked.cached_at], total_s=total_s),
    }


def _new(grounded: Sequence[Finding], subject: Subject) -> list[Finding]:
    """What rules have not found already in a section; only the pass over the whole document repeats that."""
    return [
        finding
        for finding in grounded
        if not any(equal(finding, other) for other in subject.known if other not in subject.instant)
    ]


def _grounded(reply: Reply, subject: Subject) -> list[Finding]:
    return [
        ground(
            answered,
            reply.piece.whole_blocks,
            session_id=subject.session.id,
            section_id=subject.section.id,
            source=reply.source,
            checklist=subject.checklist,
        )
        for answered in reply.parsed.findings
    ]


def _prompt_version(subject: Subject) -> str:
    whole = subject.section.id == DOCUMENT_SECTION
    team, learnt = subject.guidelines, subject.session.guidance
    versions = [document_prompt_version() if whole else prompt_version()]
    versions += [f"{guidance_version()}-{learnt.sha256[:8]}"] if learnt else []
    return "+".join([*versions, *([team.version] if team else [])])


def _who_answered(answers: Sequence[ModelAnswer]) -> dict[str, Any]:
    """What answered; empty for a section without readable text, about which nobody is asked."""
    return {
        "model_used": ", ".join(_distinct([display_name(answer) for answer in answers])),
        "model_id": answers[0].model_id if answers else "",
        "brain": answers[0].brain if answers else "",
        "thinking": "\n\n".join(answer.thinking for answer in answers if answer.thinking),
        "enhanced": bool(answers),
    }


def _stored(replies: Sequence[Reply]) -> dict[str, Any]:
    since = [reply.asked.cached_at for reply in replies if reply.asked.cached_at]
    return {"cached": bool(replies) and len(since) == len(replies), "cached_at": min(since, default=None)}


def _metered(answers: Sequence[ModelAnswer], *, total_s: float) -> dict[str, Any]:
    """The calls made for this result. fallback_reason: why the first model did not answer, "" where it did."""
    made = calls_made(answers)
    model_s = sum(answer.latency_s for answer in answers)
    return {
        **made,
        "timings": {"total_s": round(total_s, 3), "model_s": round(model_s, 3)},
        "fallback_reason": made["tried"][0]["code"] if made["tried"] else "",
    }


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
