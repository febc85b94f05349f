"""An entry of the limited child that misbehaves as its request says."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.documents.two_cores import in_two
from core.errors import Permanent

Request = dict[str, Any]
_prepared = False


def echo(request: Request) -> dict[str, Any]:
    print("a library that prints")
    return {
        "said": request.get("say"),
        "prepared": _prepared,
        "environment": dict(os.environ),
        "open_files": os.sysconf("SC_OPEN_MAX"),
    }


def spin(_request: Request) -> dict[str, Any]:
    while True:
        pass


def sleep(_request: Request) -> dict[str, Any]:
    time.sleep(60)
    return {}


def breed(request: Request) -> dict[str, Any]:
    child = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(60)"])
    Path(request["pid_file"]).write_text(str(child.pid))
    return sleep(request)


def share(request: Request) -> dict[str, Any]:
    """Waits for a copy that computes for 0.2 s, says who it is and goes on without end; dies then if asked to."""
    own, said = os.getpid(), Path(request["pid_file"])

    def work(_number: int) -> None:
        if os.getpid() != own:
            while time.process_time() < 0.2:
                pass
            said.write_text(str(os.getpid()))
            time.sleep(60)
        while not said.exists() or not said.read_text():
            time.sleep(0.01)
        if "signal" in request:
            die(request)

    in_two(2, work)
    return {}


def hog(_request: Request) -> dict[str, Any]:
    return {"bytes": len(bytearray(8 << 30))}


def die(request: Request) -> dict[str, Any]:
    os.kill(os.getpid(), signal.Signals(request["signal"]))
    return {}


def flood(request: Request) -> dict[str, Any]:
    return {"text": "x" * request["chars"]}


def dial(request: Request) -> dict[str, Any]:
    with socket.create_connection(("127.0.0.1", request["port"]), timeout=1):
        return {}


def refuse(_request: Request) -> dict[str, Any]:
    raise Permanent("document/damaged", "As asked.")


def fall(_request: Request) -> dict[str, Any]:
    raise ValueError("the words of the document")


def prepare() -> None:
    global _prepared
    _prepared = True


def main() -> None:
    serve(lambda request: globals()[request.get("do", "echo")](request))
