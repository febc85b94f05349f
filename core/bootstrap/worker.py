"""Builds the services of the workers' tasks."""

from dataclasses import dataclass

from core.async_request_manager import AsyncRequestManager
from core.aws.bedrock import BedrockInvoker
from core.aws.clients import make_bedrock
from core.bootstrap.parts import about_reviews, make_daily_cost, make_limiter
from core.clock import SystemClock
from core.config import Settings
from core.models.registry import load_registry
from core.operations.monitoring import Monitoring
from core.operations.queues import QueueStates
from core.pipeline.analysis import SectionAnalysis
from core.pipeline.answer_service import AnswerService
from core.pipeline.cache import AnswerCache
from core.pipeline.chat.service import ChatAnswering
from core.pipeline.metering import PipelineMeter
from core.pipeline.single_flight import SingleFlight
from core.pipeline.team_guidelines import TeamGuidelines
from core.queueing.parallel import in_parallel
from core.queueing.service import Queueing
from core.review.chat import ChatLog
from core.review.overview import OverviewReader
from core.review.repository import ReviewRepository
from core.statistics.health import HealthBook
from core.statistics.rollups import Rollups
from core.throttling.limiter import Limiter


@dataclass(frozen=True)
class WorkerServices:
    """Services of a worker's tasks; built in each of its child processes, after the fork."""

    queueing: Queueing
    limiter: Limiter
    analysis: SectionAnalysis
    chat: ChatAnswering
    monitoring: Monitoring


def build_worker_services(settings: Settings, *, queueing: Queueing) -> WorkerServices:
    """Builds the tasks' services around the queueing of the same process.

    Raises ConfigurationError (models file).
    """
    clock, store, limits = SystemClock(), queueing.store, settings.limits
    registry = load_registry(limits.models_file)
    cost = make_daily_cost(settings, store=store, clock=clock)
    meter = PipelineMeter(queueing.metrics, cost, queueing.recorder)
    limiter = make_limiter(settings, store=store, clock=clock)
    models = AsyncRequestManager(
        registry=registry,
        limiter=limiter,
        invoker=BedrockInvoker(
            lambda region: make_bedrock(region, read_timeout_s=limits.read_timeout_s),
            default_region=settings.aws.bedrock_region,
        ),
        clock=clock,
        limits=limits,
        meter=meter,
    )
    asking = AnswerService(
        models=models,
        cache=AnswerCache(store, clock, registry=registry, origin=_origin(settings)),
        flights=SingleFlight(store, clock, look_again_s=settings.queues.look_again_s),
        cost=cost,
        meter=meter,
    )
    reviews = ReviewRepository(store, clock)
    guidelines = TeamGuidelines(
        reviews=reviews,
        store=store,
        clock=clock,
        asking=asking,
        origin=_origin(settings),
        verbatim_tokens=settings.guidelines.verbatim_tokens,
    )
    analysis = SectionAnalysis(reviews=reviews, asking=asking, guidelines=guidelines, clock=clock)
    chat = ChatAnswering(
        reviews=reviews,
        overviews=OverviewReader(reviews, queueing.results, about_reviews(settings)),
        log=ChatLog(store),
        models=models,
        before_call=cost.refuse_call,
        clock=clock,
    )
    monitoring = Monitoring(
        QueueStates(queueing, settings.aws.queue_prefix),
        limiter.status,
        Rollups(store, clock, in_parallel=in_parallel),
        HealthBook(store, clock),
    )
    return WorkerServices(queueing, limiter, analysis, chat, monitoring)


def _origin(settings: Settings) -> str:
    """Answers of a stand-in must never pass for a model's, nor those of one stand-in for another's."""
    return settings.limits.model_origin or settings.aws.bedrock_endpoint or settings.aws.bedrock_region
