"""Builds what both the web tier and the workers use, and the commands that submit reviews."""

import time
from urllib.parse import urlsplit

from core.aws.object_store import ObjectStore
from core.bootstrap.at_exit import AT_EXIT
from core.clock import Clock
from core.config import AwsSettings, Settings
from core.models.registry import load_registry
from core.operations.letter_editing import letter_editing
from core.pipeline.daily_cost import DailyCost
from core.pipeline.submission import AnalysisSubmission
from core.queueing.editing import LetterEditing
from core.queueing.service import Queueing
from core.review.checklist import load_checklist
from core.review.overview import AboutReviews
from core.review.repository import ReviewRepository
from core.sign_in_settings import LOOPBACK_HOSTS
from core.throttling.flushing import IdleFlusher
from core.throttling.host_file import host_file
from core.throttling.limiter import Limiter
from core.throttling.limits import limits_from
from core.throttling.shared_time import SharedTime
from core.throttling.store import STATE_KEY, S3StateStore


def make_limiter(settings: Settings, *, store: ObjectStore, clock: Clock) -> Limiter:
    """The limiter of this process; pending updates are written when the process ends.

    Raises ConfigurationError (models file).
    """
    shared_time = SharedTime(clock, steady=time.monotonic)
    host = host_file(f"{store.location}{STATE_KEY}", clock=clock)
    limiter = Limiter(
        store=S3StateStore(store, shared_time, host=host),
        clock=shared_time,
        limits=limits_from(settings.limits),
        registry=load_registry(settings.limits.models_file),
        flusher=IdleFlusher(),
    )
    AT_EXIT.callback(limiter.flush)
    return limiter


def make_daily_cost(settings: Settings, *, store: ObjectStore, clock: Clock) -> DailyCost:
    return DailyCost(store, clock, cap_usd=settings.limits.daily_cost_cap_usd)


def make_submission(
    queueing: Queueing, reviews: ReviewRepository, *, limiter: Limiter, cost: DailyCost
) -> AnalysisSubmission:
    return AnalysisSubmission(
        reviews=reviews,
        dispatcher=queueing.dispatcher,
        results=queueing.results,
        limiter=limiter,
        cost=cost,
        clock=queueing.clock,
    )


def build_letter_editing(settings: Settings, queueing: Queueing) -> LetterEditing:
    """Returns the editing of dead letters, for the command line. Raises ConfigurationError (models file)."""
    store, clock = queueing.store, queueing.clock
    reviews = ReviewRepository(store, clock)
    limiter = make_limiter(settings, store=store, clock=clock)
    cost = make_daily_cost(settings, store=store, clock=clock)
    return letter_editing(queueing, make_submission(queueing, reviews, limiter=limiter, cost=cost), reviews)


def about_reviews(settings: Settings) -> AboutReviews:
    return AboutReviews(
        checklist=load_checklist().about(),
        where_text_goes=where_text_goes(settings.aws, origin=settings.limits.model_origin),
        retention_days=settings.web.retention_days,
    )


def where_text_goes(aws: AwsSettings, *, origin: str = "") -> str:
    """Returns one sentence for the pages about where text is sent.

    Which model or brain answered is shown with each section. origin: MODEL_ORIGIN, which `make run` sets to
    local:rules or to the address of somebody's own model.
    """
    if urlsplit(aws.bedrock_endpoint).hostname in LOOPBACK_HOSTS:
        if origin == "local:rules":
            return "Text stays on this machine: fixed rules answer, no model."
        if host := urlsplit(origin.removeprefix("local:")).hostname:
            return f"Text is sent to a model at {host}, named by LOCAL_LLM_URL."
        return "Text stays on this machine, where stand-in rules answer, unless LOCAL_LLM_URL sends it to a model."
    if aws.bedrock_endpoint:
        return f"Text is sent to the Bedrock endpoint at {aws.bedrock_endpoint}."
    return f"Text is sent to models on Amazon Bedrock in {aws.bedrock_region}."
