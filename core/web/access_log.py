"""One correlation id per request, in and out, and one line per request in the access log."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, request

from core.auth.identity import user_hash
from core.observability.correlation import correlated, correlation_id
from core.observability.logs import get_logger
from core.queueing.letter_run import REPLAY_MARK
from core.statistics.tally import CountKind, DurationKind, named
from core.web.context import services
from core.web.identity import HEALTH_AND_FILES

REQUEST_ID, CORRELATION_HEADER = "X-Request-ID", "X-Correlation-Id"
"""The same id under the name that proxies and clients know, and under our own."""

log = get_logger(__name__)


def register_access_log(app: Flask) -> None:
    app.before_request(_start)
    app.after_request(_finish)
    app.wsgi_app = _Correlating(app.wsgi_app)  # type: ignore[method-assign]


class _Correlating:
    """Outside of Flask, so that the id also covers routing, error handlers and the log of the answer."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        sent = environ.get("HTTP_X_REQUEST_ID") or environ.get("HTTP_X_CORRELATION_ID") or ""
        # Work under a run's id counts as an operator's replay, so clients cannot choose such an id.
        with correlated("" if sent.startswith(REPLAY_MARK) else sent):
            return self._application(environ, start_response)


def _start() -> None:
    g.started_at_s = services().clock.now()


def _finish(response: Response) -> Response:
    response.headers[REQUEST_ID] = response.headers[CORRELATION_HEADER] = correlation_id()
    identity = g.get("identity")
    user = user_hash(identity.user_id) if identity else ""
    duration_s = services().clock.now() - g.get("started_at_s", 0)
    _count(response, user, duration_s=duration_s)
    log.info(
        "request_served",
        method=request.method,
        # The rule, not the path: a path that matched nothing may hold anything at all.
        route=request.url_rule.rule if request.url_rule else "unmatched",
        ids=(request.view_args or {}) if request.endpoint != "static" else {},
        status=response.status_code,
        duration_ms=round(duration_s * 1000, 1),
        user=user,
    )
    return response


def _count(response: Response, user: str, *, duration_s: float) -> None:
    """Counts the request, but not a load balancer's checks: an idle system must not write statistics all day."""
    if request.endpoint not in HEALTH_AND_FILES:
        recorder, answer = services().queueing.recorder, f"{response.status_code // 100}xx"
        recorder.count(user, {named(CountKind.REQUESTS, answer): 1})
        recorder.record_duration(named(DurationKind.REQUEST), duration_s)
