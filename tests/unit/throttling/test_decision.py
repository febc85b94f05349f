"""Single decisions of the limiter, each with the reason for it."""

import json
import random
from dataclasses import replace
from math import inf

import pytest

from core.throttling.decision import Denied, Granted, begin
from core.throttling.limits import Limits
from core.throttling.outcome import OutcomeKind
from core.throttling.state import LimiterState
from core.throttling.windows import WaitingFor
from tests.unit.throttling.builders import SMALL, START, THREE, model
from tests.unit.throttling.steps import ROOMY, asked, ended, filled, granted, later, reserved


def test_the_first_model_in_order_is_taken():
    _, chosen = granted(LimiterState(), "a", models=THREE, limits=SMALL)
    assert chosen == "first"


def test_a_full_window_reserves_the_moment_its_oldest_request_leaves():
    limits = replace(ROOMY, requests=4)
    answer = later(filled(limits, count=4), limits=limits, now=START + 5)
    assert answer == (START + limits.span_s, WaitingFor.REQUESTS)


def test_reserved_slots_queue_up_one_behind_the_other():
    limits, state = replace(ROOMY, requests=2), LimiterState()
    times = []
    for number in range(4):
        state, answer = asked(state, f"l{number}", limits=limits)
        times.append(answer.at - START)
    assert times == pytest.approx([0, 0, limits.span_s, limits.span_s], abs=0.002)


def test_farther_than_one_window_ahead_nothing_is_reserved_but_a_time_is_named():
    limits, state = replace(ROOMY, requests=1), LimiterState()
    for number in range(2):
        state, _ = asked(state, f"l{number}", limits=limits)
    after, answer = asked(state, limits=limits)
    assert isinstance(answer, Denied)
    assert answer.until == pytest.approx(START + limits.span_s, abs=0.01)
    assert after is state
    reserved(state, limits=limits, now=answer.until + 0.01)


def test_a_queue_at_its_rate_does_not_hold_up_another_queue():
    limits = replace(ROOMY, queue_rates={"analysis": 2, "chat": 2})
    state = filled(limits, count=2)
    assert later(state, limits=limits, now=START + 3)[1] is WaitingFor.QUEUE_RATE
    granted(state, "chat", limits=limits, queue="chat", now=START + 3)


def test_a_slot_in_use_is_awaited_for_as_long_as_calls_usually_take():
    limits = replace(ROOMY, concurrent=1)
    state, _ = granted(replace(LimiterState(), typical_call_s=3.0), "a", limits=limits)
    assert later(state, limits=limits, now=START + 1) == (START + 3.0, WaitingFor.SLOT)


def test_a_slot_of_a_call_that_takes_longer_than_usual_is_asked_for_again_soon():
    limits = replace(ROOMY, concurrent=1)
    state, _ = granted(replace(LimiterState(), typical_call_s=3.0), "a", limits=limits)
    assert later(state, limits=limits, now=START + 8)[0] == START + 9


def test_whose_time_has_come_does_not_go_while_too_many_calls_still_run():
    limits = replace(ROOMY, concurrent=1)
    state, _ = granted(replace(LimiterState(), typical_call_s=3.0), "a", limits=limits)
    state, answer = reserved(state, "b", limits=limits, now=START + 1)
    after, waits = reserved(state, "b", limits=limits, now=answer.at)
    assert after is state
    assert waits.at > answer.at
    state = ended(state, "a", limits=limits, now=answer.at + 0.5)
    granted(state, "b", limits=limits, now=answer.at + 0.5)


def test_a_newcomer_leaves_the_last_slot_to_whoever_may_go_soon_without_having_heard_of_it():
    limits, slow = replace(ROOMY, concurrent=1), (model("slow", rpm=1),)
    state, _ = granted(LimiterState(typical_call_s=0.1), "a", limits=limits, models=slow)
    state = ended(state, "a", limits=limits)
    state, planned = reserved(state, "b", limits=limits, models=slow)
    granted(state, "c", limits=limits, now=planned.at - 5)
    aware, _ = reserved(state, "c", limits=limits, now=planned.at - 0.5)
    # Neither what it knew before nor what it hears keeps the other from going.
    for known in (state, aware):
        assert asked(known, "b", limits=limits, models=slow, now=planned.at)[1].due
    assert not asked(aware, "c", limits=limits, now=planned.at)[1].due


def test_a_slot_stays_the_same_however_often_its_holder_asks():
    limits = replace(ROOMY, requests=1)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state, first = reserved(state, "b", limits=limits)
    again, second = reserved(state, "b", limits=limits, now=START + 1)
    assert again is state
    assert second.at == first.at


