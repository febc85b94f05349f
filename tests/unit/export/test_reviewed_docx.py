"""Comments stand on exactly the words they are about, and nothing else in the document changes."""

import zipfile
from dataclasses import replace

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from core.documents.docx_package import open_package
from core.documents.docx_reader import read_docx
from core.errors import Permanent
from core.export.comment_check import check, snapshot
from core.export.reviewed_docx import ExportComment, WordsAt, write_reviewed
from tests.support.documents import W, para, run, table, word_file
from tests.support.word_comments import AT, OLD_COMMENT, comment, old_range


def state(path):
    with open_package(path) as package:
        return snapshot(package, path)


def body_of(path) -> etree._Element:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read("word/document.xml"))


@pytest.fixture
def export(tmp_path):
    def write(body: str, *comments: ExportComment, **parts: str):
        source, target = word_file(tmp_path / "in.docx", body, parts=parts), tmp_path / "out.docx"
        write_reviewed(source, target, comments)
        return target

    return write


def words_of(path) -> list[list[str]]:
    """Words under each comment, new and old, in the order of the comments part."""
    found = state(path)
    return [list(found.ranges[comment_id].values()) for comment_id in found.comments]


def test_a_comment_stands_on_its_words_with_author_initials_and_date(export):
    path = export(
        para(run("The parcel was ", "<w:b/>"), run("redirected & lost <twice>.")), comment("0", 4, 28)
    )
    found = next(iter(docx.Document(str(path)).comments))

    assert words_of(path) == [["parcel was redirected & "]]
    assert (found.author, found.initials, found.timestamp) == ("Ann Lee", "AL", AT)
    assert [paragraph.text for paragraph in found.paragraphs] == ["One.", "Two."]


def test_split_runs_keep_their_look(export):
    path = export(para(run("one two three", "<w:b/>")), comment("0", 4, 7))
    runs = [item for item in body_of(path).iter(f"{{{W}}}r") if item.find(f"{{{W}}}t") is not None]

    assert [item.findtext(f"{{{W}}}t") for item in runs] == ["one ", "two", " three"]
    assert all(item.find(f"{{{W}}}rPr/{{{W}}}b") is not None for item in runs)


def test_comments_overlap_touch_and_repeat(export):
    spans = [(0, 7), (4, 13), (4, 7), (7, 8), (0, 13), (4, 7)]
    path = export(para(run("one two three")), *(comment("0", *span) for span in spans))

    assert words_of(path) == [["one two"], ["two three"], ["two"], [" "], ["one two three"], ["two"]]


def on(origin: int, start: int, end: int) -> WordsAt:
    return WordsAt(f"word/document.xml#{origin}", start, end)


def test_a_comment_over_paragraphs_and_cells_is_one_range_over_all_of_them(export):
    body = (
        para(run("It ended "), run("here.", "<w:i/>"))
        + table(["one", "two"], ["three", "four"])
        + para("Last.")
    )
    path = export(body, comment("0", 9, 14, more=(on(1, 0, 3), on(2, 0, 3), on(3, 0, 2))), comment("4", 1, 3))

    assert words_of(path) == [["here.", "one", "two", "th"], ["ou"]]
    assert state(path).texts == ("It ended here.", "one", "two", "three", "four", "Last.")


def test_a_range_that_starts_before_a_field_of_the_next_paragraph_takes_it_whole(export):
    field = f'<w:fldSimple w:instr="DATE">{run("12 March")}</w:fldSimple>'
    path = export(para("Due on") + para(field, run(" at noon")), comment("0", 0, 6, more=(on(1, 0, 2),)))
    assert words_of(path) == [["Due on", "12 March"]]


def test_a_range_does_not_run_into_a_text_box(export):
    box = f"<w:r><w:pict><v:textbox><w:txbxContent>{para('boxed words')}</w:txbxContent></v:textbox></w:pict></w:r>"
    path = export(para(run("Outside words"), box) + para("after"), comment("0", 8, 13, more=(on(1, 0, 5),)))
    assert words_of(path) == [["words"]]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text("ab \U0001f600", min_size=1, max_size=8), min_size=2, max_size=5), st.data())
