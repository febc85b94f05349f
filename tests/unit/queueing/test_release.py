"""Fair release: a few tasks per user are in SQS, and the end of one releases the user's next."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from core.errors import Permanent
from core.queueing.dispatch import TaskRequest
from core.queueing.keys import user_hash
from core.queueing.lifecycle import TaskContext
from core.queueing.message import TaskMessage
from core.queueing.results import TaskStatus
from core.queueing.topology import CHAT, PROCESS_CHAT
from tests.support.queueing import REQUEST, Killed, Room, succeed

PLACES = 8


def sections(owner: str, count: int, *, digit: str = "4") -> list[TaskRequest]:
    return [
        replace(
            REQUEST,
            owner=owner,
            section_id=f"s{number}",
            task_id=f"{digit * 8}-4444-4444-8444-{number:012d}",
        )
        for number in range(1, count + 1)
    ]


def submit(room: Room, owner: str, count: int, *, digit: str = "4") -> None:
    room.queueing.dispatcher.submit_many(sections(owner, count, digit=digit))


def sent_by(room: Room) -> Counter[str]:
    return Counter(message.owner for message in room.publisher.sent)


def delivered(room: Room) -> Iterator[TaskMessage]:
    """The queue's messages in turn, those that come in meanwhile too."""
    done = 0
    while done < len(room.publisher.sent):
        yield room.publisher.sent[done]
        done += 1


def fail(_context: TaskContext) -> dict[str, object]:
    raise Permanent("model/rejected")


@pytest.fixture
def room() -> Room:
    return Room()


def test_of_many_sections_the_first_few_are_sent_and_the_others_wait(room: Room) -> None:
    submit(room, "ann", 40)
    assert sent_by(room) == {"ann": PLACES}
    assert {message.section_id for message in room.publisher.sent} == {f"s{n}" for n in range(1, PLACES + 1)}
    waiting = [key for key in room.outbox_keys() if "/waiting/" in key]
    assert len(waiting) == 40 - PLACES


def test_another_users_sections_are_sent_at_once(room: Room) -> None:
    submit(room, "ann", 40)
    submit(room, "bob", 40, digit="5")
    assert sent_by(room) == {"ann": PLACES, "bob": PLACES}


def test_each_end_sends_the_users_next_section_in_order_until_none_is_left(room: Room) -> None:
    submit(room, "ann", 20)
    for message in delivered(room):
        room.run(succeed, room.delivery(message))
    order = [int(message.section_id.removeprefix("s")) for message in room.publisher.sent]
    assert sorted(order) == list(range(1, 21))
    assert order[PLACES:] == sorted(order[PLACES:])
    assert room.outbox_keys() == []


def test_a_failure_gives_its_place_on_too(room: Room) -> None:
    submit(room, "ann", PLACES + 1)
    room.run(fail, room.delivery(room.publisher.sent[0]))
    assert sent_by(room) == {"ann": PLACES + 1}


def test_users_end_their_documents_side_by_side(room: Room) -> None:
    submit(room, "ann", 40)
    submit(room, "bob", 40, digit="5")
    ended: list[str] = []
    for message in delivered(room):
        room.run(succeed, room.delivery(message))
        ended.append(message.owner)
    ahead = [ended[:count].count("ann") - ended[:count].count("bob") for count in range(1, 81)]
    assert max(ahead) <= PLACES
    assert Counter(ended) == {"ann": 40, "bob": 40}


def test_what_an_end_costs_does_not_depend_on_what_waits(room: Room) -> None:
    costs = []
    for count in (20, 200):
        crowded = Room()
        submit(crowded, "ann", count)
        submit(crowded, "bob", count, digit="5")
        crowded.store.log.clear()
        crowded.store.lists.clear()
        crowded.run(succeed, crowded.delivery(crowded.publisher.sent[0]))
        costs.append((len(crowded.store.log), len(crowded.store.lists)))
    assert costs[0] == costs[1]
    assert costs[0][1] == 2


