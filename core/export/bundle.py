"""The review bundle: everything about a review as files with a manifest, as a zip and as objects in storage.

In storage the manifest is written last, after every other object was read back and found equal: a folder with a
manifest is complete. One file's content is in memory at a time.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from core.aws.object_store import ObjectStore
from core.errors import Transient

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class BundleFile:
    """A file of a bundle. path: inside the bundle, never from a user. content: called when its turn comes."""

    path: str
    content: Callable[[], bytes]


@dataclass(frozen=True)
class Listed:
    """A line of the manifest. sha256: hex."""

    path: str
    size_bytes: int
    sha256: str


def json_file(path: str, document: Any) -> BundleFile:
    return BundleFile(path, lambda: _readable(document))


def write_zip(target: IO[bytes], files: Iterable[BundleFile], about: dict[str, Any]) -> list[Listed]:
    """Writes the bundle as a zip. about: what the manifest says besides the list of files."""
    listed = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            content = file.content()
            archive.writestr(file.path, content)
            listed.append(_listed(file.path, content))
        archive.writestr(MANIFEST, _manifest(listed, about))
    return listed


def write_objects(
    store: ObjectStore, prefix: str, files: Iterable[BundleFile], *, about: dict[str, Any]
) -> list[Listed]:
    """Writes every file and then the manifest under `prefix`.

    Raises Transient export/not-confirmed, storage/unavailable.
    """
    listed = []
    for file in files:
        content = file.content()
        listed.append(_listed(file.path, content))
        store.put(prefix + file.path, content, content_type=_type_of(file.path))
    for line in listed:
        _confirm(store, prefix, line)
    manifest = _manifest(listed, about)
    store.put(prefix + MANIFEST, manifest)
    last = _listed(MANIFEST, manifest)
    _confirm(store, prefix, last)
    return [*listed, last]


def _confirm(store: ObjectStore, prefix: str, line: Listed) -> None:
    """Reads an object back: under some kinds of encryption an ETag is no checksum of the content."""
    found = store.get(prefix + line.path)
    if found is None or _listed(line.path, found.body) != line:
        raise Transient("export/not-confirmed", f"{line.path} is not in storage as it was written.")


def _listed(path: str, content: bytes) -> Listed:
    return Listed(path, len(content), hashlib.sha256(content).hexdigest())


def _manifest(listed: Sequence[Listed], about: dict[str, Any]) -> bytes:
    return _readable({**about, "files": [asdict(line) for line in listed]})


def _readable(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _type_of(path: str) -> str:
    return "application/json" if path.endswith(".json") else "application/octet-stream"
