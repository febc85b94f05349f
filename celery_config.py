"""The Celery app of workers and beat: `celery --app celery_config worker`."""

from core.bootstrap import build_queueing
from core.config import MESSAGE_KEYS, load_settings
from core.queueing.celery_app import make_app, prepare_process
from core.queueing.publisher import CeleryPublisher
from core.queueing.service import PerProcess

settings = load_settings(needs={MESSAGE_KEYS})
prepare_process(settings)
app = make_app(
    settings, queueing=PerProcess(lambda: build_queueing(settings, publisher=CeleryPublisher(app)))
)
app.conf.imports = ("celery_tasks_enhanced",)
