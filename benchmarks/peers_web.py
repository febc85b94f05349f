"""The web process of the others in benchmarks.peers; PEER says which: "celery" as first designed, or "threads"."""

import os
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from flask import Flask, Response, jsonify

from benchmarks.peers_call import ask

app = Flask(__name__)


def _celery() -> tuple[Callable[[], str], Callable[[str], str]]:
    from benchmarks.queueing_stock import review

    return lambda: str(review.apply_async().id), lambda task_id: str(review.AsyncResult(task_id).state)


def _threads() -> tuple[Callable[[], str], Callable[[str], str]]:
    pool = ThreadPoolExecutor(8)
    tasks: dict[str, Future[str]] = {}

    def submit() -> str:
        task_id = str(uuid.uuid4())
        tasks[task_id] = pool.submit(ask)
        return task_id

    def state(task_id: str) -> str:
        return "SUCCESS" if task_id in tasks and tasks[task_id].done() else "PENDING"

    return submit, state


_submit, _state = _celery() if os.environ["PEER"] == "celery" else _threads()


@app.get("/health")
def health() -> str:
    return "yes"


@app.post("/analyze_section")
def analyze_section() -> Response:
    return jsonify(task_id=_submit(), status="queued")


@app.get("/task_status/<task_id>")
def task_status(task_id: str) -> Response:
    return jsonify(status=_state(task_id))
