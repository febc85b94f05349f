"""The tasks: what each does is in core/, when and how often is in core/queueing/."""

from typing import Any

from celery.signals import worker_process_shutdown

from celery_config import app, settings
from core.bootstrap.worker import build_worker_services
from core.queueing.service import PerProcess
from core.queueing.task import QueuedTask
from core.queueing.topology import ANALYZE_SECTION, MONITOR_HEALTH, PROCESS_CHAT

services = PerProcess(lambda: build_worker_services(settings, queueing=app.queueing()))


@worker_process_shutdown.connect
def tell_the_rest(**_signal: Any) -> None:
    """A child ends by os._exit: what it has yet to tell the limiter would cost others a slot for a whole lease, and
    what it has counted would be missing in the statistics."""
    if (made := services.existing) is not None:
        made.limiter.flush()
        made.queueing.recorder.flush()


@app.task(name=ANALYZE_SECTION, bind=True, shared=False)
def analyze_section_task(self: QueuedTask, *, session_id: str, section_id: str, generation: int) -> None:
    """Reviews one section. generation: checked against the result before anything runs."""
    self.deliver(lambda context: services().analysis.run(session_id, section_id, context))


@app.task(name=PROCESS_CHAT, bind=True, shared=False)
def process_chat_task(self: QueuedTask, *, session_id: str, message_id: str, generation: int) -> None:
    """Answers one question about a document. message_id: the question's, and this task's."""
    self.deliver(lambda context: services().chat.run(session_id, message_id, context))


@app.task(name=MONITOR_HEALTH, bind=True, shared=False)
def monitor_health(self: QueuedTask) -> None:
    """Once a minute, however many beats there are: picks up what got lost on its way, judges how the system is."""
    self.guarded(services().monitoring.once_per_minute)
