"""Numbers of the system and of a user's own work."""

from core.statistics.health import Condition
from core.throttling.status import ModelState
from core.web.api.answer import Answer
from core.web.api.refusals import STORAGE
from core.web.api.spec import HTML, Query, RouteSpec


class Fault(Answer):
    """A part that could not be read."""

    part: str
    code: str
    title: str
    detail: str
    next_step: str


class QueueDepth(Answer):
    """Work in a queue.

    waiting, in_flight, delayed, dead_letters: as SQS counts them, null if it does not answer; dead_letters at least
    as many as monitoring last saw in the index. unreleased: accepted and not yet in SQS. oldest_age_s: since the
    oldest unfinished task was accepted; null if there is none, or it is unknown (monitoring).
    """

    waiting: int | None
    in_flight: int | None
    delayed: int | None
    dead_letters: int | None
    unreleased: int
    oldest_age_s: float | None


class ReviewCounts(Answer):
    total: int
    sections: int
    asked: int


class ModelNow(Answer):
    model_id: str
    name: str
    state: ModelState
    until: str | None
    why: str
    requests: int
    failures: int
    tokens: int
    slots: int


class LimiterAnswer(Answer):
    """Use of the limiter.

    requests, tokens: of the present window. slots: calls in flight. queues: requests by queue. tickets: slots
    reserved for later. clock_offset_s: how far the web tier's clock is behind.
    """

    requests: int
    tokens: int
    slots: int
    queues: dict[str, int]
    usable: bool
    models: list[ModelNow]
    tickets: int
    clock_offset_s: float


class Percentiles(Answer):
    """Durations in seconds, each within 5 %. count: how many were measured."""

    count: int
    p50: float
    p95: float
    p99: float


class EndedTasks(Answer):
    """Ended tasks. cancelled: neither success nor failure. retried: number of retries after an error."""

    succeeded: int
    failed: int
    cancelled: int
    retried: int
    success_rate: float | None


class QueueTasks(EndedTasks):
    """Tasks of a queue. wait_s: acceptance to first start. run_s: first start to end. whole_s: both."""

    wait_s: Percentiles | None
    run_s: Percentiles | None
    whole_s: Percentiles | None


class Tasks(EndedTasks):
    """Tasks of all queues. cache_hits: answers taken from the cache. replayed: dead letters that were run again."""

    cache_hits: int
    replayed: int
    by_queue: dict[str, QueueTasks]


class ModelCounts(Answer):
    """Calls of a model.

    brain: what answered in the model's place, "" for the model itself; failed calls do not say. success_rate:
    answered calls of those that were answered or failed, by any brain. fallback: answers after another model had
    failed. cost_usd: at list price, 0 for a stand-in. latency_s: of answered calls.
    """

    model_id: str
    brain: str
    answered: int
    throttled: int
    failed: int
    fallback: int
    success_rate: float | None
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    quota_tokens: int
    cost_usd: float
    latency_s: Percentiles | None


class DayCost(Answer):
    day: str
    usd: float
    succeeded: int
    failed: int
    success_rate: float | None


class UserCost(Answer):
    """Cost of a user.

    user: a hash. name: the user's id, null if it is not known any more, or not among the first twenty.
    """

    user: str
    name: str | None
    usd: float
    answers: int


class Cost(Answer):
    usd: float
    by_day: list[DayCost]
    by_user: list[UserCost] | None


class Requests(Answer):
    """Requests to the web tier, without static files and health checks. by_class: 2xx, 4xx, ... -> number."""

    by_class: dict[str, int]
    seconds: Percentiles | None


class ProcessLoad(Answer):
    """Load of a process.

    at: of the report. cpu_percent, memory_percent: of the processors and the memory it may use.
    """

    host: str
    pid: int
    at: str
    cpu_percent: float | None
    memory_bytes: int | None
    memory_percent: float | None


class WorkerLoad(ProcessLoad):
    worker_id: str
    alive: bool
    queues: list[str]


class SignAnswer(Answer):
    """A sign of health. of: a queue, or "". value: null if unknown. bounds: in words."""

    name: str
    of: str
    condition: Condition
    value: float | None
    bounds: str
    pages: bool


class Health(Answer):
    """Health of the system. at: when monitoring judged, null for never. pages: somebody is alerted."""

    condition: Condition
    at: str | None
    pages: bool
    signs: list[SignAnswer]


class Stats(Answer):
    """Statistics of the last `days` UTC days, since the day `since`.

    late_s: events of the last so many seconds may be missing. Operators see all users; queues to health are for
    them alone, else null. Null also stands for unknown values: for reviewers all durations, which are not kept by
    user. A part that an operator should see and that could not be read is null and in `faults`. So is a day
    whose counts could not be read, for everybody: all sums are without it. web: processes that answered a request
    within five minutes.
    """

    at: str
    days: int
    since: str
    late_s: float
    reviews: ReviewCounts
    tasks: Tasks
    models: list[ModelCounts]
    cost: Cost
    limiter_wait_s: dict[str, Percentiles | None] | None
    requests: Requests | None
    queues: dict[str, QueueDepth] | None
    limiter: LimiterAnswer | None
    tokens_per_minute: int | None
    workers: list[WorkerLoad] | None
    web: list[ProcessLoad] | None
    health: Health | None
    faults: list[Fault]


ROUTES = (
    RouteSpec(
        "GET",
        "/stats",
        "Numbers of my work; for operators of everything, with queues, limits, models and processes",
        gives=Stats,
        other_media=HTML,
        query=(Query("days", "1 (today), 7 or 30"),),
        errors=STORAGE,
    ),
)
