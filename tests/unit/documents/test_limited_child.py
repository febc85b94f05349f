"""A document can end its reader, never the process that asked."""

import gc
import os
import signal
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import DocumentSettings
from core.documents.child_process import ChildProcess, Late
from core.documents.limited_child import ReaderPool
from core.errors import Permanent, Throttled
from tests.support.waiting import wait_until

ENTRY = "tests.support.reader_entry"
LIMITS = DocumentSettings(reader_wall_s=5.0, readers=1)
BRIEF = replace(LIMITS, reader_wall_s=0.7)


def refusal(limits: DocumentSettings, **request: object) -> Permanent:
    with pytest.raises(Permanent) as refused:
        ReaderPool(limits).run(ENTRY, dict(request))
    return refused.value


def test_the_answer_comes_back_whole_though_a_library_prints():
    answer = ReaderPool(LIMITS).run(ENTRY, {"say": "Zoë \U0001f600"})

    assert answer["ok"] is True
    assert answer["said"] == "Zoë \U0001f600"


def test_the_child_has_no_environment_and_few_files():
    answer = ReaderPool(LIMITS).run(ENTRY, {})

    assert not set(answer["environment"]) - {"LC_CTYPE"}
    assert answer["open_files"] == 32


def test_the_child_cannot_ask_the_network(capfd):
    assert refusal(LIMITS, do="dial", port=9).code == "document/reader-failed"
    assert "PermissionError" in capfd.readouterr().out


def test_a_refusal_keeps_its_code_and_sentence():
    refused = refusal(LIMITS, do="refuse")
    assert (refused.code, refused.detail) == ("document/damaged", "As asked.")


def busy(limits: DocumentSettings, **request: object) -> Throttled:
    with pytest.raises(Throttled) as refused:
        ReaderPool(limits).run(ENTRY, dict(request))
    return refused.value


def test_a_runaway_child_is_killed_at_the_deadline():
    started = time.monotonic()
    # Whether the machine lets it compute is not ours to say: either way it ends.
    with pytest.raises((Permanent, Throttled)):
        ReaderPool(BRIEF).run(ENTRY, {"do": "spin"})

    assert time.monotonic() - started < 20
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_child_that_computed_all_its_time_is_too_much_work():
    late, pool = Late("It took long."), ReaderPool(BRIEF)

    refused = pool._refusal(late, cpu_s=0.6)
    assert (type(refused), refused.code) == (Permanent, "document/too-complex")
    assert pool._refusal(late, cpu_s=0.1).code == "document/reader-busy"


def test_a_child_that_got_no_time_to_compute_may_be_asked_again():
    refused = busy(BRIEF, do="sleep")

    assert (refused.code, refused.retry_after_s) == ("document/reader-busy", 3)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_what_the_child_started_is_killed_with_it(tmp_path):
    pid_file = tmp_path / "pid"
    assert busy(BRIEF, do="breed", pid_file=str(pid_file)).code == "document/reader-busy"
    grandchild = int(pid_file.read_text())

    assert wait_until(lambda: not _runs(grandchild), timeout_s=5)


def test_what_a_copy_of_the_child_computed_counts(tmp_path):
    pid_file = tmp_path / "pid"
    limits = {"memory_bytes": 1 << 30, "cpu_s": 20, "wall_s": 20, "output_bytes": 1 << 20, "ahead": 0}
    with ChildProcess(ENTRY, limits) as child:
        child.ask({"do": "share", "pid_file": str(pid_file)})
        copy = wait_until(lambda: pid_file.exists() and pid_file.read_text(), timeout_s=15)
        assert child.kill() >= 0.2

    assert wait_until(lambda: not _runs(int(copy)), timeout_s=5)


def test_a_child_that_falls_takes_its_copy_with_it(tmp_path):
    pid_file = tmp_path / "pid"
    fallen = refusal(LIMITS, do="share", pid_file=str(pid_file), signal=signal.SIGABRT)

    assert fallen.code == "document/too-complex"
    assert wait_until(lambda: not _runs(int(pid_file.read_text())), timeout_s=5)


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "\nState:\tZ" not in status.read_text()


