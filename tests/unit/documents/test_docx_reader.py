"""Every kind of text that Word shows is read once, in order; what it does not show is not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.documents.anchoring import locate
from core.documents.docx_numbering import format_number
from core.documents.docx_reader import read_docx
from core.documents.model import Block, BlockKind
from core.documents.outline import outline
from core.errors import Permanent
from core.pipeline.section_text import lines, readable
from core.pipeline.sectioning import pieces
from tests.support.documents import NAMESPACES, para, run, table, word_file, zip_file

A = "http://schemas.openxmlformats.org/drawingml/2006/main"


@pytest.fixture
def read(tmp_path):
    def read_body(body: str, **parts: str):
        return read_docx(word_file(tmp_path / "a.docx", body, parts=parts))

    return read_body


def texts(read_text) -> list[str]:
    return [block.text for block in read_text.blocks]


def refusal(path) -> str:
    with pytest.raises(Permanent) as refused:
        read_docx(path)
    return refused.value.code


def test_paragraphs_become_blocks_in_order_with_their_origin(read):
    found = read(para("One.") + para("") + para(" Two ", "and a half."))

    assert texts(found) == ["One.", " Two and a half."]
    assert [block.id for block in found.blocks] == ["b1", "b2"]
    assert [block.origin for block in found.blocks] == ["word/document.xml#0", "word/document.xml#2"]


def test_content_controls_around_blocks_runs_rows_and_cells_are_read(read):
    def control(inside: str) -> str:
        return f"<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"

    row = f"<w:tr>{control('<w:tc>' + para('cell') + '</w:tc>')}</w:tr>"
    body = control(para("block")) + para("in", control(run("line"))) + f"<w:tbl>{control(row)}</w:tbl>"

    assert texts(read(body)) == ["block", "inline", "cell"]


def test_insertions_and_moved_text_are_read_deletions_are_not(read):
    inserted = f'<w:ins w:id="1">{run("new ")}</w:ins>'
    deleted = '<w:del w:id="2"><w:r><w:delText>old </w:delText></w:r></w:del>'
    moved = f'<w:moveFrom w:id="3">{run("from ")}</w:moveFrom><w:moveTo w:id="4">{run("to ")}</w:moveTo>'
    found = read(para(run("a "), inserted, deleted, moved, run("z")) + para("plain"))

    assert texts(found) == ["a new to z", "plain"]
    assert found.blocks[0].flags == ("inserted", "moved", "deleted-nearby")
    assert found.blocks[1].flags == ()
    assert "tracked-changes" in found.notices


def test_a_text_box_is_read_once_after_its_paragraph(read):
    box = f"<w:txbxContent>{para('boxed')}</w:txbxContent>"
    drawing = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    old = f"<w:r><w:pict><v:textbox>{box.replace('boxed', 'old box')}</v:textbox></w:pict></w:r>"
    found = read(para(run("around"), drawing, old) + para("after"))

    assert texts(found) == ["around", "boxed", "old box", "after"]
    assert [block.flags for block in found.blocks] == [(), ("textbox",), ("textbox",), ()]
    assert [block.origin[-1] for block in found.blocks] == ["0", "1", "3", "4"]


def test_notes_stand_at_the_end_numbered_in_the_order_of_their_marks(read):
    def mark(note_id: int) -> str:
        return f'<w:r><w:footnoteReference w:id="{note_id}"/></w:r>'

    notes = "".join(
        f'<w:footnote w:id="{note_id}">{para(text)}</w:footnote>'
        for note_id, text in ((-1, ""), (2, "said second"), (3, "said first"), (4, "never said"))
    )
    endnotes = f'<w:endnote w:id="1">{para("at the end")}</w:endnote>'
    end_mark = '<w:r><w:endnoteReference w:id="1"/></w:r>'
    found = read(para(run("text"), mark(3), mark(2), end_mark), footnotes=notes, endnotes=endnotes)

    assert texts(found) == ["text", "said first", "said second", "at the end"]
    assert [block.kind for block in found.blocks[1:]] == [BlockKind.NOTE] * 3
    assert [block.label for block in found.blocks] == ["", "1", "2", "i"]
    assert found.blocks[1].origin == "word/footnotes.xml#2"


def test_fields_give_their_results_not_their_instructions(read):
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    inner = (
        mark("begin")
        + "<w:r><w:instrText>X</w:instrText></w:r>"
        + mark("separate")
        + run("no ")
        + mark("end")
    )
    field = mark("begin") + inner + mark("separate") + run("12 March") + mark("end")
    simple = f'<w:fldSimple w:instr="PAGE">{run(" 7")}</w:fldSimple>'

    assert texts(read(para(run("on "), field, simple))) == ["on 12 March 7"]


def form_field(data: str, result: str | None = None) -> str:
    """A legacy field; result: its text, None for a field that has none."""
    shown = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(result)}' if result is not None else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
        f'<w:r><w:instrText> FORM </w:instrText></w:r>{shown}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


ENTRIES = "".join(f'<w:listEntry w:val="{entry}"/>' for entry in ("Low", "Medium", "High"))


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (form_field("<w:textInput/>", "Ann Lee"), "Ann Lee"),
        (form_field(f'<w:ddList><w:result w:val="2"/>{ENTRIES}</w:ddList>'), "High"),
        (form_field(f'<w:ddList><w:default w:val="1"/>{ENTRIES}</w:ddList>', ""), "Medium"),
        (form_field(f"<w:ddList>{ENTRIES}</w:ddList>"), "Low"),
        (form_field('<w:ddList><w:result w:val="9"/></w:ddList>'), ""),
        (form_field('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>'), "\u2612"),
        (form_field('<w:checkBox><w:default w:val="1"/></w:checkBox>'), "\u2612"),
        (form_field('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>'), "\u2610"),
    ],
)
def test_form_fields_give_what_they_show(read, field, shown):
    assert texts(read(para(run("Risk: "), field, run(".")))) == [f"Risk: {shown}."]


def test_what_is_left_to_fill_in_is_told_from_what_was_filled_in(read):
    def control(text: str, state: str = "") -> str:
        return f"<w:sdt><w:sdtPr>{state}</w:sdtPr><w:sdtContent>{text}</w:sdtContent></w:sdt>"

    hint = control(run("Click here to enter text."), "<w:showingPlcHdr/>")
    whole = control(para("Choose an item."), "<w:showingPlcHdr/>")
    found = read(para(run("Owner: "), hint) + para(run("Due: "), control(run("31 May"))) + whole).blocks

    assert [(block.text, "unfilled" in block.flags) for block in found] == [
        ("Owner: Click here to enter text.", True),
        ("Due: 31 May", False),
        ("Choose an item.", True),
    ]


def test_a_field_that_is_never_closed_loses_no_text(read):
    opened = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    assert texts(read(para(opened, run("kept")) + para("too"))) == ["kept", "too"]


def test_links_smart_tags_equations_ruby_symbols_and_breaks_are_read(read):
    link = f"<w:hyperlink>{run('link')}</w:hyperlink><w:smartTag>{run(' tag')}</w:smartTag>"
    math = "<m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath>"
    ruby = f"<w:r><w:ruby><w:rt>{run('furi')}</w:rt><w:rubyBase>{run('kanji')}</w:rubyBase></w:ruby></w:r>"
    marks = (
        '<w:r><w:tab/><w:t>x</w:t><w:br/><w:noBreakHyphen/><w:softHyphen/><w:sym w:font="S" w:char="F0B7"/>'
        '<w:sym w:font="S" w:char="2264"/></w:r>'
    )
    emoji = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="w16se"><w16se:symEx w16se:char="1F600"/></mc:Choice>'
        "<mc:Fallback><w:t>\U0001f600</w:t></mc:Fallback></mc:AlternateContent></w:r>"
    )

    found = read(para(link, math, ruby, marks, emoji))

    assert texts(found) == ["link taga=bkanji\tx\n-\u00ad\ufffd\u2264\U0001f600"]


def test_hidden_text_is_read_and_flagged_also_by_its_style(read):
    ghost = '<w:style w:type="character" w:styleId="Ghost">'
    styles = f'{ghost}<w:name w:val="Ghost"/><w:rPr><w:vanish/></w:rPr></w:style>'
    body = para(run("not", "<w:vanish/>"), run(" ")) + para(run("style", '<w:rStyle w:val="Ghost"/>'))
    found = read(body + para(run("on", '<w:vanish w:val="0"/>')), styles=styles)

    assert [block.flags for block in found.blocks] == [("hidden",), ("hidden",), ()]
    assert found.notices == ("hidden-text",)


def test_a_paragraph_with_a_hidden_character_is_only_partly_hidden(read):
    found = read(para(run("seen "), run("x", "<w:vanish/>")))

    assert [block.flags for block in found.blocks] == [("partly-hidden",)]
    assert [block.hidden for block in found.blocks] == [((5, 6),)]
    assert found.notices == ("partly-hidden-text",)


def test_hidden_spaces_alone_are_nothing_to_mark(read):
    block = read(para(run("seen"), run("  ", "<w:vanish/>"), run("too"))).blocks[0]
    assert (block.flags, block.hidden) == ((), ())


def test_hidden_words_are_kept_out_of_a_prompt_and_places_around_them_stay_true(read):
    found = read(para(run("seen "), run("ghost", "<w:vanish/>"), run(" words \U0001f600 here")))
    prompt = readable(found.blocks)

    assert lines(prompt) == ["[b1] seen       words \U0001f600 here"]
    anchor = locate("seen words \U0001f600", prompt)
    assert found.blocks[0].text[anchor.start : anchor.end] == "seen ghost words \U0001f600"


SHOWN_AND_HIDDEN = st.lists(
    st.lists(st.tuples(st.text("abc .", min_size=1, max_size=6), st.booleans()), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paragraphs=SHOWN_AND_HIDDEN)
def test_every_visible_word_is_in_a_part_of_a_prompt(tmp_path, paragraphs):
    body = "".join(
        para(*(run(text, "<w:vanish/>" if hidden else "") for text, hidden in runs)) for runs in paragraphs
    )
    blocks = read_docx(word_file(tmp_path / "a.docx", para("First.") + body)).blocks

    sent = "\n".join(line for piece in pieces(readable(blocks)) for line in lines(piece.blocks))

    for runs in paragraphs:
        if any(text.strip() and not hidden for text, hidden in runs):
            shown = "".join(" " * len(text) if hidden else text for text, hidden in runs)
            assert shown.strip() in sent
        for text, hidden in runs:
            assert hidden or not text.strip() or text.strip() in sent


def test_cells_know_their_place_spans_and_header(read):
    wide = '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + para("wide") + "</w:tc>"
    head = f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{wide}</w:tr>"

    def merged(state: str, text: str) -> str:
        value = f' w:val="{state}"' if state else ""
        return f"<w:tc><w:tcPr><w:vMerge{value}/></w:tcPr>{para(text)}</w:tc>"

    rows = "".join(
        f"<w:tr>{merged(state, text)}<w:tc>{para(other)}</w:tc></w:tr>"
        for state, text, other in (("restart", "tall", "a"), ("", "", "b"), ("continue", "", "c"))
    )
    found = read(f"<w:tbl>{head}{rows}</w:tbl>" + table(["next"]))
    places = {block.text: block.cell for block in found.blocks}

    assert (places["wide"].column_span, places["wide"].header) == (2, True)
    assert (places["tall"].row, places["tall"].row_span, places["tall"].header) == (1, 3, False)
    assert (places["c"].row, places["c"].column) == (3, 1)
    assert (places["a"].table, places["next"].table) == (1, 2)


def test_a_nested_table_is_a_table_of_its_own_in_reading_order(read):
    found = read(table([para("before") + table(["inside"]) + para("after"), "beside"]))

    assert texts(found) == ["before", "inside", "after", "beside"]
    assert [block.cell.table for block in found.blocks] == [1, 2, 1, 1]


def test_a_forged_span_costs_nothing(read):
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="200000000"/></w:tcPr>' + para("x") + "</w:tc>"
    found = read(f"<w:tbl><w:tr>{cell}<w:tc>{para('y')}</w:tc></w:tr></w:tbl>")
    assert found.blocks[1].cell.column == 63


@pytest.mark.parametrize(
    ("first_row", "is_header"),
    [
        (["Action", "Owner", "Due in 2026"], True),
        (["", "Before", "After"], True),
        (["3 March 2026", "02:14", "First use"], False),
        (["Owner", "Jana Kowal"], False),
    ],
)
def test_an_unmarked_first_row_is_a_header_when_it_names_columns(read, first_row, is_header):
    found = read(table(first_row, ["x"] * len(first_row)))
    assert {block.cell.header for block in found.blocks if block.cell.row == 0} == {is_header}


def test_deleted_rows_are_not_read(read):
    gone = f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{para('gone')}</w:tc></w:tr>"
    assert texts(read(f"<w:tbl>{gone}<w:tr><w:tc>{para('here')}</w:tc></w:tr></w:tbl>")) == ["here"]


def test_heading_levels_come_through_the_style_chain_and_its_rings(read):
    def style(name: str, based: str, inside: str = "") -> str:
        return (
            f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="{based}"/>{inside}</w:style>'
        )

    base = '<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="Heading 2"/></w:style>'
    not_heading = '<w:pPr><w:outlineLvl w:val="9"/></w:pPr>'
    styles = base + style("Mine", "Heading2") + style("Contents", "Heading2", not_heading)
    styles += style("Ring", "Ring2") + style("Ring2", "Ring")
    own = '<w:outlineLvl w:val="0"/>'
    body = "".join(para("x", style=name) for name in ("Mine", "Contents", "Ring"))
    found = read(body + para("x", style="Mine", properties=own), styles=styles)

    assert [block.level for block in found.blocks] == [2, 0, 0, 1]
    assert found.blocks[0].kind is BlockKind.HEADING


def test_pages_are_those_of_words_last_layout(read):
    turn = "<w:r><w:lastRenderedPageBreak/></w:r>"
    found = read(para("one") + para(turn, run("two")) + para(run("two"), turn, run("three")) + para("three"))

    assert [block.page for block in found.blocks] == [1, 2, 2, 3]
    assert found.pages == 3
    assert read(para("no layout")).pages is None


def test_automatic_numbers_are_labels(read):
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for level, (kind, pattern) in enumerate(
            (("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "%3)"))
        )
    )
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    numbering = (
        f'<w:abstractNum w:abstractNumId="5">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="5"/>{again}</w:num>'
    )

    def item(level: int, list_id: int = 1) -> str:
        return para(
            "x", properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
        )

    body = (
        item(0)
        + item(1)
        + item(1)
        + item(2)
        + item(0)
        + item(2)
        + item(1)
        + item(0, 2)
        + item(0, 9)
        + item(0, 0)
    )
    found = read(body, numbering=numbering)

    assert [block.label for block in found.blocks] == ["1", "1.1", "1.2", "a)", "2", "a)", "2.2", "7", "", ""]
    assert found.blocks[0].kind is BlockKind.LIST_ITEM
    assert found.blocks[-1].kind is BlockKind.PARAGRAPH


def test_existing_comments_and_embedded_documents_are_noticed(read):
    mark = '<w:r><w:commentReference w:id="0"/></w:r>'
    comments = f'<w:comment w:id="0" w:author="A">{para("Old.")}</w:comment>'
    found = read(para(run("x"), mark) + '<w:altChunk r:id="rId9"/>', comments=comments)

    assert texts(found) == ["x"]
    assert found.notices == ("has-comments", "embedded-document")


def margins(
    relations: dict[str, str], *, settings: str = "", section: str = ""
) -> tuple[str, dict[str, str]]:
    """The w:sectPr of a body and the parts; relations: "header first" -> XML of that part."""
    parts, references = {}, ""
    for number, (role, content) in enumerate(relations.items()):
        kind, place = role.split()
        parts[f"{kind}{number}"] = content
        references += f'<w:{kind}Reference w:type="{place}" r:id="rId-{kind}{number}"/>'
    return f"<w:sectPr>{references}{section}</w:sectPr>", {**parts, "settings": settings}


def test_headers_and_footers_come_last_each_distinct_text_once_and_are_not_reviewed(read):
    body, parts = margins(
        {
            "header default": para("Confidential"),
            "footer default": para("Page 1") + table(["Version", "3"]),
            "header first": para("CONFIDENTIAL") + para("Cover"),
            "header even": para("never shown"),
        },
        section="<w:titlePg/>",
    )
    found = read(para("Text.") + body, **parts)

    assert texts(found) == ["Text.", "Confidential", "Page 1", "Version", "3", "Cover"]
    assert [block.flags for block in found.blocks[1:]] == [("header",), *[("footer",)] * 3, ("header",)]
    assert {block.origin for block in found.blocks} == {"word/document.xml#0"}
    assert [(item.name, item.skipped) for item in outline(found.blocks)] == [
        ("Document", False),
        ("Headers and footers", True),
    ]


def test_headers_that_say_something_are_reviewed(read):
    body, parts = margins({"header even": para("word " * 25)}, settings="<w:evenAndOddHeaders/>")
    found = read(para("Text.") + body, **parts)
    assert [item.skipped for item in outline(found.blocks)] == [False, False]
    assert lines(found.blocks)[1].startswith("[b2 header] word")


def test_what_pictures_show_is_read_once_and_flagged(read):
    def picture(text: str) -> str:
        return f'<w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{text}"/></wp:inline></w:drawing>'

    both = (
        f"<w:r><mc:AlternateContent><mc:Choice>{picture('Chart of refunds')}</mc:Choice>"
        '<mc:Fallback><w:pict><v:shape alt="Chart of refunds"/></w:pict></mc:Fallback></mc:AlternateContent></w:r>'
    )
    old = '<w:r><w:pict><v:shape alt="Logo"><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>'
    cell = table([para(f"<w:r>{picture('In a cell')}</w:r>")])
    found = read(para(f"<w:r>{picture('Cover')}</w:r>") + para(run("See"), both) + para(old) + cell)

    assert {block.origin for block in found.blocks} == {"word/document.xml#1"}
    assert texts(found) == ["Cover", "See", "Chart of refunds", "Logo", "DRAFT", "In a cell"]
    assert [block.flags for block in found.blocks] == [("alt-text",), (), *[("alt-text",)] * 4]
    assert found.blocks[-1].kind is BlockKind.CELL
    assert lines(found.blocks)[2] == "[b3 picture] Chart of refunds"


@pytest.mark.parametrize(
    ("equation", "text"),
    [
        ("<m:f><m:num>{a}{plus}{b}</m:num><m:den>{b}</m:den></m:f>", "(a+b)/b"),
        ("<m:sSup><m:e>{a}</m:e><m:sup>{b}</m:sup></m:sSup>", "a^b"),
        ("<m:rad><m:deg/><m:e>{a}</m:e></m:rad>", "\u221aa"),
        ("<m:d><m:dPr><m:begChr m:val='['/></m:dPr><m:e>{a}</m:e><m:e>{b}</m:e></m:d>", "[a|b)"),
        (
            "<m:nary><m:naryPr><m:chr m:val='\u2211'/></m:naryPr><m:sub>{a}</m:sub><m:sup>{b}</m:sup>"
            "<m:e>{a}</m:e></m:nary>",
            "\u2211_a^b a",
        ),
        ("<m:m><m:mr><m:e>{a}</m:e><m:e>{b}</m:e></m:mr><m:mr><m:e>{b}</m:e></m:mr></m:m>", "a, b; b"),
        ("<m:func><m:fName>{a}</m:fName><m:e>{b}</m:e></m:func><w:del>{a}</w:del>", "a b"),
    ],
)
def test_equations_read_as_people_type_them(read, equation, text):
    letters = {
        name: f"<m:r><m:t>{sign}</m:t></m:r>" for name, sign in (("a", "a"), ("b", "b"), ("plus", "+"))
    }
    assert texts(read(para(f"<m:oMath>{equation.format(**letters)}</m:oMath>"))) == [text]


def comment(comment_id: int, text: str, *, paragraph: str) -> str:
    inside = para(text).replace("<w:p>", f'<w:p w14:paraId="{paragraph}">')
    return f'<w:comment w:id="{comment_id}" w:author="Ann" w:date="2026-03-03T10:00:00Z">{inside}</w:comment>'


def around(inside: str, *ids: int) -> str:
    starts = "".join(f'<w:commentRangeStart w:id="{one}"/>' for one in ids)
    ends = "".join(
        f'<w:commentRangeEnd w:id="{one}"/><w:r><w:commentReference w:id="{one}"/></w:r>' for one in ids
    )
    return starts + inside + ends


def test_existing_comments_come_with_place_answers_and_state(read):
    comments = comment(0, "Why?", paragraph="A1") + comment(2, "Because.", paragraph="A2")
    comments += comment(1, "Point", paragraph="A3") + comment(9, "Nowhere", paragraph="A4")
    threads = (
        '<w15:commentEx w15:paraId="A1" w15:done="1"/><w15:commentEx w15:paraId="A2" w15:paraIdParent="A1"/>'
    )
    body = para(run("A "), around(run("mark") + run("ed"), 0, 2), run(" word")) + para(
        run("no range"), '<w:r><w:commentReference w:id="1"/></w:r>'
    )
    found = read(body, comments=comments, commentsExtended=threads)
    first, second = (block.comments for block in found.blocks)

    assert [(item.text, item.start, item.end, item.parent, item.resolved) for item in first] == [
        ("Why?", 2, 8, "", True),
        ("Because.", 2, 8, "0", False),
    ]
    assert [(item.text, item.start, item.end) for item in second] == [("Point", 8, 8)]
    assert (first[0].author, first[0].date) == ("Ann", "2026-03-03T10:00:00Z")
    assert [Block.from_dict(block.to_dict()) for block in found.blocks] == list(found.blocks)


def test_a_comment_on_several_paragraphs_stands_on_the_first(read):
    start, end = '<w:commentRangeStart w:id="0"/>', '<w:commentRangeEnd w:id="0"/>'
    mark = '<w:r><w:commentReference w:id="0"/></w:r>'
    body = para(run("One "), start, run("two")) + para(run("three"), end, mark)
    found = read(body, comments=comment(0, "Both.", paragraph="A1"))

    assert [[(item.start, item.end) for item in block.comments] for block in found.blocks] == [[(4, 7)], []]


def test_a_comment_on_a_picture_goes_to_the_words_that_follow_or_to_the_last(read):
    def on_nothing(number: int) -> str:
        return para(f'<w:r><w:commentReference w:id="{number}"/></w:r>')

    comments = comment(0, "Picture?", paragraph="A1") + comment(1, "End?", paragraph="A2")
    section, parts = margins({"footer default": para("Page 1")})
    body = on_nothing(0) + para("Caption") + para("Last") + on_nothing(1)
    found = read(body + section, comments=comments, **parts)

    assert [[(item.text, item.start, item.end) for item in block.comments] for block in found.blocks] == [
        [("Picture?", 0, 0)],
        [("End?", 0, 0)],
        [],
    ]


def test_an_empty_numbered_line_has_a_number_too(read):
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl>'
    numbering = f'<w:abstractNum w:abstractNumId="5">{level}</w:abstractNum>'
    numbering += '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>'
    item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    found = read("".join(para(text, properties=item) for text in ("a", "", "b")), numbering=numbering)
    assert [block.label for block in found.blocks] == ["1", "3"]


def test_charts_and_embedded_files_are_said_to_be_unread(read):
    uri = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    chart = (
        f'<w:r><w:drawing><a:graphic xmlns:a="{A}"><a:graphicData uri="{uri}"/></a:graphic></w:drawing></w:r>'
    )
    assert read(para(run("x"), chart)).notices == ("unread-graphics",)


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


@pytest.mark.parametrize(
    ("font", "char", "text"),
    [
        ("Symbol", "F0B3", "\u2265"),
        ("Symbol", "6D", "\u03bc"),
        ("Wingdings", "F0E0", "\u2192"),
        ("Wingdings", "F0FE", "\u2611"),
        ("Wingdings", "F001", "\ufffd"),
        ("Arial", "20AC", "\u20ac"),
        ("Arial", "nothing", ""),
    ],
)
def test_a_symbol_is_read_as_the_character_it_looks_like(read, font, char, text):
    run = f'<w:r><w:t>a</w:t><w:sym w:font="{font}" w:char="{char}"/><w:t>b</w:t></w:r>'
    assert read(para(run)).blocks[0].text == f"a{text}b"


@pytest.mark.parametrize(
    ("count", "format_name", "shown"),
    [
        (1, "ordinal", "1st"),
        (12, "ordinal", "12th"),
        (22, "ordinal", "22nd"),
        (113, "ordinal", "113th"),
        (3, "decimalZero", "03"),
    ],
)
def test_numbers_are_written_as_word_writes_them(count, format_name, shown):
    assert format_number(count, format_name) == shown
