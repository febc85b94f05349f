"""Answers that browsers save as a file."""

import re
import unicodedata
from urllib.parse import quote

from flask import Response

_CONTROL_OR_QUOTED = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]+')


def attachment(body: bytes, *, filename: str, media_type: str) -> Response:
    response = Response(body, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition(filename)
    return response


def content_disposition(filename: str) -> str:
    """RFC 6266: an ASCII name for old clients, the real one as filename*."""
    safe = _CONTROL_OR_QUOTED.sub("_", filename).strip() or "download"
    plain = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode().strip()
    if not plain or plain[0] in "-.":
        plain = f"review{plain}"  # nothing of the review's own name was ASCII
    encoded = quote(safe, safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def stem(document_name: str) -> str:
    """The name without the ending of a document type."""
    return re.sub(r"\.(docx|pdf)$", "", document_name, flags=re.IGNORECASE) or "document"
