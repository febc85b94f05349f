"""Replies, resolved comments, tracked rewrites and the summary page: Word's own means, and nothing else changes."""

import zipfile
from dataclasses import replace

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from core.documents.docx_package import open_package
from core.documents.docx_reader import read_docx
from core.export.model import Remark, Summary
from core.export.package_check import more_faults, package_faults
from core.export.reviewed_docx import write_reviewed
from tests.support.documents import W, para, run, table, word_file
from tests.support.word_comments import AT, OLD_COMMENT, comment, old_range

W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="t" Target="{0}"/></Relationships>'
)
REPLY = Remark(("I agree.",), "Bob Ek", "BE", AT)
SUMMARY = Summary("Review summary", ("One & only.",), ("No.", "Finding"), (("1", "Vague <words>"),))


@pytest.fixture
def written(tmp_path):
    def write(body: str, *comments, summary=None, **parts: str):
        source, target = word_file(tmp_path / "in.docx", body, parts=parts), tmp_path / "out.docx"
        return write_reviewed(source, target, comments, summary=summary), target

    return write


def faults(path):
    with open_package(path) as package:
        return package_faults(package, path)


def part(path, name: str) -> etree._Element:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(f"word/{name}.xml"))


def threads(path) -> list[tuple[str, str | None, str]]:
    """Of each entry of commentsExtended: the comment's text, the text of the one it answers, done."""
    texts = {
        item.findall(f"{{{W}}}p")[-1].get(f"{{{W14}}}paraId"): "".join(item.itertext())
        for item in part(path, "comments")
    }
    return [
        (
            texts[entry.get(f"{{{W15}}}paraId")],
            texts.get(entry.get(f"{{{W15}}}paraIdParent")),
            entry.get(f"{{{W15}}}done"),
        )
        for entry in part(path, "commentsExtended")
    ]


def shown(path, *, rejecting: bool) -> list[str]:
    """The paragraphs as Word shows them once all tracked changes are rejected, or accepted."""
    body = part(path, "document")
    gone = "ins" if rejecting else "del"
    return [
        "".join(
            node.text or ""
            for node in paragraph.iter(f"{{{W}}}t", f"{{{W}}}delText")
            if next(node.iterancestors(f"{{{W}}}{gone}"), None) is None
        )
        for paragraph in body.iter(f"{{{W}}}p")
    ]


def test_a_thread_is_words_own_replies_and_a_resolved_one_is_done(written):
    first = comment(
        "0", 0, 3, text_lines=("One.",), replies=(REPLY, replace(REPLY, text_lines=("So do I.",)))
    )
    second = comment("0", 4, 7, text_lines=("Two.",), resolved=True)
    report, path = written(para("one two three"), first, second)

    assert report.added == 4
    assert threads(path) == [
        ("One.", None, "0"),
        ("I agree.", "One.", "0"),
        ("So do I.", "One.", "0"),
        ("Two.", None, "1"),
    ]
    found = list(docx.Document(str(path)).comments)
    assert [(item.author, item.initials) for item in found][:2] == [("Ann Lee", "AL"), ("Bob Ek", "BE")]
    assert len(part(path, "commentsIds")) == 4


def test_without_a_thread_there_are_no_parts_for_one(written):
    _, path = written(para("one two"), comment("0", 0, 3))

    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "Extended" in name or "Ids" in name]


def test_threads_that_were_there_stay(written, tmp_path):
    _, path = written(para("one two"), comment("0", 0, 3, text_lines=("One.",), replies=(REPLY,)))
    again = tmp_path / "again.docx"
    write_reviewed(path, again, [comment("0", 4, 7, text_lines=("Two.",), replies=(REPLY,), resolved=True)])

    assert threads(again) == [
        ("One.", None, "0"),
        ("I agree.", "One.", "0"),
        ("Two.", None, "1"),
        ("I agree.", "Two.", "1"),
    ]
    ids = [item.get(f"{{{W}}}id") for item in part(again, "comments")]
    assert len(set(ids)) == 4


def test_a_rewrite_is_a_tracked_change_in_the_look_of_the_words(written):
    body = para(run("The parcel was "), run("sent soon", "<w:b/>"), run(" to them."))
    report, path = written(body, comment("0", 15, 24, rewrite="sent by 12 May & <signed>"))

    assert report.rewritten == 1
    assert shown(path, rejecting=True) == ["The parcel was sent soon to them."]
    assert shown(path, rejecting=False) == ["The parcel was sent by 12 May & <signed> to them."]
    inserted = next(part(path, "document").iter(f"{{{W}}}ins"))
    assert inserted.get(f"{{{W}}}author") == "Ann Lee"
    assert inserted.find(f"{{{W}}}r/{{{W}}}rPr/{{{W}}}b") is not None