def test_any_range_over_paragraphs_leaves_the_text_as_it_was(export, texts, data):
    texts = [f"x{text}y" for text in texts]
    first = data.draw(st.integers(0, len(texts) - 2))
    last = data.draw(st.integers(first + 1, len(texts) - 1))
    start, end = data.draw(st.integers(0, len(texts[first]) - 1)), data.draw(st.integers(1, len(texts[last])))
    more = [on(at, 0, len(texts[at])) for at in range(first + 1, last)]
    path = export(
        "".join(map(para, texts)),
        comment(str(first), start, len(texts[first]), more=(*more, on(last, 0, end))),
    )

    assert words_of(path) == [[texts[first][start:], *texts[first + 1 : last], texts[last][:end]]]
    assert state(path).texts == tuple(texts)


def test_words_in_cells_text_boxes_links_insertions_and_controls_are_reached(export):
    box = f"<w:r><w:pict><v:textbox><w:txbxContent>{para('boxed words')}</w:txbxContent></v:textbox></w:pict></w:r>"
    link = f"<w:hyperlink>{run('a linked word')}</w:hyperlink>"
    inserted = f'<w:ins w:id="9" w:author="B">{run(" and new text")}</w:ins>'
    control = f"<w:sdt><w:sdtContent>{run(' in control')}</w:sdtContent></w:sdt>"
    body = para(link, inserted, control, box) + table(["a cell here"])
    path = export(body, comment("0", 2, 17), comment("0", 29, 37), comment("1", 6, 11), comment("2", 2, 6))

    assert words_of(path) == [["linked word and"], [" control"], ["words"], ["cell"]]


def test_equations_fields_and_ruby_are_marked_whole(export):
    math = "<m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath>"
    field = f'<w:fldSimple w:instr="DATE">{run("12 March")}</w:fldSimple>'
    ruby = f"<w:r><w:ruby><w:rt>{run('fu')}</w:rt><w:rubyBase>{run('kanji')}</w:rubyBase></w:ruby></w:r>"
    body = para(run("where "), math, run(" on "), field, run(" by "), ruby)
    path = export(body, comment("0", 7, 8), comment("0", 16, 24), comment("0", 27, 28))

    assert words_of(path) == [["a=b"], ["12 March by"], ["kanji"]]


def test_a_form_field_is_marked_with_all_its_runs(export):
    data = '<w:checkBox><w:default w:val="1"/></w:checkBox>'
    field = (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
        '<w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    path = export(para(run("Told: "), field, run(" yes")), comment("0", 6, 7))
    between = [item.tag.rpartition("}")[2] for item in body_of(path).find(f".//{{{W}}}p")]

    assert words_of(path) == [["\u2612"]]
    assert between == ["pPr", "r", "commentRangeStart", "r", "r", "r", "commentRangeEnd", "r", "r"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("<w:dropDownList/>", "High risk"), ("<w:dataBinding/>", "High risk"), ("<w:text/>", "risk")],
)
def test_a_control_that_word_fills_itself_is_marked_whole(export, kind, words):
    control = f"<w:sdt><w:sdtPr>{kind}</w:sdtPr><w:sdtContent>{run('High risk')}</w:sdtContent></w:sdt>"
    path = export(para(run("Rated: "), control, run(".")), comment("0", 12, 16))
    start = next(body_of(path).iter(f"{{{W}}}commentRangeStart"))

    assert words_of(path) == [[words]]
    assert (start.getparent().tag == f"{{{W}}}p") == (words == "High risk")


def test_a_finding_without_words_marks_its_paragraph(export):
    assert words_of(export(para(run("Root "), run("cause")), comment("0"))) == [["Root cause"]]


def test_a_finding_in_a_note_stands_on_the_notes_mark(export):
    notes = f'<w:footnote w:id="-1">{para("")}</w:footnote><w:footnote w:id="7">{para("Said below.")}</w:footnote>'
    body = para("Before.") + para(
        run("Said above"), '<w:r><w:footnoteReference w:id="7"/></w:r>', run(", later.")
    )
    path = export(body, comment("", block_origin="word/footnotes.xml#1"), footnotes=notes)
    start = next(body_of(path).iter(f"{{{W}}}commentRangeStart"))

    assert start.getnext().find(f"{{{W}}}footnoteReference") is not None


