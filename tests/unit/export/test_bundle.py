"""The bundle in storage: "done" means that every object was read back and is what was written."""

import hashlib
import json

import pytest

from core.aws.object_store import MemoryObjectStore, StoredObject
from core.errors import Transient
from core.export.bundle import BundleFile, json_file, write_objects

ABOUT = {"session_id": "x"}


class Forgetful(MemoryObjectStore):
    """Takes an object and hands out another one, or none."""

    def __init__(self, key: str, instead: bytes | None) -> None:
        super().__init__()
        self._key, self._instead = key, instead

    def get(self, key: str) -> StoredObject | None:
        if key != self._key:
            return super().get(key)
        return None if self._instead is None else StoredObject(self._instead, "e")


def files():
    return [
        BundleFile("document.docx", lambda: b"%DOC"),
        json_file("findings/open.json", [{"quote": "caf\u00e9"}]),
    ]


def test_the_manifest_comes_last_and_has_every_file_with_its_checksum():
    store = MemoryObjectStore()
    listed = write_objects(store, "a/", files(), about=ABOUT)
    manifest = json.loads(store.objects["a/manifest.json"])

    assert list(store.objects)[-1] == "a/manifest.json"
    assert manifest["session_id"] == "x"
    assert [line["path"] for line in manifest["files"]] == ["document.docx", "findings/open.json"]
    for line in manifest["files"]:
        content = store.objects["a/" + line["path"]]
        assert (line["size_bytes"], line["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert [line.path for line in listed] == ["document.docx", "findings/open.json", "manifest.json"]


@pytest.mark.parametrize("instead", [None, b"", b"%DOX"])
def test_an_object_that_is_not_there_as_written_is_not_done_and_has_no_manifest(instead):
    store = Forgetful("a/document.docx", instead)
    with pytest.raises(Transient) as refused:
        write_objects(store, "a/", files(), about=ABOUT)

    assert refused.value.code == "export/not-confirmed"
    assert "a/manifest.json" not in store.objects


def test_one_file_is_made_at_a_time():
    made: list[str] = []

    def file(name: str) -> BundleFile:
        return BundleFile(name, lambda: made.append(name) or b"x")

    def each():
        for name in ("one", "two"):
            assert made == (["one"] if name == "two" else [])
            yield file(name)

    write_objects(MemoryObjectStore(), "a/", each(), about=ABOUT)
    assert made == ["one", "two"]
