"""From decided findings to a Word file: what each comment says and where it stands."""

import io
from datetime import UTC, datetime

import docx
import pytest

from core.config import DocumentSettings
from core.documents.anchoring import locate
from core.documents.limited_child import ReaderPool
from core.documents.model import Anchor, DocumentKind, Stage
from core.documents.reading import read_document
from core.errors import Permanent
from core.export.comment_text import comment_lines, initials, plain
from core.export.docx_service import reviewed_docx
from core.export.review_copy import ReviewCopy
from core.review.finding import Finding, FindingType, Risk
from tests.support.documents import para, run, word_file

AT = datetime(2026, 3, 9, 14, 5, 6, tzinfo=UTC)
NAMES = {11: "Root Cause Analysis", 12: "Preventative Actions"}


def finding(**changes) -> Finding:
    given = {
        "id": "f1",
        "section_id": "s2",
        "type": FindingType.IMPORTANT,
        "risk_level": Risk.MEDIUM,
        "category": "Vague quantity",
        "description": "How many sellers?",
    }
    return Finding(**{**given, **changes})


@pytest.fixture
def document(tmp_path):
    note = f'<w:footnote w:id="1">{para("The note says so.")}</w:footnote>'
    mark = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    body = (
        para("Opening words.") + para("Impact", style="H1") + para(run("Several sellers complained."), mark)
    )
    path = word_file(tmp_path / "in.docx", body, parts={"footnotes": note})
    return path.read_bytes(), read_document(path, DocumentKind.DOCX)


def comments_in(content: bytes, document, *items):
    read = document[1]
    copy = ReviewCopy(
        document=content,
        blocks=read.blocks,
        sections=read.sections,
        items=items,
        author="Ann van Lee",
        at=AT,
        checklist_names=NAMES,
    )
    made = reviewed_docx(ReaderPool(DocumentSettings()), copy)
    opened = docx.Document(io.BytesIO(made))
    return opened, list(opened.comments)


def test_a_decided_finding_becomes_a_comment_on_its_words(document):
    anchor = locate("Several sellers", document[1].blocks)
    opened, (comment,) = comments_in(
        document[0], document, (finding(quote="Several sellers", anchor=anchor), "Ask Jo.")
    )

    assert (comment.author, comment.initials, comment.timestamp) == ("Ann van Lee", "AVL", AT)
    assert comment.paragraphs[0].text == "Important, medium risk: Vague quantity"
    assert comment.paragraphs[-1].text == "Note: Ask Jo."
    assert [run.text for run in opened.paragraphs[2].runs if run.text] == ["Several sellers", " complained."]


def test_an_unanchored_finding_stands_on_its_sections_heading(document):
    opened, comments = comments_in(
        document[0],
        document,
        (finding(quote="words nobody wrote"), ""),
        (finding(section_id="document"), ""),
    )
    heading, first = opened.paragraphs[1]._p.xml, opened.paragraphs[0]._p.xml

    assert f'commentRangeStart w:id="{comments[0].comment_id}"' in heading
    assert "not found in the document: \u201cwords nobody wrote\u201d" in comments[0].paragraphs[-1].text
    assert f'commentRangeStart w:id="{comments[1].comment_id}"' in first
    assert comments[1].paragraphs[-1].text == "About the whole document."


def test_a_finding_over_two_paragraphs_is_one_comment_over_both(document):
    anchor = locate("words. Impact Several sellers", document[1].blocks)
    opened, (comment,) = comments_in(document[0], document, (finding(anchor=anchor), ""))
    first, _, last = (paragraph._p.xml for paragraph in opened.paragraphs)

    assert f'commentRangeStart w:id="{comment.comment_id}"' in first
    assert f'commentRangeEnd w:id="{comment.comment_id}"' in last
    assert comment.paragraphs[-1].text == "How many sellers?"


def test_a_finding_in_a_note_says_which_words(document):
    blocks = document[1].blocks
    _, (comment,) = comments_in(
        document[0], document, (finding(quote="note says", anchor=locate("note says", blocks)), "")
    )
    assert comment.paragraphs[-1].text == "The words meant: \u201cnote says\u201d"


def test_no_comments_give_the_document_as_it_was(document):
    opened, comments = comments_in(document[0], document)
    assert (opened.paragraphs[0].text, comments) == ("Opening words.", [])


def test_a_document_that_cannot_be_written_is_an_export_error(document):
    with pytest.raises(Permanent) as refused:
        comments_in(b"PK\x03\x04 no longer a document", document)
    assert refused.value.code == "export/check-failed"


def test_each_thing_a_finding_says_is_its_own_line():
    lines = comment_lines(
        finding(
            suggestion="Name the\nnumber.",
            example="37 sellers",
            questions=("Since when?", "Who counted?"),
            hawkeye_refs=(11, 99),
            anchor=Anchor("b1", 0, 3, Stage.FUZZY),
        ),
        "",
        NAMES,
    )
    assert lines == (
        "Important, medium risk: Vague quantity",
        "How many sellers?",
        "Suggestion: Name the number.",
        "Example: 37 sellers",
        "Question: Since when?",
        "Question: Who counted?",
        "Hawkeye: 11 Root Cause Analysis, 99",
        "The place is approximate.",
    )


def test_a_rejected_finding_says_so_before_all_else():
    lines = comment_lines(
        finding(section_id="document"), "Jo knows.", NAMES, rejected="Rejected: Said in 4.2"
    )
    assert lines[:2] == ("Rejected: Said in 4.2", "Important, medium risk: Vague quantity")
    assert lines[-1] == "Note: Jo knows."


def test_characters_that_xml_forbids_are_left_out():
    assert plain("a\x00b\x0b \ud800<&> \U0001f600\tc") == "ab <&> \U0001f600 c"
    assert [initials(name) for name in ("Ann Lee", "local", "J. R. R. Tolkien", "\u2014")] == [
        "AL",
        "L",
        "JRR",
        "",
    ]
