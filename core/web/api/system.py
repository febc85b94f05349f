"""The system itself: alive, ready, its numbers, its description."""

from typing import Literal

from core.throttling.status import ModelState
from core.web.api.answer import Answer
from core.web.api.refusals import QUEUE
from core.web.api.spec import RouteSpec


class Alive(Answer):
    status: Literal["ok"]


class Ready(Answer):
    ready: bool


class QueueDepth(Answer):
    waiting: int
    in_flight: int
    delayed: int
    dead_letters: int


class ReviewCounts(Answer):
    total: int
    sections: int
    asked: int


class ModelAnswer(Answer):
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
    """requests and tokens of the present window; slots: calls in flight; queues: requests by queue; tickets: slots
    reserved for later. clock_offset_s: what the web tier's clock lacks."""

    requests: int
    tokens: int
    slots: int
    queues: dict[str, int]
    usable: bool
    models: list[ModelAnswer]
    tickets: int
    clock_offset_s: float


class Stats(Answer):
    """queues and limiter: operators only, else null."""

    at: str
    reviews: ReviewCounts
    queues: dict[str, QueueDepth] | None
    limiter: LimiterAnswer | None


ROUTES = (
    RouteSpec(
        "GET",
        "/stats",
        "Numbers of my reviews; for operators of queues, limits and models too",
        gives=Stats,
        errors=(*QUEUE, "limiter/unavailable"),
    ),
    RouteSpec("GET", "/health", "This process answers", gives=Alive, public=True),
    RouteSpec(
        "GET",
        "/ready",
        "Storage and queues answer",
        gives=Ready,
        also={503: "They do not"},
        public=True,
    ),
    RouteSpec("GET", "/openapi.json", "This description"),
)
