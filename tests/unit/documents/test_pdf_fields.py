"""A PDF form is read with what was filled into it, each value with its label."""

import pytest

from core.documents.pdf_reader import read_pdf
from core.export.annotated_pdf import write_annotated
from tests.support.pdf_comments import annotations, comment_on, words_under
from tests.support.pdfs import FIRST_OWN_OBJECT, Drawn, drawn_pdf, shown

ON_PAGE = "/Type /Annot /Subtype /Widget /F 4"


@pytest.fixture
def form(tmp_path):
    """A page of `content` with these widgets (entries and rectangle), read."""

    def of(content: str, *widgets: str):
        numbers = " ".join(f"{FIRST_OWN_OBJECT + at} 0 R" for at in range(len(widgets)))
        entries = f"/MediaBox [0 0 595 842] /Annots [{numbers}]"
        return drawn_pdf(
            tmp_path / "form.pdf",
            [Drawn(content, entries)],
            objects=[f"<< {widget} >>" for widget in widgets],
            catalog=f"/AcroForm << /Fields [{numbers}] >>",
        )

    return of


def text_field(value: str, rect: str) -> str:
    return f"{ON_PAGE} /FT /Tx /T (t{rect}) /V ({value}) /Rect [{rect}]"


def box(state: str, rect: str) -> str:
    return f"{ON_PAGE} /FT /Btn /T (b{rect}) /V /{state} /AS /{state} /Rect [{rect}]"


def texts(path) -> list[str]:
    return [block.text for block in read_pdf(path).blocks]


def test_values_read_with_the_labels_beside_them(form):
    content = shown("Owner:", y=700) + shown("Due:", x=300, y=700) + shown("A line below.", y=600)
    owner, due = text_field("Ann Lee", "120 695 220 712"), text_field("31 May", "340 695 420 712")

    assert texts(form(content, due, owner)) == ["Owner: Ann Lee Due: 31 May", "A line below."]


def test_boxes_say_whether_they_are_ticked_and_a_list_what_was_chosen(form):
    content = shown("Told", x=100, y=700) + shown("Not told", x=200, y=700) + shown("Risk:", y=650)
    boxes = box("Yes", "80 698 92 710"), box("Off", "180 698 192 710")
    risk = f"{ON_PAGE} /FT /Ch /Ff 131072 /T (risk) /V (High) /Opt [(Low) (High)] /Rect [110 645 200 662]"

    assert texts(form(content, *boxes, risk)) == ["\u2612 Told \u2610 Not told", "Risk: High"]


def test_lines_of_a_value_stand_below_what_is_over_it(form):
    content = shown("What happened:", y=700) + shown("Signed.", y=400)
    found = texts(form(content, text_field(r"The label was printed.\rNobody saw it.", "72 500 500 690")))

    assert found[0] == "What happened:"
    assert " ".join(found[1:]) == "The label was printed. Nobody saw it. Signed."


def test_a_form_without_any_other_text_is_no_scan(form):
    assert texts(form("", text_field("Ann Lee", "120 695 220 712"))) == ["Ann Lee"]


@pytest.mark.parametrize("change", [("/F 4", "/F 2"), ("/F 4", "/F 32"), ("/FT /Tx", "/FT /Tx /Ff 8192")])
def test_what_a_form_does_not_show_is_not_read(form, change):
    unseen = text_field("secret", "120 695 220 712").replace(*change)
    assert texts(form(shown("Shown:"), unseen)) == ["Shown:"]


def test_words_typed_over_a_page_are_read_and_notes_about_it_are_not(form):
    typed = (
        "/Type /Annot /Subtype /FreeText /IT /FreeTextTypewriter /Contents (Ann Lee) /Rect [120 695 220 712]"
    )
    note = "/Type /Annot /Subtype /FreeText /Contents (Wrong!) /Rect [120 595 220 612]"

    assert texts(form(shown("Owner:", y=700), typed, note)) == ["Owner: Ann Lee"]


def test_a_comment_on_a_label_and_its_value_marks_the_label(form):
    source = form(shown("Owner:", y=700), text_field("Ann Lee", "120 695 220 712"))
    target = source.with_name("out.pdf")
    write_annotated(source, target, [comment_on(read_pdf(source).blocks, "Owner: Ann Lee")])
    highlight = next(item for _, item in annotations(target) if item["/Subtype"] == "/Highlight")

    assert words_under(target, 1, highlight) == ["Owner:"]
