"""Commands configure their logs with the first line they write."""

import json
import subprocess
import sys

SCRIPT = """
import logging, sys
from core.observability.logs import configure_late, get_logger
log = get_logger("a.room")
configure_late("WARNING")
assert "structlog" not in sys.modules
{writes}
"""


def lines_of(*writes: str) -> list[dict[str, object]]:
    """Each is Python; `log` is a logger of ours."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(writes="\n".join(writes))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == ""
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_the_first_line_of_ours_and_of_a_library_are_json() -> None:
    ours = 'log.info("unheard"); log.warning("queue_silent", queue="chat")'
    theirs = (
        'logging.getLogger("botocore").info("unheard"); logging.getLogger("botocore").warning("slow %s", 3)'
    )
    for found in (lines_of(ours, theirs), lines_of(theirs, ours)[::-1]):
        assert [(line["event"], line["logger"], line["level"]) for line in found] == [
            ("queue_silent", "a.room", "warning"),
            ("slow 3", "botocore", "warning"),
        ]


def test_threads_that_write_the_first_line_together_all_write_json() -> None:
    together = """
import threading
start = threading.Barrier(8)
def speak(): start.wait(); log.warning("spoke")
threads = [threading.Thread(target=speak) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    assert [line["event"] for line in lines_of(together)] == ["spoke"] * 8


def test_who_spoke_before_a_command_speaks_as_all_in_it() -> None:
    """As in a process that runs several commands one after the other."""
    again = 'configure_late("WARNING"); log.warning("spoke"); log.info("unheard")'
    assert [line["event"] for line in lines_of('log.warning("spoke")', again)] == ["spoke"] * 2


def test_a_command_that_has_nothing_to_say_imports_nothing_for_it() -> None:
    assert lines_of("") == []
