"""What the emulator's Python runs in place of `-m ministack`: mends what a kill has torn, then becomes ministack.

ministack writes an object's body and then, in a second file, its size and ETag. Killed between the two it serves the
new body under the old size for ever after: no client can read that (measured, 1.5.33). Standard library only.
"""

import hashlib
import json
import os
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SUFFIX = ".meta.json"


def mend(objects: Path) -> int:
    """Makes each half-done overwrite under `objects` a whole one, as if only its answer had been lost. How many."""
    torn = list(_torn(objects))
    for body, sidecar in torn:
        _describe(body, sidecar)
    return len(torn)


def _torn(objects: Path) -> Iterator[tuple[Path, Path]]:
    """A sidecar is written last, so one that is older than its body belongs to the body before."""
    for sidecar in objects.rglob(f"*{_SUFFIX}"):
        body = sidecar.with_name(sidecar.name.removesuffix(_SUFFIX))
        if body.is_file() and body.stat().st_mtime_ns > sidecar.stat().st_mtime_ns:
            yield body, sidecar


def _describe(body: Path, sidecar: Path) -> None:
    content = body.read_bytes()
    etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
    now = {"size": len(content), "etag": f'"{etag}"'}
    known: dict[str, Any] = json.loads(sidecar.read_text())
    latest = [
        {**version, **now} if version["version_id"] == known.get("version_id") else version
        for version in known.get("versions", [])
    ]
    mended = {**known, **now, "checksums": {}, **({"versions": latest} if latest else {})}
    draft = sidecar.with_name(f"{sidecar.name}.tmp")
    draft.write_text(json.dumps(mended))
    draft.replace(sidecar)


if __name__ == "__main__":
    mend(Path(os.environ["S3_DATA_DIR"]))
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)
