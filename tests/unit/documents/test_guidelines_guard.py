import pytest

from core.config import GuidelineSettings
from core.documents.guard import check_guidelines
from core.documents.model import DocumentKind
from core.errors import Permanent
from tests.support.write_ups import write_up

LIMITS = GuidelineSettings(upload_max_bytes=200_000)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def check(tmp_path, content, name):
    path = tmp_path / "file"
    path.write_bytes(content)
    return check_guidelines(path, filename=name, limits=LIMITS)


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"Be exact.", "style.txt", DocumentKind.TEXT),
        (b"# Be exact", "STYLE.MD", DocumentKind.TEXT),
        (PDF, "style.pdf", DocumentKind.PDF),
    ],
)
def test_word_pdf_and_plain_text_are_taken(tmp_path, content, name, kind):
    assert check(tmp_path, content, name) is kind


def test_a_word_file_is_taken(tmp_path):
    content = write_up(tmp_path / "a.docx").read_bytes()
    assert check(tmp_path, content, "style.docx") is DocumentKind.DOCX


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "style.txt", "document/empty"),
        (b"", "style.csv", "document/empty"),
        (b"x" * 200_001, "style.txt", "guidelines/too-large"),
        (b"a,b", "style.csv", "guidelines/unknown-type"),
        (b"a", "style", "guidelines/unknown-type"),
        (b"no zip", "style.docx", "document/unknown-type"),
        (PDF, "style.docx", "document/type-mismatch"),
    ],
)
def test_anything_else_is_refused(tmp_path, content, name, code):
    with pytest.raises(Permanent) as error:
        check(tmp_path, content, name)
    assert error.value.code == code
