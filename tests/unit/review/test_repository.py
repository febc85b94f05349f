import json
from dataclasses import replace

import pytest

from core.auth.identity import user_hash
from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.documents.model import DocumentKind
from core.errors import Permanent, Transient
from core.review.decision import DecisionConflict, Verdict
from core.review.finding_service import DecisionRequest
from core.review.repository import ReviewRepository
from tests.support.reviews import BLOCKS, a_finding, a_session, decide_finding, rules_of
from tests.support.stores import MeddledStore


class OfflineAt(MemoryObjectStore):
    """A store that refuses every write to keys ending in `suffix`."""

    def __init__(self, suffix: str) -> None:
        super().__init__()
        self.suffix = suffix

    def put(self, key, body, *, content_type="application/json"):
        if key.endswith(self.suffix):
            raise Transient("storage/unavailable")
        return super().put(key, body, content_type=content_type)


@pytest.fixture
def store():
    return MemoryObjectStore()


@pytest.fixture
def clock():
    return ScriptedClock()


@pytest.fixture
def reviews(store, clock):
    return ReviewRepository(store, clock)


def create(reviews, session=None):
    session = session or a_session()
    reviews.create(session, document=b"%DOC", blocks=BLOCKS, rules=rules_of(session.id))
    return session


def decide(reviews, session, decision, **more):
    finding = more.pop("finding", None) or a_finding(session.id)
    return decide_finding(reviews, finding, DecisionRequest(decision, **more), session_id=session.id)


def test_a_created_review_is_read_back_whole(reviews):
    session = create(reviews)

    assert reviews.get(session.id) == session
    assert reviews.blocks(session.id) == BLOCKS
    assert reviews.rules(session.id) == rules_of(session.id)
    assert reviews.document(session.id, DocumentKind.DOCX) == b"%DOC"


def test_keys_are_built_from_ids_and_never_from_the_file_name(reviews, store):
    session = create(reviews, a_session(document_name="../../celery-results/x.json"))

    assert all("celery-results" not in key for key in store.objects)
    prefixes = {key.split("/")[0] for key in store.objects}
    assert prefixes == {"sessions", "users"}
    assert f"users/{user_hash('ann')}/" in " ".join(store.objects)
    assert all(session.id in key for key in store.objects)


@pytest.mark.parametrize("part", ["blocks.json", "rules.json", "document.docx", "session.json"])
def test_a_write_that_fails_leaves_nothing_behind(part, clock):
    store = OfflineAt(part)

    with pytest.raises(Transient):
        create(ReviewRepository(store, clock))

    assert store.objects == {}


def test_the_session_is_written_after_everything_it_names(clock):
    written = []

    class Watching(MemoryObjectStore):
        def put(self, key, body, *, content_type="application/json"):
            written.append(key)
            return super().put(key, body, content_type=content_type)

    create(ReviewRepository(Watching(), clock))

    assert written[-1].endswith("/session.json")
    assert len(written) == 5


@pytest.mark.parametrize("session_id", ["", "x", "../../limiter/state", "A" * 36, "1" * 300])
def test_an_id_of_another_shape_is_unknown_and_reads_no_key(reviews, store, session_id):
    read = []
    store.get = lambda key: read.append(key)

    assert reviews.get(session_id) is None
    with pytest.raises(Permanent, match="session/not-found"):
        reviews.blocks(session_id)
    assert read == []


def test_my_reviews_come_newest_first_and_only_mine(reviews, clock):
    first = create(reviews, a_session(clock=clock))
    clock.sleep(60)
    create(reviews, a_session(owner="bob", clock=clock))
    second = create(reviews, a_session(clock=clock))

    assert [session.id for session in reviews.list_for("ann")] == [second.id, first.id]


def test_an_index_entry_without_a_session_is_passed_over(reviews, store):
    session = create(reviews)
    store.delete(f"sessions/{session.id}/session.json")

    assert reviews.list_for("ann") == []


