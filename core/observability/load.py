"""CPU and memory use of a process and its children, from /proc; unknown where there is none."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_KIB = 1024


@dataclass(frozen=True)
class Load:
    """CPU and memory use; None where it is not known.

    cpu_percent: of the processors it may use, since the previous measurement. memory_bytes: each shared page
    divided by the number of processes that share it (PSS). memory_percent: of the memory it may have.
    """

    cpu_percent: float | None = None
    memory_bytes: int | None = None
    memory_percent: float | None = None


@dataclass(frozen=True)
class _Stat:
    """Of one process, in clock ticks. reaped: of its children that have ended."""

    parent: int
    own: int
    reaped: int


class LoadMeter:
    """Measures the load of one process, made after the fork. proc, cgroup: mount points of these file systems."""

    def __init__(
        self,
        *,
        proc: Path = Path("/proc"),
        cgroup: Path = Path("/sys/fs/cgroup"),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._proc, self._cgroup, self._steady = proc, cgroup, steady
        self._before: tuple[float, float] | None = None

    def look(self) -> Load:
        """Returns the load now. The first call cannot know how much processor time was used."""
        stats = dict(self._stats())
        family = _family(stats, os.getpid())
        if not family:
            return Load()
        memory, most = self._memory(family), self._memory_limit()
        return Load(
            cpu_percent=self._cpu(stats, family),
            memory_bytes=memory,
            memory_percent=round(100 * memory / most, 1) if memory and most else None,
        )

    def _cpu(self, stats: dict[int, _Stat], family: list[int]) -> float | None:
        ticks = sum(stats[pid].own + stats[pid].reaped for pid in family)
        now, used_s = self._steady(), ticks / os.sysconf("SC_CLK_TCK")
        before, self._before = self._before, (now, used_s)
        if before is None or now <= before[0]:
            return None
        return round(max(0.0, 100 * (used_s - before[1]) / (now - before[0]) / self._processors()), 1)

    def _stats(self) -> Iterator[tuple[int, _Stat]]:
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._proc):
                # A process may end while it is looked at.
                if entry.name.isdecimal():
                    with contextlib.suppress(OSError):
                        # Behind the name, which may hold anything, brackets too.
                        fields = (self._proc / entry.name / "stat").read_text().rpartition(")")[2].split()
                        times = [int(field) for field in fields[11:15]]
                        yield int(entry.name), _Stat(int(fields[1]), sum(times[:2]), sum(times[2:]))

    def _memory(self, family: list[int]) -> int | None:
        sizes = [size for pid in family if (size := self._pss(pid)) is not None]
        return sum(sizes) if sizes else None

    def _pss(self, pid: int) -> int | None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            text = (self._proc / str(pid) / "smaps_rollup").read_text()
            return int(text.partition("\nPss:")[2].split()[0]) * _KIB
        return None

    def _memory_limit(self) -> int | None:
        limits = [
            *_number(self._cgroup / "memory.max"),
            *_number(self._cgroup / "memory" / "memory.limit_in_bytes"),
        ]
        with contextlib.suppress(OSError, ValueError, IndexError):
            total = (self._proc / "meminfo").read_text().partition("MemTotal:")[2].split()[0]
            limits.append(int(total) * _KIB)
        return min(limits, default=None)

    def _processors(self) -> float:
        found = float(len(os.sched_getaffinity(0)))
        with contextlib.suppress(OSError, ValueError):
            quota, period = (self._cgroup / "cpu.max").read_text().split()
            found = min(found, int(quota) / int(period))
        return found


def _family(stats: dict[int, _Stat], root: int) -> list[int]:
    """The process and its descendants."""
    found = [root] if root in stats else []
    for pid in found:
        found += [child for child, stat in stats.items() if stat.parent == pid]
    return found


def _number(path: Path) -> Iterator[int]:
    with contextlib.suppress(OSError, ValueError):
        yield int(path.read_text())
