"""What else can lie on a queue: bodies that are no task of this product, by what is wrong with each."""

import base64
import json
from collections.abc import Callable
from typing import Any

from core.queueing.message import TaskMessage
from core.queueing.topology import ANALYZE_SECTION
from tests.support.envelopes import envelope

SECRET_WORDS = "the-words-of-somebodys-document"
MESSAGE = TaskMessage(
    task_id="44444444-4444-4444-8444-444444444444",
    task=ANALYZE_SECTION,
    queue="analysis",
    owner="someone",
    session_id="55555555-5555-4555-8555-555555555555",
    section_id="s1",
    generation=1,
    accepted_at="2026-11-21T14:12:24.512Z",
)


def _parts() -> dict[str, Any]:
    parts: dict[str, Any] = json.loads(base64.b64decode(envelope(MESSAGE)))
    return parts


def _written(parts: Any) -> str:
    return base64.b64encode(json.dumps(parts).encode()).decode()


def _changed(change: Callable[[dict[str, Any]], object]) -> str:
    parts = _parts()
    change(parts)
    return _written(parts)


def _header(name: str, value: object) -> str:
    return _changed(lambda parts: parts["headers"].update({name: value}))


def _payload(*payload: object) -> str:
    text = base64.b64encode(json.dumps(payload).encode()).decode()
    return _changed(lambda parts: parts.update(body=text))


JUNK = {
    "delivery info is null": json.dumps({"properties": {"delivery_info": None}, "body": SECRET_WORDS}),
    "properties are null": json.dumps({"properties": None, "body": SECRET_WORDS}),
    "only properties": json.dumps({"properties": {}}),
    "no JSON": f"hello {SECRET_WORDS}",
    "one line break": "\n",
    "a JSON list": json.dumps([SECRET_WORDS]),
    "a JSON list in base64": _written([SECRET_WORDS]),
    "base64 of no text": base64.b64encode(b"\xff\xfe\x00\x80").decode(),
    "broken base64": "eyJib2R5IjogMX0=\n=",
    "base64 in an unusual way": "eyJib2R5IjogMX1=",
    "deep nesting": '{"a":' * 20_000,
    "a number of 5,000 digits": '{"properties": {"delivery_tag": ' + "9" * 5_000 + "}}",
    "a huge generation": _payload([], {**MESSAGE.arguments, "generation": 10**300}, {}),
    "a true generation": _payload([], {**MESSAGE.arguments, "generation": True}, {}),
    "infinity for a time limit": _header("timelimit", [float("inf"), None]),
    "three time limits": _header("timelimit", [1, 1, 1]),
    "a time limit in words": _header("timelimit", ["soon", None]),
    "headers are missing": _changed(lambda parts: parts.pop("headers")),
    "headers are a list": _changed(lambda parts: parts.update(headers=[SECRET_WORDS])),
    "the body is missing": _changed(lambda parts: parts.pop("body")),
    "the body is a number": _changed(lambda parts: parts.update(body=7)),
    "the body is not said to be base64": _changed(lambda parts: parts["properties"].pop("body_encoding")),
    "pickled": _changed(lambda parts: parts.update({"content-type": "application/x-python-serialize"})),
    "compressed": _header("compression", "bzip2"),
    "its delivery info is null": _changed(lambda parts: parts["properties"].update(delivery_info=None)),
    "an unknown task": _header("task", "send_mail_task"),
    "a task that is a list": _header("task", [SECRET_WORDS]),
    "an id that is a path": _header("id", "../../etc/passwd"),
    "an expiry that is a number": _header("expires", 7),
    "an expiry that is no time": _header("expires", "soon"),
    "a start in the future": _header("eta", "2099-01-01T00:00:00Z"),
    "another name in the logs": _header("shadow", SECRET_WORDS),
    "no owner": _header("aiprism", {"queue": "analysis"}),
    "half a character": _header("aiprism", {**MESSAGE.headers["aiprism"], "owner": "\ud800"}),
    "accepted at no time": _header("aiprism", {**MESSAGE.headers["aiprism"], "accepted_at": "1e999"}),
    "a numeric correlation": _header("aiprism", {**MESSAGE.headers["aiprism"], "correlation_id": 7}),
    "two parts": _payload([], MESSAGE.arguments),
    "positional arguments": _payload([SECRET_WORDS], MESSAGE.arguments, {}),
    "arguments that are a list": _payload([], [SECRET_WORDS], {}),
    "an argument too many": _payload([], {**MESSAGE.arguments, "text": SECRET_WORDS}, {}),
}
