"""Ids in addresses: what does not have the shape of one matches no route, and so reaches no handler or key."""

from flask import Flask
from werkzeug.routing import BaseConverter

from core.queueing.keys import UUID


class SessionId(BaseConverter):
    """Id of a review."""

    regex = UUID


class TaskId(BaseConverter):
    """Id of a task."""

    regex = UUID


class FindingId(BaseConverter):
    """Id of a finding: "f" and 20 hex digits, or the uuid of a reviewer's own one."""

    regex = rf"(?:f[0-9a-f]{{20}}|{UUID})"


class LetterId(BaseConverter):
    """Id of a dead letter: its task's, or of a foreign message the one that SQS gave it."""

    regex = r"[0-9A-Za-z-]{1,80}"


class RunId(BaseConverter):
    """Id of a run over dead letters."""

    regex = r"[0-9a-f]{12}"


class PageNumber(BaseConverter):
    """Number of a page, from 1; no document that is accepted has ten thousand."""

    regex = r"[1-9][0-9]{0,3}"


CONVERTERS: dict[str, type[BaseConverter]] = {
    "session": SessionId,
    "task": TaskId,
    "finding": FindingId,
    "letter": LetterId,
    "run": RunId,
    "page": PageNumber,
}


def register_converters(app: Flask) -> None:
    app.url_map.converters.update(CONVERTERS)
