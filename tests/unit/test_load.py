import os

import pytest

from core.observability.load import Load, LoadMeter

HERE = os.getpid()
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def machine(tmp_path):
    """A /proc with this process, a child, and a stranger; a /sys/fs/cgroup."""
    proc, cgroup = tmp_path / "proc", tmp_path / "cgroup"
    cgroup.mkdir()
    for pid, parent in ((HERE, 1), (HERE + 1, HERE), (HERE + 2, 1)):
        (proc / str(pid)).mkdir(parents=True)
        used(proc, pid, parent=parent, ticks=0)
        (proc / str(pid) / "smaps_rollup").write_text("Rss: 9000 kB\nPss:    1024 kB\nPss_Dirty: 4 kB\n")
    (proc / "meminfo").write_text("MemTotal:        8192 kB\nMemFree: 1 kB\n")
    return proc, cgroup


def used(proc, pid, *, parent, ticks, reaped=0):
    fields = ["S", str(parent), *["0"] * 9, str(ticks), "0", str(reaped), "0", *["0"] * 10]
    (proc / str(pid) / "stat").write_text(f"{pid} (a name) with ) brackets) {' '.join(fields)}")


def meter_of(machine, now):
    return LoadMeter(proc=machine[0], cgroup=machine[1], steady=lambda: now[0])


def test_memory_is_that_of_the_process_and_its_children(machine):
    found = meter_of(machine, [0.0]).look()
    assert (found.memory_bytes, found.memory_percent) == (2 * 1024 * 1024, 25.0)


def test_a_container_may_have_less_than_the_machine(machine):
    (machine[1] / "memory.max").write_text("4194304\n")
    assert meter_of(machine, [0.0]).look().memory_percent == 50.0
    (machine[1] / "memory.max").write_text("max\n")
    assert meter_of(machine, [0.0]).look().memory_percent == 25.0


def test_processor_time_is_since_the_last_look_and_of_what_it_may_use(machine):
    (machine[1] / "cpu.max").write_text("50000 100000\n")
    now = [0.0]
    meter = meter_of(machine, now)
    assert meter.look().cpu_percent is None
    now[0] = 10.0
    used(machine[0], HERE, parent=1, ticks=2 * TICKS, reaped=TICKS)
    used(machine[0], HERE + 2, parent=1, ticks=50 * TICKS)
    assert meter.look().cpu_percent == 60.0


def test_where_there_is_no_proc_nothing_is_known(tmp_path):
    assert LoadMeter(proc=tmp_path / "none", cgroup=tmp_path).look() == Load()


def test_this_process_is_seen(tmp_path):
    assert LoadMeter().look().memory_bytes > 1024 * 1024
