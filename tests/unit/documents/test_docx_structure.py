"""Headings, numbers, pages, headers and footers come as Word shows them."""

import pytest

from core.documents.docx_numbering import format_number
from core.documents.model import BlockKind
from core.documents.outline import outline
from core.pipeline.section_text import lines
from tests.support.documents import margins, para, run, table, texts


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


def test_an_empty_numbered_line_has_a_number_too(read):
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl>'
    numbering = f'<w:abstractNum w:abstractNumId="5">{level}</w:abstractNum>'
    numbering += '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>'
    item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    found = read("".join(para(text, properties=item) for text in ("a", "", "b")), numbering=numbering)
    assert [block.label for block in found.blocks] == ["1", "3"]


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
