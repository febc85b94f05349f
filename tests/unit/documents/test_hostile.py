"""Every hostile file ends in the right answer, in time and within the child's memory."""

import time

import pytest

from core.config import DocumentSettings
from core.documents.guard import check_upload
from core.documents.limited_child import ReaderPool
from core.errors import AppError
from tests.support.hostile import HOSTILE
from tests.support.hostile_pdfs import READ, hostile_pdfs

SETTINGS = DocumentSettings(reader_wall_s=8.0)


@pytest.fixture(scope="module")
def readers():
    return ReaderPool(SETTINGS)


def answer_to(readers, path, filename: str) -> str:
    """The code of the refusal, "" when it was read."""
    try:
        kind = check_upload(path, filename=filename, limits=SETTINGS)
        request = {
            "path": str(path),
            "kind": kind.value,
            "session_id": "6f1c2b1e-7d0a-4f0e-9a53-0d6a5f6a2b11",
        }
        readers.run("core.pipeline.intake", request)
    except AppError as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(
    "what",
    [
        "100,000 pages",
        "cross references in a ring",
        "page tree that is a ring",
        "script at opening",
        "user password",
    ],
)
def test_a_hostile_pdf_gets_its_answer(readers, tmp_path, what):
    make, right = hostile_pdfs()[what]
    make(tmp_path / "upload")

    code = answer_to(readers, tmp_path / "upload", "a.pdf")
    assert code in (*right, "document/reader-busy") or (READ in right and code == "")


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_gets_its_answer(readers, tmp_path, what):
    filename, make, code = HOSTILE[what]
    path = make(tmp_path / "upload")
    started = time.monotonic()

    # A machine that gives the child none of its time says so; the answer is then to come again.
    assert answer_to(readers, path, filename) in (code, "document/reader-busy")
    assert time.monotonic() - started < 3 * SETTINGS.reader_wall_s
