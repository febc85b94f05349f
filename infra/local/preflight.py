"""What must hold before anything starts, each with one sentence that says what to do."""

import os
import secrets
import shutil
from pathlib import Path

from infra.local.errors import CannotStart
from infra.local.ports import is_taken

_LEAST_FREE_BYTES = 300 * 1024 * 1024


def check_port(host: str, port: int) -> None:
    if is_taken(host, port):
        raise CannotStart(
            f"Port {port} on {host} is taken by another program: stop that, or take another port: "
            f"PORT={port + 1} make run"
        )


def check_disk(directory: Path, *, least_bytes: int = _LEAST_FREE_BYTES) -> None:
    free = shutil.disk_usage(directory).free
    if free < least_bytes:
        raise CannotStart(
            f"There are {free // 2**20} MB free on the disk of {directory}, and AI-Prism needs "
            f"{least_bytes // 2**20} MB: make room and start again."
        )


def secrets_of(directory: Path) -> dict[str, str]:
    """SECRET_KEY and MESSAGE_KEYS of the system in `directory`.

    Made once, readable by their owner only; the same over restarts, so pages that are open stay valid, and so do
    messages that still wait.
    """
    return {"SECRET_KEY": _kept(directory / "secret-key"), "MESSAGE_KEYS": _kept(directory / "message-keys")}


def _kept(path: Path) -> str:
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()
