"""One running question per review: sessions/<id>/chat/running.json names its task, and is void once that has ended.

take --> question stored --> task accepted --> ... --> task ended     the next take writes over it
take --> (killed)                                                     void after UNACCEPTED_S
"""

from dataclasses import dataclass
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, StoredObject, made_of, to_json
from core.clock import Clock, epoch, iso
from core.errors import Permanent
from core.observability.logs import get_logger
from core.queueing.results import TaskResults
from core.review.chat import chat_prefix

UNACCEPTED_S = 60.0
"""So long may lie between taking the place and the task's result object; accepting takes a tenth of a second."""
_ROUNDS = 5


_log = get_logger(__name__)


@dataclass(frozen=True)
class _Taken:
    """What running.json says. taken_at: ISO UTC."""

    task_id: str
    taken_at: str


@dataclass(frozen=True)
class RunningQuestion:
    """The one question of a review that is being answered. Errors: Transient or Permanent storage/*."""

    store: ObjectStore
    results: TaskResults
    clock: Clock

    def take(self, session_id: str, task_id: str) -> None:
        """Makes `task_id` the running question. Raises Permanent chat/busy while another one has not ended."""
        body = to_json({"task_id": task_id, "taken_at": iso(self.clock.now())})
        for _round in range(_ROUNDS):
            found = self.store.get(_key(session_id))
            if found is not None and self._counts(_named(found, _key(session_id))):
                break
            if self._write(session_id, body, over=found):
                return
        raise Permanent("chat/busy")

    def give_back(self, session_id: str, task_id: str) -> None:
        """Undoes `take` for a question that was not accepted after all; leaves another question's place alone."""
        key = _key(session_id)
        found = self.store.get(key)
        if found is not None and _named(found, key).task_id == task_id:
            void = to_json({"task_id": task_id, "taken_at": iso(0)})
            self.store.replace(key, void, etag=found.etag)

    def _write(self, session_id: str, body: bytes, *, over: StoredObject | None) -> bool:
        key = _key(session_id)
        won = self.store.create(key, body) if over is None else self.store.replace(key, body, etag=over.etag)
        return won is not None

    def _counts(self, named: _Taken) -> bool:
        """Whether the question that is named there has not ended."""
        try:
            record = self.results.get(named.task_id)
        except Damaged:
            # It may be over, and then nobody could ask anything in this review again.
            return False
        if record is not None:
            return not record.ended
        return self.clock.now() - epoch(named.taken_at) < UNACCEPTED_S


def _named(found: StoredObject, key: str) -> _Taken:
    """The question that has the place. One that cannot be read is void: the next question writes over it."""
    try:
        return made_of(found.body, key, _taken)
    except Damaged as error:
        _log.error("running_question_unreadable", detail=error.detail)
        return _Taken("", iso(0))


def _taken(data: Any) -> _Taken:
    made = from_known(_Taken, data)
    epoch(made.taken_at)
    return made


def _key(session_id: str) -> str:
    return f"{chat_prefix(session_id)}running.json"
