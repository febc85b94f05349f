"""Every kind of text that Word shows is read once, in order; what it does not show is not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.documents.anchoring import locate
from core.documents.docx_reader import read_docx
from core.documents.model import BlockKind
from core.pipeline.section_text import lines, readable
from core.pipeline.sectioning import pieces
from tests.support.documents import margins, para, run, table, texts, word_file

A = "http://schemas.openxmlformats.org/drawingml/2006/main"


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


def test_a_note_goes_with_its_deleted_mark_and_a_mark_of_its_own_is_no_number(read):
    def mark(note_id: int, more: str = "", follows: str = "") -> str:
        return f'<w:r><w:footnoteReference {more} w:id="{note_id}"/>{follows}</w:r>'

    star = mark(1, 'w:customMarkFollows="1"', "<w:t>*</w:t>")
    notes = "".join(f'<w:footnote w:id="{at}">{para(f"note {at}")}</w:footnote>' for at in (1, 2, 3))
    found = read(para("One", star, f"<w:del>{mark(2)}</w:del>", " two", mark(3)), footnotes=notes)

    assert [(block.label, block.text) for block in found.blocks[1:]] == [("*", "note 1"), ("1", "note 3")]


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


WHITE = '<w:color w:val="FFFFFF"/>'
DARK = '<w:shd w:val="clear" w:fill="203040"/>'
UNSEEN = {
    "white": (para("Seen ", run("by machines", WHITE)), True),
    "nearly white": (para("Seen ", run("by machines", '<w:color w:val="fefefe"/>')), True),
    "of a style": (para("Seen ", run("by machines", '<w:rStyle w:val="Pale"/>')), True),
    "too small": (table([para("Seen ", run("by machines", '<w:sz w:val="2"/>'))]), True),
    "on a dark run": (para("Seen ", run("by people", WHITE + DARK)), False),
    "highlighted": (para("Seen ", run("by people", WHITE + '<w:highlight w:val="black"/>')), False),
    "on a dark line": (para("Seen ", run("by people", WHITE), properties=DARK), False),
    "of a dark style": (para("Seen ", run("by people", WHITE), style="Bar"), False),
    "in a cell": (table([para("Seen ", run("by people", WHITE))]), False),
    "over a picture": (
        para(
            "Seen ", run("by people", WHITE), '<w:r><w:drawing><wp:anchor behindDoc="1"/></w:drawing></w:r>'
        ),
        False,
    ),
    "over an old drawing": (
        para(
            "Seen ",
            run("by people", WHITE),
            '<w:r><w:pict><!-- - --><v:rect style="z-index:-1"/></w:pict></w:r>',
        ),
        False,
    ),
}


def test_a_picture_behind_the_text_may_stand_in_the_header(read):
    banner = para(run("Head", WHITE), '<w:r><w:drawing><wp:anchor behindDoc="1"/></w:drawing></w:r>')
    for header, is_unseen in ((banner, False), (para(run("Head", WHITE)), True)):
        section, parts = margins({"header default": header})
        found = read(para(run("White.", WHITE)) + section, **parts)
        assert [block.flags for block in found.blocks] == [("hidden",) if is_unseen else (), ("header",)]


@pytest.mark.parametrize(("body", "is_unseen"), UNSEEN.values(), ids=UNSEEN.keys())
def test_words_that_nobody_can_see_are_marked_as_hidden_ones(read, body, is_unseen):
    styles = (
        f'<w:style w:type="character" w:styleId="Pale"><w:rPr>{WHITE}</w:rPr></w:style>'
        f'<w:style w:type="paragraph" w:styleId="Bar"><w:pPr>{DARK}</w:pPr></w:style>'
    )
    block = read(body, styles=styles).blocks[0]
    assert block.hidden == (((5, 16),) if is_unseen else ())


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


def test_a_signed_document_is_said_to_be(tmp_path):
    signed = {"_xmlsignatures/sig1.xml": "<Signature/>"}
    assert read_docx(word_file(tmp_path / "a.docx", para("Text."), extra=signed)).notices == ("signed",)


def test_charts_and_embedded_files_are_said_to_be_unread(read):
    uri = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    chart = (
        f'<w:r><w:drawing><a:graphic xmlns:a="{A}"><a:graphicData uri="{uri}"/></a:graphic></w:drawing></w:r>'
    )
    assert read(para(run("x"), chart)).notices == ("unread-graphics",)


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
