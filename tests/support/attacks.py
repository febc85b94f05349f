"""More malicious files: each stays within every single limit and attacks one step behind it.

By name: what the user calls it, how it is made, and the answers (or READ) that are right for it.
"""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.documents import assembled, para, pdf_file, run, table, word_file, zip_file
from tests.support.hostile import HOSTILE, stored
from tests.support.hostile_pdfs import READ, hostile_pdfs
from tests.support.pdfs import Drawn, drawn_pdf, shown

Attack = tuple[str, Callable[[Path], object], Sequence[str]]
_COMPLEX = ("document/too-complex", "document/suspicious")
_BROKEN = ("document/damaged", "document/no-text", "document/suspicious")
_BOX = "/MediaBox [0 0 595 842]"
_MIB = 1024 * 1024
_LISTED = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'


def attacks() -> dict[str, Attack]:
    return {**_known(), **_of_words(), **_of_pages()}


def _known() -> dict[str, Attack]:
    words: dict[str, Attack] = {
        what: (name, make, (code or READ,)) for what, (name, make, code) in HOSTILE.items()
    }
    return {**words, **{what: ("a.pdf", make, right) for what, (make, right) in hostile_pdfs().items()}}


def _of_words() -> dict[str, Attack]:
    made: dict[str, tuple[Callable[[Path], object], Sequence[str]]] = {
        "bombs in the file's own attachments": (_bombs_attached, (READ, *_COMPLEX)),
        "zips in zips in zips": (_zips_in_zips, ("document/not-word",)),
        "parts named ../../etc/passwd": (_parts_outside, (READ, *_BROKEN)),
        "one run of 20 million letters": (
            lambda path: stored(path, para("x" * 20_000_000)),
            (READ, *_COMPLEX),
        ),
        "one attribute of 20 million letters": (
            lambda path: stored(path, f'<w:p w:a="{"x" * 20_000_000}"/>{para("x")}'),
            (READ, *_COMPLEX),
        ),
        "five million processing instructions": (
            lambda path: stored(path, "<?a?>" * 4_800_000 + para("x")),
            (READ, *_COMPLEX),
        ),
        "three million comments of XML": (
            lambda path: stored(path, "<!---->" * 3_400_000 + para("x")),
            (READ, *_COMPLEX),
        ),
        "a million attributes": (
            lambda path: stored(path, "".join(f'<w:p w:a{at}="" w:b{at}=""/>' for at in range(300_000))),
            ("document/no-text", *_COMPLEX),
        ),
        "300,000 name spaces": (
            lambda path: stored(path, "".join(f'<a{at}:p xmlns:a{at}="u:{at}"/>' for at in range(300_000))),
            ("document/no-text", *_COMPLEX),
        ),
        "a row of 60,000 cells": (lambda path: stored(path, table(["x"] * 60_000)), (READ, *_COMPLEX)),
        "20,000 notes that are one": (_one_note_often, (READ, *_COMPLEX)),
        "10,000 sections with one header": (_one_header_often, (READ, *_COMPLEX)),
        "a Roman number of two billion": (lambda path: _numbered(path, "upperRoman", "%1."), (READ,)),
        "a letter number of two billion": (lambda path: _numbered(path, "upperLetter", "%1."), (READ,)),
        "labels of 30,000 numbers": (
            lambda path: _numbered(path, "decimal", "%1" * 15_000),
            (READ, *_COMPLEX),
        ),
        "styles that rest on each other": (_ring_of_styles, (READ,)),
        "100,000 fields begun and never ended": (
            lambda path: stored(
                path, para('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 100_000, run("x"))
            ),
            (READ, "document/no-text", *_COMPLEX),
        ),
        "comments that answer each other": (_ring_of_answers, (READ,)),
        "laughs in UTF-16": (_laughs_in_utf16, ("document/suspicious", "document/damaged")),
        "text that stops patterns": (_text_against_patterns, (READ, *_COMPLEX)),
        "one word of a million letters with hyphens": (
            lambda path: stored(path, para("-".join(["word"] * 400_000))),
            (READ, *_COMPLEX),
        ),
        "a program behind the archive": (
            lambda path: path.write_bytes(word_file(path, para("Two.")).read_bytes() + b"MZ" + bytes(70_000)),
            ("document/damaged",),
        ),
    }
    named: dict[str, Attack] = {what: ("a.docx", make, right) for what, (make, right) in made.items()}
    tail = "../../../../etc/cron.d/x\u202efdp.docx"
    named["a name that leads elsewhere"] = (tail, lambda path: word_file(path, para("Two.")), (READ,))
    return named


def _of_pages() -> dict[str, Attack]:
    made: dict[str, tuple[Callable[[Path], object], Sequence[str]]] = {
        "10,000 pages": (
            lambda path: drawn_pdf(path, [Drawn(shown("One."))] * 10_000),
            _COMPLEX,
        ),
        "500 pages of 90,000 characters each": (_one_content_often, _COMPLEX),
        "white words on a picture of 60,000 by 60,000": (_large_picture, (READ, *_COMPLEX, *_BROKEN)),
        "letters at infinity": (_infinite, (READ, *_BROKEN)),
        "a page without extent": (
            lambda path: drawn_pdf(
                path, [Drawn(shown("One."), "/MediaBox [0 0 0 0] /Rotate 45 /UserUnit 1e30")]
            ),
            (READ, *_BROKEN),
        ),
        "a page of nothing but numbers": (
            lambda path: drawn_pdf(path, [Drawn(shown("One."), "/MediaBox [nan inf -1e400 1e400]")]),
            (READ, *_BROKEN),
        ),
        "letters that draw themselves": (_font_in_itself, (READ, *_COMPLEX, *_BROKEN)),
        "a letter that reads as 500": (_letters_of_many, (READ, *_COMPLEX)),
        "90,000 lines of a letter and 1,000 fields": (_lines_and_fields, (READ, *_COMPLEX)),
        "a stream unpacked a thousand times": (_many_filters, (READ, *_COMPLEX, *_BROKEN)),
        "object numbers up to two billion": (_far_objects, (READ, *_BROKEN)),
        "two million steps into the drawing": (
            lambda path: drawn_pdf(path, [Drawn("q " * 2_000_000 + shown("One."))]),
            (READ, *_COMPLEX),
        ),
        "a mask that masks itself": (_mask_in_itself, (READ, *_COMPLEX)),
        "an endless encryption": (_odd_encryption, ("document/encrypted", *_BROKEN, READ)),
        "a title of ten million letters": (_long_bookmark, (READ,)),
        "a PDF in a PDF in a zip": (
            lambda path: zip_file(path, {"a.pdf": pdf_file(path, [[(12, "One.")]]).read_bytes()}),
            ("document/type-mismatch", "document/not-word"),
        ),
    }
    return {what: ("a.pdf", make, right) for what, (make, right) in made.items()}


def _bombs_attached(path: Path) -> Path:
    packer = zlib.compressobj(9)
    inner = packer.compress(bytes(4 * _MIB)) + packer.flush()
    return word_file(
        path, para("Words."), extra={f"word/embeddings/{at}.bin": inner * 40 for at in range(1_500)}
    )


def _zips_in_zips(path: Path) -> Path:
    content = bytes(8 * _MIB)
    for depth in range(6):
        content = zip_file(path, {f"{depth}-{at}.zip": content for at in range(8)}).read_bytes()
    return path


def _parts_outside(path: Path) -> Path:
    names = ("../../../../etc/passwd", "/etc/passwd", "word/../../x.xml", "C:\\x.xml", "word/\u202ex.xml")
    return word_file(path, para("Words."), extra={name: "<x/>" for name in names})


def _one_note_often(path: Path) -> Path:
    note = f'<w:footnote w:id="2">{para("note " * 20_000)}</w:footnote>'
    body = para('<w:r><w:footnoteReference w:id="2"/></w:r>', run("x")) * 20_000
    return stored(path, body, parts={"footnotes": note})


def _one_header_often(path: Path) -> Path:
    section = '<w:sectPr><w:headerReference w:type="default" r:id="rId-header1"/></w:sectPr>'
    body = f"<w:p><w:pPr>{section}</w:pPr>{run('x')}</w:p>" * 10_000
    return stored(path, body, parts={"header1": para("head " * 50_000)})


def _numbered(path: Path, kind: str, text: str) -> Path:
    level = (
        f'<w:lvl w:ilvl="0"><w:start w:val="2000000000"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )
    numbering = f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum>'
    numbering += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return stored(path, para("item", properties=_LISTED) * 3_000, parts={"numbering": numbering})


def _ring_of_styles(path: Path) -> Path:
    based = '<w:style w:type="paragraph" w:styleId="S{0}"><w:name w:val="s{0}"/><w:basedOn w:val="S{1}"/>'
    linked = '<w:link w:val="S{1}"/><w:next w:val="S{1}"/></w:style>'
    styles = "".join((based + linked).format(at, (at + 1) % 3) for at in range(3))
    return word_file(path, para("x", style="S0") * 3_000, parts={"styles": styles})


def _ring_of_answers(path: Path) -> Path:
    comments = "".join(
        f'<w:comment w:id="{at}"><w:p w14:paraId="0000000{at}">{run("x")}</w:p></w:comment>' for at in (1, 2)
    )
    answers = "".join(
        f'<w15:commentEx w15:paraId="0000000{at}" w15:paraIdParent="0000000{3 - at}" w15:done="0"/>'
        for at in (1, 2)
    )
    marks = "".join(f'<w:commentRangeStart w:id="{at}"/>' for at in (1, 2))
    parts = {"comments": comments, "commentsExtended": answers}
    return word_file(path, para(marks, run("words")), parts=parts)


def _laughs_in_utf16(path: Path) -> Path:
    entities = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    text = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a0 "lol">{entities}]><x>&a9;</x>'
    return word_file(path, para("x"), extra={"word/x.xml": text.encode("utf-16")})


def _text_against_patterns(path: Path) -> Path:
    """What makes patterns try again and again: brackets, quotes, numbers, half of every phrase."""
    bad = (
        "((" * 2_000,
        '"' * 4_000,
        "1 1, " * 1_500,
        "the " * 1_500,
        "A. " * 1_500,
        "\u201e" * 3_000,
        "a-" * 3_000,
    )
    bad += ("he or she was " * 400, "between 3 and " * 500, "3 % of 4 % of " * 400, "(see Appendix " * 400)
    return stored(path, "".join(para(text) for text in bad) * 40)


def _one_content_often(path: Path) -> Path:
    # Small enough to stand apart: PDFium passes over letters that lie upon each other.
    text = "".join(shown("ten words " * 9, 20, 2 + 0.8 * at, size=0.7) for at in range(1_000))
    stream = f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"
    objects = [stream]
    page = Drawn("", f"{_BOX} /Contents 6 0 R")
    return drawn_pdf(path, [page] * 500, objects=objects)


def _large_picture(path: Path) -> Path:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(_MIB)) for _ in range(430)) + packer.flush()
    entries = "/Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 1 /ColorSpace /DeviceGray"
    content = packed.decode("latin-1")
    image = f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n{content}\nendstream"
    used = f"{_BOX} /Resources << /Font << /F1 3 0 R >> /XObject << /X 6 0 R >> >>"
    page = Drawn("q 500 0 0 500 0 0 cm /X Do Q 1 g " + shown("White.", y=300), used)
    return drawn_pdf(path, [page, Drawn(shown("One."))], objects=[image])


