"""Stock Celery with the settings of the first design: polled every second, an hour of visibility, results in S3."""

import os
import time
from pathlib import Path

from celery import Celery
from kombu import Queue

from benchmarks.peers_call import ask

NAMES = ("stock-analysis", "stock-chat", "stock-monitoring")

app = Celery("stock")
app.conf.update(
    broker_url="sqs://",
    broker_transport_options={
        "region": os.environ["AWS_REGION"],
        "polling_interval": 1,
        "visibility_timeout": 3600,
        "predefined_queues": {name: {"url": os.environ["STOCK_QUEUES"].format(name=name)} for name in NAMES},
    },
    task_queues=[Queue(name, routing_key=name) for name in NAMES],
    task_default_queue=NAMES[0],
    task_create_missing_queues=False,
    task_acks_late=True,
    result_backend="s3://",
    s3_bucket=os.environ["S3_BUCKET_NAME"],
    s3_base_path="stock/",
    s3_endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    s3_region=os.environ["AWS_REGION"],
    s3_access_key_id="test",
    s3_secret_access_key="test",
)


@app.task(name="start", bind=True)
def start(self) -> None:  # type: ignore[no-untyped-def]
    now = time.time()
    with Path(os.environ["STARTS_FILE"]).open("a") as starts:
        starts.write(f"{self.request.id} {now} {now}\n")


@app.task(name="review")
def review() -> str:
    return ask()
