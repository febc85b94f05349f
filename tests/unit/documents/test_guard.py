"""What the web process refuses before anything is opened."""

import struct
import zipfile

import pytest

from core.config import DocumentSettings
from core.documents import zip_directory
from core.documents.guard import check_upload
from core.documents.model import DocumentKind
from core.errors import Permanent
from tests.support.documents import para, pdf_file, word_file, zip_file

LIMITS = DocumentSettings()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refusal(path, filename="report.docx", limits=LIMITS) -> str:
    with pytest.raises(Permanent) as refused:
        check_upload(path, filename=filename, limits=limits)
    assert refused.value.detail.endswith(".")
    return refused.value.code


def written(tmp_path, content: bytes):
    path = tmp_path / "upload"
    path.write_bytes(content)
    return path


def test_word_and_pdf_are_told_by_content_and_ending(tmp_path):
    word = word_file(tmp_path / "a", para("Text."))
    pdf = pdf_file(tmp_path / "b", [[(12, "Text.")]])

    assert check_upload(word, filename="Report.DOCX", limits=LIMITS) is DocumentKind.DOCX
    assert check_upload(pdf, filename="report.pdf", limits=LIMITS) is DocumentKind.PDF
    assert check_upload(word, filename=".docx", limits=LIMITS) is DocumentKind.DOCX
    assert refusal(word, ".pdf") == "document/type-mismatch"
    assert refusal(word, "report.pdf") == "document/type-mismatch"
    assert refusal(pdf, "report.docx") == "document/type-mismatch"
    assert refusal(pdf, "report") == "document/type-mismatch"


def test_a_pdf_header_may_stand_after_junk(tmp_path):
    path = written(tmp_path, b"\n" * 900 + b"%PDF-1.4 ...")
    assert check_upload(path, filename="a.pdf", limits=LIMITS) is DocumentKind.PDF
    assert refusal(written(tmp_path, b"\n" * 2000 + b"%PDF-1.4"), "a.pdf") == "document/unknown-type"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document/empty"),
        (b"plain words", "document/unknown-type"),
        (OLE + bytes(600), "document/legacy-doc"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "document/encrypted"),
        (OLE + bytes(600) + "Workbook".encode("utf-16-le"), "document/unknown-type"),
        (b"PK\x05\x06" + bytes(18), "document/not-word"),
        (b"PK\x03\x04" + bytes(64), "document/damaged"),
    ],
)
def test_what_is_no_document_is_refused_by_its_content(tmp_path, content, code):
    assert refusal(written(tmp_path, content)) == code


def test_a_file_above_the_limit_is_refused_with_both_sizes(tmp_path):
    path = written(tmp_path, b"%PDF-" + bytes(2_000_000))
    with pytest.raises(Permanent, match=r"1\.9 MB, the most is 1 MB") as refused:
        check_upload(path, filename="a.pdf", limits=DocumentSettings(upload_max_bytes=1_048_576))
    assert refused.value.code == "document/too-large"


def test_a_macro_ending_is_named_as_such(tmp_path):
    assert refusal(word_file(tmp_path / "a", para("Text.")), "report.docm") == "document/macros"


def test_a_macro_project_that_no_content_type_names_is_refused(tmp_path):
    path = word_file(tmp_path / "a", para("Text."), extra={"word/VBAProject.bin": b"macros"})
    assert refusal(path) == "document/macros"


def test_a_truncated_word_file_is_damaged(tmp_path):
    whole = word_file(tmp_path / "a", para("Text.")).read_bytes()
    assert refusal(written(tmp_path, whole[:-40])) == "document/damaged"


def test_an_archive_without_content_types_is_not_word(tmp_path):
    assert refusal(zip_file(tmp_path / "a", {"notes.txt": "hello"})) == "document/not-word"


def test_a_zip_bomb_is_refused_by_its_declared_sizes(tmp_path):
    bomb = word_file(tmp_path / "a", para("Text."), extra={"word/media/image1.png": bytes(6 << 20)})
    assert refusal(bomb) == "document/suspicious"


def test_a_large_part_is_refused_though_its_ratio_is_plausible(tmp_path, monkeypatch):
    path = word_file(tmp_path / "a", para("Text."), extra={"word/media/a.png": bytes(100)})
    monkeypatch.setattr(zip_directory, "MAX_INFLATED_BYTES", 1_000)
    assert refusal(path) == "document/too-complex"
    monkeypatch.setattr(zip_directory, "MAX_XML_PART_BYTES", 100)
    assert refusal(path) == "document/too-complex"


def test_too_many_parts_are_refused(tmp_path):
    parts = {f"word/media/{number}.png": b"" for number in range(zip_directory.MAX_ENTRIES)}
    assert refusal(word_file(tmp_path / "a", para("Text."), extra=parts)) == "document/suspicious"


def test_a_forged_directory_size_is_refused_without_listing_it(tmp_path):
    content = bytearray(word_file(tmp_path / "a", para("Text.")).read_bytes())
    at = content.rfind(b"PK\x05\x06")
    struct.pack_into("<L", content, at + 12, 20 << 20)
    assert refusal(written(tmp_path, bytes(content))) == "document/suspicious"


def test_two_parts_of_one_name_are_refused_whatever_their_case(tmp_path):
    path = word_file(tmp_path / "a", para("Text."), extra={"word\\DOCUMENT.xml": "<x/>"})
    assert refusal(path) == "document/suspicious"


def test_overlapping_parts_are_refused(tmp_path):
    content = bytearray(word_file(tmp_path / "a", para("Text.")).read_bytes())
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 4)
    # Both directory entries now point at the first part's data.
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    assert refusal(written(tmp_path, bytes(content))) == "document/suspicious"


def test_encrypted_parts_and_unknown_compression_are_refused(tmp_path):
    content = bytearray(word_file(tmp_path / "a", para("Text.")).read_bytes())
    entry = content.find(b"PK\x01\x02")
    encrypted, packed = bytearray(content), bytearray(content)
    encrypted[entry + 8] |= 1
    packed[entry + 10] = 12
    assert refusal(written(tmp_path, bytes(encrypted))) == "document/encrypted"
    assert refusal(written(tmp_path, bytes(packed))) == "document/suspicious"


def test_a_zip64_end_record_is_refused(tmp_path):
    path = tmp_path / "a"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    content = path.read_bytes()
    at = content.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    assert refusal(written(tmp_path, content[:at] + locator + content[at:])) == "document/suspicious"
