"""One running question per review: sessions/<id>/chat/running.json names its task, and is void once that has ended.

take --> question stored --> task accepted --> ... --> task ended     the next take writes over it
take --> (killed)                                                     void after UNACCEPTED_S
"""

import json
from dataclasses import dataclass

from core.aws.object_store import ObjectStore, StoredObject, to_json
from core.clock import Clock, epoch, iso
from core.errors import Permanent
from core.queueing.results import TaskResults
from core.review.chat import chat_prefix

UNACCEPTED_S = 60.0
"""So long may lie between taking the place and the task's result object; accepting takes a tenth of a second."""
_ROUNDS = 5


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
            if found is not None and self._counts(found):
                break
            if self._write(session_id, body, over=found):
                return
        raise Permanent("chat/busy")

    def give_back(self, session_id: str, task_id: str) -> None:
        """Undoes `take` for a question that was not accepted after all; leaves another question's place alone."""
        found = self.store.get(_key(session_id))
        if found is not None and json.loads(found.body)["task_id"] == task_id:
            void = to_json({"task_id": task_id, "taken_at": iso(0)})
            self.store.replace(_key(session_id), void, etag=found.etag)

    def _write(self, session_id: str, body: bytes, *, over: StoredObject | None) -> bool:
        key = _key(session_id)
        won = self.store.create(key, body) if over is None else self.store.replace(key, body, etag=over.etag)
        return won is not None

    def _counts(self, found: StoredObject) -> bool:
        """Whether the question that is named there has not ended."""
        named = json.loads(found.body)
        record = self.results.get(named["task_id"])
        if record is not None:
            return not record.ended
        return self.clock.now() - epoch(named["taken_at"]) < UNACCEPTED_S


def _key(session_id: str) -> str:
    return f"{chat_prefix(session_id)}running.json"
