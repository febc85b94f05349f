"""The emulated AWS of `make run`, kept in .local/cloud over restarts.

It is made whole beside its place and then moved there: an emulator killed in its first seconds would keep the
bucket and forget the stack, and could never be deployed to again. Its port is kept too, because the addresses of
its queues contain it.
"""

import shutil
from pathlib import Path

from core.config import AwsSettings
from infra.local import ministack, stack
from infra.local.errors import CannotStart
from infra.local.ports import LOOPBACK, free_port, is_taken
from infra.local.reaper import Reaper


def prepared_cloud(directory: Path, settings: AwsSettings, *, reaper: Reaper) -> tuple[Path, int]:
    """(data directory, port) of an emulator that has these queues and this bucket. Not running.

    Raises CannotStart.
    """
    data = directory / "cloud"
    if not data.exists():
        _make(data, settings, reaper=reaper)
    port = port_of(data)
    if is_taken(LOOPBACK, port):
        raise CannotStart(
            f"Port {port}, on which the local queues were made, is taken by another program: stop that, "
            f"or delete {data} and lose the reviews in it."
        )
    return data, port


def port_of(data: Path) -> int:
    """On which its queues were made. Raises CannotStart."""
    try:
        return int((data / "port").read_text())
    except (OSError, ValueError) as error:
        raise CannotStart(
            f"{data} is not whole: move it away, or delete it and the reviews in it."
        ) from error


def _make(data: Path, settings: AwsSettings, *, reaper: Reaper) -> None:
    draft, port = data.with_name("cloud.new"), free_port()
    shutil.rmtree(draft, ignore_errors=True)
    emulator = ministack.start(draft, port=port)
    reaper.watch(emulator.process.pid)
    try:
        ministack.wait_ready(emulator)
        stack.deploy_data(settings, endpoint=emulator.endpoint)
    finally:
        emulator.stop()
        reaper.forget(emulator.process.pid)
    (draft / "port").write_text(str(port))
    draft.rename(data)
