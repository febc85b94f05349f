"""What is no Word document, or was made to hurt, is refused with its own code."""

import pytest

from core.documents import docx_reader
from core.documents.docx_reader import read_docx
from core.errors import Permanent
from tests.support.documents import NAMESPACES, para, table, texts, word_file, zip_file


def refusal(path) -> str:
    with pytest.raises(Permanent) as refused:
        read_docx(path)
    return refused.value.code


def test_a_body_without_text_has_nothing_to_review(tmp_path):
    assert refusal(word_file(tmp_path / "a.docx", para(" "))) == "document/no-text"


def test_a_document_type_is_refused_and_nothing_expanded(tmp_path):
    prolog = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    assert refusal(word_file(tmp_path / "a.docx", para("&b;x"), prolog=prolog)) == "document/suspicious"


def test_macros_are_refused_wherever_they_are(tmp_path):
    macro = "application/vnd.ms-word.document.macroEnabled.main+xml"
    assert refusal(word_file(tmp_path / "a.docx", para("x"), main_type=macro)) == "document/macros"


def test_a_strict_document_is_refused_with_its_own_code(tmp_path):
    strict = "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{strict}" Target="word/document.xml"/></Relationships>'
    )
    path = word_file(tmp_path / "a.docx", para("x"), extra={"_rels/.rels": relations})

    assert refusal(path) == "document/strict"


def test_too_many_elements_and_too_deep_ones_are_refused(tmp_path):
    many = word_file(tmp_path / "a.docx", "<w:p/>" * 400_001)
    deep = word_file(tmp_path / "b.docx", "<w:sdt>" * 300 + "</w:sdt>" * 300)

    assert refusal(many) == "document/too-complex"
    assert refusal(deep) == "document/too-complex"


def test_too_many_cells_are_refused_however_short_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(docx_reader, "MAX_BLOCKS", 20)
    enough = word_file(tmp_path / "a.docx", table(*[["x"] * 4] * 5))
    many = word_file(tmp_path / "b.docx", table(*[["x"] * 4] * 5) + para("x"))

    assert len(read_docx(enough).blocks) == 20
    with pytest.raises(Permanent, match="more than 20 paragraphs and table cells"):
        read_docx(many)


def test_broken_xml_in_any_part_is_damage(tmp_path):
    path = word_file(tmp_path / "a.docx", para("x"), extra={"customXml/item1.xml": "<open>"})
    assert refusal(path) == "document/damaged"


def renamed_main(path, body: str):
    """A .docx whose main part is called word/document.bin; its content type alone says what it is."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return zip_file(
        path,
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            f'<Override PartName="/word/document.bin" ContentType="{kind}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}" Target="word/document.bin"/></Relationships>',
            "word/document.bin": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
        },
    )


def test_a_main_part_of_another_name_is_held_to_the_same_limits(tmp_path):
    path = tmp_path / "a.docx"

    assert texts(read_docx(renamed_main(path, para("Text.")))) == ["Text."]
    assert refusal(renamed_main(path, "<w:p/>" * 400_001)) == "document/too-complex"
    assert refusal(renamed_main(path, "<w:sdt>" * 260 + "</w:sdt>" * 260)) == "document/too-complex"
    assert refusal(renamed_main(path, "<open>")) == "document/damaged"


def test_a_spreadsheet_is_not_word(tmp_path):
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    assert refusal(word_file(tmp_path / "a.docx", para("x"), main_type=sheet)) == "document/not-word"