def test_a_change_is_made_on_what_somebody_else_wrote_meanwhile(clock):
    store = MeddledStore()
    reviews = ReviewRepository(store, clock)
    session = create(reviews)
    store.before_writing(
        "", lambda: reviews.update(session.id, lambda one: replace(one, tasks={"s1": "theirs"}))
    )

    reviews.update(session.id, lambda one: replace(one, tasks={**one.tasks, "s2": "mine"}))

    assert reviews.get(session.id).tasks == {"s1": "theirs", "s2": "mine"}


def test_changing_a_review_that_is_not_there_creates_none(reviews, store):
    with pytest.raises(Permanent, match="session/not-found"):
        reviews.update(a_session().id, lambda one: one)

    assert store.objects == {}


def test_deleting_a_review_leaves_no_object_of_it(reviews, store):
    kept = create(reviews)
    session = create(reviews)
    decide(reviews, session, Verdict.ACCEPTED)

    reviews.delete(session.id)

    assert reviews.get(session.id) is None
    assert [key for key in store.objects if session.id in key] == []
    assert reviews.get(kept.id) == kept


def test_a_decision_is_kept_with_who_when_and_the_finding_as_it_read(reviews, clock):
    session = create(reviews)

    decide(reviews, session, Verdict.REJECTED, reason="Known", note="See 4.2")

    kept = reviews.decisions(session.id)[a_finding(session.id).id]
    assert (kept.decision, kept.reason, kept.note, kept.rev) == ("rejected", "Known", "See 4.2", 1)
    assert (kept.decided_by, kept.decided_at) == ("ann", "2027-01-15T08:00:00.000Z")
    assert kept.finding == a_finding(session.id)


def test_each_decision_on_a_finding_has_the_next_rev(reviews):
    session = create(reviews)

    revs = [decide(reviews, session, verdict).rev for verdict in (Verdict.ACCEPTED, Verdict.OPEN)]

    assert revs == [1, 2]
    assert reviews.decisions(session.id)[a_finding(session.id).id].decision is Verdict.OPEN


def test_a_decision_about_an_older_rev_is_refused_with_the_present_one(reviews):
    session = create(reviews)
    decide(reviews, session, Verdict.ACCEPTED, rev=0)

    with pytest.raises(DecisionConflict) as refused:
        decide(reviews, session, Verdict.REJECTED, rev=0)

    assert refused.value.current.decision is Verdict.ACCEPTED
    assert reviews.decisions(session.id)[a_finding(session.id).id].decision is Verdict.ACCEPTED


def test_two_reviewers_deciding_two_findings_of_a_section_at_once_lose_neither(clock):
    store = MeddledStore()
    reviews = ReviewRepository(store, clock)
    session = create(reviews)
    other = a_finding(session.id, "sellers")
    store.before_writing("", lambda: decide(reviews, session, Verdict.ACCEPTED, finding=other, rev=0))

    decide(reviews, session, Verdict.REJECTED, rev=0)

    verdicts = {one.finding_id: one.decision for one in reviews.decisions(session.id).values()}
    assert verdicts == {a_finding(session.id).id: "rejected", other.id: "accepted"}


def test_two_reviewers_deciding_the_same_finding_at_once_one_is_told(clock):
    store = MeddledStore()
    reviews = ReviewRepository(store, clock)
    session = create(reviews)
    store.before_writing("", lambda: decide(reviews, session, Verdict.ACCEPTED, rev=0))

    with pytest.raises(DecisionConflict):
        decide(reviews, session, Verdict.REJECTED, rev=0)


def test_stored_records_carry_a_nonce_that_readers_do_not_see(reviews, store):
    session = create(reviews)
    reviews.rename(session.id, "New name.docx")

    assert json.loads(store.objects[f"sessions/{session.id}/session.json"])["nonce"]
    assert reviews.get(session.id) == replace(session, document_name="New name.docx")
