"""Queueing end to end: a real worker process, SQS and S3 from the emulator, scripted work."""

import json
import subprocess
import time
from urllib.parse import urlsplit

from core.aws.object_store import put_json
from core.bootstrap.queueing import build_store
from tests.support.credentials import credentials_server
from tests.support.fault_proxy import fault_proxy
from tests.support.junk import JUNK, SECRET_WORDS
from tests.support.queue_bench import Bench, envelopes
from tests.support.waiting import wait_until


def test_tasks_end_as_their_work_does(bench: Bench) -> None:
    bench.script(s1="succeed", s2="fail", s3="transient once", s4="throttled once", s5="raise")
    bench.worker()

    good, failing, retried, waiting, faulty = bench.submit("s1", "s2", "s3", "s4", "s5")

    assert bench.ended(good).result["said"] == "succeed"
    assert bench.ended(failing).error["code"] == "model/rejected"
    assert bench.ended(faulty).error["code"] == "task/unexpected"
    once_retried = bench.ended(retried)
    assert (once_retried.status, once_retried.retries, once_retried.attempts) == ("SUCCESS", 1, 2)
    handed_back = bench.ended(waiting)
    assert (handed_back.status, handed_back.retries, handed_back.starts) == ("SUCCESS", 0, 1)
    wait_until(lambda: bench.space.queue_depth("analysis") == 0, timeout_s=5)
    wait_until(lambda: not bench.space.keys("outbox/"), timeout_s=5)


def test_a_failure_is_in_the_dead_letter_queue_and_in_the_operators_list(bench: Bench) -> None:
    bench.script(s1="fail")
    assert bench.ops("dlq", "list").returncode == 0
    bench.worker()

    (task_id,) = bench.submit("s1")
    wait_until(lambda: bench.ended(task_id).dead_lettered_at, timeout_s=5)

    (attributes,) = envelopes(bench.space, "analysis-dlq")
    assert (attributes["task_id"], attributes["error_code"]) == (task_id, "model/rejected")
    listed = bench.ops("dlq", "list", "--json")
    assert listed.returncode == 1
    (letter,) = json.loads(listed.stdout)["dead_letters"]
    assert (letter["task_id"], letter["session_id"]) == (task_id, bench.session_id)
    assert "The scripted model refused." in bench.ops("dlq", "list").stdout


def test_a_killed_workers_task_is_finished_once_by_the_next(bench: Bench) -> None:
    bench.script(s1="hold", s2="hold")
    first = bench.worker()
    task_ids = bench.submit("s1", "s2")
    wait_until(lambda: all(bench.marks("call", task_id) for task_id in task_ids), timeout_s=10)

    first.kill()
    killed_at = time.monotonic()
    bench.worker()
    wait_until(lambda: all(bench.marks("call", task_id) == 2 for task_id in task_ids), timeout_s=20)
    recovered_s = time.monotonic() - killed_at
    put_json(build_store(bench.space.settings), f"go/{bench.session_id}", {})

    records = [bench.ended(task_id) for task_id in task_ids]
    assert [record.status for record in records] == ["SUCCESS", "SUCCESS"]
    assert [bench.marks("call", task_id) for task_id in task_ids] == [2, 2]
    wait_until(lambda: bench.space.queue_depth("analysis") == 0, timeout_s=5)
    assert recovered_s < 15


