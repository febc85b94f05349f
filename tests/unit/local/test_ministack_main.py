"""What a kill left half done in the emulator's S3 is whole again at its next start."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from infra.local.ministack_main import mend

OLD, NEW = b"the body before", b"the body that was written when the kill came"


def etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def described(body: bytes, **more: Any) -> dict[str, Any]:
    return {"size": len(body), "etag": etag(body), "key": "a/b.json", **more}


def stored(root: Path, body: bytes, known: dict[str, Any], *, body_ns: int, sidecar_ns: int) -> Path:
    path = root / "000000000000/bucket/a/b.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    sidecar = path.with_name("b.json.meta.json")
    sidecar.write_text(json.dumps(known))
    os.utime(path, ns=(body_ns, body_ns))
    os.utime(sidecar, ns=(sidecar_ns, sidecar_ns))
    return sidecar


def test_a_body_that_is_newer_than_its_description_is_described_anew(tmp_path: Path) -> None:
    known = described(OLD, checksums={"CRC32": "x"}, content_type="text/plain")
    sidecar = stored(tmp_path, NEW, known, body_ns=2, sidecar_ns=1)
    assert mend(tmp_path) == 1
    assert json.loads(sidecar.read_text()) == described(NEW, checksums={}, content_type="text/plain")
    assert mend(tmp_path) == 0


def test_the_latest_version_is_described_anew_and_earlier_ones_are_not(tmp_path: Path) -> None:
    first, last = ({"version_id": name, "size": len(OLD), "etag": etag(OLD)} for name in ("v1", "v2"))
    known = described(OLD, version_id="v2", versions=[first, last])
    sidecar = stored(tmp_path, NEW, known, body_ns=2, sidecar_ns=1)
    mend(tmp_path)
    assert json.loads(sidecar.read_text())["versions"] == [
        first,
        {"version_id": "v2", "size": len(NEW), "etag": etag(NEW)},
    ]


@pytest.mark.parametrize("sidecar_ns", [5, 6])
def test_what_was_written_whole_stays_as_it_is(tmp_path: Path, sidecar_ns: int) -> None:
    sidecar = stored(tmp_path, NEW, described(OLD), body_ns=5, sidecar_ns=sidecar_ns)
    assert mend(tmp_path) == 0
    assert json.loads(sidecar.read_text()) == described(OLD)


def test_a_description_without_a_body_and_a_missing_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "gone.meta.json").write_text("{}")
    assert mend(tmp_path) == 0
    assert mend(tmp_path / "never") == 0