def test_a_far_slot_becomes_a_ticket_that_a_later_delivery_finds():
    limits = replace(ROOMY, requests=1)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state, answer = reserved(state, "first delivery", ticket="task", limits=limits)
    assert answer.ticket
    state, again = asked(state, "second", ticket="task", limits=limits, now=answer.at - 5, patience_s=1.0)
    assert (again.lease_id, again.at, again.ticket) == ("task", answer.at, True), "still too far to wait for"
    state, mine = asked(state, "third", ticket="task", limits=limits, now=answer.at - 0.5)
    assert (mine.lease_id, mine.at, mine.ticket) == ("third", answer.at, False)
    assert state.leases["third"].expires_at == pytest.approx(answer.at + limits.lease_s)


def test_a_ticket_that_another_delivery_has_taken_up_is_theirs():
    limits = replace(ROOMY, requests=2)
    state = filled(limits, count=2)
    state, answer = reserved(state, "first", ticket="task", limits=limits, now=START + 2)
    state, _ = asked(state, "second", ticket="task", limits=limits, now=answer.at)
    state, copy = reserved(state, "third", ticket="task", limits=limits, now=answer.at)
    assert copy.at > answer.at
    assert "second" in state.leases


def test_unredeemed_due_tickets_do_not_delay_present_workers():
    """More sections may be due than there are workers, and they come back in any order."""
    limits = replace(ROOMY, requests=4, concurrent=2)
    state = replace(filled(limits, count=4), typical_call_s=0.1)
    for number in range(4):
        state, last = reserved(state, f"a{number}", ticket=f"t{number}", limits=limits, now=START + 4)
    granted(state, "worker", ticket="t3", limits=limits, now=last.at)


def test_who_is_late_for_a_slot_keeps_it_and_those_behind_wait_so_much_longer():
    limits = replace(ROOMY, requests=1)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state = ended(state, "a", limits=limits)
    state, slot = reserved(state, "late", limits=limits)
    state, behind = reserved(state, "behind", limits=limits, now=slot.at)
    late_at = slot.at + 2.5
    _, kept = asked(state, "late", limits=limits, now=late_at)
    assert kept.at == slot.at
    state = begin(state, "late", limits=limits, at=late_at)
    state = ended(state, "late", limits=limits, now=late_at, sent_at=late_at)
    _, moved = asked(state, "behind", limits=limits, now=behind.at)
    assert moved.at == pytest.approx(late_at + limits.confirm_span_s, abs=0.002)


def test_chat_does_not_wait_behind_others_that_wait_themselves():
    limits = replace(ROOMY, concurrent=5, queue_rates={"analysis": 100, "chat": 100})
    state = LimiterState(typical_call_s=1.0)
    for number in range(8):
        state, _ = asked(state, f"l{number}", limits=limits, patience_s=10.0)
    state, slot = asked(state, "chat", queue="chat", limits=limits, now=START + 3, patience_s=10.0)
    _, again = asked(state, "chat", queue="chat", limits=limits, now=slot.at, patience_s=10.0)
    assert again.at <= slot.at <= START + 4


def test_nobody_came_for_a_ticket_and_its_place_is_free_but_still_counts():
    limits = replace(ROOMY, requests=2, concurrent=1)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state = ended(state, "a", limits=limits, now=START)
    state, _ = granted(state, "b", limits=limits)
    state = ended(state, "b", limits=limits, now=START)
    state, answer = reserved(state, "x", ticket="task", limits=limits)
    gone = answer.at + limits.ticket_grace_s
    state, _ = granted(state, "c", limits=limits, now=gone)
    assert [item.lease_id for item in state.requests] == ["task", "c"]


def test_who_comes_too_late_for_a_ticket_gets_another_slot_for_it():
    limits = replace(ROOMY, requests=1)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state, answer = reserved(state, "x", ticket="task", limits=limits)
    late = answer.at + limits.ticket_grace_s + 1
    state, again = asked(state, "y", ticket="task", limits=limits, now=late)
    assert again.at == pytest.approx(late, abs=0.002), "its own old request does not stand in its way"
    assert len(state.requests) == 1


def test_a_slot_whose_model_has_failed_meanwhile_moves_to_another():
    limits = replace(ROOMY, requests=2)
    state, _ = granted(LimiterState(), "a", models=THREE, limits=limits)
    state, _ = granted(state, "b", models=THREE, limits=limits)
    state, answer = reserved(state, "c", models=THREE, limits=limits)
    state = ended(state, "a", OutcomeKind.GONE, limits=limits)
    state, moved = asked(state, "c", models=THREE, limits=limits, now=answer.at)
    assert (answer.model_id, moved.model_id) == ("first", "second")
    assert len(state.leases) == 2