def _infinite(path: Path) -> Path:
    odd = ("1e38", "-1e38", "1e400", "0.0000000000000000000000000000000000000000001", "99999999999999999999")
    texts = [
        f"BT /F1 {at} Tf {at} 0 {two} {at} {two} 5 Tm (One {n}.) Tj ET\n"
        for n, at in enumerate(odd)
        for two in odd
    ]
    return drawn_pdf(path, [Drawn("".join(texts) + shown("Two."))])


def _font_in_itself(path: Path) -> Path:
    glyph = "1000 0 0 0 750 750 d1 BT /F1 1 Tf (aaaaaaaaaa) Tj ET"
    resources = "/Resources << /Font << /F1 6 0 R >> >>"
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 750 750] /FontMatrix [0.001 0 0 0.001 0 0] "
        f"/CharProcs << /a 7 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 "
        f"/Widths [1000] {resources} >>"
    )
    stream = f"<< /Length {len(glyph)} >>\nstream\n{glyph}\nendstream"
    return drawn_pdf(path, [Drawn("1 g " + shown("aaaa"), f"{_BOX} {resources}")], objects=[font, stream])


def _letters_of_many(path: Path) -> Path:
    mapping = f"1 beginbfchar\n<61> <{'0042' * 500}>\nendbfchar\n"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>"
    stream = f"<< /Length {len(mapping)} >>\nstream\n{mapping}\nendstream"
    entries = f"{_BOX} /Resources << /Font << /F1 6 0 R >> >>"
    return drawn_pdf(path, [Drawn(shown("a" * 50_000, size=1), entries)], objects=[font, stream])


