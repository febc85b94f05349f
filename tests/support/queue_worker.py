"""A worker whose work is written down in the bucket: `celery --app tests.support.queue_worker worker`.

`script/<session_id>.json` says what each section does: {"s1": "succeed", "s2": "fail", ...}. Each execution
leaves a mark under `marks/`, each pretended model call another, so that a test can count both.
"""

import os
import resource
import signal
import time
import uuid
from pathlib import Path
from typing import Any

from core.aws.object_store import ObjectStore, get_json, put_json
from core.bootstrap.queueing import build_queueing
from core.config import load_settings
from core.errors import Permanent, Throttled, Transient
from core.queueing.celery_app import make_app, prepare_process
from core.queueing.lifecycle import TaskContext
from core.queueing.publisher import CeleryPublisher
from core.queueing.service import PerProcess
from core.queueing.task import QueuedTask
from core.queueing.topology import ANALYZE_SECTION, MONITOR_HEALTH

settings = load_settings()
prepare_process(settings)
app = make_app(
    settings,
    queueing=PerProcess(lambda: build_queueing(settings, publisher=CeleryPublisher(app))),
)
if limit := os.environ.get("TEST_HARD_LIMIT_S"):
    app.conf.task_annotations = {ANALYZE_SECTION: {"time_limit": int(limit)}}
_LONGEST_HOLD_S = 60.0


@app.task(name=ANALYZE_SECTION, bind=True, shared=False)
def analyze_section_task(self: QueuedTask, *, session_id: str, section_id: str, generation: int) -> None:
    self.deliver(lambda context: work(app.queueing().store, session_id, section_id, context=context))


@app.task(name=MONITOR_HEALTH, bind=True, shared=False)
def monitor_health(self: QueuedTask) -> None:
    self.guarded(app.queueing().sweep.once_per_minute)


def work(objects: ObjectStore, session_id: str, section_id: str, *, context: TaskContext) -> dict[str, Any]:
    script = get_json(objects, f"script/{session_id}.json") or {}
    runs = mark(objects, "run", context)
    kept = context.attempts.stored_answer()
    if kept is not None:
        return {"said": kept["said"], "runs": runs, "kept": True}
    context.attempts.claim("model-a")
    mark(objects, "call", context)
    said = _act(objects, script.get(section_id, "succeed"), session_id=session_id, runs=runs)
    context.attempts.answered("model-a", {"said": said})
    return {"said": said, "runs": runs, "started_at": time.time()}


def _act(objects: ObjectStore, action: str, *, session_id: str, runs: int) -> str:
    if action == "fail":
        raise Permanent("model/rejected", "The scripted model refused.")
    if action == "raise":
        raise RuntimeError("a fault in the product")
    if action == "transient once" and runs == 1:
        raise Transient("model/unavailable")
    if action == "throttled once" and runs == 1:
        raise Throttled("model/throttled", retry_after_s=1, waiting_for="a slot")
    if action == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "use up memory":
        _use_up_memory()
    if action == "hold":
        _hold(objects, f"go/{session_id}")
    return action


def _use_up_memory() -> None:
    """Takes as much memory as the machine gives this process, which is little more than it has."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + 32 * 1024 * 1024, limits[1]))
    try:
        bytearray(1024 * 1024 * 1024)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def _hold(objects: ObjectStore, key: str) -> None:
    deadline = time.monotonic() + _LONGEST_HOLD_S
    while objects.get(key) is None and time.monotonic() < deadline:
        time.sleep(0.1)


def mark(objects: ObjectStore, what: str, context: TaskContext) -> int:
    """Leaves a mark; how many there are of the kind for this task."""
    prefix = f"marks/{what}/{context.task_id}/"
    put_json(objects, f"{prefix}{time.time_ns()}-{uuid.uuid4().hex[:6]}", {"at": time.time()})
    return len(list(objects.list(prefix)))
