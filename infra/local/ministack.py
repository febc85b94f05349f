"""ministack: SQS, S3, IAM and CloudFormation on this machine. It pins botocore, so it has its own environment.

Stop it with SIGTERM: only then it writes its state. After a SIGKILL the objects in S3 are as they were and all
else is as at the last clean stop: new messages are lost and deleted ones are back (measured, 1.5.33; an overwrite
that the kill tore in two is mended at the next start: ministack_main.py).
"""

import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from infra.local import children
from infra.local.environment import EMULATOR_PYTHON, inherited
from infra.local.errors import CannotStart
from infra.local.ports import LOOPBACK

SERVICES = "s3,sqs,iam,sts,cloudformation,cloudwatch,logs"
_MAIN = Path(__file__).with_name("ministack_main.py")
_STOP_GRACE_S = 20.0
_POLL_S = 0.05


@dataclass(frozen=True)
class Ministack:
    process: subprocess.Popen[bytes]
    endpoint: str

    def stop(self) -> None:
        children.stop(self.process, grace_s=_STOP_GRACE_S)


def start(
    data: Path, *, port: int, output: children.Output = None, python: Path = EMULATOR_PYTHON
) -> Ministack:
    """Starts ministack with its state under `data`. Raises CannotStart when it is not installed."""
    data.mkdir(parents=True, exist_ok=True)
    process = children.spawn(command(python), environ=environ(data, port=port), cwd=data, output=output)
    return Ministack(process, address(port))


def command(python: Path = EMULATOR_PYTHON) -> list[str]:
    if not python.exists():
        raise CannotStart(
            f"The local AWS emulator is not installed in {python.parent.parent}: make clean, then make run."
        )
    # -P: what stands beside the script must not be imported in place of what ministack asks for.
    return [str(python), "-P", str(_MAIN)]


def address(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def wait_ready(cloud: Ministack, *, timeout_s: float = 30.0) -> None:
    """Raises CannotStart when it ends or does not answer in time."""
    deadline = time.monotonic() + timeout_s
    while not _answers(cloud.endpoint):
        if cloud.process.poll() is not None:
            raise CannotStart(
                f"The local AWS emulator ended at once with code {cloud.process.returncode}: lines above say why. "
                "Where they name a module that is not there: make clean, then make run."
            )
        if time.monotonic() > deadline:
            raise CannotStart(
                f"The local AWS emulator did not answer within {timeout_s:g} s: the machine is busy; start again."
            )
        time.sleep(_POLL_S)


def environ(data: Path, *, port: int) -> dict[str, str]:
    """Loopback only: its own defaults are every interface, and an IoT and an SFTP port besides."""
    variables = {name: value for name, value in inherited().items() if not name.startswith("PYTHON")}
    return {
        **variables,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": LOOPBACK,
        "BIND_HOST": LOOPBACK,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "SERVICES": SERVICES,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "s3"),
        "TMPDIR": str(data),
        "LOG_LEVEL": "ERROR",
        "PYTHONUNBUFFERED": "1",
    }


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
