"""A review that somebody opens now and then stays whole, whatever the bucket takes by the age of each object."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

from core.aws.object_store import MemoryObjectStore, ObjectInfo
from core.clock import ScriptedClock
from core.errors import Transient
from core.queueing.results import TaskResults, TaskStatus
from core.review.chat import ChatLog, ChatQuestion
from core.review.presence import session_key, session_prefix
from core.review.repository import ReviewRepository
from core.review.retention import Retention
from core.review.session import ReviewSession, Share
from tests.support.reviews import BLOCKS, a_record, a_session, rules_of

DAY_S = 86_400.0
DAYS = 365


class AgingStore(MemoryObjectStore):
    """Knows when each object was written, and expires it by that, as S3's lifecycle does."""

    def __init__(self, clock: ScriptedClock) -> None:
        super().__init__()
        self.clock = clock
        self.written: dict[str, float] = {}
        self.renewed: list[str] = []
        self.is_down = False

    def put(self, key: str, body: bytes, *, content_type: str = "application/json") -> str:
        self.written[key] = self.clock.now()
        return super().put(key, body)

    def list(self, prefix: str, *, most: int | None = None) -> Iterator[ObjectInfo]:
        for info in super().list(prefix, most=most):
            yield replace(info, modified_at=self.written[info.key])

    def renew(self, key: str) -> None:
        if self.is_down:
            raise Transient("storage/unavailable")
        self.renewed += [key] if key in self.objects else []
        super().renew(key)

    def expire(self) -> None:
        for key in [key for key in self.objects if self.clock.now() - self.written[key] > DAYS * DAY_S]:
            self.delete(key)


class Desk:
    """A review with everything that belongs to one, made just now."""

    def __init__(self) -> None:
        self.clock = ScriptedClock()
        self.store = AgingStore(self.clock)
        self.reviews = ReviewRepository(self.store, self.clock)
        session = a_session(owner="ann", clock=self.clock)
        self.reviews.create(session, document=b"%DOC", blocks=BLOCKS, rules=rules_of(session.id))
        record = a_record(session, session.sections[0].id, TaskStatus.SUCCESS)
        TaskResults(self.store, self.clock).create(record)
        question = ChatQuestion(
            id=str(uuid.uuid4()), asked_by="ann", asked_at=session.created_at, text="Why?"
        )
        ChatLog(self.store).add(session.id, question)
        self.reviews.update(session.id, lambda now: replace(now, tasks={"s1": record.task_id}))
        self.session: ReviewSession = self.reviews.share(session.id, "bob", Share.VIEW)
        self.whole = set(self.store.objects)
        self.process = self.another_process()

    def another_process(self) -> Retention:
        return Retention(self.store, self.reviews, self.clock, days=DAYS, later=lambda step: step())

    def days_pass(self, number: float) -> None:
        self.clock.at += number * DAY_S
        self.store.expire()


def test_a_review_that_is_opened_now_and_then_loses_nothing() -> None:
    desk = Desk()
    for _ in range(4):
        desk.days_pass(300)
        desk.process.opened(desk.session)
    assert set(desk.store.objects) == desk.whole


def test_a_review_that_nobody_opens_any_more_is_gone_a_year_later() -> None:
    desk = Desk()
    desk.days_pass(300)
    desk.process.opened(desk.session)
    desk.days_pass(DAYS + 1)
    assert desk.store.objects == {}


def test_opening_costs_nothing_until_a_review_is_a_week_old_and_then_once_a_week() -> None:
    desk = Desk()
    desk.days_pass(7)
    desk.process.opened(desk.session)
    assert desk.store.renewed == []
    desk.days_pass(1)
    for process in (desk.process, desk.process, desk.another_process()):
        process.opened(desk.session)
    assert sorted(desk.store.renewed) == sorted(desk.whole)
    desk.days_pass(8)
    desk.process.opened(desk.session)
    assert len(desk.store.renewed) == 2 * len(desk.whole)


def test_a_bundle_that_can_be_made_again_is_not_kept_for_ever() -> None:
    desk = Desk()
    desk.store.put(f"{session_prefix(desk.session.id)}exports/1-a/bundle.zip", b"PK")
    desk.days_pass(300)
    desk.process.opened(desk.session)
    assert not any("exports/" in key for key in desk.store.renewed)


def test_what_storage_did_not_take_is_tried_again_at_the_next_look() -> None:
    desk = Desk()
    desk.days_pass(300)
    desk.store.is_down = True
    desk.process.opened(desk.session)
    desk.store.is_down = False
    desk.process.opened(desk.session)
    assert sorted(desk.store.renewed) == sorted(desk.whole)


def test_a_review_that_is_deleted_amid_its_renewal_leaves_nothing() -> None:
    """The deletion has listed what there is before the renewal writes it anew, and so misses that."""
    desk = Desk()
    desk.days_pass(300)
    kept = dict(desk.store.objects)
    renew = desk.store.renew

    def deleted_then_written(key: str) -> None:
        desk.reviews.delete(desk.session.id)
        if key != session_key(desk.session.id) and key in kept:
            desk.store.objects[key] = kept[key]
            renew(key)

    desk.store.renew = deleted_then_written  # type: ignore[method-assign]
    desk.process.opened(desk.session)
    assert desk.store.objects == {}
