"""An emulator with a full bucket: tens of thousands of objects in seconds, where requests for them take minutes.

The product's own code writes them, into memory; they are laid into the stopped emulator's directory as it keeps them
itself, and it is started again.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.aws.object_store import MemoryObjectStore
from infra.local import ministack
from infra.local.ports import free_port
from infra.local.reaper import Reaper
from tests.support.cloud import Space, make_space

ACCOUNT = "000000000000"
START_S = 120.0
"""The emulator looks at every object when it starts."""


@contextmanager
def filled_cloud(
    directory: Path, reaper: Reaper, *, fill: Callable[[Space, MemoryObjectStore], None]
) -> Iterator[Space]:
    """fill: puts what is to be in the bucket into the store; this process's clients are the space's by then."""
    data, port, store = directory / "cloud", free_port(), MemoryObjectStore()
    emulator = _started(data, port, reaper)
    try:
        space = make_space(emulator.endpoint, "filled")
        os.environ.update(space.environ)
        fill(space, store)
        emulator.stop()
        bucket = data / "s3" / ACCOUNT / space.bucket
        for key, body in store.objects.items():
            file = bucket / f"{space.base_path}{key}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
        emulator = _started(data, port, reaper)
        yield space
    finally:
        emulator.stop()
        reaper.forget(emulator.process.pid)


def _started(data: Path, port: int, reaper: Reaper) -> ministack.Ministack:
    emulator = ministack.start(data, port=port)
    reaper.watch(emulator.process.pid, last=True)
    ministack.wait_ready(emulator, timeout_s=START_S)
    return emulator
