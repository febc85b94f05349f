"""Uploads made to hurt, at a running web tier: each gets its answer, nobody else waits, no network is used."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.config import MIB, DocumentSettings
from core.documents.limited_child import ReaderPool
from core.errors import Permanent
from tests.support.documents import para, run, word_file
from tests.support.hostile import HOSTILE, stored
from tests.support.review_app import ReviewApp

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@contextmanager
def a_server_nobody_should_ask() -> Iterator[tuple[str, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", listener


def has_been_asked(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def with_external_relations(path: Path, url: str) -> Path:
    """A template, a picture, a linked document and a link, all of them elsewhere."""
    relations = "".join(
        f'<Relationship Id="x{kind}" Type="{_OFFICE}/{kind}" Target="{url}/{kind}" TargetMode="External"/>'
        for kind in ("attachedTemplate", "image", "aFChunk", "hyperlink", "styles", "header")
    )
    relations += f'<Relationship Id="rId-styles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    body = para(run("Words."), f'<w:hyperlink r:id="xhyperlink">{run("A link.")}</w:hyperlink>')
    body += '<w:altChunk r:id="xaFChunk"/><w:sectPr><w:headerReference w:type="default" r:id="xheader"/></w:sectPr>'
    extra = {"word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>'}
    return word_file(path, body, extra=extra)


def with_external_entity(path: Path, url: str) -> Path:
    return word_file(
        path, para("&x;"), prolog=f'<!DOCTYPE x SYSTEM "{url}/d" [<!ENTITY x SYSTEM "{url}/e">]>'
    )


def test_no_document_makes_its_reader_ask_the_network(tmp_path: Path) -> None:
    readers = ReaderPool(DocumentSettings(reader_wall_s=20))

    def read(path: Path) -> list[str]:
        request = {"path": str(path), "kind": "docx", "session_id": "6f1c2b1e-7d0a-4f0e-9a53-0d6a5f6a2b11"}
        return [block["text"] for block in readers.run("core.pipeline.intake", request)["blocks"]]

    with a_server_nobody_should_ask() as (url, listener):
        assert read(with_external_relations(tmp_path / "a.docx", url)) == ["Words.A link."]
        with pytest.raises(Permanent, match="document/suspicious"):
            read(with_external_entity(tmp_path / "b.docx", url))
        assert not has_been_asked(listener)


def test_one_byte_too_many_is_refused_with_its_size(live_app: ReviewApp, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(25 * MIB - 8))

    answer = live_app.upload(path)

    assert (answer.status, answer.json["code"]) == (413, "document/too-large")
    assert answer.json["next_step"]


def chunked(app: ReviewApp, path: Path) -> tuple[int, bytes]:
    """Sent as it comes, without saying how long it is."""
    address = urlsplit(app.url)
    head = f'--b\r\nContent-Disposition: form-data; name="document"; filename="{path.name}"\r\n\r\n'
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    try:
        connection.request(
            "POST",
            "/upload",
            body=iter([head.encode(), path.read_bytes(), b"\r\n--b--\r\n"]),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
            encode_chunked=True,
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_an_upload_without_a_length_is_read_or_refused_like_any_other(
    live_app: ReviewApp, tmp_path: Path
) -> None:
    status, body = chunked(live_app, word_file(tmp_path / "a.docx", para("Words.")))
    assert status == 200, body

    large = tmp_path / "large.pdf"
    large.write_bytes(b"%PDF-1.7\n" + bytes(26 * MIB))
    status, body = chunked(live_app, large)
    assert (status, b"document/too-large" in body) == (413, True)


def test_others_are_served_while_a_hostile_file_is_read(live_app: ReviewApp, tmp_path: Path) -> None:
    slow = stored(tmp_path / "slow.docx", "<w:p/>" * 2_000_000)

    with ThreadPoolExecutor(1) as others:
        uploading = others.submit(live_app.upload, slow)
        served = [live_app.get("/").status]
        while not uploading.done():
            served.append(live_app.get("/health").status)
    refused = uploading.result()

    assert (refused.status, refused.json["code"]) == (422, HOSTILE["two million paragraphs"][2])
    assert len(served) > 10
    assert set(served) == {200}
