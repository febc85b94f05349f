"""Reviews one section: which questions it takes, and how they are asked. `section_result` makes the result."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.clock import Clock
from core.documents.model import Block, Section
from core.errors import Permanent, Transient
from core.models.exchange import ModelAnswer, ModelRequest
from core.pipeline.answer import parse_answer
from core.pipeline.answer_service import AnswerService, AskingTask
from core.pipeline.document_prompt import document_request
from core.pipeline.guidance_prompt import with_guidance, without_switched_off
from core.pipeline.prompt import ANSWER_TOKENS, Part, section_request
from core.pipeline.section_result import Reply, Subject, section_result
from core.pipeline.section_text import readable
from core.pipeline.sectioning import ALL_CHARS, Piece, halves, pieces
from core.pipeline.task_identity import blocks_asked, is_forced, section_of
from core.pipeline.team_guidelines import PromptGuidelines, TeamGuidelines, with_guidelines
from core.review.finding import Finding
from core.review.repository import ReviewRepository
from core.review.session import DOCUMENT_SECTION, ReviewSession
from core.rules.key_facts import key_facts

_MORE_ROOM_TOKENS = 6000


@dataclass(frozen=True)
class _Question:
    """One call about a piece of the section."""

    piece: Piece
    place: str = ""
    answer_tokens: int = ANSWER_TOKENS


@dataclass(frozen=True)
class PromptPreview:
    """The requests that a section's review would send.

    first: requests that would condense the guidelines before; if there are any, `requests` lack the guidelines.
    """

    session: ReviewSession
    guidelines: PromptGuidelines | None
    first: tuple[ModelRequest, ...]
    requests: tuple[ModelRequest, ...]


class SectionAnalysis:
    """Reviews sections, and previews their prompts."""

    def __init__(
        self, *, reviews: ReviewRepository, asking: AnswerService, guidelines: TeamGuidelines, clock: Clock
    ) -> None:
        self._reviews = reviews
        self._asking = asking
        self._guidelines = guidelines
        self._clock = clock

    def run(self, session_id: str, section_id: str, context: AskingTask) -> dict[str, Any]:
        """Reviews a section and returns the `result` of a SUCCESS.

        {feedback, confidence, model_used, model_id, brain, thinking, enhanced, checked, sources, usage, cost_usd,
        timings, tried, fallback_reason, cached, cached_at, prompt_version, checklist, guidelines}

        confidence: mean of the findings', null without any. enhanced: a model's answer was used. checked: [{point,
        outcome}]. cached: every answer came from the cache and cost nothing; cached_at: when the oldest of them was
        given. usage, cost_usd: of the calls made now. guidelines: {sha256, names, condensed, lines} or null.

        Raises what AnswerService.ask raises, Transient model/invalid-answer, Permanent session/not-found,
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
        return section_result(subject, replies, total_s=total_s)

    def preview(self, session_id: str, section_id: str) -> PromptPreview:
        """Returns what would be sent if the section were reviewed now. Calls no model.

        Raises Permanent session/not-found or section/not-found.
        """
        subject = self._subject(session_id, section_id, task_id="")
        team, first = self._guidelines.now(subject.session)
        subject = replace(subject, guidelines=team)
        requests = [_request(question, subject) for question in _questions(subject)]
        return PromptPreview(subject.session, team, tuple(first), tuple(requests))

    def _subject(self, session_id: str, section_id: str, *, task_id: str) -> Subject:
        review = self._reviews.read(session_id)
        if review is None:
            raise Permanent("session/not-found", "The review was deleted before this section's turn came.")
        session, everything, found = review
        section = section_of(session, section_id, everything)
        if section is None:
            raise Permanent("section/not-found")
        rules = without_switched_off(found, session.rules_off)
        blocks = blocks_asked(session, section, everything)
        return Subject(
            session,
            section,
            self._reviews.checklist(session),
            readable(blocks),
            _instant_of(section, blocks, rules),
            facts=key_facts(everything, session.sections),
            known=rules if section.id == DOCUMENT_SECTION else [],
            forced=is_forced(task_id, session, section, blocks=everything),
        )

    def _ask(self, question: _Question, subject: Subject, *, context: AskingTask) -> list[Reply]:
        """Asks one question.

        An answer that was cut off is asked for again in halves, because it may lack findings.
        """
        request = _request(question, subject)
        asked = self._asking.ask(request, task=context, check=_check, afresh=subject.forced)
        if not asked.answer.cut_off:
            return [Reply(question.piece, asked, parse_answer(asked.answer.content))]
        smaller = [self._ask(other, subject, context=context) for other in _smaller(question)]
        return [reply for replies in smaller for reply in replies]


def _request(question: _Question, subject: Subject) -> ModelRequest:
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


def _questions(subject: Subject) -> list[_Question]:
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