def _lines_and_fields(path: Path) -> Path:
    lines = "".join(shown("x", 1 + at % 590, (at * 7) % 840, size=1) for at in range(45_000))
    field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (a{0}) /V (b) /Rect [{0} 9 {0} 19] >>"
    fields = "".join(field.format(at) for at in range(1_000))
    page = Drawn(lines, f"{_BOX} /Annots [{fields}]")
    return drawn_pdf(path, [page], catalog="/AcroForm << /Fields [] >>")


def _many_filters(path: Path) -> Path:
    stream = (
        f"<< /Filter [{'/ASCIIHexDecode ' * 1_000}] /Length 2000000 >>\nstream\n{'61' * 1_000_000}\nendstream"
    )
    page = f"<< /Type /Page /Parent 2 0 R {_BOX} /Contents 3 0 R >>"
    tree = "<< /Type /Pages /Kids [4 0 R] /Count 1 >>"
    path.write_bytes(assembled(["<< /Type /Catalog /Pages 2 0 R >>", tree, stream, page]))
    return path


def _far_objects(path: Path) -> Path:
    content = drawn_pdf(path, [Drawn(shown("One."))]).read_bytes()
    at = content.rindex(b"xref\n0 ")
    path.write_bytes(content[:at] + b"xref\n0 2147483647\n" + content[content.index(b"\n", at + 5) + 1 :])
    return path