def test_a_delay_is_passed_on_to_whoever_is_planned_behind():
    limits = replace(ROOMY, requests=1, window_s=20.0)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state, b = reserved(state, "b", limits=limits)
    state = ended(state, "a", limits=limits, now=START + 1, sent_at=START + 0.5)
    after, waits = reserved(state, "b", limits=limits, now=b.at)
    assert after is state, "nothing has to be stored for that"
    assert waits.at == pytest.approx(START + 0.5 + limits.confirm_span_s, abs=0.002)
    granted(state, "b", limits=limits, now=waits.at + 0.001)


def test_those_planned_behind_hold_up_nobody_who_is_late():
    """They wait so much longer themselves."""
    limits, state = replace(ROOMY, requests=1), LimiterState()
    state, _ = asked(state, "first", limits=limits)
    state, slot = asked(state, "late", limits=limits, ticket="task")
    late_at = slot.at + 1
    state, behind = asked(state, "behind", limits=limits, now=late_at)
    assert behind.at < late_at + limits.window_s
    state, _ = granted(state, "worker", limits=limits, ticket="task", now=late_at)
    _, waits = reserved(state, "behind", limits=limits, now=behind.at)
    assert waits.at >= late_at + limits.window_s


def test_who_goes_late_at_a_ticket_counts_from_then():
    limits, state = replace(ROOMY, requests=1), LimiterState()
    state, _ = asked(state, "first", limits=limits)
    state, slot = asked(state, "late", limits=limits, ticket="task")
    state, _ = granted(state, "worker", limits=limits, ticket="task", now=slot.at + 1)
    assert state.requests[-1].at == slot.at + 1


def test_a_late_call_counts_from_when_it_left():
    limits = replace(ROOMY, requests=1)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state = begin(state, "a", limits=limits, at=START + 2)
    assert later(state, limits=limits, now=START + 3)[0] == START + 2 + limits.span_s


def test_other_queues_leave_chat_its_share_of_requests_slots_and_tokens():
    limits = replace(SMALL, requests=10, concurrent=5, tokens=1000, queue_rates={"analysis": 10, "chat": 10})
    cases = {
        WaitingFor.REQUESTS: (replace(limits, concurrent=100, tokens=100_000), 8, 10),
        WaitingFor.SLOT: (replace(limits, requests=100, tokens=100_000), 4, 10),
        WaitingFor.TOKENS: (replace(limits, requests=100, concurrent=100), 4, 200),
    }
    for why, (some, most, tokens) in cases.items():
        state = LimiterState()
        for number in range(most):
            state, _ = granted(state, f"l{number}", limits=some, tokens=tokens)
        soon = START + limits.unreported_delay_s
        assert later(state, limits=some, tokens=tokens, now=soon)[1] is why
        granted(state, "chat", queue="chat", limits=some, tokens=tokens)


def test_other_queues_leave_chat_its_tokens_wherever_in_a_second_their_calls_began():
    """A call that nobody has settled counts from the latest start that needs no update, which may push those of two
    windows into one: without that second between them chat would wait for the difference."""
    limits = replace(
        SMALL, requests=100, concurrent=100, tokens=1000, queue_rates={"analysis": 100, "chat": 100}
    )
    state = LimiterState()
    for number in range(4):
        state, _ = granted(state, f"l{number}", limits=limits, tokens=200)
    soon = START + limits.unreported_delay_s
    at, _why = later(state, limits=limits, tokens=200, now=soon)
    assert at == soon + limits.span_s


def test_a_crowd_of_sections_with_tickets_leaves_chat_a_slot_soon():
    limits = Limits(queue_rates={"analysis": 60, "chat": 30})
    state, chance = replace(LimiterState(), typical_call_s=30.0), random.Random(1)
    for number in range(200):
        state, _ = asked(
            state, f"l{number}", ticket=f"t{number}", limits=limits, now=START + chance.uniform(0, 0.5)
        )
    assert len(state.requests) > 2 * limits.concurrent
    granted(state, "chat", queue="chat", limits=limits, now=START + 1)


def test_what_others_have_planned_stands_in_nobodys_way_who_takes_of_its_queues_share():
    """Calls that began late push planned ones together: more of them than may begin are waiting then."""
    limits = replace(ROOMY, tokens=1000, queue_rates={"analysis": 100, "chat": 100})
    state = LimiterState()
    for number in range(4):
        state, _ = granted(state, f"begun-{number}", limits=limits, tokens=200, now=START + number)
    for number in range(2):
        state, _ = reserved(state, f"planned-{number}", limits=limits, tokens=200, now=START + 9)
    moved = tuple(item._replace(at=START + 9) if item.at < START + 2 else item for item in state.requests)
    state = replace(state, requests=tuple(sorted(moved)))
    granted(state, "chat", queue="chat", limits=limits, tokens=200, now=START + 9.5)
    _, two_shares = reserved(state, "chat", queue="chat", limits=limits, tokens=400, now=START + 9.5)
    assert two_shares.waiting_for is WaitingFor.TOKENS


