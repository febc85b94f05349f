"""Resource use of processes: share of memory, open files, CPU. An ended process counts as nothing."""

import os
from pathlib import Path


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in tree(int(child)))]


def pss_mb(pid: int) -> float:
    """Shared pages count in parts, so that a tree's sum is what it costs the machine."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    _, _, shared = rollup.partition("\nPss:")
    return int(shared.split()[0]) / 1024 if shared else 0.0


def cpu_s(pid: int) -> float:
    """User and system time that the process itself has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - a link that is gone meanwhile is no error here
    except OSError:
        return 0
