"""Dead letters as a worker leaves them: the failed record and the index entry with its envelope."""

from dataclasses import replace

from core.aws.object_store import ObjectStore
from core.aws.sqs import ReceivedMessage
from core.clock import Clock, iso
from core.errors import AppError, Permanent
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DeadLetter, foreign_letter, letter_of
from core.queueing.message import TaskMessage, queued_record
from core.queueing.results import TaskResults
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION
from core.queueing.transitions import failed
from tests.support import queueing
from tests.support.envelopes import SIGNER, envelope

SESSION = "77777777-7777-4777-8777-777777777777"

LETTER = DeadLetter(
    task_id=queueing.TASK,
    generation=1,
    queue=ANALYSIS.key,
    task=ANALYZE_SECTION,
    session_id=queueing.SESSION,
    section_id="s1",
    code="model/rejected",
    detail="The model refused request 17.",
    attempts=2,
    retries=3,
    starts=1,
    accepted_at="2026-11-21T14:12:24.512Z",
    ended_at="2026-11-21T14:13:24.512Z",
)


def task_id_of(number: int) -> str:
    return f"{number:08x}-3333-4333-8333-333333333333"


def bury(
    store: ObjectStore,
    clock: Clock,
    number: int,
    *,
    error: AppError | None = None,
    session_id: str = SESSION,
    section_id: str = "s1",
    owner: str = "ann",
) -> DeadLetter:
    """The task of that number failed so many minutes ago."""
    at = clock.now() - 60.0 * number
    message = TaskMessage(
        task_id=task_id_of(number),
        task=ANALYZE_SECTION,
        queue=ANALYSIS.key,
        owner=owner,
        session_id=session_id,
        section_id=section_id,
        generation=1,
        accepted_at=iso(at - 30.0),
        correlation_id=f"request-{number}",
    )
    record = failed(queued_record(message), error or Permanent("model/rejected", f"Try {number}."), now=at)
    record = replace(record, dead_lettered_at=iso(at))
    TaskResults(store, clock).create(record)
    letter = letter_of(record, body=envelope(message, signer=SIGNER))
    _index(store).index(letter)
    return letter


def bury_junk(store: ObjectStore, body: str = "no envelope <b>at all</b>") -> DeadLetter:
    """What a worker put aside because it is no message of ours."""
    received = ReceivedMessage("00000000-junk", "handle", body, 1_799_999_000.0, {})
    letter = foreign_letter(
        ANALYSIS.key, received, why="not an envelope (ValueError)", code="task/unreadable"
    )
    _index(store).index(letter)
    return letter


def _index(store: ObjectStore) -> DeadLetters:
    return DeadLetters(store, queueing.ListQueues(queueing.Steps()), prefix="aiprism-")  # type: ignore[arg-type]
