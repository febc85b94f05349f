"""gunicorn: threads, because a request mostly waits for S3 or SQS. HOST, PORT, sizes: core/config.py."""

from threading import Thread
from typing import Any

from core.config import MESSAGE_KEYS, SECRET_KEY, load_settings
from core.web.gunicorn_worker import HealthFirstWorker

_web = load_settings(needs={SECRET_KEY, MESSAGE_KEYS}).web

bind = f"[{_web.host}]:{_web.port}" if ":" in _web.host else f"{_web.host}:{_web.port}"
workers = _web.processes
threads = _web.threads
worker_class = HealthFirstWorker

# Each process builds its own AWS clients and connection pools; they do not survive a fork.
preload_app = False

# An upload takes up to READER_WALL_S and its S3 writes; a process that hangs for longer than this is replaced.
timeout = 60
# The longest request may end when a deployment replaces the process.
graceful_timeout = 25
# Above the usual 60 s idle time of a load balancer, or it meets connections that were just closed.
keepalive = 75

# GET /task_status names up to 200 tasks in its address.
limit_request_line = 8190

# A socket in the home directory by which gunicorn could be changed while it runs: nobody uses it, and in the image
# there is no home to write to.
control_socket_disable = True

# Requests are logged by the app with their correlation id; gunicorn's own line would say it twice.
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Beside the first requests, which need not wait for pages that nobody has asked for."""
    from core.web.application import compile_templates

    Thread(target=compile_templates, args=(worker.wsgi,), name="templates", daemon=True).start()