def test_a_killed_child_costs_one_more_start_and_no_result(bench: Bench) -> None:
    bench.script(s1="hold")
    worker = bench.worker(WORKER_CONCURRENCY="1")
    (task_id,) = bench.submit("s1")
    wait_until(lambda: bench.marks("call", task_id), timeout_s=10)

    child = subprocess.run(
        ["pgrep", "-P", str(worker.process.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    subprocess.run(["kill", "-KILL", *child], check=True)
    wait_until(lambda: bench.marks("call", task_id) == 2, timeout_s=25)
    put_json(build_store(bench.space.settings), f"go/{bench.session_id}", {})

    record = bench.ended(task_id)
    assert (record.status, record.starts) == ("SUCCESS", 2)


def test_a_stuck_child_is_stopped_and_its_task_fails_with_a_dead_letter(bench: Bench) -> None:
    bench.script(s1="hold")
    bench.worker(WORKER_CONCURRENCY="1", TEST_HARD_LIMIT_S="2")

    (task_id,) = bench.submit("s1")
    wait_until(lambda: bench.ended(task_id).dead_lettered_at, timeout_s=5)

    assert bench.ended(task_id).error["code"] == "task/deadline"
    (attributes,) = envelopes(bench.space, "analysis-dlq")
    assert attributes["task_id"] == task_id
    wait_until(lambda: bench.space.queue_depth("analysis") == 0, timeout_s=5)


def test_a_worker_told_to_stop_finishes_what_it_runs_and_leaves(bench: Bench) -> None:
    bench.script(s1="hold")
    worker = bench.worker()
    (task_id,) = bench.submit("s1")
    wait_until(lambda: bench.marks("call", task_id), timeout_s=10)
    assert bench.space.keys("workers/")

    worker.process.terminate()
    wait_until(lambda: "Warm shutdown" in worker.output(), timeout_s=5)
    put_json(build_store(bench.space.settings), f"go/{bench.session_id}", {})

    assert bench.ended(task_id).status == "SUCCESS"
    wait_until(lambda: not worker.alive(), timeout_s=10)
    assert bench.marks("call", task_id) == 1
    assert bench.space.keys("workers/") == []


def test_a_worker_survives_failing_receives(bench: Bench) -> None:
    with fault_proxy(bench.space.endpoint) as proxy:
        worker = bench.worker(AWS_ENDPOINT_URL_SQS=proxy.url)
        for fault in ("503", "reset", "silence"):
            failed = proxy.failed
            proxy.fault = fault
            wait_until(lambda failed=failed: proxy.failed >= failed + 2, timeout_s=15)
            (task_id,) = bench.submit("s1")
            proxy.fault = ""

            assert bench.ended(task_id).status == "SUCCESS", fault
            assert worker.alive()
        worker.stop()


def test_a_worker_survives_refused_connections(bench: Bench) -> None:
    with fault_proxy(bench.space.endpoint) as proxy:
        worker = bench.worker(AWS_ENDPOINT_URL_SQS=proxy.url)
    wait_until(lambda: worker.output().count("receive_failed") >= 2, timeout_s=15)
    with fault_proxy(bench.space.endpoint, port=urlsplit(proxy.url).port or 0):
        (task_id,) = bench.submit("s1")
        assert bench.ended(task_id).status == "SUCCESS"
        assert worker.alive()
        worker.stop()


def test_a_worker_survives_a_queue_that_is_deleted_and_made_again(bench: Bench) -> None:
    worker = bench.worker()
    sqs, url = bench.space.client("sqs"), bench.space.queue_url("analysis")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]

    sqs.delete_queue(QueueUrl=url)
    wait_until(lambda: worker.output().count("receive_refused") >= 2, timeout_s=15)
    sqs.create_queue(QueueName=f"{bench.space.queue_prefix}analysis", Attributes=attributes)
    (task_id,) = bench.submit("s1")

    assert bench.ended(task_id).status == "SUCCESS"
    assert worker.alive()


def test_a_worker_whose_credentials_expire_goes_on_with_new_ones(bench: Bench) -> None:
    with credentials_server() as given, fault_proxy(bench.space.endpoint) as proxy:
        given.access_key = "OLDKEY"
        worker = bench.worker(AWS_ENDPOINT_URL_SQS=proxy.url, **given.environ)
        proxy.expired = "OLDKEY"
        wait_until(lambda: proxy.failed >= 2, timeout_s=15)
        given.access_key = "NEWKEY"
        (task_id,) = bench.submit("s1")

        assert bench.ended(task_id).status == "SUCCESS"
        assert worker.alive()
        worker.stop()


def test_a_lost_acknowledgement_costs_no_second_call(bench: Bench) -> None:
    with fault_proxy(bench.space.endpoint) as proxy:
        worker = bench.worker(AWS_ENDPOINT_URL_SQS=proxy.url)
        proxy.operation, proxy.fault = "DeleteMessage", "reset"
        (task_id,) = bench.submit("s1")
        assert bench.ended(task_id).status == "SUCCESS"
        # One try of botocore's and its retries: all of them lost.
        wait_until(lambda: proxy.failed >= 4, timeout_s=15)
        proxy.fault = ""

        wait_until(lambda: bench.space.queue_depth("analysis") == 0, timeout_s=20)
        assert (bench.marks("call", task_id), bench.marks("run", task_id)) == (1, 1)
        assert worker.alive()
        worker.stop()


def test_junk_stops_no_worker_and_is_found_in_the_dead_letters(bench: Bench) -> None:
    kinds = ("delivery info is null", "no JSON", "headers are a list", "an unknown task")
    sqs, url = bench.space.client("sqs"), bench.space.queue_url("analysis")
    worker = bench.worker(WORKER_CONCURRENCY="1")
    workers = bench.space.keys("workers/")

    for kind in kinds:
        sqs.send_message(QueueUrl=url, MessageBody=JUNK[kind])
    (task_id,) = bench.submit("s1")

    assert bench.ended(task_id).status == "SUCCESS"
    wait_until(lambda: bench.space.queue_depth("analysis-dlq") == len(kinds), timeout_s=10)
    wait_until(lambda: bench.space.queue_depth("analysis") == 0, timeout_s=5)
    # A worker that started anew would have another id.
    assert (worker.alive(), bench.space.keys("workers/")) == (True, workers)
    assert SECRET_WORDS not in worker.output()
    assert "ReceiptHandle" not in worker.output()
    assert "superuser" not in worker.output()
    assert json.loads(bench.ops("sweep", "--json").stdout)["unreadable"] == len(kinds)
    letters = json.loads(bench.ops("dlq", "list", "--json").stdout)["dead_letters"]
    assert [letter["code"] for letter in letters] == ["task/unreadable"] * len(kinds)
    assert "on the page" not in bench.ops("dlq", "list").stdout


def test_what_sqs_gave_up_gets_its_failure_from_a_sweep(bench: Bench) -> None:
    (task_id,) = bench.submit("s1")
    sqs, url = bench.space.client("sqs"), bench.space.queue_url("analysis")
    dead = bench.space.queue_url("analysis-dlq")
    message = wait_until(
        lambda: sqs.receive_message(QueueUrl=url, VisibilityTimeout=60).get("Messages"), timeout_s=5
    )[0]
    sqs.send_message(QueueUrl=dead, MessageBody=message["Body"])
    sqs.send_message(QueueUrl=dead, MessageBody="not one of ours")

    swept = bench.ops("sweep", "--json")
    again = bench.ops("sweep", "--json")

    assert (swept.returncode, json.loads(swept.stdout)["failed"]) == (1, 1), swept.stderr
    assert json.loads(swept.stdout)["unreadable"] == 1
    assert (again.returncode, json.loads(again.stdout)["unreadable"]) == (0, 0)
    record = bench.ended(task_id)
    assert (record.error["code"], bool(record.dead_lettered_at)) == ("task/moved-by-queue", True)
    assert len(json.loads(bench.ops("dlq", "list", "--json").stdout)["dead_letters"]) == 2
