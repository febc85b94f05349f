"""Conditional answers: 304 without a body if the client has the present version already."""

import hashlib
from typing import Any

from flask import Response, json, render_template, request


def with_etag(body: dict[str, Any]) -> Response:
    """Returns the body as JSON, or 304 if the client's ETag is still that of the body."""
    text = json.dumps(body)
    response = Response(text, content_type="application/json")
    response.set_etag(_tag(text))
    response.make_conditional(request)
    return response


def page_or_unchanged(template: str, *, shows: Any, **values: Any) -> Response:
    """Returns the rendered page, or 304 if the client's page was rendered from the same `shows`.

    shows: JSON with everything that the page shows. `values` go to the template; they may change without effect.
    """
    tag = _tag(template + json.dumps(shows, default=str, sort_keys=True))
    response = Response(status=304)
    if tag not in request.if_none_match:
        response = Response(render_template(template, **values), mimetype="text/html")
    response.set_etag(tag)
    return response


def _tag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
