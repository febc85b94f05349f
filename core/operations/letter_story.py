"""Everything about one dead letter: its error, the envelope, its model calls, what was done with it."""

from dataclasses import asdict
from typing import Any

from core.aws.object_store import get_json
from core.operations.letters import summary
from core.queueing.keys import attempt_prefix
from core.queueing.letter import DeadLetter, LetterVerdict, is_restorable
from core.queueing.message import UnreadableMessage, open_envelope
from core.queueing.results import TaskRecord
from core.queueing.service import Queueing
from core.queueing.topology import dead_letter_name

_ATTEMPT = ("number", "model_id", "claimed_at", "ended_at", "failure")
"""Fields shown of a model call; never its answer, which is text about somebody's document."""


def letter_body(letter: DeadLetter, verdict: LetterVerdict | None, *, queueing: Queueing) -> dict[str, Any]:
    return {
        **summary(letter, now=queueing.clock.now()),
        "where": _in_index(letter) if verdict is None else "in the archive",
        "verdict": None if verdict is None else asdict(verdict),
        "restorable": verdict is not None and is_restorable(verdict),
        "model_calls": _model_calls(letter, queueing),
        "trace": letter.trace,
        "envelope": _envelope(letter.body),
        "raw": letter.body,
    }


def _in_index(letter: DeadLetter) -> str:
    if letter.restored_at:
        return "in the index, restored from the archive; its message stays away from SQS"
    return f"in the index, its message in {dead_letter_name('', letter.queue)}"


def _model_calls(letter: DeadLetter, queueing: Queueing) -> list[dict[str, Any]]:
    if not letter.is_task:
        return []
    keys = [info.key for info in queueing.store.list(attempt_prefix(letter.task_id, letter.generation))]
    found = (get_json(queueing.store, key) for key in keys)
    calls = [{name: call.get(name) for name in _ATTEMPT} for call in found if call]
    return sorted(calls, key=lambda call: int(call["number"]))


def _envelope(body: str) -> dict[str, Any] | None:
    try:
        envelope = open_envelope(body)
    except UnreadableMessage:
        return None
    return {"headers": envelope.headers, "payload": envelope.payload}


def task_body(record: TaskRecord) -> dict[str, Any]:
    names = ("generation", "status", "accepted_at", "started_at", "ended_at", "attempts", "error", "history")
    return {name: getattr(record, name) for name in names}
