"""The product's worker with work that only says when it began: `celery --app benchmarks.queueing_worker worker`."""

import os
import time
from pathlib import Path
from typing import Any

from core.bootstrap.queueing import build_queueing
from core.config import load_settings
from core.queueing.celery_app import make_app, prepare_process
from core.queueing.publisher import CeleryPublisher
from core.queueing.service import PerProcess
from core.queueing.task import QueuedTask
from core.queueing.topology import ANALYZE_SECTION

settings = load_settings()
prepare_process(settings)
app = make_app(
    settings, queueing=PerProcess(lambda: build_queueing(settings, publisher=CeleryPublisher(app)))
)


@app.task(name=ANALYZE_SECTION, bind=True, shared=False)
def analyze_section_task(self: QueuedTask, **_about: Any) -> None:
    received = time.time()

    def work(_context: Any) -> dict[str, Any]:
        with Path(os.environ["STARTS_FILE"]).open("a") as starts:
            starts.write(f"{self.request.id} {received} {time.time()}\n")
        return {}

    self.deliver(work)
