import stat
from pathlib import Path

import pytest

from infra.local.errors import CannotStart
from infra.local.preflight import answering, check_disk, low_disk, prepare, secrets_of


@pytest.mark.parametrize(("name", "file"), [("SECRET_KEY", "secret-key"), ("MESSAGE_KEYS", "message-keys")])
def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path, name: str, file: str) -> None:
    first = secrets_of(tmp_path)
    assert len(first[name]) == 64
    assert secrets_of(tmp_path) == first
    assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600


def test_the_secrets_differ(tmp_path: Path) -> None:
    assert len(set(secrets_of(tmp_path).values())) == 2


def test_two_systems_have_two_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert secrets_of(tmp_path / "a") != secrets_of(tmp_path / "b")


def test_a_secret_that_was_never_written_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    assert len(secrets_of(tmp_path)["SECRET_KEY"]) == 64


def test_the_directory_is_for_its_owner_only(tmp_path: Path) -> None:
    prepare(tmp_path / "new" / "data")
    assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700


def test_a_directory_that_cannot_be_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"cannot be written to .*chown"):
        prepare(tmp_path / "file" / "data")


def test_the_rules_say_that_they_are_no_model() -> None:
    assert "not a model" in answering({})


def test_a_model_of_ones_own_is_named_with_its_address() -> None:
    said = answering({"LOCAL_LLM_URL": "http://127.0.0.1:11434", "LOCAL_LLM_MODEL": "llama3.2"})
    assert said.startswith("llama3.2 at 127.0.0.1 answers here")


@pytest.mark.parametrize(("url", "model"), [("localhost:11434", "llama3.2"), ("http://127.0.0.1:11434", "")])
def test_a_model_that_cannot_be_meant_is_said_before_anything_starts(url: str, model: str) -> None:
    with pytest.raises(CannotStart, match=r"LOCAL_LLM_URL: .*"):
        answering({"LOCAL_LLM_URL": url, "LOCAL_LLM_MODEL": model})


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"MB free on the disk of .*make room"):
        check_disk(tmp_path, least_bytes=2**62)


def test_a_disk_with_room_is_no_subject(tmp_path: Path) -> None:
    check_disk(tmp_path, least_bytes=1)
    assert not low_disk(tmp_path, least_bytes=1)


def test_a_disk_that_fills_up_is_said_with_what_would_be_lost(tmp_path: Path) -> None:
    assert "make room, or what is new is lost" in low_disk(tmp_path, least_bytes=2**62)


def test_a_directory_that_was_deleted_under_a_running_system_is_said(tmp_path: Path) -> None:
    assert "is gone" in low_disk(tmp_path / "deleted")
