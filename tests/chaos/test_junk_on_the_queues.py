"""Somebody else writes to the queues while a review runs: it ends as if nothing had been there."""

from pathlib import Path

from tests.support.junk import JUNK, SECRET_WORDS
from tests.support.review_app import ReviewApp
from tests.support.waiting import wait_until
from tests.support.write_ups import write_up


def test_a_review_among_junk_of_every_kind_ends_complete(own_app: ReviewApp, tmp_path: Path) -> None:
    sqs, url = own_app.space.client("sqs"), own_app.space.queue_url("analysis")
    workers = own_app.space.keys("workers/")
    session_id = own_app.upload(write_up(tmp_path / "Parcels.docx", sections=4)).json["session_id"]

    kinds = list(JUNK)
    for kind in kinds[::2]:
        sqs.send_message(QueueUrl=url, MessageBody=JUNK[kind])
    task_ids = own_app.review_all(session_id)
    for kind in kinds[1::2]:
        sqs.send_message(QueueUrl=url, MessageBody=JUNK[kind])

    tasks = own_app.wait_ended(task_ids, timeout_s=90)
    assert {task["status"] for task in tasks} == {"completed"}
    wait_until(lambda: own_app.space.queue_depth("analysis") == 0, timeout_s=30)
    assert own_app.space.queue_depth("analysis-dlq") == len(kinds)
    assert own_app.worker.alive()
    assert set(workers) <= set(own_app.space.keys("workers/"))
    assert SECRET_WORDS not in own_app.worker.output()
