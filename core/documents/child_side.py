"""The child's side of limited_child.py: sets its own limits, then answers one request and ends.

Imports only what every child needs, because each import is paid for at every upload.
"""

import importlib
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from math import ceil, inf
from typing import Any

from core.errors import AppError

Handler = Callable[[dict[str, Any]], dict[str, Any]]

_GRACE_S = 2.0
_ASKED_WITHIN_S = 120


def start(entry: str, limits: dict[str, int]) -> None:
    """Puts this process under its limits, waits for its request, and runs `main()` of the module `entry`.

    limits: memory_bytes, cpu_s, wall_s, output_bytes; go: file descriptor of the pipe on which a byte says that
    the request is there; ahead: seconds for which a child that is started ahead waits for that, after the
    module's `prepare()`; 0: the request comes at once.
    """
    for kind, most in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["output_bytes"]),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    sys.addaudithook(_refuse_network)
    module = importlib.import_module(entry)
    if limits["ahead"]:
        module.prepare()
    asked, _, _ = select.select([limits["go"]], [], [], limits["ahead"] or _ASKED_WITHIN_S)
    if not asked or not os.read(limits["go"], 1):
        # Nobody asked, or who would have is gone.
        os._exit(0)
    # What was computed ahead is not the request's.
    cpu_s = ceil(time.process_time()) + limits["cpu_s"]
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    # The parent kills at its deadline; this ends the child when the parent itself was killed before.
    signal.setitimer(signal.ITIMER_REAL, limits["wall_s"] + _GRACE_S)
    module.main()


def _refuse_network(event: str, _arguments: tuple[object, ...]) -> None:
    """An audit hook, which cannot be removed again: nothing in a child has a reason to use the network."""
    if event.startswith("socket."):
        raise PermissionError(event)


def time_left_s() -> float:
    """Until the parent's deadline; endless outside a child."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    return left - _GRACE_S if left else inf


def serve(handler: Handler) -> None:
    """Answers the one request on stdin with what `handler` returns, or with the AppError it raises.

    Any other error ends the process with a traceback on stderr; the parent turns that into document/reader-failed.
    """
    answers = os.dup(1)
    # The answer has ended when this process has, whatever a copy of it still does.
    os.register_at_fork(after_in_child=lambda: os.close(answers))
    # Libraries that print must not write into the answer.
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.read())
    answer = json.dumps(_answer(handler, request), ensure_ascii=False, separators=(",", ":"))
    with os.fdopen(answers, "wb") as out:
        out.write(answer.encode("utf-8", "replace"))
    # Taking a large tree apart politely takes longer than reading it did.
    os._exit(0)


def _answer(handler: Handler, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {**handler(request), "ok": True}
    except AppError as error:
        return {"ok": False, "code": error.code, "detail": error.detail}
    except MemoryError:
        return {"ok": False, "code": "document/too-complex", "detail": "It needs too much memory."}
