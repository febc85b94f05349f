import uuid
from dataclasses import replace

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.documents.model import Section
from core.errors import Permanent, Throttled, Transient
from core.pipeline.daily_cost import DailyCost
from core.pipeline.submission import AnalysisSubmission
from core.pipeline.task_identity import blocks_asked, section_task_id
from core.queueing.dispatch import Dispatcher
from core.queueing.outbox import Outbox
from core.queueing.release import Releases
from core.queueing.results import TaskResults, TaskStatus
from core.review.repository import ReviewRepository
from core.throttling.limiter import Limiter
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.store import MemoryStateStore
from tests.support.reviews import a_session
from tests.unit.pipeline.builders import BLOCKS, SECTIONS
from tests.unit.throttling.builders import REGISTRY, SMALL, asks


class ListPublisher:
    def __init__(self):
        self.sent = []

    def send(self, message, *, delay_s=0):
        self.sent.append(message)


class House:
    def __init__(self, sections=SECTIONS, blocks=BLOCKS, cap_usd=0.0):
        self.clock = ScriptedClock()
        self.store = MemoryObjectStore()
        self.results = TaskResults(self.store, self.clock)
        self.reviews = ReviewRepository(self.store, self.clock)
        self.publisher = ListPublisher()
        outbox = Outbox(self.store, self.clock)
        self.states = MemoryStateStore()
        self.limiter = Limiter(store=self.states, clock=self.clock, limits=SMALL, registry=REGISTRY)
        self.cost = DailyCost(self.store, self.clock, cap_usd=cap_usd)
        self.submission = AnalysisSubmission(
            reviews=self.reviews,
            dispatcher=Dispatcher(
                self.results,
                outbox,
                Releases(self.results, outbox, self.publisher, per_user=8),
                clock=self.clock,
            ),
            results=self.results,
            limiter=self.limiter,
            cost=self.cost,
            clock=self.clock,
        )
        self.id = a_session().id
        self.reviews.create(a_session(id=self.id, sections=sections), document=b"PK", blocks=blocks, rules=[])

    @property
    def session(self):
        return self.reviews.get(self.id)

    def submit(self, section_id="s1", **options):
        return self.submission.submit(self.session, section_id, **options)

    def end(self, task_id, status):
        record = self.results.get(task_id)
        self.results.swap(task_id, record.generation, lambda present: replace(present, status=status))


def test_asking_twice_is_asking_once():
    house = House()
    first, again = house.submit(), house.submit()
    assert first.task_id == again.task_id
    assert len(house.publisher.sent) == 1
    assert uuid.UUID(first.task_id).version == 5
    assert house.session.tasks == {"s1": first.task_id}


def test_the_task_goes_to_the_analysis_queue_for_the_reviews_owner():
    record = House().submit()
    assert (record.queue, record.task, record.owner, record.section_id) == (
        "analysis",
        "analyze_section_task",
        "ann",
        "s1",
    )


def test_the_id_is_kept_before_the_task_exists():
    house = House()
    seen = []
    house.publisher.send = lambda message, **_: seen.append(house.session.tasks)
    record = house.submit()
    assert seen == [{"s1": record.task_id}]


@pytest.mark.parametrize("status", [TaskStatus.SUCCESS, TaskStatus.FAILURE])
def test_force_runs_an_ended_section_again_under_a_new_id(status):
    house = House()
    first = house.submit()
    house.end(first.task_id, status)
    second = house.submit(force=True)
    assert second.task_id != first.task_id
    assert house.session.runs == {"s1": 1}
    assert house.session.tasks == {"s1": second.task_id}
    assert house.submit().task_id == second.task_id


def test_what_answered_last_is_remembered_until_a_rerun_answers():
    house = House()
    first = house.submit().task_id
    house.end(first, TaskStatus.SUCCESS)
    second = house.submit(force=True).task_id
    house.end(second, TaskStatus.FAILURE)
    third = house.submit(force=True).task_id

    assert (house.session.tasks, house.session.answered) == ({"s1": third}, {"s1": first})
    assert house.session.former_tasks == (first, second)

    house.end(third, TaskStatus.SUCCESS)
    house.submit(force=True)
    assert house.session.answered == {"s1": third}


def test_every_task_that_another_took_the_place_of_is_remembered():
    house = House()
    whole = dict(house.submission.submit_all(house.session))["document"].task_id
    left_out = (house.session.sections[0], replace(house.session.sections[1], skipped=True))
    other = Section("s3", "Annex", first=4, last=4)
    house.reviews.update(house.id, lambda now: replace(now, sections=(*left_out, other)))
    again = dict(house.submission.submit_all(house.session))["document"].task_id

    assert again != whole
    assert house.session.former_tasks == (whole,)
    assert house.session.answered == {}, "it had not answered yet"