def test_a_memory_hog_ends_and_the_parent_survives():
    pool = ReaderPool(LIMITS)
    with pytest.raises(Permanent) as refused:
        pool.run(ENTRY, {"do": "hog"})

    assert refused.value.code == "document/too-complex"
    assert pool.run(ENTRY, {"say": "still here"})["said"] == "still here"


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_a_library_that_runs_out_of_memory_is_too_much_work(number):
    assert refusal(LIMITS, do="die", signal=number).code == "document/too-complex"


def test_a_crash_and_an_unforeseen_error_are_told_from_too_much_work():
    assert refusal(LIMITS, do="die", signal=signal.SIGTERM).code == "document/reader-failed"
    fallen = refusal(LIMITS, do="fall")
    assert fallen.code == "document/reader-failed"
    assert "the words of the document" not in fallen.detail


def test_too_long_an_answer_is_cut_off():
    pool = ReaderPool(LIMITS, max_output_bytes=1_000_000)
    assert len(pool.run(ENTRY, {"do": "flood", "chars": 900_000})["text"]) == 900_000
    with pytest.raises(Permanent) as refused:
        pool.run(ENTRY, {"do": "flood", "chars": 1_100_000})
    assert refused.value.code == "document/too-complex"


def test_one_more_than_the_pool_holds_is_sent_away_and_comes_in_later():
    pool = ReaderPool(replace(LIMITS, reader_wall_s=2.0))
    outcome: list[str] = []

    def occupy() -> None:
        try:
            pool.run(ENTRY, {"do": "sleep"})
        except (Permanent, Throttled) as error:
            outcome.append(error.code)

    occupant = threading.Thread(target=occupy)
    occupant.start()
    sent_away = wait_until(lambda: _busy(pool), timeout_s=2)

    assert (sent_away.code, sent_away.retry_after_s) == ("document/reader-busy", 3)
    occupant.join()
    assert outcome == ["document/reader-busy"]
    assert pool.run(ENTRY, {"say": "free"})["said"] == "free"


def _busy(pool: ReaderPool) -> Throttled | None:
    try:
        pool.run(ENTRY, {})
    except Throttled as refused:
        return refused
    return None


def test_no_temporary_file_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ReaderPool(LIMITS).run(ENTRY, {"say": "x" * 100_000})
    busy(BRIEF, do="sleep")
    assert list(tmp_path.iterdir()) == []


def asked_once() -> tuple[ReaderPool, ChildProcess]:
    """A pool that has been asked once, so that a child is getting ready, and that child."""
    pool = ReaderPool(LIMITS, ahead=ENTRY)
    pool.run(ENTRY, {})
    return pool, pool._ready[0]


def test_who_asks_again_is_answered_by_the_child_that_got_ready():
    pool, ready = asked_once()
    answer = pool.run(ENTRY, {"say": "again"})

    assert (answer["said"], answer["prepared"]) == ("again", True)
    assert not ready.runs
    assert pool._ready[0].runs


def test_who_says_that_somebody_may_ask_has_one_child_ready():
    pool = ReaderPool(LIMITS, ahead=ENTRY)
    pool.get_ready()
    (ready,) = pool._ready
    pool.get_ready()

    assert list(pool._ready) == [ready]
    assert pool.run(ENTRY, {"say": "first"})["prepared"] is True


def test_where_none_is_to_be_kept_none_is():
    pool = ReaderPool(replace(LIMITS, reader_ready_s=0), ahead=ENTRY)
    pool.get_ready()
    assert pool.run(ENTRY, {"say": "first"})["prepared"] is False
    assert not pool._ready


def test_a_ready_child_that_has_ended_is_not_asked():
    pool, ready = asked_once()
    ready.kill()
    assert pool.run(ENTRY, {"say": "anew"})["prepared"] is False


def test_a_ready_child_goes_with_its_pool():
    pool, ready = asked_once()
    del pool
    gc.collect()
    assert not ready.runs


def test_a_ready_child_goes_with_the_process_that_would_ask():
    pool, ready = asked_once()
    os.close(ready._go)
    ready._go = os.open(os.devnull, os.O_WRONLY)
    assert wait_until(lambda: not ready.runs, timeout_s=5)
    assert ready.exit_code == 0
    del pool
