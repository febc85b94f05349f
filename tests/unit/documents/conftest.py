"""What the tests of readers share."""

import pytest

from core.documents.docx_reader import read_docx
from tests.support.documents import word_file


@pytest.fixture
def read(tmp_path):
    def read_body(body: str, **parts: str):
        return read_docx(word_file(tmp_path / "a.docx", body, parts=parts))

    return read_body
