"""The story of one task as JSON: for the command line and the console."""

from typing import Any

from core.queueing.attempts import Attempt
from core.queueing.letter_run import REPLAY_MARK
from core.queueing.results import STATUS_WORDS, TaskRecord
from core.queueing.service import Queueing
from core.queueing.story import TaskStories, TaskStory


def stories_of(queueing: Queueing) -> TaskStories:
    return TaskStories(
        queueing.store, queueing.results, queueing.outbox, queueing.workers, queueing.dead_letters
    )


def story_body(story: TaskStory) -> dict[str, Any]:
    """Ids, times, figures and errors; never text of a document or of an answer."""
    record, entry, result = story.record, story.entry, story.record.result or {}
    return {
        "task_id": record.task_id,
        "task": record.task,
        "queue": record.queue,
        "session_id": record.session_id,
        "section_id": record.section_id,
        "correlation_id": record.correlation_id,
        "replay": _replay(record),
        "generation": record.generation,
        "state": record.status.value,
        "status": STATUS_WORDS[record.status],
        "accepted_at": record.accepted_at,
        "released_at": entry.claimed_at if entry else None,
        "sent_at": entry.sent_at if entry else None,
        "started_at": record.started_at,
        "worker": _worker(story),
        "waiting_for": record.waiting_for,
        "not_before": record.not_before,
        "ended_at": record.ended_at,
        "starts": record.starts,
        "retries": record.retries,
        "attempts": [_attempt(generation, attempt) for generation, attempt in story.attempts],
        "result": _result(record),
        "usage": result.get("usage"),
        "cost_usd": result.get("cost_usd"),
        "error": record.error,
        "dead_lettered_at": record.dead_lettered_at,
        "dead_letters": [letter.key for letter in story.dead_letters],
        "history": record.history,
    }


def _replay(record: TaskRecord) -> str | None:
    """The replay that started the present generation, with who asked for it and why; None where none did."""
    started_by = record.correlation_id
    return started_by.removeprefix(REPLAY_MARK) if started_by.startswith(REPLAY_MARK) else None


def _worker(story: TaskStory) -> dict[str, Any] | None:
    """The worker; host and pid only while its record is kept."""
    if story.record.worker_id is None:
        return None
    known = story.worker
    return {
        "worker_id": story.record.worker_id,
        "host": known.host if known else None,
        "pid": known.pid if known else None,
        "taken_at": story.record.taken_at,
    }


def _attempt(generation: int, attempt: Attempt) -> dict[str, Any]:
    """A model call, without its answer, which is text about somebody's document."""
    answer = attempt.answer or {}
    outcome = "answered" if attempt.answer is not None else attempt.failure or "no answer known"
    return {
        "generation": generation,
        "number": attempt.number,
        "model_id": attempt.model_id,
        "claimed_at": attempt.claimed_at,
        "ended_at": attempt.ended_at,
        "worker_id": attempt.holder.worker_id,
        "outcome": outcome,
        "quota_tokens": answer.get("quota_tokens"),
        "cost_usd": answer.get("cost_usd"),
    }


def _result(record: TaskRecord) -> dict[str, Any] | None:
    if record.result is None:
        return None
    names = ("model_used", "model_id", "brain", "cached", "tried", "fallback_reason", "timings")
    found = {name: record.result[name] for name in names if name in record.result}
    return {"findings": len(record.result.get("feedback", [])), **found}