def test_other_queues_leave_chat_its_share_of_each_models_own_quota():
    limits = replace(ROOMY, queue_rates={"analysis": 100, "chat": 100})
    models = (model("only", rpm=5),)
    state = LimiterState()
    for number in range(4):
        state, _ = granted(state, f"l{number}", limits=limits, models=models)
    state, _ = reserved(state, "fifth", limits=limits, models=models)
    granted(state, "chat", queue="chat", limits=limits, models=models)


def test_the_slot_of_a_killed_worker_comes_back_when_its_lease_expires():
    limits = replace(ROOMY, concurrent=1)
    state, _ = granted(LimiterState(), "killed", limits=limits)
    granted(state, "next", limits=limits, now=START + limits.lease_s)


def test_unused_slots_give_request_tokens_and_rate_back():
    limits = replace(ROOMY, requests=1, tokens=100, queue_rates={"analysis": 1})
    state, _ = granted(LimiterState(), "a", limits=limits)
    state = ended(state, "a", OutcomeKind.UNUSED, limits=limits)
    granted(state, "b", limits=limits)


@pytest.mark.parametrize("kind", [OutcomeKind.TIMEOUT, OutcomeKind.UNKNOWN, OutcomeKind.FAILED])
def test_a_call_without_a_verdict_keeps_its_whole_reservation(kind):
    limits = replace(ROOMY, tokens=100)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state = ended(state, "a", kind, limits=limits)
    assert later(state, limits=limits, now=START + 1, tokens=10)[1] is WaitingFor.TOKENS


def test_what_an_answer_did_not_use_is_free_at_once():
    limits = replace(ROOMY, tokens=100)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state = ended(state, "a", limits=limits, charged=30)
    granted(state, "b", limits=limits, tokens=70)


def test_what_an_answer_used_beyond_its_reservation_is_carried_from_then_on():
    limits = replace(ROOMY, tokens=200)
    state, _ = granted(LimiterState(), "a", limits=limits, tokens=100)
    state = ended(state, "a", limits=limits, charged=180, now=START + 4)
    # The reservation leaves with its request, the debt a window after it became known.
    answer = later(state, limits=limits, tokens=150, now=START + limits.span_s)
    assert answer == (START + 4 + limits.span_s, WaitingFor.TOKENS)


def test_reserved_is_returned_plus_charged():
    state, _ = granted(LimiterState(), "a", tokens=100)
    for charged in (0, 60, 100, 170):
        after = ended(state, "a", charged=charged)
        held = sum(item.tokens for item in after.requests) + sum(item.tokens for item in after.debts)
        assert held == charged


def test_a_request_that_left_late_counts_from_when_it_left():
    limits = replace(ROOMY, requests=1)
    state, _ = granted(LimiterState(), "a", limits=limits)
    state = ended(state, "a", limits=limits, now=START + 3, sent_at=START + 2)
    assert later(state, limits=limits, now=START + 5)[0] == START + 2 + limits.span_s


def test_a_request_larger_than_the_limit_is_never_granted_and_says_so():
    limits = replace(ROOMY, tokens=100)
    assert asked(LimiterState(), limits=limits, tokens=200)[1] == Denied(inf, WaitingFor.TOO_LARGE)


def test_at_the_default_limits_the_document_stays_under_16_kb():
    limits = Limits(queue_rates={"analysis": 20, "chat": 30})
    models = tuple(model(f"us.anthropic.claude-sonnet-4-5-2025092{n}-v1:0") for n in range(7))
    state, now = LimiterState(), START
    for number in range(400):
        now = START + 0.123457 * number
        lease_id, ticket = f"{number:012x}", f"f{number:011x}"
        queue = ["analysis", "chat", "other"][number % 3]
        state, answer = asked(
            state, lease_id, ticket=ticket, queue=queue, limits=limits, models=models, now=now
        )
        if number % 2 and isinstance(answer, Granted) and answer.at <= now:
            state = ended(state, lease_id, charged=9000, now=now, limits=limits)
    assert len(state.requests) > 1.5 * limits.requests, "reserved ones too"
    assert len(json.dumps(state.to_dict()).encode()) < 16 * 1024
