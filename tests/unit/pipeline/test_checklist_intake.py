import pytest

from core.errors import Permanent
from core.pipeline.checklist_intake import checklist_of, handle
from core.review.checklist import load_checklist, parse_checklist
from tests.support.documents import para, table, word_file
from tests.unit.rules.samples import document

HEAD = "| No. | Point | Intent | What good looks like | Typical gaps | Questions | Sections |"
TABLE = f"""# Ward incidents
{HEAD}
| 1 | Patient | Say who was hurt | Name the harm | Harm left out | Who was hurt? | impact, summary |
| 2 | Hand-over | See the gap | Name the form | Form missing | Which form? | root cause |"""


def test_a_word_table_becomes_a_checklist_by_its_headers(tmp_path):
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in TABLE.splitlines()
        if line.startswith("|")
    ]
    path = word_file(tmp_path / "a.docx", para("Ward incidents", style="H1") + table(*rows))
    data = handle({"path": str(path), "kind": "docx", "name": "a"})["checklist"]
    checklist = parse_checklist({**data, "version": "1"})
    assert (checklist.id, checklist.name) == ("ward-incidents", "Ward incidents")
    assert [point.name for point in checklist.points] == ["Patient", "Hand-over"]
    assert checklist.points[0].concerns == ("impact", "summary")
    assert checklist.points[1].questions == ("Which form?",)


def test_a_document_without_such_a_table_is_told_what_is_missing():
    blocks, _ = document("# Ours\n| Point | Intent |\n| A | B |")
    with pytest.raises(Permanent) as error:
        checklist_of(blocks, file_name="x")
    assert error.value.code == "checklist/invalid"
    assert "missing: What good looks like, Typical gaps, Questions" in error.value.detail


@pytest.mark.parametrize("below", [[], [[""] * 7]], ids=["nothing below", "an empty row below"])
def test_a_table_of_headers_alone_is_told_that_its_points_are_missing(tmp_path, below):
    head = [cell.strip() for cell in HEAD.strip("|").split("|")]
    path = word_file(tmp_path / "a.docx", para("Ward incidents", style="H1") + table(head, *below))
    with pytest.raises(Permanent) as error:
        handle({"path": str(path), "kind": "docx", "name": "a"})
    assert "no row with words below it" in error.value.detail


@pytest.mark.parametrize("number", ["3", "1", "two", "2.5"])
def test_a_number_that_would_become_another_is_refused(number):
    blocks, _ = document(TABLE.replace("| 2 | Hand-over", f"| {number} | Hand-over"))
    with pytest.raises(Permanent) as error:
        checklist_of(blocks, file_name="x")
    assert f"Row 2 is numbered '{number}'" in error.value.detail


@pytest.mark.parametrize(
    "content",
    [
        b"a = ",
        b"\xff\xfe",
        b"a = " + b"[" * 50_000,
        b"a = " + b"[" * 100 + b"]" * 100,
        b".".join([b"a"] * 100) + b" = 1",
        b"a = " + b"9" * 5_000,
        b"a = 0x" + b"f" * 5_000,
    ],
    ids=["no value", "not UTF-8", "brackets", "nested", "dotted", "digits", "hexadecimal"],
)
def test_a_broken_toml_file_says_so(tmp_path, content):
    path = tmp_path / "c.toml"
    path.write_bytes(content)
    with pytest.raises(Permanent) as error:
        handle({"path": str(path), "kind": "toml", "name": "c"})
    assert error.value.code == "checklist/invalid"


def test_toml_is_given_as_plain_data(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('id = "x"\nsince = 2026-01-05\n', encoding="utf-8")
    data = handle({"path": str(path), "kind": "toml", "name": "c"})["checklist"]
    assert data == {"id": "x", "since": "2026-01-05"}


def test_the_checklist_of_another_field_ships_complete():
    assert len(load_checklist("postmortem").points) == 8