def test_several_rewrites_of_a_paragraph_and_overlapping_comments(written):
    report, path = written(
        para(run("one two three four")),
        comment("0", 0, 3, rewrite="1"),
        comment("0", 2, 10),
        comment("0", 8, 13, rewrite="three of them"),
        comment("0", 12, 18, rewrite="overlaps the one before"),
    )

    assert report.rewritten == 2
    assert shown(path, rejecting=True) == ["one two three four"]
    assert shown(path, rejecting=False) == ["1 two threoverlaps the one before"]


@pytest.mark.parametrize(
    ("body", "span"),
    [
        (para(run("see "), f"<w:hyperlink>{run('the page')}</w:hyperlink>"), (4, 12)),
        (para(run("see "), f'<w:ins w:id="4" w:author="B">{run("new words")}</w:ins>'), (4, 13)),
        (para(f'<w:fldSimple w:instr="DATE">{run("12 March")}</w:fldSimple>'), (0, 8)),
        (para(run("a"), '<w:r><w:footnoteReference w:id="2"/></w:r>', run("b")), (0, 2)),
    ],
)
def test_words_in_something_of_their_own_get_a_comment_and_no_rewrite(written, body, span):
    report, path = written(body, comment("0", *span, rewrite="other"))

    assert (report.added, report.rewritten) == (1, 0)
    assert not [item for item in part(path, "document").iter(f"{{{W}}}del")]
    assert next(iter(docx.Document(str(path)).comments)).paragraphs[-1].text == "Suggested text: other"


def test_changes_of_others_keep_their_ids_and_get_no_namesake(written):
    deleted = '<w:del w:id="3" w:author="B"><w:r><w:delText>gone </w:delText></w:r></w:del>'
    _, path = written(para(run("Some "), deleted, run("words here")), comment("0", 5, 10, rewrite="text"))
    ids = [item.get(f"{{{W}}}id") for item in part(path, "document").iter(f"{{{W}}}ins", f"{{{W}}}del")]

    assert sorted(ids) == ["3", "4", "5"]


def test_a_summary_stands_before_the_document_on_a_page_of_its_own(written):
    body = table(["a cell"]) + para(run("Words of the document."))
    report, path = written(body, comment("1", 0, 5, rewrite="Some words"), summary=SUMMARY)
    texts = shown(path, rejecting=False)

    assert texts[:6] == ["Review summary", "One & only.", "No.", "Finding", "1", "Vague <words>"]
    assert texts[-2:] == ["a cell", "Some words of the document."]
    assert report.rewritten == 1
    assert [block.text for block in read_docx(path).blocks][-1] == "Some words of the document."


def test_old_comments_and_their_ranges_stay_under_all_of_it(written):
    body = para(run("Some "), old_range("old words"), run(" then more"))
    asked = comment("0", 9, 19, replies=(REPLY,), resolved=True, rewrite="new words now")
    _, path = written(body, asked, summary=SUMMARY, comments=OLD_COMMENT.format(0))
    found = docx.Document(str(path)).comments

    assert [item.author for item in found] == ["Old Hand", "Ann Lee", "Bob Ek"]
    assert shown(path, rejecting=True)[-1] == "Some old words then more"


@pytest.mark.parametrize(
    ("extra", "fault"),
    [
        ({"word/lone.bin": b"x"}, "parts of no type"),
        (
            {"word/_rels/styles.xml.rels": RELATION.format("gone.xml")},
            "relations that lead nowhere",
        ),
    ],
)
def test_a_copy_with_a_fault_that_the_document_has_not_is_told(tmp_path, extra, fault):
    good = word_file(tmp_path / "good.docx", para("Words."))
    bad = word_file(tmp_path / "bad.docx", para("Words."), extra=extra)

    assert more_faults(faults(good), faults(bad)) == [fault]
    assert more_faults(faults(bad), faults(good)) == []


def test_comments_of_one_id_are_a_fault(tmp_path):
    twice = {"comments": OLD_COMMENT.format(0) * 2}
    assert faults(word_file(tmp_path / "in.docx", para("Words."), parts=twice))["comments of one id"] == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_any_rewrites_reject_to_the_document_and_accept_to_the_new_words(tmp_path, data):
    pieces = data.draw(
        st.lists(st.text("ab c\u2019\U0001f600", min_size=1, max_size=6), min_size=1, max_size=5)
    )
    text = "".join(pieces)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=6)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    source = word_file(tmp_path / "in.docx", para(*map(run, pieces)))
    expected = text
    for start, end in reversed(spans):
        expected = f"{expected[:start]}<{start}>{expected[end:]}"

    report = write_reviewed(
        source, tmp_path / "out.docx", [comment("0", *span, rewrite=f"<{span[0]}>") for span in spans]
    )

    assert report.rewritten == len(spans)
    assert shown(tmp_path / "out.docx", rejecting=True) == [text]
    assert shown(tmp_path / "out.docx", rejecting=False) == [expected]
