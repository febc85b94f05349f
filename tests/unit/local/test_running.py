import os
from pathlib import Path

import pytest

from infra.local.errors import CannotStart
from infra.local.running import RunNote, joined_system, named_settings, remove_note, take_lock, write_note

NO_PROCESS = 2**22 + 1


def note(pid: int) -> RunNote:
    return RunNote(pid, "http://127.0.0.1:8080", "http://127.0.0.1:1", "http://127.0.0.1:2", {})


def test_a_second_start_says_where_the_first_one_runs(tmp_path: Path) -> None:
    held = take_lock(tmp_path)
    write_note(tmp_path, note(os.getpid()))
    with pytest.raises(CannotStart, match="already running: http://127"):
        take_lock(tmp_path, patience_s=0)
    held.close()


def test_a_system_whose_reaper_still_works_is_waited_for(tmp_path: Path) -> None:
    held = take_lock(tmp_path)
    write_note(tmp_path, note(NO_PROCESS))
    with pytest.raises(CannotStart, match="starting or ending"):
        take_lock(tmp_path, patience_s=0)
    held.close()


def test_the_lock_is_free_again_when_the_holder_has_gone(tmp_path: Path) -> None:
    take_lock(tmp_path).close()
    take_lock(tmp_path, patience_s=0).close()


def test_a_worker_has_nothing_to_join_before_a_start(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="make run"):
        joined_system(tmp_path)


def test_a_note_left_by_a_killed_system_is_no_system(tmp_path: Path) -> None:
    write_note(tmp_path, note(NO_PROCESS))
    with pytest.raises(CannotStart, match="make run"):
        joined_system(tmp_path)


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1, "port": 8080}'])
def test_a_note_that_nobody_can_read_is_no_system(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(CannotStart, match="make run"):
        joined_system(tmp_path)


def test_a_worker_joins_what_runs(tmp_path: Path) -> None:
    write_note(tmp_path, note(os.getpid()))
    assert joined_system(tmp_path) == note(os.getpid())
    remove_note(tmp_path)
    with pytest.raises(CannotStart):
        joined_system(tmp_path)


def test_the_note_has_the_settings_but_no_secret() -> None:
    environ = {"SECRET_KEY": "s" * 32, "MESSAGE_KEYS": "m" * 32, "S3_BUCKET_NAME": "mine", "PATH": "/bin"}
    assert named_settings(environ) == {"S3_BUCKET_NAME": "mine"}
