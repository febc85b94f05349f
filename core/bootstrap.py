"""The one place that builds real objects from settings; everything else gets them as arguments."""

import atexit
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from core.async_request_manager import AsyncRequestManager
from core.auth.identity import IdentityProvider
from core.auth.service import SignIn, assemble_auth
from core.auth.tokens import Tokens
from core.aws.bedrock import BedrockInvoker
from core.aws.clients import OF_A_REQUEST, OF_A_WORKER, Patience, make_bedrock, make_s3, make_sqs
from core.aws.object_store import ObjectStore, S3ObjectStore
from core.aws.sqs import SqsQueues
from core.clock import Clock, SystemClock
from core.config import AwsSettings, LimitSettings, Settings
from core.documents.limited_child import ReaderPool
from core.documents.upload_quota import UploadQuota
from core.models.registry import load_registry
from core.observability.load import LoadMeter
from core.observability.metrics import WEB, EmfMetrics, Metrics, NullMetrics, put_load
from core.operations.console import Console, make_console
from core.operations.letter_editing import letter_editing
from core.operations.letter_reports import ReplayReports
from core.operations.monitoring import Monitoring
from core.operations.remembered import in_background
from core.pipeline.analysis import SectionAnalysis
from core.pipeline.asking import Asking
from core.pipeline.cache import AnswerCache
from core.pipeline.chat.service import ChatAnswering
from core.pipeline.chat.submission import ChatSubmission
from core.pipeline.daily_cost import DailyCost
from core.pipeline.metering import PipelineMeter
from core.pipeline.single_flight import SingleFlight
from core.pipeline.submission import AnalysisSubmission
from core.pipeline.team_guidelines import TeamGuidelines
from core.queueing.celery_app import make_app
from core.queueing.editing import LetterEditing
from core.queueing.parallel import Afterwards, Later, at_once, in_parallel
from core.queueing.present import PresentResults, RememberedWorkers
from core.queueing.progress import WaitingLines
from core.queueing.publisher import CeleryPublisher
from core.queueing.release import Publisher
from core.queueing.service import Queueing, QueueingDoors, assemble
from core.queueing.signing import signer_of
from core.queueing.topology import ANALYSIS, queue_name
from core.queueing.transport import shared_client, sqs_time
from core.review.activity import ActivityLog
from core.review.chat import ChatLog
from core.review.chat_running import RunningQuestion
from core.review.checklist import load_checklist
from core.review.conversation import ConversationReader
from core.review.guidance_repository import GuidanceRepository
from core.review.guideline_repository import GuidelineRepository
from core.review.names import ReviewNames
from core.review.outline_service import OutlineService
from core.review.overview import AboutReviews, OverviewReader
from core.review.records import RememberedResults
from core.review.removal import ReviewRemoval
from core.review.repository import ReviewRepository
from core.review.reviewing import Reviewing
from core.review.tally import Tallies
from core.review.team_checklists import TeamChecklists
from core.sign_in_settings import LOOPBACK_HOSTS
from core.statistics.health import HealthBook
from core.statistics.recorder import StoredRecorder
from core.statistics.rollups import Rollups
from core.throttling.flushing import IdleFlusher
from core.throttling.host_file import host_file
from core.throttling.limiter import Limiter
from core.throttling.limits import limits_from, queue_rates
from core.throttling.shared_time import SharedTime
from core.throttling.status import LimiterStatus
from core.throttling.store import STATE_KEY, S3StateStore


@dataclass(frozen=True)
class WebServices:
    """What request handlers use.

    probe: asks storage and queues for a sign of life, raises AppError without one.
    """

    settings: Settings
    clock: Clock
    identity: IdentityProvider
    sign_in: SignIn | None
    tokens: Tokens
    readers: ReaderPool
    quota: UploadQuota
    queueing: Queueing
    reviews: ReviewRepository
    guidelines: GuidelineRepository
    checklists: TeamChecklists
    guidance: GuidanceRepository
    results: RememberedResults
    overviews: OverviewReader
    tallies: Tallies
    names: ReviewNames
    reviewing: Reviewing
    activity: ActivityLog
    removal: ReviewRemoval
    lines: WaitingLines
    outlines: OutlineService
    submission: AnalysisSubmission
    chat: ChatSubmission
    conversations: ConversationReader
    probe: Callable[[], None]
    limiter_status: Callable[[], LimiterStatus]
    rollups: Rollups
    health: HealthBook
    console: Console
    replay_reports: ReplayReports
    letter_editing: LetterEditing


def build_web_services(settings: Settings) -> WebServices:
    """The real ones; no network before the first request. Raises ConfigurationError."""
    store = _object_store(
        settings, SystemClock(), connections=4 * settings.web.threads, patience=OF_A_REQUEST
    )
    queues = SqsQueues(make_sqs(settings.aws.region, connections=settings.web.threads))
    metrics = make_metrics(settings)
    recorder = _recorder(settings, store=store, about=web_process(metrics))
    doors = replace(_queueing_doors(settings, store=store, queues=queues), metrics=metrics, recorder=recorder)
    return assemble_web_services(settings, assemble(settings, doors), later=in_background)


