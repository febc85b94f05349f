"""Answers that a client gets again only if they have changed."""

import hashlib
from typing import Any

from flask import Response, json, request


def with_etag(body: dict[str, Any]) -> Response:
    """The body as JSON, or 304 without a body if the client's ETag is still that of the body."""
    text = json.dumps(body)
    response = Response(text, content_type="application/json")
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response
