from dataclasses import dataclass, replace

import pytest

from core.queueing.results import TaskStatus
from core.review.decision import Verdict
from core.review.finding_service import DecisionRequest
from core.review.tally import Tally
from tests.support.reviews import a_finding, decide_finding
from tests.support.web import WebTier, make_web_tier


@dataclass
class Counted:
    """The web tier, and how often a review's parts were read."""

    web: WebTier
    read: list[str]

    def tally(self, session_id: str) -> Tally:
        services = self.web.app.extensions["services"]
        tallies = services.tallies
        counting = replace(tallies, overviews=Overviews(tallies.overviews, self.read))
        return counting.of(services.reviews.get(session_id))


@dataclass
class Overviews:
    real: object
    read: list[str]

    def parts(self, session):
        self.read.append(session.id)
        return self.real.parts(session)


@pytest.fixture
def counted():
    return Counted(make_web_tier(), [])


def accept(web: WebTier, session, quote: str) -> None:
    reviews = web.app.extensions["services"].reviews
    decide_finding(
        reviews, a_finding(session.id, quote), DecisionRequest(Verdict.ACCEPTED), session_id=session.id
    )


def test_it_says_how_many_of_how_many_are_decided(counted):
    session = counted.web.review()
    accept(counted.web, session, "Many")

    assert counted.tally(session.id) == Tally(decided=1, total=3)


def test_a_review_that_is_as_it_was_is_not_read_again(counted):
    session = counted.web.review()

    assert counted.tally(session.id) == counted.tally(session.id)
    assert counted.read == [session.id]


def test_a_decision_and_an_ended_section_are_counted_at_once(counted):
    session = counted.web.review()
    before = counted.tally(session.id)
    accept(counted.web, session, "soon")
    decided = counted.tally(session.id)
    more = a_finding(session.id, "affected", rule="", sources=("m",))
    kept = a_finding(session.id, "Many")
    result = {"feedback": [more.to_dict(), kept.to_dict()]}
    counted.web.task(session, "s1", TaskStatus.SUCCESS, result=result)

    assert (before, decided) == (Tally(0, 3), Tally(1, 3))
    assert counted.tally(session.id) == Tally(1, 4)
