"""The system itself: alive, ready, its description."""

from typing import Literal

from core.web.api.answer import Answer
from core.web.api.spec import RouteSpec


class Alive(Answer):
    status: Literal["ok"]


class Ready(Answer):
    ready: bool


ROUTES = (
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
