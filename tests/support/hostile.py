"""Malicious files, and the answer that is right for each."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.documents import para, pdf_file, run, table, word_file

_STYLE = (
    '<w:style w:type="paragraph" w:styleId="S{0}"><w:name w:val="s{0}"/><w:basedOn w:val="S{1}"/></w:style>'
)


def stored(path: Path, body: str, *, parts: Mapping[str, str] | None = None) -> Path:
    """A .docx without compression: nothing in its directory looks like a bomb."""
    packed = word_file(path.with_suffix(".packed"), body, parts=parts)
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return path


def _laughs(path: Path) -> Path:
    entities = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    return word_file(path, para("&a9;x"), prolog=f'<!DOCTYPE x [<!ENTITY a0 "lol">{entities}]>')


def _external_entity(path: Path) -> Path:
    return word_file(path, para("&x;x"), prolog='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>')


def _document_type(path: Path) -> Path:
    return word_file(path, para("x"), prolog='<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">')


def _understated(path: Path) -> Path:
    """The directory says that the main part has 100 bytes; it has many more."""
    content = bytearray(word_file(path, para("x" * 100_000)).read_bytes())
    entry = content.rfind(b"word/document.xml") - 46
    content[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def _bytes(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


def _cut(path: Path) -> Path:
    path.write_bytes(word_file(path, para("x" * 5_000)).read_bytes()[:-400])
    return path


def _word_behind_pdf(path: Path) -> Path:
    word = word_file(path, para("Two things.")).read_bytes()
    path.write_bytes(pdf_file(path, [[(12, "Two things.")]]).read_bytes() + word)
    return path


def _style_chain(path: Path) -> Path:
    styles = "".join(_STYLE.format(number, number + 1) for number in range(10_000))
    return word_file(path, (para("x", style="S0") * 5_000), parts={"styles": styles})


def _comments_on_everything(path: Path) -> Path:
    starts = "".join(f'<w:commentRangeStart w:id="{number}"/>' for number in range(5_000))
    comments = "".join(f'<w:comment w:id="{number}">{para("x")}</w:comment>' for number in range(5_000))
    return word_file(path, para(starts, run("x")) + para("y") * 2_000, parts={"comments": comments})


def _nested_tables(path: Path) -> Path:
    body = para("x") * 200
    for _ in range(70):
        body = table([body + para("y")])
    return word_file(path, body)


HOSTILE: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "two million paragraphs": (
        "a.docx",
        lambda path: stored(path, "<w:p/>" * 2_000_000),
        "document/too-complex",
    ),
    "two million, packed": (
        "a.docx",
        lambda path: word_file(path, "<w:p/>" * 2_000_000),
        "document/suspicious",
    ),
    "a part of 31 MB": ("a.docx", lambda path: word_file(path, " " * 31_500_000), "document/suspicious"),
    "nested too deeply": ("a.docx", lambda path: word_file(path, "<w:sdt>" * 9_000), "document/too-complex"),
    "a span of millions": (
        "a.docx",
        lambda path: word_file(path, table([f'<w:tcPr><w:gridSpan w:val="200000000"/></w:tcPr>{para("x")}'])),
        "",
    ),
    "billion laughs": ("a.docx", _laughs, "document/suspicious"),
    "external entity": ("a.docx", _external_entity, "document/suspicious"),
    "document type": ("a.docx", _document_type, "document/suspicious"),
    "understated size": ("a.docx", _understated, "document/damaged"),
    "program renamed": ("a.docx", _bytes(b"MZ\x90\x00" + bytes(5_000)), "document/unknown-type"),
    "nothing": ("a.docx", _bytes(b""), "document/empty"),
    "cut off": ("a.docx", _cut, "document/damaged"),
    "pdf cut off": ("a.pdf", _bytes(b"%PDF-1.7\n1 0 obj\n<<"), "document/damaged"),
    "word behind a pdf": ("a.docx", _word_behind_pdf, "document/type-mismatch"),
    "a chain of 10,000 styles": ("a.docx", _style_chain, ""),
    "5,000 comments on all words": ("a.docx", _comments_on_everything, ""),
    "70 tables in each other": ("a.docx", _nested_tables, ""),
}
"""What it is -> (the user's name for it, how to make it, the code of the refusal, "" for what can be read)."""
