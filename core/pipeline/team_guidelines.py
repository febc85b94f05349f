"""Guidelines for a section's prompt: short ones as they are, longer ones condensed to their rules, once.

guidelines-condensed/<aa>/<sha256>.json   the rules of one text, written once, whichever section needs them first

Parts of the text are asked about like any other question: stored answers count, and a second task waits for the
first. If a model fails, the section fails and is retried; a text in which no rule is found goes in as it is.
Nothing is ever left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.aws.object_store import ObjectStore, get_json, to_json, with_nonce
from core.clock import Clock, iso
from core.errors import Transient
from core.models.exchange import CHARS_PER_TOKEN, ModelAnswer, ModelRequest, fingerprint_of
from core.observability.logs import get_logger
from core.pipeline.answer import parse_as
from core.pipeline.answer_service import AnswerService, AskingTask, ServedAnswer
from core.pipeline.cache import TEAM
from core.pipeline.guideline_prompt import (
    CondensedAnswer,
    condense_request,
    guidelines_block,
    guidelines_version,
)
from core.review.guidelines import Guidelines
from core.review.repository import ReviewRepository
from core.review.session import GuidelinesUsed, ReviewSession

_log = get_logger(__name__)

PART_CHARS = 24_000
"""As of a section: beside the rules it stays well inside one call and one reservation."""
_LEAST_HALVED_LINES = 2


@dataclass(frozen=True)
class PromptGuidelines:
    """Guidelines as they go into a prompt. asked: answers of the calls that were made for them just now."""

    used: GuidelinesUsed
    lines: tuple[str, ...]
    condensed: bool = False
    asked: tuple[ServedAnswer, ...] = ()

    @property
    def block(self) -> str:
        return guidelines_block(self.lines)

    @property
    def version(self) -> str:
        """What they add to the version of a prompt."""
        return f"{guidelines_version()}-{self.used.sha256[:8]}"

    def about(self) -> dict[str, object]:
        """What a result says of them: {sha256, names, condensed, lines}."""
        names = list(self.used.names)
        return {
            "sha256": self.used.sha256,
            "names": names,
            "condensed": self.condensed,
            "lines": len(self.lines),
        }


class TeamGuidelines:
    """Prepares guidelines for prompts.

    origin: who answers behind the model ids; a stand-in's rules must not pass for a model's.
    """

    def __init__(
        self,
        *,
        reviews: ReviewRepository,
        store: ObjectStore,
        clock: Clock,
        asking: AnswerService,
        origin: str,
        verbatim_tokens: int,
    ) -> None:
        self._reviews = reviews
        self._store = store
        self._clock = clock
        self._asking = asking
        self._origin = origin
        self._verbatim_chars = verbatim_tokens * CHARS_PER_TOKEN

    def for_section(self, session: ReviewSession, *, task: AskingTask) -> PromptGuidelines | None:
        """Returns the review's guidelines, condensed first if they are long; None if the review uses none.

        Raises what AnswerService.ask raises.
        """
        if session.guidelines is None:
            return None
        guidelines = self._reviews.guidelines(session.id)
        known = self._known(session.guidelines, guidelines)
        if known is not None:
            return known
        answered = [one for part in _parts(guidelines.lines) for one in self._condense(part, task)]
        lines = tuple(line for lines, _ in answered for line in lines)
        asked = tuple(one for _, one in answered)
        stored = self._keep(guidelines, lines, answers=[one.answer for one in asked])
        return PromptGuidelines(session.guidelines, stored, condensed=True, asked=asked)

    def now(self, session: ReviewSession) -> tuple[PromptGuidelines | None, list[ModelRequest]]:
        """Returns the guidelines if they are known by now, else the requests that would condense them.

        Calls no model.
        """
        if session.guidelines is None:
            return None, []
        guidelines = self._reviews.guidelines(session.id)
        known = self._known(session.guidelines, guidelines)
        return known, [] if known else [condense_request(part) for part in _parts(guidelines.lines)]

    def _known(self, used: GuidelinesUsed, guidelines: Guidelines) -> PromptGuidelines | None:
        if guidelines.chars <= self._verbatim_chars:
            return PromptGuidelines(used, guidelines.lines)
        stored = get_json(self._store, self._key(guidelines))
        if stored is None:
            return None
        return PromptGuidelines(used, tuple(stored["lines"]), condensed=True)

    def _condense(
        self, part: Sequence[str], task: AskingTask
    ) -> Iterator[tuple[tuple[str, ...], ServedAnswer]]:
        """(rules, answer). An answer that was cut off is asked for again in halves: it would lose rules silently."""
        asked = self._asking.ask(condense_request(part), task=task, check=_check)
        if not asked.answer.cut_off:
            rules = parse_as(CondensedAnswer, asked.answer.content).rules
            yield tuple(f"- {rule.text}" for rule in rules) or tuple(part), asked
            return
        for half in _halves(part):
            yield from self._condense(half, task)

    def _keep(
        self, guidelines: Guidelines, lines: tuple[str, ...], *, answers: Sequence[ModelAnswer]
    ) -> tuple[str, ...]:
        """Stores the lines and returns those that count: the first ones stored, so that all sections use the same."""
        key = self._key(guidelines)
        document = {
            "prompt_version": guidelines_version(),
            "lines": list(lines),
            "model_ids": sorted({answer.model_id for answer in answers}),
            "created_at": iso(self._clock.now()),
        }
        _log.info("guidelines_condensed", lines=len(guidelines.lines), rules=len(lines), calls=len(answers))
        if self._store.create(key, to_json(with_nonce(document))) is None:
            present = get_json(self._store, key)
            return tuple(present["lines"]) if present else lines
        return lines

    def _key(self, guidelines: Guidelines) -> str:
        digest = fingerprint_of(TEAM, self._origin, guidelines_version(), guidelines.sha256)
        return f"guidelines-condensed/{digest[:2]}/{digest}.json"


def with_guidelines(request: ModelRequest, guidelines: PromptGuidelines | None) -> ModelRequest:
    """Returns the request with the guidelines after the checklist; prompt version and fingerprint include them."""
    if guidelines is None:
        return request
    block = guidelines.block
    return replace(
        request,
        system=(*request.system, block),
        prompt_version=f"{request.prompt_version}+{guidelines.version}",
        fingerprint=fingerprint_of(request.fingerprint, guidelines.version, block),
    )


def _check(answer: ModelAnswer) -> None:
    if not answer.cut_off:
        parse_as(CondensedAnswer, answer.content)


def _parts(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """Runs of lines of about PART_CHARS at most; a longer line is a part of its own."""
    parts: list[list[str]] = []
    room = 0
    for line in lines:
        if not parts or len(line) > room:
            parts.append([])
            room = PART_CHARS
        parts[-1].append(line)
        room -= len(line) + 1
    return [tuple(part) for part in parts]


def _halves(part: Sequence[str]) -> list[Sequence[str]]:
    if len(part) < _LEAST_HALVED_LINES:
        raise Transient("model/invalid-answer", "The rules of the guidelines did not fit the model's answer.")
    middle = len(part) // 2
    return [part[:middle], part[middle:]]