def test_existing_comments_and_tracked_changes_stay(export):
    deleted = '<w:del w:id="3" w:author="B"><w:r><w:delText>gone </w:delText></w:r></w:del>'
    inserted = f'<w:ins w:id="4" w:author="B">{run("added words")}</w:ins>'
    body = para(run("Some "), old_range("old words"), run(" then "), deleted, inserted)
    path = export(body, comment("0", 9, 24), comments=OLD_COMMENT.format(0))
    found = docx.Document(str(path)).comments

    assert [(item.comment_id, item.author) for item in found] == [(0, "Old Hand"), (1, "Ann Lee")]
    assert words_of(path) == [["old words"], ["words then adde"]]
    assert next(body_of(path).iter(f"{{{W}}}delText")).text == "gone "


def test_ids_that_are_no_numbers_and_stray_marks_are_left_alone(export):
    body = para(old_range("odd", "abc"), run(" and "), old_range("stray", "41"))
    path = export(body, comment("0", 4, 7), comments=OLD_COMMENT.format("abc"))
    with zipfile.ZipFile(path) as archive:
        root = etree.fromstring(archive.read("word/comments.xml"))

    assert [item.get(f"{{{W}}}id") for item in root] == ["abc", "42"]


def test_a_word_template_named_docx_is_written_too(tmp_path):
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
    source = word_file(tmp_path / "in.docx", para("A template."), main_type=kind)
    report = write_reviewed(source, tmp_path / "out.docx", [comment("0", 2, 10)])

    assert (report.added, report.kept) == (1, 0)


def test_parts_that_nothing_refers_to_are_in_the_copy_too(tmp_path):
    extra = {"word/custom.bin": b"\x00\x01", "custom/note.xml": "<note/>", "word/media/lone.png": b"png"}
    source = word_file(tmp_path / "in.docx", para("Words."), extra=extra)
    write_reviewed(source, tmp_path / "out.docx", [comment("0", 0, 5)])

    with zipfile.ZipFile(tmp_path / "out.docx") as copy:
        assert {name: copy.read(name) for name in extra} == {**extra, "custom/note.xml": b"<note/>"}
        types = copy.read("[Content_Types].xml").decode()
    assert 'PartName="/word/media/lone.png" ContentType="image/png"' in types
    assert [item.text for item in docx.Document(str(tmp_path / "out.docx")).comments] == ["One.\nTwo."]


def test_a_paragraph_the_document_has_not_is_an_error_not_a_lost_comment(export):
    for origin in ("9", "x"):
        with pytest.raises(Permanent) as refused:
            export(para("Text."), comment(origin))
        assert refused.value.code == "export/check-failed"


piece_texts = st.lists(
    st.text(alphabet="ab <&\u2019\U0001f600", min_size=1, max_size=8), min_size=1, max_size=5
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(piece_texts, st.data())
def test_any_words_of_any_runs_are_marked_exactly(tmp_path, pieces, data):
    text = "".join(pieces)
    starts = data.draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=4))
    spans = [(start, data.draw(st.integers(start + 1, len(text)))) for start in starts]
    source = word_file(tmp_path / "in.docx", para("Text.") + para(*map(run, pieces)))

    write_reviewed(source, tmp_path / "out.docx", [comment("1", *span) for span in spans])

    assert words_of(tmp_path / "out.docx") == [[text[start:end]] for start, end in spans]
    read = read_docx(tmp_path / "out.docx") if text.strip() else None
    assert read is None or read.blocks[1].text == text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"texts": ("Other.",)}, "its text changed"),
        ({"comments": {}}, "the number of comments is wrong"),
        ({"comments": {"0": b"<other/>", "1": b""}}, "an existing comment changed"),
        ({"ranges": {"0": {0: "Old"}, "1": {0: "wrong"}}}, "a comment stands on the wrong words"),
        ({"ranges": {"1": {0: "words"}}}, "an existing comment changed"),
        ({"deleted": "more"}, "tracked changes changed"),
        ({"media": {"word/media/a.png": 2}}, "a picture or another part changed"),
        ({"media": {}}, "a picture or another part changed"),
    ],
)
def test_the_check_names_what_is_wrong(tmp_path, change, sentence):
    source = word_file(
        tmp_path / "in.docx", para(old_range("Old")), parts={"comments": OLD_COMMENT.format(0)}
    )
    before = replace(state(source), media={"word/media/a.png": 1})
    good = replace(
        before,
        comments={**before.comments, "1": b"<w:comment/>"},
        ranges={**before.ranges, "1": {0: "words"}},
    )

    check(before, good, {"1": {0: "words"}})
    with pytest.raises(Permanent, match=sentence) as refused:
        check(before, replace(good, **change), {"1": {0: "words"}})
    assert refused.value.code == "export/check-failed"
