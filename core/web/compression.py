"""Answers smaller on their way: gzip for pages, scripts, styles and JSON where the client takes it.

A page holds a form token beside what somebody else put into it, and how well the two compress together would tell
about a token that stays the same: each page has another one (`Tokens.form_token`).
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.wsgi import FileWrapper

_SMALLEST_BYTES = 1_000
_LEVEL = 6
_PAGE_LEVEL = 3
"""A write-up of 200 KB and more with each page: a third of the time, and a tenth larger."""
_STATIC_KEPT = 256
_PAGE = "text/html"
_TYPES = (_PAGE, "text/css", "text/javascript", "image/svg+xml", "application/json")


def register_compression(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in _TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0 or response.status_code != 200:
        return response
    body = _read(response)
    if len(body) < _SMALLEST_BYTES:
        return response
    level = _PAGE_LEVEL if response.mimetype == _PAGE else _LEVEL
    response.set_data(_once(body) if request.endpoint == "static" else gzip.compress(body, level, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _read(response: Response) -> bytes:
    """The whole body. A file is closed here and now: a client that goes away early would leave it open."""
    opened = response.response
    response.direct_passthrough = False
    body = response.get_data()
    if isinstance(opened, FileWrapper):
        opened.close()
    return body


@lru_cache(maxsize=_STATIC_KEPT)
def _once(body: bytes) -> bytes:
    """Static files are the same for everybody."""
    return gzip.compress(body, mtime=0)
