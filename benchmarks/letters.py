"""Dead letters as workers leave them, in thousands: record, index entry, envelope in the dead-letter queue."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from core.clock import SystemClock, iso
from core.config import load_settings
from core.errors import Permanent
from core.queueing.letter import letter_of
from core.queueing.message import TaskMessage, queued_record
from core.queueing.service import Queueing
from core.queueing.signing import signer_of
from core.queueing.topology import ANALYZE_SECTION
from core.queueing.transitions import failed
from tests.support.envelopes import envelope

CHOSEN = "model/invalid-answer"
_REASONS = ("model/timeout", "model/rejected", "model/unavailable", "task/deadline", "task/unexpected")
_signer = signer_of(load_settings({"MESSAGE_KEYS": "a-key-of-the-benchmarks-messages-of-some-length"}))


def bury_many(queueing: Queueing, count: int, *, chosen: int) -> None:
    """chosen: how many of them failed as CHOSEN; the others for five other reasons."""
    now = SystemClock().now()
    codes = [CHOSEN if number < chosen else _REASONS[number % len(_REASONS)] for number in range(count)]
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(partial(_bury, queueing, now=now), range(count), codes))


def message_of_nobody(number: int, *, accepted_at: float) -> TaskMessage:
    """About a section of a review that there is not."""
    return TaskMessage(
        task_id=str(uuid.uuid4()),
        task=ANALYZE_SECTION,
        queue="analysis",
        owner=f"user-{number % 40}",
        session_id=str(uuid.uuid4()),
        section_id=f"s{number % 20 + 1}",
        generation=1,
        accepted_at=iso(accepted_at),
    )


def _bury(queueing: Queueing, number: int, code: str, *, now: float) -> None:
    message = message_of_nobody(number, accepted_at=now - 7200)
    record = failed(queued_record(message), Permanent(code, f"Try {number} failed."), now=now - number / 10)
    body = envelope(message, signer=_signer)
    queueing.results.create(replace(record, dead_lettered_at=iso(now)))
    letter = letter_of(record, body=body)
    queueing.dead_letters.index(letter)
    queueing.dead_letters.send(letter, body)
