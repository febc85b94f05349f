import stat
from pathlib import Path

import pytest

from infra.local.errors import CannotStart
from infra.local.preflight import check_disk, secret_key


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = secret_key(tmp_path)
    assert len(first) == 64
    assert secret_key(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_two_systems_have_two_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert secret_key(tmp_path / "a") != secret_key(tmp_path / "b")


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"MB free on the disk of .*make room"):
        check_disk(tmp_path, least_bytes=2**62)


def test_a_disk_with_room_is_no_subject(tmp_path: Path) -> None:
    check_disk(tmp_path, least_bytes=1)
