"""Builds the services of the web tier."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from core.auth.identity import IdentityProvider
from core.auth.people import People
from core.auth.service import SignIn, assemble_auth
from core.auth.tokens import Tokens
from core.aws.clients import REQUEST_TIMEOUTS, make_sqs
from core.aws.sqs import SqsQueues
from core.bootstrap.parts import about_reviews, make_daily_cost, make_limiter, make_submission
from core.bootstrap.queueing import (
    build_store,
    celery_publisher,
    make_metrics,
    make_recorder,
    queueing_dependencies,
)
from core.clock import Clock
from core.config import LimitSettings, Settings
from core.documents.limited_child import ReaderPool
from core.documents.upload_quota import UploadQuota
from core.export.pages import PdfPages
from core.observability.load import LoadMeter
from core.observability.metrics import WEB, Metrics, put_load
from core.operations.cached_value import in_background
from core.operations.console import Console, make_console
from core.operations.letter_editing import letter_editing
from core.operations.letter_reports import ReplayReports
from core.operations.queues import QueueStates
from core.pipeline.chat.submission import ChatSubmission
from core.pipeline.daily_cost import DailyCost
from core.pipeline.submission import AnalysisSubmission
from core.queueing.editing import LetterEditing
from core.queueing.live_results import CachedWorkers, LiveResults
from core.queueing.parallel import Later, at_once, in_parallel
from core.queueing.queue_position import QueuePositions
from core.queueing.service import Queueing, assemble
from core.queueing.topology import ANALYSIS, queue_name
from core.review.activity import ActivityLog
from core.review.chat import ChatLog
from core.review.chat_running import RunningQuestion
from core.review.conversation import ConversationReader
from core.review.finding_service import FindingService
from core.review.guidance_repository import GuidanceRepository
from core.review.guideline_repository import GuidelineRepository
from core.review.names import ReviewNames
from core.review.outline_service import OutlineService
from core.review.overview import OverviewReader
from core.review.page_files import PageFiles
from core.review.part_cache import MOST_BYTES, PartCache
from core.review.removal import ReviewRemoval
from core.review.repository import ReviewRepository
from core.review.result_cache import CachedResults
from core.review.retention import Retention
from core.review.tally import Tallies
from core.review.task_changes import TaskChanges
from core.review.team_checklists import TeamChecklists
from core.statistics.health import HealthBook
from core.statistics.rollups import Rollups
from core.throttling.limiter import Limiter
from core.throttling.limits import queue_rates
from core.throttling.status import LimiterStatus


@dataclass(frozen=True)
class OperatorServices:
    """Services of the operators' pages."""

    queues: QueueStates
    limiter_status: Callable[[], LimiterStatus]
    rollups: Rollups
    health: HealthBook
    console: Console
    replay_reports: ReplayReports
    letter_editing: LetterEditing


@dataclass(frozen=True)
class WebServices(OperatorServices):
    """Services of the request handlers. probe: raises AppError unless storage and queues answer."""

    settings: Settings
    clock: Clock
    identity: IdentityProvider
    people: People
    sign_in: SignIn | None
    tokens: Tokens
    readers: ReaderPool
    quota: UploadQuota
    queueing: Queueing
    reviews: ReviewRepository
    guidelines: GuidelineRepository
    checklists: TeamChecklists
    guidance: GuidanceRepository
    results: CachedResults
    overviews: OverviewReader
    tallies: Tallies
    names: ReviewNames
    finding_service: FindingService
    activity: ActivityLog
    removal: ReviewRemoval
    retention: Retention
    queue_positions: QueuePositions
    outlines: OutlineService
    submission: AnalysisSubmission
    chat: ChatSubmission
    conversations: ConversationReader
    pages: PdfPages
    probe: Callable[[], None]


def build_web_services(settings: Settings) -> WebServices:
    """Returns the real services; no network before the first request. Raises ConfigurationError."""
    store = build_store(settings, connections=4 * settings.web.threads, timeouts=REQUEST_TIMEOUTS)
    queues = SqsQueues(make_sqs(settings.aws.region, connections=settings.web.threads))
    metrics = make_metrics(settings)
    recorder = make_recorder(settings, store=store, about=about_web_process(metrics))
    outside = queueing_dependencies(
        settings, store=store, queues=queues, publisher=celery_publisher(settings)
    )
    outside = replace(outside, metrics=metrics, recorder=recorder)
    return assemble_web_services(settings, assemble(settings, outside), later=in_background)


