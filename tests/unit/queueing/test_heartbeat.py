"""Which messages a worker keeps invisible, and background threads that survive errors."""

import threading
from types import SimpleNamespace
from typing import Any

from celery.worker import state
from kombu.transport.virtual import QoS

from core.queueing.heartbeat import HeldMessage, Repeater, delivery_id, held_messages
from tests.support.waiting import wait_until


def message(handle: str, *, task_id: str = "t") -> Any:
    info = {"sqs_queue": "https://queue", "sqs_message": {"ReceiptHandle": handle}}
    return SimpleNamespace(headers={"id": task_id}, delivery_info=info)


def test_everything_unsettled_is_held() -> None:
    delivered = {"a": message("a"), "b": message("b", task_id="u")}
    assert held_messages(delivered, {"a"}, []) == [HeldMessage("u", "https://queue", "b")]


def test_running_tasks_are_held_over_a_reconnect_and_counted_once() -> None:
    old, both = message("old"), message("both")
    running = [
        SimpleNamespace(message=old, acknowledged=False, time_start=None),
        SimpleNamespace(message=both, acknowledged=False, time_start=7.0),
    ]
    held = held_messages({"both": both}, set(), running)
    assert sorted((item.handle, item.running_since) for item in held) == [("both", 7.0), ("old", None)]


def test_settled_and_restored_messages_are_no_longer_held() -> None:
    restored = SimpleNamespace(headers={"id": "t"}, delivery_info={})
    settled = SimpleNamespace(message=message("settled"), acknowledged=True, time_start=None)
    assert held_messages({"restored": restored}, set(), [settled]) == []


def test_deliveries_of_one_message_differ() -> None:
    assert delivery_id("handle-1") != delivery_id("handle-2")
    assert len(delivery_id("handle-1")) == 16


def test_a_thread_goes_on_after_an_error() -> None:
    calls = []

    def failing() -> None:
        calls.append(threading.current_thread().name)
        raise RuntimeError("S3 is down")

    repeater = Repeater("scripted", failing, every_s=0.01)
    repeater.start()
    wait_until(lambda: calls.count("scripted") >= 2, timeout_s=5)
    repeater.stop()
    assert calls[0] == threading.current_thread().name


def test_a_repeater_runs_its_action_at_once_when_asked() -> None:
    calls: list[int] = []
    repeater = Repeater("asked", lambda: calls.append(1), every_s=3600)
    repeater.start()
    assert len(calls) == 1
    repeater.soon()
    wait_until(lambda: len(calls) == 2, timeout_s=5)
    repeater.stop()


def test_kombu_and_celery_still_keep_what_the_heartbeat_reads() -> None:
    channel = SimpleNamespace(do_restore=False)
    qos = QoS(channel)
    qos.append("a message", "tag")
    qos.ack("tag")
    assert dict(qos._delivered) == {"tag": "a message"}
    assert set(qos._dirty) == {"tag"}
    assert list(state.active_requests) == []
