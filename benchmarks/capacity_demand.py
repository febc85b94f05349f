"""How much work so many users make, and what each part of the system can take: all on paper, per minute.

What people do is assumed (`Habits`), what a section costs was measured by other benchmarks, what AWS allows and
charges was read where it says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.config import LimitSettings, QueueSettings

# Amazon S3 user guide, "Optimizing Amazon S3 performance", read 2026-11: requests a second for each prefix.
S3_WRITES_PER_S, S3_READS_PER_S = 3_500, 5_500
# One swap of limiter/state.json after another, at 60 ms a conditional PUT: an assumption for S3 inside its region.
LIMITER_SWAPS_PER_MINUTE = 1_000
# Amazon SQS developer guide, "Standard queue quotas", read 2026-11: messages in flight in a queue.
SQS_IN_FLIGHT = 120_000
# aws.amazon.com/s3/pricing and /sqs/pricing, us-east-1, read 2026-11: US dollars a request.
S3_WRITE_USD, S3_READ_USD, SQS_USD = 5e-6, 0.4e-6, 0.4e-6
# core/models/models.toml, first model: US dollars a token.
INPUT_USD, OUTPUT_USD, CACHE_READ_USD, CACHE_WRITE_USD = 3.3e-6, 16.5e-6, 0.33e-6, 4.125e-6


@dataclass(frozen=True)
class Habits:
    """Of one user on a working day; assumed. busiest_hour: which part of the day's work comes in it."""

    documents: float = 1.0
    sections: int = 12
    questions: float = 6.0
    busiest_hour: float = 0.2


@dataclass(frozen=True)
class Call:
    """One model call. quota_tokens: input + written + 5 x output. Sections: benchmarks/tokens, "8 at a time ... and
    1,500 output tokens a call", 2026-11-21; questions: assumed. latency_s: assumed, with 2,000 tokens of thinking."""

    queue: str
    input: int
    cache_write: int
    cache_read: int
    output: int
    latency_s: float

    @property
    def quota_tokens(self) -> int:
        return self.input + self.cache_write + 5 * self.output

    @property
    def usd(self) -> float:
        paid = self.input * INPUT_USD + self.output * OUTPUT_USD
        return paid + self.cache_read * CACHE_READ_USD + self.cache_write * CACHE_WRITE_USD


SECTION = Call("analysis", input=490, cache_write=1_683, cache_read=842, output=1_500, latency_s=14.0)
QUESTION = Call("chat", input=3_000, cache_write=0, cache_read=1_200, output=600, latency_s=8.0)
CALLS = {call.queue: call for call in (SECTION, QUESTION)}


@dataclass(frozen=True)
class Requests:
    """S3 and SQS requests, as `capacity_requests` counts them at the emulator."""

    s3_writes: float
    s3_reads: float
    sqs: float

    @property
    def usd(self) -> float:
        return self.s3_writes * S3_WRITE_USD + self.s3_reads * S3_READ_USD + self.sqs * SQS_USD


@dataclass(frozen=True)
class Bound:
    """A part that has an end. users: at so many it is reached in the busiest hour. moved_by: what raises it."""

    name: str
    users: float
    moved_by: str


def per_minute(users: int, habits: Habits) -> dict[str, float]:
    """queue -> model calls a minute in the busiest hour; the pass over the whole document is one more section."""
    share = users * habits.busiest_hour / 60
    return {
        "analysis": share * habits.documents * (habits.sections + 1),
        "chat": share * habits.questions,
    }


def bounds(
    habits: Habits, limits: LimitSettings, *, queues: QueueSettings, workers: int, review: Requests
) -> list[Bound]:
    """Every end there is, the first one first. workers: of analysis; the chat has half as many."""
    return sorted(_bounds(habits, limits, queues, workers=workers, review=review), key=lambda one: one.users)


def _bounds(
    habits: Habits, limits: LimitSettings, queues: QueueSettings, *, workers: int, review: Requests
) -> Iterator[Bound]:
    one = per_minute(1, habits)
    calls = sum(one.values())
    tokens = sum(rate * CALLS[queue].quota_tokens for queue, rate in one.items())
    busy = sum(rate / 60 * CALLS[queue].latency_s for queue, rate in one.items())
    reviews = one["analysis"] / (habits.sections + 1)
    children, chatting = queues.worker_concurrency * workers, queues.chat_concurrency * max(1, workers // 2)
    section_busy = one["analysis"] / 60 * SECTION.latency_s
    yield Bound("quota tokens a minute", limits.tokens_per_minute / tokens, "MAX_TOKENS_PER_MINUTE")
    yield Bound("sections a minute", limits.analysis_per_minute / one["analysis"], "ANALYSIS_RATE_PER_MINUTE")
    yield Bound("questions a minute", limits.chat_per_minute / one["chat"], "CHAT_RATE_PER_MINUTE")
    yield Bound("model calls a minute", limits.requests_per_minute / calls, "MAX_REQUESTS_PER_MINUTE")
    yield Bound("calls at once", limits.concurrent_requests / busy, "MAX_CONCURRENT_REQUESTS")
    yield Bound("children of workers", children / section_busy, "number of workers, WORKER_CONCURRENCY")
    chat_busy = one["chat"] / 60 * QUESTION.latency_s
    yield Bound("children of chat workers", chatting / chat_busy, "number of chat workers, CHAT_CONCURRENCY")
    yield Bound("swaps of the limiter's document", LIMITER_SWAPS_PER_MINUTE / calls, "none: one object in S3")
    yield Bound("S3 writes of a prefix", 60 * S3_WRITES_PER_S / (reviews * review.s3_writes), "none needed")
    yield Bound("S3 reads of a prefix", 60 * S3_READS_PER_S / (reviews * review.s3_reads), "none needed")
    yield Bound("messages in flight", SQS_IN_FLIGHT / queues.released_per_user, "RELEASED_PER_USER")


def dollars_per_day(users: int, habits: Habits, *, review: Requests, idle: Requests) -> dict[str, float]:
    """What a working day costs: models at list price, S3, SQS. Not what the processes run on."""
    documents = users * habits.documents
    sections = documents * (habits.sections + 1) * SECTION.usd
    questions = users * habits.questions * QUESTION.usd
    requests = documents * review.usd + idle.usd
    return {"models": sections + questions, "requests": requests}
