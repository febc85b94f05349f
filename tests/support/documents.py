"""Small Word and PDF files made in code, down to the XML: what the readers are tested on."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import digits
from xml.sax.saxutils import escape

from core.documents.docx_reader import DocxText

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex"'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
MAIN_TYPE = f"{_WORD}.document.main+xml"
_MICROSOFT = "http://schemas.microsoft.com/office/2011/relationships"
_ROOTS = {"header": "w:hdr", "footer": "w:ftr", "commentsExtended": "w15:commentsEx"}

HEADING_STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    + "".join(
        f'<w:style w:type="paragraph" w:styleId="H{level}"><w:name w:val="heading {level}"/>'
        f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr></w:style>'
        for level in (1, 2, 3, 4)
    )
)


def run(text: str, properties: str = "") -> str:
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{rpr}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def para(*content: str, style: str = "", properties: str = "") -> str:
    """A w:p; content that is no XML becomes a run."""
    inside = "".join(item if item.startswith("<") else run(item) for item in content)
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{styled}{properties}</w:pPr>{inside}</w:p>"


def table(*rows: Sequence[str], properties: str = "") -> str:
    """A w:tbl; each cell is text, or XML that holds its paragraphs (and w:tcPr)."""

    def cell(content: str) -> str:
        return f"<w:tc>{content if content.startswith('<') else para(content)}</w:tc>"

    lines = "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{lines}</w:tbl>"


def word_file(
    path: Path,
    body: str,
    *,
    parts: Mapping[str, str] | None = None,
    extra: Mapping[str, bytes | str] | None = None,
    main_type: str = MAIN_TYPE,
    prolog: str = "",
) -> Path:
    """A .docx of `body` (XML inside w:body). parts: kind ("styles", "header2") -> XML inside that part's root.

    The body relates to a part as rId-<kind>.
    """
    inner = {"styles": HEADING_STYLES, **(parts or {})}
    types = "".join(
        f'<Override PartName="/word/{kind}.xml" ContentType="{_WORD}.{kind.rstrip(digits)}+xml"/>'
        for kind in inner
    )
    relations = "".join(
        f'<Relationship Id="rId-{kind}" Target="{kind}.xml" '
        f'Type="{_MICROSOFT if kind == "commentsExtended" else _OFFICE}/{kind.rstrip(digits)}"/>'
        for kind in inner
    )
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main_type}"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        "</Relationships>",
        "word/document.xml": f"{prolog}<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
    }
    for kind, content in inner.items():
        root = _ROOTS.get(kind.rstrip(digits), f"w:{kind}")
        files[f"word/{kind}.xml"] = f"<{root} {NAMESPACES}>{content}</{root}>"
    return zip_file(path, {**files, **(extra or {})})


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


def zip_file(path: Path, files: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def pdf_file(
    path: Path,
    pages: Sequence[Sequence[tuple[float, str]]],
    *,
    bookmarks: Sequence[tuple[str, int]] = (),
) -> Path:
    """A PDF in Helvetica. pages: lines of (font size, text), "" skips a line. bookmarks: (title, page from 0)."""
    objects: list[str] = ["", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        content = _page_content(lines)
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
        kids.append(len(objects))
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>"
    outlines = ""
    if bookmarks:
        root = len(objects) + 1
        outlines = f"/Outlines {root} 0 R "
        objects += _outline(bookmarks, kids, root)
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R {outlines}>>"
    path.write_bytes(assembled(objects))
    return path


def _page_content(lines: Sequence[tuple[float, str]]) -> str:
    height, commands = 780.0, []
    for size, text in lines:
        shown = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        commands.append(f"BT /F1 {size} Tf 72 {height} Td ({shown}) Tj ET")
        height -= 1.2 * size
    return "\n".join(commands)


def _outline(bookmarks: Sequence[tuple[str, int]], kids: Sequence[int], root: int) -> list[str]:
    last = root + len(bookmarks)
    found = [f"<< /Type /Outlines /First {root + 1} 0 R /Last {last} 0 R /Count {len(bookmarks)} >>"]
    for number, (title, page) in enumerate(bookmarks, start=root + 1):
        after = f"/Next {number + 1} 0 R " if number < last else ""
        before = f"/Prev {number - 1} 0 R " if number > root + 1 else ""
        found.append(
            f"<< /Title ({title}) /Parent {root} 0 R {after}{before}/Dest [{kids[page]} 0 R /Fit] >>"
        )
    return found


def assembled(objects: Sequence[str]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def texts(document: DocxText) -> list[str]:
    """The text of each block."""
    return [block.text for block in document.blocks]