def assemble_web_services(
    settings: Settings,
    queueing: Queueing,
    *,
    identity: IdentityProvider | None = None,
    later: Later = at_once,
) -> WebServices:
    """The web tier's rooms around `queueing`, which in tests stays inside the process.

    identity: a twin of what AUTH asks for. later: reads anew what the console shows, while its pages show what was
    read before. Raises ConfigurationError.
    """
    store, clock, results = queueing.store, queueing.clock, queueing.results
    auth = assemble_auth(settings, store, clock=clock)
    reviews, activity = ReviewRepository(store, clock), ActivityLog(store, clock)
    workers = RememberedWorkers(store, clock, dead_after_s=settings.queues.dead_after_s)
    remembered = RememberedResults(PresentResults(results, workers, clock))
    limiter = _limiter(settings, store=store, clock=clock)
    cost = _daily_cost(settings, store=store, clock=clock)
    overviews = OverviewReader(reviews, remembered, _about(settings))

    submission = AnalysisSubmission(
        reviews=reviews,
        dispatcher=queueing.dispatcher,
        results=results,
        limiter=limiter,
        cost=cost,
        clock=clock,
    )

    rollups = Rollups(store, clock, in_parallel=in_parallel)

    def probe() -> None:
        limiter.probe()
        queueing.queues.depth(queue_name(settings.aws.queue_prefix, ANALYSIS.key))

    return WebServices(
        settings=settings,
        clock=clock,
        identity=identity or auth.identity,
        sign_in=auth.sign_in,
        tokens=auth.tokens,
        readers=ReaderPool(settings.documents),
        quota=UploadQuota(store, clock, settings.documents),
        queueing=queueing,
        reviews=reviews,
        guidelines=GuidelineRepository(store, clock),
        checklists=TeamChecklists(store, clock),
        guidance=GuidanceRepository(store, clock),
        results=remembered,
        overviews=overviews,
        tallies=Tallies(store, overviews, remembered),
        names=ReviewNames(reviews, clock),
        reviewing=Reviewing(store=store, reviews=reviews, activity=activity, clock=clock),
        activity=activity,
        removal=ReviewRemoval(store, reviews, queueing.cancellation),
        lines=WaitingLines(queueing.outbox, clock, rates=_rates(settings.limits)),
        outlines=OutlineService(reviews, queueing.cancellation),
        submission=submission,
        chat=ChatSubmission(
            log=ChatLog(store),
            running=RunningQuestion(store, results, clock),
            dispatcher=queueing.dispatcher,
            before_asking=cost.refuse_new_work,
            clock=clock,
        ),
        conversations=ConversationReader(ChatLog(store), reviews, remembered, clock),
        probe=probe,
        limiter_status=limiter.status,
        rollups=rollups,
        health=HealthBook(store, clock),
        console=make_console(
            settings, queueing, reviews, status=limiter.status, cost=cost, rollups=rollups, later=later
        ),
        replay_reports=ReplayReports(results),
        letter_editing=letter_editing(queueing, submission, reviews),
    )


def build_letter_editing(settings: Settings, queueing: Queueing) -> LetterEditing:
    """Of the command line. Raises ConfigurationError (models file)."""
    store, clock = queueing.store, queueing.clock
    reviews = ReviewRepository(store, clock)
    submission = AnalysisSubmission(
        reviews=reviews,
        dispatcher=queueing.dispatcher,
        results=queueing.results,
        limiter=_limiter(settings, store=store, clock=clock),
        cost=_daily_cost(settings, store=store, clock=clock),
        clock=clock,
    )
    return letter_editing(queueing, submission, reviews)


def _about(settings: Settings) -> AboutReviews:
    return AboutReviews(
        checklist=load_checklist().about(),
        where_text_goes=where_text_goes(settings.aws),
        retention_days=settings.web.retention_days,
    )


def where_text_goes(aws: AwsSettings) -> str:
    """One sentence for the pages; which model or brain answered is said with each section."""
    if urlsplit(aws.bedrock_endpoint).hostname in LOOPBACK_HOSTS:
        return "Text stays on this machine, where stand-in rules answer, unless LOCAL_LLM_URL sends it to a model."
    if aws.bedrock_endpoint:
        return f"Text is sent to the Bedrock endpoint at {aws.bedrock_endpoint}."
    return f"Text is sent to models on Amazon Bedrock in {aws.bedrock_region}."


def _rates(limits: LimitSettings) -> dict[str, tuple[int, float]]:
    return {queue: (rate, limits.window_s) for queue, rate in queue_rates(limits).items()}


