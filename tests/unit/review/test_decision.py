from dataclasses import replace

import pytest

from core.documents.model import Anchor
from core.review.decision import Decision, Verdict, join
from tests.support.reviews import a_finding, a_session

SESSION = a_session()
FINDING = a_finding(SESSION.id)


def accepted(finding, **changes):
    made = Decision(
        finding.id, Verdict.ACCEPTED, rev=3, decided_at="2026-11-21T10:00:00.000Z", finding=finding
    )
    return {finding.id: replace(made, **changes)}


def test_a_finding_nobody_decided_is_open_at_rev_0():
    [standing] = join([FINDING], {})

    assert (standing.decision.decision, standing.decision.rev, standing.found) == ("open", 0, True)


def test_a_decision_follows_its_finding_by_id():
    [standing] = join([FINDING], accepted(FINDING))

    assert standing.decision.decision is Verdict.ACCEPTED
    assert standing.decision.rev == 3


def test_the_same_finding_twice_is_shown_once():
    assert len(join([FINDING, FINDING], {})) == 1


def test_a_rerun_that_words_it_anew_keeps_the_decision_by_the_words_it_is_about():
    longer = Anchor("b2", FINDING.anchor.start, FINDING.anchor.end + 8)
    again = replace(FINDING, id="f" + "1" * 20, anchor=longer)

    [standing] = join([again], accepted(FINDING))

    assert standing.finding == again
    assert standing.decision.decision is Verdict.ACCEPTED
    assert standing.decision.rev == 0, "nothing is stored under the new id yet"


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, id="f" + "1" * 20, anchor=Anchor("b4", 0, 3)),
        replace(FINDING, id="f" + "1" * 20, category="Blame", rule="blame-language"),
        replace(FINDING, id="f" + "1" * 20, anchor=None),
    ],
)
def test_a_decided_finding_that_nothing_matches_any_more_stays_marked(other):
    found, gone = join([other], accepted(FINDING))

    assert found.decision.decision is Verdict.OPEN
    assert (gone.finding, gone.decision.decision, gone.found) == (FINDING, "accepted", False)


def test_an_open_finding_that_a_rerun_does_not_find_is_gone():
    assert join([], accepted(FINDING, decision=Verdict.OPEN)) == []


def test_a_decision_taken_after_the_rerun_counts_over_the_one_that_was_carried():
    again = replace(FINDING, id="f" + "1" * 20)
    [carried] = join([again], accepted(FINDING))
    newer = replace(carried.decision, decision=Verdict.OPEN, rev=1, finding=again)

    [standing] = join([again], {**accepted(FINDING), again.id: newer})

    assert standing.decision.decision is Verdict.OPEN


def test_what_was_accepted_stays_where_the_finding_in_its_place_was_decided_on_its_own():
    other = replace(FINDING, id="f" + "1" * 20)

    kept, gone = join([other], {**accepted(FINDING), **accepted(other, decision=Verdict.REJECTED)})

    assert (kept.finding, kept.decision.decision) == (other, "rejected")
    assert (gone.finding, gone.decision.decision, gone.found) == (FINDING, "accepted", False)


def test_of_two_decisions_that_fit_one_finding_the_later_follows_and_the_other_stays():
    wider = replace(FINDING, id="f" + "2" * 20)
    again = replace(FINDING, id="f" + "1" * 20)
    late = accepted(wider, decision=Verdict.REJECTED, decided_at="2026-11-21T11:00:00.000Z")

    for decisions in ({**accepted(FINDING), **late}, {**late, **accepted(FINDING)}):
        found, gone = join([again], decisions)

        assert (found.finding, found.decision.decision) == (again, "rejected")
        assert (gone.finding, gone.decision.decision, gone.found) == (FINDING, "accepted", False)


def test_a_decision_never_follows_to_a_reviewers_own_finding():
    own = replace(FINDING, id="6f1b2f4e-0000-4000-8000-000000000001")

    mine, gone = join([], {**accepted(own, own=True), **accepted(FINDING, decision=Verdict.REJECTED)})

    assert (mine.decision.decision, mine.decision.own) == ("accepted", True)
    assert (gone.finding, gone.decision.decision) == (FINDING, "rejected")


def test_a_decision_survives_being_stored():
    decision = accepted(FINDING)[FINDING.id]

    assert Decision.from_dict(decision.to_dict()) == decision


def test_a_thread_that_was_settled_without_a_word_is_not_lost_with_its_finding():
    [gone] = join([], accepted(FINDING, decision=Verdict.OPEN, resolved=True))

    assert (gone.finding, gone.decision.resolved, gone.found) == (FINDING, True, False)