def test_force_does_not_double_what_still_runs():
    house = House()
    assert house.submit().task_id == house.submit(force=True).task_id
    assert house.session.runs == {}


def test_a_failed_section_asked_again_is_the_next_generation_of_the_same_task():
    house = House()
    first = house.submit()
    house.end(first.task_id, TaskStatus.FAILURE)
    again = house.submit()
    assert (again.task_id, again.generation) == (first.task_id, 2)


def test_changed_text_is_another_task():
    other = (BLOCKS[0], replace(BLOCKS[1], text="Few sellers."), *BLOCKS[2:])
    one, two = House(), House(blocks=other)
    two_session = replace(two.session, id=one.id)
    two.reviews.create(two_session, document=b"PK", blocks=other, rules=[])
    two.id = one.id
    assert one.submit().task_id != two.submit().task_id
    assert one.submit("s2").task_id == two.submit("s2").task_id


def test_all_sections_are_asked_for_in_order_but_skipped_ones():
    sections = (*SECTIONS, Section("s3", "Annex", first=4, last=4, skipped=True))
    house = House(sections)
    submitted = house.submission.submit_all(house.session)
    assert [section_id for section_id, _ in submitted] == ["s1", "s2", "document"]
    assert house.session.tasks == {section_id: record.task_id for section_id, record in submitted}
    again = house.submission.submit_all(house.session)
    assert [record.task_id for _, record in again] == [record.task_id for _, record in submitted]
    assert len(house.publisher.sent) == 3


def test_a_single_section_is_not_read_twice():
    house = House((Section("s1", "Text", first=0, last=1),))
    assert [section_id for section_id, _ in house.submission.submit_all(house.session)] == ["s1"]


def test_an_unknown_section_is_refused_and_nothing_is_kept():
    house = House()
    with pytest.raises(Permanent) as error:
        house.submit("s9")
    assert error.value.code == "section/not-found"
    assert house.session.tasks == {}


def test_enhanced_as_long_as_one_model_is_not_dead():
    house = House()
    assert house.submission.enhanced()
    for number in range(3):
        house.limiter.acquire(asks(f"l{number}"))
        house.limiter.settle(f"l{number}", Outcome(OutcomeKind.GONE))
    house.clock.at += 11
    assert not house.submission.enhanced()


def test_not_enhanced_while_the_limits_cannot_be_read():
    house = House()

    def broken():
        raise Transient("storage/unavailable")

    house.states.read = broken
    assert not house.submission.enhanced()


def test_at_the_daily_limit_new_work_is_refused_and_nothing_is_kept():
    house = House(cap_usd=1.0)
    house.cost.charge(1.0)
    with pytest.raises(Throttled) as error:
        house.submit()
    assert error.value.code == "limits/daily_cost"
    assert (house.session.tasks, house.publisher.sent) == ({}, [])


def test_at_the_daily_limit_work_that_was_accepted_is_still_shown():
    house = House(cap_usd=1.0)
    first = house.submit()
    house.cost.charge(1.0)
    assert house.submit().task_id == first.task_id
    with pytest.raises(Throttled):
        house.submission.submit_all(house.session)


@pytest.mark.parametrize("status", [TaskStatus.FAILURE, TaskStatus.REVOKED])
def test_at_the_daily_limit_what_has_failed_is_not_run_again_that_day(status):
    house = House(cap_usd=1.0)
    house.end(house.submit().task_id, status)
    house.cost.charge(1.0)
    with pytest.raises(Throttled):
        house.submit()
    house.clock.at += 86_400
    assert house.submit().generation == 2


def test_the_document_as_a_whole_is_asked_for_last():
    house = House()
    asked = [section_id for section_id, _task in house.submission.submit_all(house.session)]
    assert asked == ["s1", "s2", "document"]
    assert house.publisher.sent[-1].section_id == "document"


def test_what_cannot_be_named_in_its_review_is_not_sent():
    house = House()

    def gone(_session_id, _change):
        raise Permanent("session/not-found")

    house.reviews.update = gone
    with pytest.raises(Permanent, match="session/not-found"):
        house.submit()
    assert house.publisher.sent == []


def test_the_pass_over_the_document_reads_nothing_that_is_skipped():
    whole = Section("document", "Whole document", first=0, last=len(BLOCKS) - 1)
    session = a_session(sections=SECTIONS)
    without = replace(session, sections=(SECTIONS[0], replace(SECTIONS[1], skipped=True)))

    assert blocks_asked(session, whole, BLOCKS) == BLOCKS
    assert blocks_asked(without, whole, BLOCKS) == SECTIONS[0].blocks(BLOCKS)
    assert section_task_id(session, whole, blocks=BLOCKS) != section_task_id(without, whole, blocks=BLOCKS)