def _object_store(
    settings: Settings, clock: Clock, *, connections: int, patience: Patience = OF_A_WORKER
) -> ObjectStore:
    client = make_s3(settings.aws.region, connections=connections, patience=patience)
    return S3ObjectStore(client, settings.aws.bucket, settings.aws.base_path, clock=clock)


def _limiter(settings: Settings, *, store: ObjectStore, clock: Clock) -> Limiter:
    shared_time = SharedTime(clock, steady=time.monotonic)
    host = host_file(f"{store.location}{STATE_KEY}", clock=clock)
    limiter = Limiter(
        store=S3StateStore(store, shared_time, host=host),
        clock=shared_time,
        limits=limits_from(settings.limits),
        registry=load_registry(settings.limits.models_file),
        flusher=IdleFlusher(),
    )
    atexit.register(limiter.flush)
    return limiter


def web_process(metrics: Metrics) -> Callable[[], dict[str, Any]]:
    """What a web process says of itself whenever it stores what it has counted."""
    meter = LoadMeter()

    def about() -> dict[str, Any]:
        load = meter.look()
        put_load(metrics, [WEB], load)
        return {"role": WEB, "load": asdict(load)}

    return about


def _daily_cost(settings: Settings, *, store: ObjectStore, clock: Clock) -> DailyCost:
    return DailyCost(store, clock, cap_usd=settings.limits.daily_cost_cap_usd)


def make_metrics(settings: Settings) -> Metrics:
    if settings.observability.metrics == "none":
        return NullMetrics()
    return EmfMetrics(env=settings.observability.environment, now=SystemClock().now)


def _recorder(
    settings: Settings, *, store: ObjectStore, about: Callable[[], dict[str, Any]] = dict
) -> StoredRecorder:
    every_s = settings.observability.statistics_every_s
    recorder = StoredRecorder(store, SystemClock(), every_s=every_s, about=about)
    atexit.register(recorder.flush)
    return recorder


@dataclass(frozen=True)
class WorkerServices:
    """What a worker's tasks use; built in each of its child processes, after the fork."""

    queueing: Queueing
    limiter: Limiter
    analysis: SectionAnalysis
    chat: ChatAnswering
    monitoring: Monitoring


def build_store(settings: Settings, *, connections: int = 16) -> ObjectStore:
    """The bucket of these settings. connections: how many threads will use it at once."""
    return _object_store(settings, SystemClock(), connections=connections)


def build_queueing(
    settings: Settings,
    *,
    store: ObjectStore | None = None,
    publisher: Publisher | None = None,
    metrics: Metrics | None = None,
) -> Queueing:
    """Results, outbox, dispatch, dead letters, sweep. store, publisher: a worker's own; else new ones.

    metrics: of a process whose standard output goes to CloudWatch Logs.
    """
    queues, store = SqsQueues(shared_client(settings.aws.region)), store or build_store(settings)
    doors = _queueing_doors(settings, store=store, queues=queues, publisher=publisher)
    recorder = _recorder(settings, store=store)
    return assemble(settings, replace(doors, metrics=metrics or NullMetrics(), recorder=recorder))


def _queueing_doors(
    settings: Settings, *, store: ObjectStore, queues: SqsQueues, publisher: Publisher | None = None
) -> QueueingDoors:
    clock = SystemClock()
    return QueueingDoors(
        store=store,
        queues=queues,
        publisher=publisher or CeleryPublisher(make_app(settings)),
        signer=signer_of(settings, clock=sqs_time),
        clock=clock,
        is_frozen=ReviewRepository(store, clock).is_signed_off,
        later=Afterwards(),
    )


def build_worker_services(settings: Settings, *, queueing: Queueing) -> WorkerServices:
    """Tasks' services around the queueing of the same process. Raises ConfigurationError (models file)."""
    clock, store, limits = SystemClock(), queueing.store, settings.limits
    registry = load_registry(limits.models_file)
    cost = _daily_cost(settings, store=store, clock=clock)
    meter = PipelineMeter(queueing.metrics, cost, queueing.recorder)
    limiter = _limiter(settings, store=store, clock=clock)
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
    asking = Asking(
        models=models,
        cache=AnswerCache(store, clock, registry=registry, origin=_origin(settings)),
        flights=SingleFlight(store, clock),
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
        overviews=OverviewReader(reviews, queueing.results, _about(settings)),
        log=ChatLog(store),
        models=models,
        before_call=cost.refuse_call,
        clock=clock,
    )
    monitoring = Monitoring(
        queueing,
        limiter.status,
        Rollups(store, clock, in_parallel=in_parallel),
        HealthBook(store, clock),
        prefix=settings.aws.queue_prefix,
    )
    return WorkerServices(queueing, limiter, analysis, chat, monitoring)


def _origin(settings: Settings) -> str:
    """Answers of a stand-in must never pass for a model's, nor those of one stand-in for another's."""
    return settings.limits.model_origin or settings.aws.bedrock_endpoint or settings.aws.bedrock_region
