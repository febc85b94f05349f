"""Analyses documents in this process, with a store in memory and no queue: for measuring models."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from core.async_request_manager import AsyncRequestManager
from core.aws.bedrock import BedrockInvoker
from core.aws.object_store import MemoryObjectStore
from core.clock import SystemClock
from core.config import LimitSettings
from core.documents.model import ReadDocument, Section
from core.models.registry import load_registry
from core.pipeline.analysis import SectionAnalysis
from core.pipeline.answer_service import AnswerService
from core.pipeline.cache import AnswerCache
from core.pipeline.daily_cost import DailyCost
from core.pipeline.single_flight import SingleFlight
from core.pipeline.task_identity import section_task_id
from core.pipeline.team_guidelines import TeamGuidelines
from core.review.repository import ReviewRepository
from core.review.session import DOCUMENT_SECTION, ReviewSession
from core.throttling.limiter import Limiter
from core.throttling.limits import limits_from
from core.throttling.store import MemoryStateStore
from tests.support.unkept_attempts import UnkeptAttempts

UNLIMITED = LimitSettings(
    requests_per_minute=100_000, tokens_per_minute=10**9, analysis_per_minute=100_000, fallback_delay_s=0.0
)
REGISTRY = load_registry()


@dataclass
class _Task:
    """A task without a queue; nothing is killed here, so nothing is claimed."""

    task_id: str
    queue: str = "analysis"
    deadline_at: float = field(default_factory=lambda: time.time() + 600)
    attempts: Any = None

    def progress(self, stage: str) -> None: ...


class LocalPipeline:
    """The pipeline of a worker, with its own limits and cache in memory. origin: of the models, for the cache."""

    def __init__(self, client: Any, origin: str, *, limits: LimitSettings = UNLIMITED) -> None:
        store, clock = MemoryObjectStore(), SystemClock()
        models = AsyncRequestManager(
            registry=REGISTRY,
            limiter=Limiter(
                store=MemoryStateStore(), clock=clock, limits=limits_from(limits), registry=REGISTRY
            ),
            invoker=BedrockInvoker(lambda _region: client, default_region="us-east-2"),
            clock=clock,
            limits=limits,
        )
        self._reviews = ReviewRepository(store, clock)
        asking = AnswerService(
            models=models,
            cache=AnswerCache(store, clock, registry=REGISTRY, origin=origin),
            flights=SingleFlight(store, clock),
            cost=DailyCost(store, clock, cap_usd=0.0),
        )
        guidelines = TeamGuidelines(
            reviews=self._reviews,
            store=store,
            clock=clock,
            asking=asking,
            origin=origin,
            verbatim_tokens=1200,
        )
        self._analysis = SectionAnalysis(
            reviews=self._reviews, asking=asking, guidelines=guidelines, clock=clock
        )

    def review(self, document: ReadDocument, *, children: int) -> list[dict[str, Any]]:
        """A new upload of the document, all sections reviewed by so many workers: their results."""
        session = self._upload(document)

        def one(section: Section) -> dict[str, Any]:
            task_id = section_task_id(session, section, blocks=document.blocks)
            return self._analysis.run(session.id, section.id, _Task(task_id, attempts=UnkeptAttempts()))

        with ThreadPoolExecutor(children) as pool:
            return list(pool.map(one, document.sections))

    def pass_over(self, document: ReadDocument) -> dict[str, Any]:
        """A new upload of the document, reviewed as a whole: what no section shows alone."""
        session = self._upload(document)
        task = _Task(str(uuid.uuid4()), attempts=UnkeptAttempts())
        return self._analysis.run(session.id, DOCUMENT_SECTION, task)

    def _upload(self, document: ReadDocument) -> ReviewSession:
        session = ReviewSession(
            id=str(uuid.uuid4()),
            owner="bench",
            document_name="write-up.docx",
            kind=document.kind,
            created_at="2026-11-21T12:00:00.000Z",
            size_bytes=1,
            sha256="0" * 64,
            sections=document.sections,
        )
        self._reviews.create(session, document=b"PK", blocks=document.blocks, rules=())
        return session
