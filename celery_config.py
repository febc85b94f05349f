"""The Celery app of workers and beat: `celery --app celery_config worker`."""

from core.bootstrap.queueing import build_queueing, make_metrics
from core.config import MESSAGE_KEYS, load_settings
from core.queueing.celery_app import make_app, prepare_process
from core.queueing.publisher import CeleryPublisher
from core.queueing.service import PerProcess, Queueing

settings = load_settings(needs={MESSAGE_KEYS})
prepare_process(settings)


def queueing_of_process() -> Queueing:
    return build_queueing(settings, publisher=CeleryPublisher(app), metrics=make_metrics(settings))


app = make_app(settings, queueing=PerProcess(queueing_of_process))
app.conf.imports = ("celery_tasks_enhanced",)
