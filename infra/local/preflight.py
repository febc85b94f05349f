"""What must hold before anything starts, each with one sentence that says what to do."""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from infra.local.bedrock.openai_brain import read_llm
from infra.local.errors import CannotStart
from infra.local.ports import is_taken

_LEAST_FREE_BYTES = 300 * 1024 * 1024
_LOW_BYTES = 100 * 1024 * 1024


def prepare(directory: Path) -> None:
    """The directory of everything that is kept, for its owner only. Raises CannotStart."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # People's documents lie here.
        directory.chmod(0o700)
    except OSError as error:
        raise CannotStart(
            f"{directory} cannot be written to ({error.strerror}). Where it was made as another user: "
            f"sudo chown -R {os.getuid()} {directory}"
        ) from error


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


def low_disk(directory: Path, *, least_bytes: int = _LOW_BYTES) -> str:
    """A sentence where the disk fills up under a running system, else none.

    The emulator keeps in memory what it cannot write, and says nothing (measured, 1.5.33).
    """
    try:
        free = shutil.disk_usage(directory).free
    except OSError:
        return f"{directory} is gone, and what was in it: stop and start again."
    if free >= least_bytes:
        return ""
    return f"{free // 2**20} MB are free on the disk of {directory}: make room, or what is new is lost at the end."


def answering(environ: Mapping[str, str]) -> str:
    """A sentence about who answers in the place of Bedrock. Raises CannotStart where that cannot be meant."""
    url, model = environ.get("LOCAL_LLM_URL", ""), environ.get("LOCAL_LLM_MODEL", "")
    if not url:
        return "Fixed rules answer here, not a model: no text leaves this machine."
    try:
        read_llm({"url": url, "model": model})
    except ValueError as error:
        raise CannotStart(f"LOCAL_LLM_URL: {error}") from error
    return f"{model} at {urlsplit(url).hostname} answers here: text goes there and nowhere else."


def secrets_of(directory: Path) -> dict[str, str]:
    """SECRET_KEY and MESSAGE_KEYS of the system in `directory`.

    Made once, readable by their owner only; the same over restarts, so pages that are open stay valid, and so do
    messages that still wait.
    """
    return {"SECRET_KEY": _kept(directory / "secret-key"), "MESSAGE_KEYS": _kept(directory / "message-keys")}


def _kept(path: Path) -> str:
    # One that is empty was never whole: a full disk, or an end in the wrong moment.
    if not path.exists() or not path.stat().st_size:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()
