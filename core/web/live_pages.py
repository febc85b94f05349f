"""Pages that are looked at for hours: drawn anew only when what they show has changed."""

import hashlib
from typing import Any

from flask import Response, json, render_template, request


def page_or_unchanged(template: str, *, shows: Any, **values: Any) -> Response:
    """The page, or 304 without a body if `shows`, as JSON, is what the client's page was drawn from."""
    text = json.dumps(shows, default=str, sort_keys=True)
    tag = hashlib.sha256(f"{template}{text}".encode()).hexdigest()[:32]
    response = Response(status=304)
    if tag not in request.if_none_match:
        response = Response(render_template(template, **values), mimetype="text/html")
    response.set_etag(tag)
    return response
