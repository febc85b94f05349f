"""Reads the JSON body of a request against its schema, and says in words what is wrong with one that does not fit."""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.errors import Permanent
from core.review.chat import MOST_CHARS
from core.review.decision import Verdict
from core.review.finding import FindingType, Risk
from core.review.outline_editing import MOST_EDITS, Action
from core.review.session import Share
from core.web.bodies import MOST_AT_ONCE, Downloadable

JSON_MAX_BYTES = 256 * 1024
_FAULTS_SHOWN = 3

Body = TypeVar("Body", bound=BaseModel)


def read_body(model: type[Body]) -> Body:
    """The request's JSON as `model`. Raises request/unsupported-media or request/malformed (Permanent)."""
    # A form of another site can send text/plain without asking first; JSON it cannot.
    if request.mimetype != "application/json":
        raise Permanent("request/unsupported-media")
    request.max_content_length = JSON_MAX_BYTES
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        raise Permanent("request/malformed", _faults(error)) from error


EXPECTED = {
    "default": "it must be the id of a checklist",
    "items": "it must be a list of at most 200 lines, each {text, on}",
    "rules_off": "it must be a list of rules",
    "session_id": "it must be the id of a review",
    "section_id": "it must be the id of a section, such as s1",
    "section_name": "it must be a text of at most 500 characters",
    "content": "it must be a text",
    "force": "it must be true or false",
    "message": f"it must be a text of 1 to {MOST_CHARS:,} characters",
    "finding_id": "it must be the id of a finding",
    "current_section": "it must be a text of at most 500 characters",
    "text": "it must be a text, and not an empty one",
    "name": "it must be a text of 1 to 200 characters",
    "document_name": "it must be a text of 1 to 200 characters",
    "decision": f"it must be one of {', '.join(Verdict)}",
    "run": "it must be the id of a run, as the audit has it",
    "reason": "it must be a text of at most 500 characters, and not an empty one where a deed is confirmed",
    "note": "it must be a text of at most 4,000 characters",
    "rev": "it must be a whole number, 0 or more",
    "edit": "it must be an object with type, risk_level, category, description, suggestion or replacement",
    "finding_ids": f"it must be a list of 1 to {MOST_AT_ONCE:,} ids of findings",
    "block_id": "it must be the id of a block, such as b7",
    "start": "it must be a whole number, 0 or more",
    "end": "it must be a whole number, 0 or more",
    "more": "it must be a list of at most 100 parts, each {block_id, start, end}",
    "type": f"it must be one of {', '.join(FindingType)}",
    "risk_level": f"it must be one of {', '.join(Risk)}",
    "category": "it must be a text of 1 to 200 characters",
    "description": "it must be a text of 1 to 4,000 characters",
    "suggestion": "it must be a text of at most 4,000 characters",
    "hawkeye_refs": "it must be a list of numbers of checklist points",
    "resolved": "it must be true or false",
    "user_id": "it must be the name of a user",
    "access": f"it must be one of {', '.join(Share)}, or null",
    "what": f"it must be one of {', '.join(Downloadable)}",
    "rejected": "it must be true or false",
    "summary": "it must be true or false",
    "rewrites": "it must be true or false",
    "open": "it must be a whole number, 0 or more",
    "action": "it must be replay, delete, purge or restore",
    "ids": "it must be a list of at most 1,000 ids of dead letters",
    "queue": "it must be analysis, chat or monitoring",
    "signature": "it must be a text of at most 120 characters",
    "code": "it must be a text of at most 120 characters",
    "session": "it must be a text of at most 120 characters",
    "q": "it must be a text of at most 200 characters",
    "newer": "it must be 1h, 24h or 7d",
    "older": "it must be 1h, 24h or 7d",
    "all": "it must be true or false",
    "confirm": "it must be the name of a queue",
    "edits": f"it must be 1 to {MOST_EDITS} edits, each with a section_id and an action: {', '.join(Action)}",
}
"""Of each field what it takes, in words for whoever sends it."""


def _faults(error: ValidationError) -> str:
    """What is wrong, by field and in words; never the value that was sent."""
    rows = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(_fault(row) for row in rows[:_FAULTS_SHOWN]) + "."


def _fault(row: ErrorDetails) -> str:
    if row["type"] == "section_needed":
        return row["msg"]
    if not row["loc"]:
        return "body: it must be a JSON object"
    name = str(row["loc"][0])
    if row["type"] == "extra_forbidden":
        return f"{name[:40]}: there is no such field"
    return f"{name}: " + ("it is missing" if row["type"] == "missing" else EXPECTED[name])