def test_a_question_waits_behind_no_section(room: Room) -> None:
    submit(room, "ann", 40)
    question = replace(REQUEST, owner="ann", task=PROCESS_CHAT, queue=CHAT.key, section_id="")
    room.submit(question)
    assert room.publisher.sent[-1].queue == CHAT.key
    assert not any(prefix.startswith("outbox/chat") for prefix in room.store.lists)


def test_two_ends_at_once_send_two_and_never_the_same(room: Room) -> None:
    submit(room, "ann", 12)
    first, second = room.publisher.sent[:2]
    rival = room.delivery(second)
    # Just before the one is a success, another worker ends the other.
    room.store.rival = lambda: room.run(succeed, rival)
    room.run(succeed, room.delivery(first))
    tasks = [message.task_id for message in room.publisher.sent]
    assert len(tasks) == len(set(tasks)) == PLACES + 2


def test_sections_that_end_together_fill_one_place_each(room: Room) -> None:
    submit(room, "ann", PLACES + 5)
    steps: list[Callable[[], None]] = []
    releases = replace(room.queueing.releases, later=steps.append)
    for message in room.publisher.sent[:3]:
        releases.ended(message)
    sent = []
    for step in steps[:3]:
        step()
        sent.append(len(room.publisher.sent))
    assert sent == [PLACES + 1, PLACES + 2, PLACES + 3]


@pytest.mark.parametrize("step", range(1, 9))
def test_a_kill_while_the_next_is_released_is_made_good_by_the_sweep(step: int) -> None:
    room = Room()
    submit(room, "ann", PLACES + 1)
    room.die_after(step)
    ended = room.delivery(room.publisher.sent[0])
    try:
        room.run(succeed, ended)
    except Killed:
        room.clock.sleep(61)
        room.run(succeed, replace(ended, execution=replace(ended.execution, delivery="again")))
    room.steps.die_after = 0
    room.clock.sleep(61)
    room.queueing.sweep.run()
    assert len({message.task_id for message in room.publisher.sent}) == PLACES + 1
    for message in delivered(room):
        room.run(succeed, room.delivery(message))
    room.clock.sleep(61)
    room.queueing.sweep.run()
    assert room.outbox_keys() == []


def test_the_sweep_releases_in_turns_and_no_more_than_there_are_places(room: Room) -> None:
    room.publisher.down = True
    submit(room, "ann", 12)
    submit(room, "bob", 12, digit="5")
    room.publisher.down = False
    for key in [key for key in room.outbox_keys() if "/sent/" in key]:
        del room.store.objects[key]
    room.clock.sleep(61)
    assert room.queueing.sweep.run().released == 2 * PLACES
    assert [message.owner for message in room.publisher.sent] == ["ann", "bob"] * PLACES or [
        message.owner for message in room.publisher.sent
    ] == ["bob", "ann"] * PLACES


def test_a_cancelled_section_that_waits_is_never_sent(room: Room) -> None:
    submit(room, "ann", PLACES + 2)
    asked = sections("ann", PLACES + 2)[PLACES].task_id
    room.queueing.cancellation.cancel([asked])
    for message in delivered(room):
        room.run(succeed, room.delivery(message))
    room.clock.sleep(61)
    room.queueing.sweep.run()
    assert asked not in {message.task_id for message in room.publisher.sent}
    assert room.record(asked).status is TaskStatus.REVOKED
    assert room.outbox_keys() == []


def test_an_end_is_an_end_though_the_next_cannot_be_sent(room: Room) -> None:
    submit(room, "ann", PLACES + 1)
    room.publisher.down = True
    room.run(succeed, room.delivery(room.publisher.sent[0]))
    assert room.record(room.publisher.sent[0].task_id).status is TaskStatus.SUCCESS
    room.publisher.down = False
    room.clock.sleep(61)
    assert room.queueing.sweep.run().resent == 1


def test_a_user_is_a_hash_in_every_key(room: Room) -> None:
    submit(room, "ann@example.org", PLACES + 1)
    assert all(f"/{user_hash('ann@example.org')}/" in key for key in room.outbox_keys())
