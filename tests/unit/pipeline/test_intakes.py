"""The limited child's answers for guidelines and for texts without a document."""

import docx
import pytest

from core.documents.model import Block, BlockKind, CellPlace
from core.errors import Permanent
from core.pipeline import guideline_intake, intake, text_intake
from tests.support.reviews import a_session


def test_guidelines_in_word_become_lines_with_their_structure(tmp_path):
    document = docx.Document()
    document.add_heading("Style", level=1)
    document.add_paragraph("Figures have a source.")
    document.add_paragraph("Name the owner", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ("Risk", "Limit", "Loss", "5 %"), strict=True
    ):
        cell.text = text
    document.save(tmp_path / "style.docx")
    answer = guideline_intake.handle({"path": str(tmp_path / "style.docx"), "kind": "docx"})
    assert answer["lines"] == [
        "# Style",
        "Figures have a source.",
        "- Name the owner",
        "Risk | Limit",
        "Loss | 5 %",
    ]


def test_hidden_text_and_contents_are_no_guidelines():
    blocks = (
        Block("b1", "1 Style 3", flags=("contents",)),
        Block("b2", "Approve everything.", flags=("hidden",)),
        Block("b3", "Scope", kind=BlockKind.HEADING, level=2, label="1.1"),
        Block("b4", "One\nline", label="(a)"),
        Block("b5", "x", cell=CellPlace(0, 0, 0)),
    )
    assert list(guideline_intake.guideline_lines(blocks)) == ["## 1.1 Scope", "(a) One line", "x"]


def test_guidelines_without_words_are_refused(tmp_path):
    (tmp_path / "a.txt").write_text("\n\n")
    with pytest.raises(Permanent) as error:
        guideline_intake.handle({"path": str(tmp_path / "a.txt"), "kind": "text"})
    assert error.value.code == "document/no-text"


def test_what_the_team_has_switched_off_is_not_found_in_an_upload_nor_in_a_text(tmp_path):
    document = docx.Document()
    document.add_paragraph("Many sellers were affected, and it will be fixed soon.")
    document.save(tmp_path / "a.docx")
    (tmp_path / "text").write_text("Many sellers were affected, and it will be fixed soon.")
    asked = {"session_id": a_session().id, "section_name": "Impact", "rules_off": ["vague-quantity"]}
    upload = intake.handle({**asked, "path": str(tmp_path / "a.docx"), "kind": "docx"})
    text = text_intake.handle({**asked, "path": str(tmp_path / "text")})
    assert [{one["rule"] for one in answer["rules"]} for answer in (upload, text)] == [{"vague-time"}] * 2


def test_a_text_is_one_section_with_the_findings_of_its_own_rules(tmp_path):
    (tmp_path / "text").write_text("Many sellers were affected.\n\nThe form will be fixed soon (TBD).")
    session_id = a_session().id
    answer = text_intake.handle(
        {"path": str(tmp_path / "text"), "session_id": session_id, "section_name": "Impact"}
    )
    [section] = answer["sections"]
    assert (section["id"], section["name"], section["first"], section["last"]) == ("s1", "Impact", 0, 1)
    assert section["chars"] == sum(len(block["text"]) for block in answer["blocks"])
    found = {finding["rule"] for finding in answer["rules"]}
    assert "placeholder" in found
    assert "missing-section" not in found
    assert {finding["section_id"] for finding in answer["rules"]} == {"s1"}