def _mask_in_itself(path: Path) -> Path:
    used = "/Resources << /Font << /F1 3 0 R >> /ExtGState << /G 6 0 R >> >>"
    state = "<< /Type /ExtGState /SMask << /S /Luminosity /G 7 0 R >> >>"
    drawing = "/G gs 0 0 500 500 re f"
    group = f"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Group << /S /Transparency >> {used} "
    group += f"/Length {len(drawing)} >>\nstream\n{drawing}\nendstream"
    page = Drawn("/G gs 1 g " + shown("White.") + shown("One.", y=9), f"{_BOX} {used}")
    return drawn_pdf(path, [page], objects=[state, group])


def _odd_encryption(path: Path) -> Path:
    content = drawn_pdf(path, [Drawn(shown("One."))]).read_bytes()
    odd = b"/Encrypt << /Filter /Standard /V 5 /R 6 /Length 2147483647 /P -1 /O () /U () /OE () /UE () /Perms () >>"
    path.write_bytes(content.replace(b"trailer\n<<", b"trailer\n<< " + odd))
    return path


def _long_bookmark(path: Path) -> Path:
    marks = ["<< /First 7 0 R /Last 9 0 R /Count 3 >>"]
    marks += [
        f"<< /Title ({'x' * 3_000_000}) /Parent 6 0 R /Next {at + 1} 0 R /Dest [11 0 R /Fit] >>"
        for at in (7, 8, 9)
    ]
    return drawn_pdf(path, [Drawn(shown("One."))], catalog="/Outlines 6 0 R", objects=marks)
