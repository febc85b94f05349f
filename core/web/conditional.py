"""Answers that are sent again only when they are others."""

import hashlib
from typing import Any

from flask import Response, json, request


def with_etag(body: dict[str, Any]) -> Response:
    """304 without a body while nothing has changed since the ETag that the client sends back."""
    text = json.dumps(body)
    response = Response(text, content_type="application/json")
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response
