"""The review of one section: text -> prompt -> model -> grounded findings, merged with the instant ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from core.clock import Clock
from core.documents.model import Block, Section
from core.errors import Permanent, Transient
from core.models.exchange import ModelAnswer, ModelRequest
from core.pipeline.answer import SectionAnswer, parse_answer
from core.pipeline.asking import Asked, Asking, AskingTask
from core.pipeline.calls_made import RULES_BRAIN, calls_made, display_name
from core.pipeline.document_prompt import document_prompt_version, document_request
from core.pipeline.grounding import agreed, checked_points, ground, without_repeats
from core.pipeline.guidance_prompt import guidance_version, with_guidance, without_switched_off
from core.pipeline.prompt import ANSWER_TOKENS, Part, prompt_version, section_request
from core.pipeline.section_text import readable
from core.pipeline.sectioning import ALL_CHARS, Piece, halves, pieces
from core.pipeline.task_identity import blocks_asked, is_forced, section_of
from core.pipeline.team_guidelines import PromptGuidelines, TeamGuidelines, with_guidelines
from core.review.checklist import Checklist
from core.review.finding import Finding
from core.review.merging import equal, merge
from core.review.repository import ReviewRepository
from core.review.session import DOCUMENT_SECTION, ReviewSession
from core.rules.key_facts import KeyFacts, key_facts

_MORE_ROOM_TOKENS = 6000


@dataclass(frozen=True)
class _Subject:
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
        return {block.id: f"b{number}" for number, block in enumerate(self.blocks, 1)}


@dataclass(frozen=True)
class _Question:
    """One call about a piece of the section."""

    piece: Piece
    place: str = ""
    answer_tokens: int = ANSWER_TOKENS


@dataclass(frozen=True)
class _Reply:
    piece: Piece
    asked: Asked
    said: SectionAnswer

    @property
    def answer(self) -> ModelAnswer:
        return self.asked.answer

    @property
    def source(self) -> str:
        return RULES_BRAIN if self.answer.brain == RULES_BRAIN else self.answer.model_id


@dataclass(frozen=True)
class PromptPreview:
    """first: guidelines that have to be condensed before; `requests` are without them then."""

    session: ReviewSession
    guidelines: PromptGuidelines | None
    first: tuple[ModelRequest, ...]
    requests: tuple[ModelRequest, ...]


class SectionAnalysis:
    def __init__(
        self, *, reviews: ReviewRepository, asking: Asking, guidelines: TeamGuidelines, clock: Clock
    ) -> None:
        self._reviews = reviews
        self._asking = asking
        self._guidelines = guidelines
        self._clock = clock

    def run(self, session_id: str, section_id: str, context: AskingTask) -> dict[str, Any]:
        """The `result` of a SUCCESS.

        {feedback, confidence, model_used, model_id, brain, thinking, enhanced, checked, sources, usage, cost_usd,
        timings, tried, fallback_reason, cached, cached_at, prompt_version, checklist, guidelines}.
        confidence: mean of the findings', null without any. enhanced: a model's answer was used. checked: [{point,
        outcome}]. cached: all of it is a stored answer, which cost nothing; cached_at: of when the oldest is. usage
        and cost are of the calls made now. guidelines: {sha256, names, condensed, lines} or null.
        Raises what Asking.ask raises, Transient model/invalid-answer, Permanent session/not-found,
        section/not-found or review/signed-off.
        """
        started_at = self._clock.now()
        subject = self._subject(session_id, section_id, task_id=context.task_id)
        if subject.session.signed_off is not None:
            raise Permanent("review/signed-off", "The review was signed off before this section's turn came.")
        questions = _questions(subject)
        if questions:
            team = self._guidelines.for_section(subject.session, task=context)
            subject = replace(subject, guidelines=team)
        replies = [reply for question in questions for reply in self._ask(question, subject, context=context)]
        total_s = self._clock.now() - started_at
        return _result(subject, replies, total_s=total_s)

    def preview(self, session_id: str, section_id: str) -> PromptPreview:
        """What would be sent now. Asks nobody. Raises Permanent session/not-found or section/not-found."""
        subject = self._subject(session_id, section_id, task_id="")
        team, first = self._guidelines.now(subject.session)
        subject = replace(subject, guidelines=team)
        requests = [_request(question, subject) for question in _questions(subject)]
        return PromptPreview(subject.session, team, tuple(first), tuple(requests))

    def _subject(self, session_id: str, section_id: str, *, task_id: str) -> _Subject:
        review = self._reviews.read(session_id)
        if review is None:
            raise Permanent("session/not-found", "The review was deleted before this section's turn came.")
        session, everything, found = review
        section = section_of(session, section_id, everything)
        if section is None:
            raise Permanent("section/not-found")
        rules = without_switched_off(found, session.rules_off)
        blocks = blocks_asked(session, section, everything)
        return _Subject(
            session,
            section,
            self._reviews.checklist(session),
            readable(blocks),
            _instant_of(section, blocks, rules),
            facts=key_facts(everything, session.sections),
            known=rules if section.id == DOCUMENT_SECTION else [],
            forced=is_forced(task_id, session, section, blocks=everything),
        )

    def _ask(self, question: _Question, subject: _Subject, *, context: AskingTask) -> list[_Reply]:
        """An answer that did not fit is asked for again in halves: a cut one would lose findings silently."""
        request = _request(question, subject)
        asked = self._asking.ask(request, task=context, check=_check, afresh=subject.forced)
        if not asked.answer.cut_off:
            return [_Reply(question.piece, asked, parse_answer(asked.answer.content))]
        smaller = [self._ask(other, subject, context=context) for other in _smaller(question)]
        return [reply for replies in smaller for reply in replies]


def _request(question: _Question, subject: _Subject) -> ModelRequest:
    part = Part(question.piece.blocks, question.place, question.answer_tokens, subject.names)
    outline, checklist, facts = subject.session.sections, subject.checklist, subject.facts
    if subject.section.id == DOCUMENT_SECTION:
        request = document_request(part, outline=outline, checklist=checklist, facts=facts)
    else:
        request = section_request(
            part, section=subject.section, outline=outline, checklist=checklist, facts=facts
        )
    return with_guidelines(with_guidance(request, subject.session.guidance), subject.guidelines)


def _check(answer: ModelAnswer) -> None:
    if not answer.cut_off:
        parse_answer(answer.content)


def _questions(subject: _Subject) -> list[_Question]:
    """The whole document is one question: in parts no contradiction between them would show."""
    whole = subject.section.id == DOCUMENT_SECTION
    found = pieces(subject.blocks, ALL_CHARS) if whole else pieces(subject.blocks)
    if len(found) == 1:
        return [_Question(found[0])]
    return [_Question(piece, _place(number, len(found))) for number, piece in enumerate(found, 1)]


def _place(number: int, parts: int) -> str:
    repeats = ", which begins with the last lines of the part before" if number > 1 else ""
    return f"part {number} of {parts} of it{repeats}"


def _smaller(question: _Question) -> list[_Question]:
    divided = halves(question.piece)
    if divided:
        return [_Question(piece, "a part of it") for piece in divided]
    if question.answer_tokens < _MORE_ROOM_TOKENS:
        return [replace(question, answer_tokens=_MORE_ROOM_TOKENS)]
    raise Transient("model/invalid-answer", "The model's answer was cut off, with all the room there is.")


def _instant_of(section: Section, blocks: Sequence[Block], rules: Iterable[Finding]) -> tuple[Finding, ...]:
    """A finding belongs to the section that holds its block now; the outline may have changed since."""
    own = {block.id for block in blocks}

    def belongs(finding: Finding) -> bool:
        if section.id == DOCUMENT_SECTION:
            return finding.section_id == DOCUMENT_SECTION
        return finding.anchor.block_id in own if finding.anchor else finding.section_id == section.id

    return tuple(finding for finding in rules if belongs(finding))


def _result(subject: _Subject, replies: Sequence[_Reply], *, total_s: float) -> dict[str, Any]:
    grounded = without_repeats([_grounded(reply, subject) for reply in replies])
    wanted = without_switched_off(merge(subject.instant, _new(grounded, subject)), subject.session.rules_off)
    findings = [agreed(finding) for finding in wanted]
    said = [point for reply in replies for point in reply.said.checked]
    answers = [reply.answer for reply in replies]
    team = subject.guidelines
    paid = [reply.asked for reply in replies] + (list(team.asked) if team else [])
    return {
        "feedback": [finding.to_dict() for finding in findings],
        "confidence": round(fmean(item.confidence for item in findings), 3) if findings else None,
        "checked": checked_points(said, findings, subject.checklist),
        "sources": _distinct([source for finding in findings for source in finding.sources])
        or _distinct([reply.source for reply in replies]),
        "prompt_version": _prompt_version(subject),
        "checklist": {"id": subject.checklist.id, "version": subject.checklist.version},
        "guidelines": team.about() if team else None,
        **_who_answered(answers),
        **_stored(replies),
        **_metered([asked.answer for asked in paid if not asked.cached_at], total_s=total_s),
    }


def _new(grounded: Sequence[Finding], subject: _Subject) -> list[Finding]:
    """In the pass over the whole document what the sections do not have already."""
    return [
        finding
        for finding in grounded
        if not any(equal(finding, other) for other in subject.known if other not in subject.instant)
    ]


def _prompt_version(subject: _Subject) -> str:
    whole = subject.section.id == DOCUMENT_SECTION
    team, learnt = subject.guidelines, subject.session.guidance
    versions = [document_prompt_version() if whole else prompt_version()]
    versions += [f"{guidance_version()}-{learnt.sha256[:8]}"] if learnt else []
    return "+".join([*versions, *([team.version] if team else [])])


def _grounded(reply: _Reply, subject: _Subject) -> list[Finding]:
    return [
        ground(
            answered,
            reply.piece.whole_blocks,
            session_id=subject.session.id,
            section_id=subject.section.id,
            source=reply.source,
            checklist=subject.checklist,
        )
        for answered in reply.said.findings
    ]


def _who_answered(answers: Sequence[ModelAnswer]) -> dict[str, Any]:
    """A section without readable text asks nobody, and says so by empty names."""
    return {
        "model_used": ", ".join(_distinct([display_name(answer) for answer in answers])),
        "model_id": answers[0].model_id if answers else "",
        "brain": answers[0].brain if answers else "",
        "thinking": "\n\n".join(answer.thinking for answer in answers if answer.thinking),
        "enhanced": bool(answers),
    }


def _stored(replies: Sequence[_Reply]) -> dict[str, Any]:
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
