"""Every error as RFC 9457 problem+json, or as a page for a browser: the web tier's door for the unexpected."""

import math
from contextlib import suppress
from typing import Any

from flask import Flask, Response, json, render_template, request
from werkzeug.exceptions import HTTPException

from core.error_catalogue import CATALOGUE
from core.errors import AppError, Throttled
from core.observability.correlation import correlation_id
from core.observability.logs import get_logger

MEDIA_TYPE = "application/problem+json"
_BY_STATUS = {
    404: "request/not-found",
    405: "request/method",
    413: "request/too-large",
    415: "request/unsupported-media",
}
_DRAINED_MAX_BYTES = 128 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024

log = get_logger(__name__)


def register_problems(app: Flask) -> None:
    app.register_error_handler(AppError, _app_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def problem_body(code: str, detail: str = "") -> dict[str, Any]:
    """Returns the problem document of an error.

    detail: a sentence about this occurrence; default: the title of the code.
    """
    kind = CATALOGUE[code]
    return {
        "type": f"urn:ai-prism:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or f"{kind.title}.",
        "code": code,
        "next_step": kind.next_step,
        "correlation_id": correlation_id(),
    }


def problem_response(body: dict[str, Any], *, headers: dict[str, str] | None = None) -> Response:
    """JSON, or templates/error.html for a client that would rather read HTML."""
    if prefers_html():
        response = Response(render_template("error.html", problem=body), mimetype="text/html")
    else:
        response = Response(json.dumps(body), content_type=MEDIA_TYPE)
    response.status_code = body["status"]
    response.headers.extend(headers or {})
    return response


def _app_error(error: AppError) -> Response:
    if error.kind.status >= 500 and not isinstance(error, Throttled):
        log.error("request_failed", code=error.code, detail=error.detail)
    headers = {"Connection": "close"} if error.kind.status == 408 else retry_after(error)
    return problem_response(problem_body(error.code, error.detail), headers=headers)


def _http_error(error: HTTPException) -> Response:
    code = _BY_STATUS.get(error.code or 500, "request/malformed")
    if error.code == 413:
        code = "document/too-large" if request.mimetype == "multipart/form-data" else code
        _read_to_the_end()
    allowed = getattr(error, "valid_methods", None)
    return problem_response(problem_body(code), headers={"Allow": ", ".join(allowed)} if allowed else None)


def _read_to_the_end() -> None:
    """A client that is still sending when the connection closes sees a broken pipe and never the answer.

    Bounded: who sends several times the limit gets the broken pipe.
    """
    source, left = request.environ["wsgi.input"], _DRAINED_MAX_BYTES
    with suppress(AppError):  # too slow as well as too much: the answer stays the same
        while left > 0 and (chunk := source.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)


def _unexpected(error: Exception) -> Response:
    """Logs the error once, with its trace; the client gets only the correlation id by which it is found."""
    log.error("request_crashed", exc_info=error, endpoint=request.endpoint)
    return problem_response(problem_body("internal/unexpected"))


def retry_after(error: AppError) -> dict[str, str]:
    if isinstance(error, Throttled):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after_s)))}
    return {"Retry-After": "3"} if error.kind.status == 503 and error.retryable else {}


def prefers_html() -> bool:
    """A browser that opens a page, rather than a script."""
    accepted = request.accept_mimetypes
    return accepted["text/html"] > accepted["application/json"]
