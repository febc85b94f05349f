"""A deleted review is gone for good: nothing of it can be read, not even an earlier version."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from core.aws.object_store import MemoryObjectStore, ObjectStore
from core.clock import ScriptedClock, iso
from core.errors import Permanent
from core.queueing.cancel import Cancellation
from core.queueing.outbox import Outbox
from core.queueing.release import Releases
from core.queueing.results import TaskResults, TaskStatus
from core.review.chat import ChatLog, ChatQuestion
from core.review.decision import Verdict
from core.review.finding_service import DecisionRequest
from core.review.guideline_repository import GuidelineRepository
from core.review.guidelines import Guidelines, GuidelineSource
from core.review.removal import ReviewRemoval
from core.review.repository import ReviewRepository
from tests.support.reviews import BLOCKS, a_finding, a_record, a_session, decide_finding, rules_of
from tests.support.stores import MeddledStore
from tests.support.versions import versioned_bucket
from tests.support.web import ListPublisher

QUESTION = "00000000-0000-4000-8000-000000000001"
RESULT = {"answer": "Many.", "citations": []}


class Room:
    def __init__(self, store: ObjectStore) -> None:
        self.store, self.clock = store, ScriptedClock()
        self.reviews = ReviewRepository(store, self.clock)
        self.results = TaskResults(store, self.clock)
        self.log = ChatLog(store)
        self.queue = ListPublisher()
        releases = Releases(self.results, Outbox(store, self.clock), self.queue, per_user=8)
        cancellation = Cancellation(store, self.results, releases, self.clock)
        self.removal = ReviewRemoval(store, self.reviews, cancellation)
        self.session = a_session(clock=self.clock)
        self.reviews.create(self.session, document=b"%DOC", blocks=BLOCKS, rules=rules_of(self.session.id))

    @property
    def question(self) -> ChatQuestion:
        return ChatQuestion(QUESTION, iso(self.clock.now()), "ann", "Who?")

    def decide(self) -> None:
        finding = a_finding(self.session.id)
        decide_finding(self.reviews, finding, DecisionRequest(Verdict.ACCEPTED), session_id=self.session.id)

    def task(self, section_id: str, status: TaskStatus, **changes: object) -> str:
        record = a_record(self.session, section_id, status, **changes)
        self.results.create(record)
        self.reviews.update(
            self.session.id, lambda now: replace(now, tasks={**now.tasks, section_id: record.task_id})
        )
        self.session = self.reviews.get(self.session.id) or self.session
        return record.task_id


@pytest.fixture
def versioned() -> Iterator[tuple[Room, Callable[[str], list[str]]]]:
    with versioned_bucket() as (store, versions):
        yield Room(store), versions


def test_no_version_of_anything_that_holds_its_text_is_left(
    versioned: tuple[Room, Callable[[str], list[str]]],
) -> None:
    room, versions = versioned
    done = room.task("s1", TaskStatus.SUCCESS, result={"feedback": [], "thinking": "text"})
    running = room.task("s2", TaskStatus.STARTED)
    room.store.put(f"attempts/{done}/1/1.json", b"text")
    room.store.put(f"attempts/{running}/1/1.json", b"text")
    room.decide()
    room.decide()
    room.log.add(room.session.id, room.question)
    room.log.answer(room.session.id, room.question, RESULT)
    room.reviews.rename(room.session.id, "Second name")
    assert len(versions("")) > len({*versions("")})

    room.removal.remove(room.session)

    assert {*versions("")} == {f"celery-results/{running}.json", f"outbox/revoked/{running}"}
    left = room.results.get(running)
    assert left is not None
    assert (left.status, left.result) == (TaskStatus.REVOKED, None)


def test_an_upload_that_failed_half_way_leaves_no_version(
    versioned: tuple[Room, Callable[[str], list[str]]],
) -> None:
    room, versions = versioned
    before = versions("")
    put = room.store.put

    def offline(key: str, body: bytes, **kind: str) -> str:
        if key.endswith("session.json"):
            raise Permanent("storage/denied")
        return put(key, body, **kind)

    room.store.put = offline  # type: ignore[method-assign]
    with pytest.raises(Permanent, match="storage/denied"):
        room.reviews.create(a_session(), document=b"%DOC", blocks=BLOCKS, rules=())

    assert versions("") == before


def test_guidelines_that_were_replaced_or_removed_leave_no_version(
    versioned: tuple[Room, Callable[[str], list[str]]],
) -> None:
    room, versions = versioned
    kept = GuidelineRepository(room.store, room.clock)
    before = versions("users/")
    for line in ("one", "two"):
        kept.keep("ann", Guidelines((GuidelineSource("a.md", iso(0), "0" * 64, (line,)),)))
        room.clock.sleep(1)

    assert len(versions("users/")) == len(before) + 1
    kept.forget("ann")
    assert versions("users/") == before


def test_a_task_that_was_asked_for_while_its_review_is_deleted_keeps_no_text() -> None:
    room = Room(MemoryObjectStore())
    seen = room.session
    done = room.task("s1", TaskStatus.SUCCESS, result={"feedback": [], "thinking": "text"})

    assert room.removal.remove(seen) == [done]
    assert room.store.objects == {}  # type: ignore[attr-defined]


WRITES: dict[str, Callable[[Room], object]] = {
    "decision": Room.decide,
    "question": lambda room: room.log.add(room.session.id, room.question),
    "name": lambda room: room.reviews.rename(room.session.id, "New"),
}


@pytest.mark.parametrize("what", WRITES)
def test_what_is_written_while_the_review_is_deleted_is_refused_and_not_left_behind(what: str) -> None:
    store = MeddledStore()
    room = Room(store)
    store.before_writing("", lambda: room.removal.remove(room.session))

    with pytest.raises(Permanent, match="session/not-found"):
        WRITES[what](room)

    assert store.objects == {}


class DecidedAmidst(MemoryObjectStore):
    """Somebody decides between the deletion's first look and the end of session.json."""

    decide: Callable[[], object]

    def purge(self, prefix: str, *, sparing: str = "") -> None:
        super().purge(prefix, sparing=sparing)
        if sparing:
            self.decide()


def test_what_is_written_after_the_deletion_had_looked_is_deleted_too() -> None:
    store = DecidedAmidst()
    room = Room(store)
    store.decide = room.decide

    room.removal.remove(room.session)

    assert store.objects == {}


def test_results_of_runs_before_the_last_go_too() -> None:
    room = Room(MemoryObjectStore())
    finding = a_finding(room.session.id).to_dict()
    ids = []
    for number in range(3):
        task_id = f"00000000-0000-4000-8000-00000000000{number + 3}"
        ids.append(room.task("s1", TaskStatus.SUCCESS, task_id=task_id, result={"feedback": [finding]}))
        room.store.put(f"attempts/{task_id}/1/1.json", b'{"answer": "Many"}')

    room.removal.remove(room.session)

    assert [key for key in room.store.objects if any(task_id in key for task_id in ids)] == []
