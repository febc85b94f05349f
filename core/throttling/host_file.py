"""One writer per host: the processes of a machine queue up at a file lock instead of racing in S3.

A file beside the lock caches what the last of them wrote or read, so that the next one need not read it again. The
cache is never the truth: a conditional write decides, and a process that cannot get the lock goes on without both.
The kernel frees the lock of a killed process; a torn file is detected by its checksum and ignored.

A process that waits leaves a slip: a file with its batch. The process that has the lock writes all slips along, so
one write serves all who wait (group commit); updates that are in no hurry wait a moment for that.
"""

import fcntl
import hashlib
import json
import os
import random
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.aws.object_store import StoredObject
from core.clock import Clock
from core.observability.logs import get_logger
from core.throttling.shared_time import Bounds

_log = get_logger(__name__)

_PATIENCE_S = 3.0
"""How long to wait for the lock: longer than a write takes. A process that is suspended must not stop the others."""
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.0005, 0.004
_DIGEST_CHARS = 32
_SLIP = ".slip"


@dataclass(frozen=True)
class Snapshot:
    """What S3 held `at` (steady seconds of this machine). found: None if there was no object.

    bounds: of S3's clock. crowded: other machines write too, so it has most likely changed since.
    """

    found: StoredObject | None
    at: float
    bounds: Bounds | None = None
    crowded: bool = False


class LockedHost:
    """Cache and slips of this machine, for the process that holds the lock; without a path there are none."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def others(self) -> list[bytes]:
        """Returns the slips of waiting processes, in no order; one may be torn.

        Those of killed processes are deleted.
        """
        found: list[bytes] = []
        if self._path is None:
            return found
        for slip in self._path.parent.glob(f"{self._path.stem}-*{_SLIP}"):
            with suppress(OSError):
                if time.time() - slip.stat().st_mtime > _PATIENCE_S:
                    slip.unlink()
                else:
                    found.append(slip.read_bytes())
        return found

    def read(self) -> Snapshot | None:
        if self._path is None:
            return None
        try:
            return _parsed(self._path.read_bytes())
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, known: Snapshot) -> None:
        if self._path is None:
            return
        aside = self._path.with_suffix(".new")
        try:
            aside.write_bytes(_packed(known))
            aside.replace(self._path)
        except OSError as error:
            _log.warning("host_file_not_written", error=type(error).__name__)


class HostFile:
    """The lock, cache and slips that the processes of this machine share.

    directory: on this machine, writable by this user only. name: identifies what is shared; any text.
    """

    def __init__(self, directory: Path, name: str, *, clock: Clock) -> None:
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        self._lock_path = directory / f"limiter-{digest}.lock"
        self._path = directory / f"limiter-{digest}.known"
        self._clock = clock

    @contextmanager
    def held(self, batch: Callable[[], bytes], *, linger_s: float = 0.0) -> Iterator[LockedHost]:
        """Waits for the lock; after some seconds goes on without it, and then without cache and slips.

        batch: returns the slip's content, called only if this process has to wait. linger_s: how long to wait for
        others to write it along even if the lock is free.
        """
        try:
            lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            _log.warning("host_lock_missing", error=type(error).__name__)
            yield LockedHost()
            return
        try:
            mine = (not linger_s and _at_once(lock)) or self._waited(lock, batch(), linger_s=linger_s)
            yield LockedHost(self._path) if mine else LockedHost()
        finally:
            os.close(lock)

    def snapshot(self) -> Snapshot | None:
        """Returns the cached object without the lock: the file is replaced in one step, never half written."""
        return LockedHost(self._path).read()

    def _waited(self, lock: int, slip: bytes, *, linger_s: float) -> bool:
        """Whether it got the lock. flock belongs to an open file, so threads wait for each other as processes do."""
        path = self._path.with_name(f"{self._path.stem}-{secrets.token_hex(8)}{_SLIP}")
        # Spread, because machines whose tasks come back in the same second would write at the same moment.
        waited_s, pause_s = 0.0, random.uniform(0.5, 1) * linger_s or _pause_s()  # noqa: S311
        try:
            path.write_bytes(slip)
            while waited_s < _PATIENCE_S:
                self._clock.sleep(pause_s)
                waited_s += pause_s
                if _at_once(lock):
                    return True
                pause_s = _pause_s()
        except OSError as error:
            _log.warning("host_file_not_written", error=type(error).__name__)
        finally:
            with suppress(OSError):
                path.unlink()
        _log.warning("host_lock_not_free", waited_s=round(waited_s, 1))
        return False


def _pause_s() -> float:
    return random.uniform(_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S)  # noqa: S311 - spreads waiters


def _at_once(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class NoHostFile:
    """For a store that no other process of this machine uses, or a machine without a place for the file."""

    @contextmanager
    def held(self, _say: Callable[[], bytes], *, linger_s: float = 0.0) -> Iterator[LockedHost]:
        yield LockedHost()

    def snapshot(self) -> Snapshot | None:
        return None


def host_file(name: str, *, clock: Clock) -> HostFile | NoHostFile:
    """Returns the host file in this user's temporary directory, or NoHostFile if others could write there."""
    directory = Path(tempfile.gettempdir()) / f"aiprism-{os.getuid()}"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
    except OSError:
        found = None
    if found is None or found.st_uid != os.getuid() or found.st_mode & 0o077:
        _log.warning("host_directory_not_ours", directory=str(directory))
        return NoHostFile()
    return HostFile(directory, name + _boot_id(), clock=clock)


def _boot_id() -> str:
    """Steady seconds begin anew with each boot, and what was written before says nothing after it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        return ""


def _packed(known: Snapshot) -> bytes:
    etag = known.found.etag if known.found else None
    said = {"etag": etag, "at": known.at, "bounds": known.bounds, "crowded": known.crowded}
    head = json.dumps(said).encode()
    rest = head + b"\n" + (known.found.body if known.found else b"")
    return _digest(rest) + rest


def _parsed(packed: bytes) -> Snapshot:
    """Raises ValueError, TypeError or KeyError for a torn file."""
    digest, rest = packed[:_DIGEST_CHARS], packed[_DIGEST_CHARS:]
    if _digest(rest) != digest:
        raise ValueError("torn")
    head, _, body = rest.partition(b"\n")
    said = json.loads(head)
    found = None if said["etag"] is None else StoredObject(body, said["etag"])
    bounds = Bounds(*said["bounds"]) if said["bounds"] else None
    return Snapshot(found, said["at"], bounds, said["crowded"])


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest()[:_DIGEST_CHARS].encode()
