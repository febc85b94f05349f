"""A review in memory and models that say what a test wants."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.documents.model import Block, BlockKind, Section
from core.models.exchange import ModelAnswer, ModelRequest, Tried
from core.models.model import Usage
from core.models.registry import parse_registry
from core.pipeline.analysis import SectionAnalysis
from core.pipeline.answer_service import AnswerService
from core.pipeline.cache import AnswerCache
from core.pipeline.daily_cost import DailyCost
from core.pipeline.single_flight import SingleFlight
from core.pipeline.task_identity import section_task_id
from core.pipeline.team_guidelines import TeamGuidelines
from core.review.finding import Finding
from core.review.guidance import GuidanceUsed
from core.review.repository import ReviewRepository
from core.review.session import ReviewSession
from tests.support.reviews import a_session
from tests.support.roles import StoreOfRole

REGISTRY = parse_registry(
    "".join(
        f"""
[[models]]
id = "vendor.{name}"
name = "Model {name.title()}"
priority = {priority}
max_tokens = 8192
structured_output = "native"
burndown = 5
prices = {{ input_usd = 3.0, output_usd = 15.0, cache_read_usd = 0.3, cache_write_usd = 3.75 }}
"""
        for priority, name in enumerate(("zero", "one", "two"), 1)
    ),
    where="test",
)
BLOCKS = (
    Block("b1", "Summary", kind=BlockKind.HEADING, level=1),
    Block("b2", "Many sellers were affected by the outage."),
    Block("b3", "This is a note for the author only.", flags=("hidden",)),
    Block("b4", "Actions", kind=BlockKind.HEADING, level=1),
    Block("b5", "The form will be fixed soon."),
)
SECTIONS = (Section("s1", "Summary", first=0, last=2), Section("s2", "Actions", first=3, last=4))


def said(quote: str = "Many sellers", **changes: Any) -> dict[str, Any]:
    """One finding as a model answers it."""
    return {
        "type": "important",
        "risk_level": "medium",
        "category": "Vague quantity",
        "description": "No figure is given.",
        "suggestion": "Give the number.",
        "example": "[N] sellers",
        "questions": ["How many?"],
        "hawkeye_refs": [1],
        "confidence": 0.8,
        "quote": quote,
        "rule": "",
        **changes,
    }


def content(*findings: dict[str, Any], checked: dict[int, str] | None = None) -> str:
    points = [{"point": point, "outcome": outcome} for point, outcome in (checked or {}).items()]
    return json.dumps({"findings": list(findings), "checked": points})


@dataclass
class ScriptedModels:
    """Twin of AsyncRequestManager: `script` gives content and the fields that differ, for each request."""

    script: Callable[[ModelRequest], str | dict[str, Any]]
    requests: list[ModelRequest] = field(default_factory=list)

    def invoke_with_fallback(
        self, request: ModelRequest, *, check: Callable[..., object], **_: Any
    ) -> ModelAnswer:
        self.requests.append(request)
        planned = self.script(request)
        changes = planned if isinstance(planned, dict) else {"content": planned}
        answer = ModelAnswer(
            **{
                "model_id": "vendor.one",
                "model_name": "Model One",
                "content": content(),
                "thinking": "",
                "usage": Usage(input=100, output=10),
                "stop_reason": "end_turn",
                "brain": "",
                "latency_s": 2.0,
                "cost_usd": 0.001,
                "quota_tokens": 150,
                "fingerprint": request.fingerprint,
                "tried": (Tried("vendor.zero", "ThrottlingException"),),
                **changes,
            }
        )
        check(answer)
        return answer


def asking_of(
    models, *, store: MemoryObjectStore | None = None, cap_usd: float = 0.0, **parts: Any
) -> AnswerService:
    """Around scripted models, with cache, single flight and cost of its own."""
    clock = parts.pop("clock", ScriptedClock())
    held = StoreOfRole(store or MemoryObjectStore(), "WorkerRole")
    made = {
        "models": models,
        "cache": AnswerCache(held, clock, registry=REGISTRY, origin="test"),
        "flights": SingleFlight(held, clock),
        "cost": DailyCost(held, clock, cap_usd=cap_usd),
    }
    return AnswerService(**{**made, **parts})


def analysis_of(reviews: ReviewRepository, asking: AnswerService, **changes: Any) -> SectionAnalysis:
    """changes: store (of condensed guidelines), verbatim_tokens."""
    guidelines = TeamGuidelines(
        reviews=reviews,
        asking=asking,
        clock=ScriptedClock(),
        origin="test",
        **{"store": MemoryObjectStore(), "verbatim_tokens": 1200, **changes},
    )
    return SectionAnalysis(reviews=reviews, asking=asking, guidelines=guidelines, clock=ScriptedClock())


@dataclass
class Context:
    task_id: str = "t1"
    queue: str = "analysis"
    deadline_at: float = 2e9
    attempts: Any = None

    def check_wanted(self) -> None:
        """Nobody cancels here."""


def stored_review(
    *,
    blocks: tuple[Block, ...] = BLOCKS,
    sections: tuple[Section, ...] = SECTIONS,
    rules: Callable[[str], list[Finding]] = lambda _session_id: [],
    guidance: GuidanceUsed | None = None,
) -> tuple[ReviewRepository, ReviewSession]:
    reviews = ReviewRepository(MemoryObjectStore(), ScriptedClock())
    session = a_session(sections=sections, guidance=guidance)
    reviews.create(session, document=b"PK", blocks=blocks, rules=rules(session.id))
    return reviews, session


def own_task_id(reviews: ReviewRepository, session: ReviewSession, section_id: str = "s1") -> str:
    """The id of the section's task when nobody has forced a new run."""
    section = session.section(section_id)
    return section_task_id(session, section, blocks=reviews.blocks(session.id)) if section else "t1"


def document_block(request: ModelRequest) -> str:
    return next(block for block in request.user if block.startswith("<<<document "))


def reviewed(
    script: str | dict[str, Any] | Callable[[ModelRequest], Any],
    *,
    section_id: str = "s1",
    context: Context | None = None,
    store: MemoryObjectStore | None = None,
    cap_usd: float = 0.0,
    **review: Any,
) -> tuple[dict[str, Any], ScriptedModels]:
    """The result of a section's review, as it is stored, and the models that were asked.

    store: shared, as between uploads of one system. review: see stored_review.
    """
    reviews, session = stored_review(**review)
    models = ScriptedModels(script if callable(script) else lambda _request: script)
    context = context or Context(task_id=own_task_id(reviews, session, section_id))
    analysis = analysis_of(reviews, asking_of(models, store=store, cap_usd=cap_usd))
    return json.loads(json.dumps(analysis.run(session.id, section_id, context))), models
