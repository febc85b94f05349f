import stat
from pathlib import Path

import pytest

from infra.local.errors import CannotStart
from infra.local.preflight import check_disk, secrets_of


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


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"MB free on the disk of .*make room"):
        check_disk(tmp_path, least_bytes=2**62)


def test_a_disk_with_room_is_no_subject(tmp_path: Path) -> None:
    check_disk(tmp_path, least_bytes=1)