def assemble_web_services(
    settings: Settings,
    queueing: Queueing,
    *,
    identity: IdentityProvider | None = None,
    later: Later = at_once,
) -> WebServices:
    """Builds the web tier's services around `queueing`, which in tests stays inside the process.

    identity: replaces the provider that AUTH asks for. later: how cached figures are read again: in the background,
    while pages show the old ones, or at once. Raises ConfigurationError.
    """
    store, clock = queueing.store, queueing.clock
    readers = ReaderPool(settings.documents, ahead="core.pipeline.intake")
    auth = assemble_auth(settings, store, clock=clock)
    who = identity or auth.identity
    reviews = ReviewRepository(store, clock, kept=PartCache(MOST_BYTES))
    activity = ActivityLog(store, clock)
    results = _cached_results(settings, queueing)
    limiter = make_limiter(settings, store=store, clock=clock)
    cost = make_daily_cost(settings, store=store, clock=clock)
    overviews = OverviewReader(reviews, results, about_reviews(settings))
    submission = make_submission(queueing, reviews, limiter=limiter, cost=cost)
    operators = _operator_services(
        settings, queueing, submission, limiter_status=limiter.status, cost=cost, later=later
    )
    return WebServices(
        **vars(operators),
        settings=settings,
        clock=clock,
        identity=who,
        people=People(who, clock),
        sign_in=auth.sign_in,
        tokens=auth.tokens,
        readers=readers,
        quota=UploadQuota(store, clock, settings.documents),
        queueing=queueing,
        reviews=reviews,
        guidelines=GuidelineRepository(store, clock),
        checklists=TeamChecklists(store, clock),
        guidance=GuidanceRepository(store, clock),
        results=results,
        overviews=overviews,
        tallies=Tallies(store, overviews, results),
        names=ReviewNames(reviews, clock),
        finding_service=FindingService(store=store, reviews=reviews, activity=activity, clock=clock),
        activity=activity,
        removal=ReviewRemoval(store, reviews, queueing.cancellation),
        retention=Retention(store, reviews, clock, days=settings.web.retention_days, later=later),
        queue_positions=QueuePositions(queueing.outbox, clock, rates=_rates(settings.limits)),
        outlines=OutlineService(reviews, queueing.cancellation),
        submission=submission,
        chat=_chat(queueing, cost),
        conversations=ConversationReader(ChatLog(store), reviews, results, clock),
        pages=PdfPages(readers, reviews, PageFiles(store)),
        probe=partial(_probe, settings, queueing, limiter),
    )


def _probe(settings: Settings, queueing: Queueing, limiter: Limiter) -> None:
    """Asks S3 and SQS something. Raises AppError where one of them does not answer."""
    limiter.probe()
    queueing.queues.depth(queue_name(settings.aws.queue_prefix, ANALYSIS.key))


def _operator_services(
    settings: Settings,
    queueing: Queueing,
    submission: AnalysisSubmission,
    *,
    limiter_status: Callable[[], LimiterStatus],
    cost: DailyCost,
    later: Later,
) -> OperatorServices:
    store, clock = queueing.store, queueing.clock
    reviews = ReviewRepository(store, clock)
    queues = QueueStates(queueing, settings.aws.queue_prefix)
    health, rollups = HealthBook(store, clock), Rollups(store, clock, in_parallel=in_parallel)
    return OperatorServices(
        queues=queues,
        limiter_status=limiter_status,
        rollups=rollups,
        health=health,
        console=make_console(
            settings,
            queues,
            reviews,
            status=limiter_status,
            cost=cost,
            rollups=rollups,
            health=health,
            later=later,
        ),
        replay_reports=ReplayReports(queueing.results),
        letter_editing=letter_editing(queueing, submission, reviews),
    )


def _cached_results(settings: Settings, queueing: Queueing) -> CachedResults:
    store, clock = queueing.store, queueing.clock
    workers = CachedWorkers(store, clock, dead_after_s=settings.queues.dead_after_s)
    present = LiveResults(queueing.results, workers, clock)
    return CachedResults(present, TaskChanges(store, clock, queue=ANALYSIS.key), clock)


def _chat(queueing: Queueing, cost: DailyCost) -> ChatSubmission:
    store, clock = queueing.store, queueing.clock
    return ChatSubmission(
        log=ChatLog(store),
        running=RunningQuestion(store, queueing.results, clock),
        dispatcher=queueing.dispatcher,
        before_asking=cost.refuse_new_work,
        clock=clock,
    )


def _rates(limits: LimitSettings) -> dict[str, tuple[int, float]]:
    return {queue: (rate, limits.window_s) for queue, rate in queue_rates(limits).items()}


def about_web_process(metrics: Metrics) -> Callable[[], dict[str, Any]]:
    """Returns a function with facts that a web process adds to its statistics: see make_recorder."""
    meter = LoadMeter()

    def about() -> dict[str, Any]:
        load = meter.look()
        put_load(metrics, [WEB], load)
        return {"role": WEB, "load": asdict(load)}

    return about
