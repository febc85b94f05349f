"""Malicious PDFs, made in code, each with the answers that are right for it."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pypdf

from tests.support.documents import assembled
from tests.support.pdfs import Drawn, drawn_pdf, shown

READ = "read"
_MIB = 1024 * 1024
_COMPLEX = ("document/too-complex", "document/suspicious")
_BROKEN = ("document/damaged", "document/no-text", "document/suspicious")
_BOX = "/MediaBox [0 0 595 842]"


def hostile_pdfs() -> dict[str, tuple[Callable[[Path], None], Sequence[str]]]:
    """By name: what writes the file, and the refusals (or READ) that are right."""
    return {
        "100,000 pages": (_many_pages, _COMPLEX),
        "100,000 pages that say they are 3": (_pages_that_lie, (*_COMPLEX, READ)),
        "page tree that is a ring": (_ring_of_pages, (*_BROKEN, READ)),
        "page tree of 10 million shared pages": (_shared_pages, (*_COMPLEX, *_BROKEN, READ)),
        "cross references in a ring": (_ring_of_references, (READ, *_BROKEN)),
        "script at opening": (_script, (READ,)),
        "user password": (lambda path: _locked(path, "secret"), ("document/encrypted",)),
        "owner password": (lambda path: _locked(path, ""), (READ,)),
        "object stream of a billion objects": (_object_stream, (READ, *_COMPLEX, *_BROKEN)),
        "cut off in the middle": (_cut_off, (READ, *_BROKEN)),
        "page of 1 GB in 1 MB": (lambda path: _bomb(path, times=1), (*_COMPLEX, *_BROKEN)),
        "page of 1 GB, packed twice": (lambda path: _bomb(path, times=2), (*_COMPLEX, *_BROKEN)),
        "forms in forms, 10 to the 8": (_forms_in_forms, (*_COMPLEX, *_BROKEN, READ)),
        "million pieces of text": (_many_pieces, _COMPLEX),
        "character map of two billion": (_character_map, (READ, *_COMPLEX)),
        "24 MB of zeros": (lambda path: _raw(path, b"%PDF-1.7\n" + bytes(24 * _MIB)), _BROKEN),
        "arrays in arrays, a million deep": (_deep_arrays, (READ, *_COMPLEX, *_BROKEN)),
        "bookmarks in a ring": (_ring_of_bookmarks, (READ,)),
        "200,000 bookmarks": (_many_bookmarks, (READ,)),
        "page as large as a country": (_huge_page, (READ,)),
        "white text on a heavy pattern": (_heavy_pattern, (READ, *_COMPLEX)),
        "100,000 annotations": (_many_annotations, (READ,)),
        "form fields in a ring": (_ring_of_fields, (READ, *_BROKEN)),
        "form of 20,000 fields of 1 MB": (_large_fields, (READ, *_COMPLEX)),
        "page ruled by 300,000 lines": (_many_lines, (READ, *_COMPLEX)),
        "grid of 400 by 400 cells": (_fine_grid, (READ, *_COMPLEX)),
    }


def _raw(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _many_pages(path: Path) -> None:
    drawn_pdf(path, [Drawn(shown("One."))], pages_entry=f"/Kids [{'7 0 R ' * 100_000}] /Count 100000")


def _pages_that_lie(path: Path) -> None:
    drawn_pdf(path, [Drawn(shown("One."))], pages_entry=f"/Kids [{'7 0 R ' * 100_000}] /Count 3")


def _ring_of_pages(path: Path) -> None:
    drawn_pdf(path, [Drawn(shown("One."))], pages_entry="/Kids [2 0 R 7 0 R 2 0 R] /Count 3")


def _shared_pages(path: Path) -> None:
    nodes = [f"<< /Type /Pages /Kids [{f'{7 + at} 0 R ' * 10}] /Count 3 >>" for at in range(7)]
    nodes.append(f"<< /Type /Page /Parent 2 0 R {_BOX} >>")
    drawn_pdf(path, [Drawn(shown("One."))], objects=nodes, pages_entry="/Kids [6 0 R] /Count 3")


def _ring_of_references(path: Path) -> None:
    drawn_pdf(path, [Drawn(shown("One."))])
    content = path.read_bytes()
    start = content.rindex(b"xref\n0")
    path.write_bytes(content.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % start))


def _script(path: Path) -> None:
    action = "/OpenAction << /S /JavaScript /JS (while \\(true\\) {}) >>"
    drawn_pdf(path, [Drawn(shown("One."))], catalog=action)


def _locked(path: Path, user: str) -> None:
    drawn_pdf(path, [Drawn(shown("One."))])
    writer = pypdf.PdfWriter(clone_from=path)
    writer.encrypt(user_password=user, owner_password="owner", algorithm="RC4-128")
    writer.write(path)


def _object_stream(path: Path) -> None:
    packed = zlib.compress(b"9 0 " * 5_000_000, 9)
    entries = f"/Type /ObjStm /N 1000000000 /First 20000000 /Filter /FlateDecode /Length {len(packed)}"
    _stream_in(path, entries, packed)


def _cut_off(path: Path) -> None:
    drawn_pdf(path, [Drawn(shown("One."))] * 20)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _bomb(path: Path, *, times: int) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(_MIB)) for _ in range(1024)) + packer.flush()
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    _stream_in(path, f"/Filter [{'/FlateDecode ' * times}] /Length {len(packed)}", packed)


def _stream_in(path: Path, entries: str, content: bytes) -> None:
    """One page whose content is that stream."""
    stream = f"<< {entries} >>\nstream\n{content.decode('latin-1')}\nendstream"
    page = f"<< /Type /Page /Parent 2 0 R {_BOX} /Contents 3 0 R >>"
    tree = "<< /Type /Pages /Kids [4 0 R] /Count 1 >>"
    path.write_bytes(assembled(["<< /Type /Catalog /Pages 2 0 R >>", tree, stream, page]))


def _form(uses: int, content: str) -> str:
    resources = f"/Resources << /Font << /F1 3 0 R >> /XObject << /X {uses} 0 R >> >>"
    entries = f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] {resources}"
    return f"<< {entries} /Length {len(content)} >>\nstream\n{content}\nendstream"


def _forms_in_forms(path: Path) -> None:
    forms = [_form(7 + at, "/X Do " * 10) for at in range(8)] + [_form(6, shown("x"))]
    entries = f"{_BOX} /Resources << /Font << /F1 3 0 R >> /XObject << /X 6 0 R >> >>"
    drawn_pdf(path, [Drawn("/X Do " * 10, entries)], objects=forms)


def _many_pieces(path: Path) -> None:
    packed = zlib.compress(b"BT /F1 1 Tf " + b"(x) Tj " * 1_000_000 + b"ET", 9).decode("latin-1")
    stream = f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n{packed}\nendstream"
    drawn_pdf(path, [Drawn(shown("One."), f"{_BOX} /Contents 6 0 R")], objects=[stream])


def _character_map(path: Path) -> None:
    ranges = "1 beginbfrange\n<00000000> <7fffffff> <0041>\nendbfrange\n"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>"
    stream = f"<< /Length {len(ranges)} >>\nstream\n{ranges}\nendstream"
    entries = f"{_BOX} /Resources << /Font << /F1 6 0 R >> >>"
    drawn_pdf(path, [Drawn(shown("One."), entries)], objects=[font, stream])


def _deep_arrays(path: Path) -> None:
    drawn_pdf(path, [Drawn(shown("One."))], catalog=f"/Names {'[' * 1_000_000}{']' * 1_000_000}")


def _ring_of_bookmarks(path: Path) -> None:
    marks = ["<< /First 7 0 R /Last 7 0 R >>", "<< /Title (A) /Next 7 0 R /First 6 0 R /Parent 6 0 R >>"]
    drawn_pdf(path, [Drawn(shown("One."))], catalog="/Outlines 6 0 R", objects=marks)


def _many_bookmarks(path: Path) -> None:
    last = 200_006
    marks = ["<< /First 7 0 R /Last 200006 0 R >>"]
    marks += [
        f"<< /Title (A{at}) /Next {min(at + 1, last)} 0 R /Dest [{last + 2} 0 R /Fit] >>"
        for at in range(7, last + 1)
    ]
    drawn_pdf(path, [Drawn(shown("One."))], catalog="/Outlines 6 0 R", objects=marks)


def _huge_page(path: Path) -> None:
    drawn_pdf(path, [Drawn("1 g " + shown("One.") + "0 g " + shown("Two.", y=5), "/MediaBox [0 0 1e9 1e9]")])


def _heavy_pattern(path: Path) -> None:
    drawing = "0 0 1 1 re f"
    steps = (
        "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.01 /YStep 0.01 /Resources << >>"
    )
    tile = f"<< {steps} /Length {len(drawing)} >>\nstream\n{drawing}\nendstream"
    entries = f"{_BOX} /Resources << /Font << /F1 3 0 R >> /Pattern << /P 6 0 R >> >>"
    page = "/Pattern cs /P scn 0 0 595 842 re f 1 g " + shown("White.") + "0 g " + shown("One.", y=10)
    drawn_pdf(path, [Drawn(page, entries)], objects=[tile])


def _ring_of_fields(path: Path) -> None:
    field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (b) /Rect [0 0 9 9] /Parent 7 0 R /Kids [7 0 R] >>"
    ring = "<< /T (c) /Kids [6 0 R 7 0 R] /Parent 6 0 R >>"
    entries, catalog = f"{_BOX} /Annots [6 0 R 7 0 R]", "/AcroForm << /Fields [6 0 R 7 0 R] >>"
    drawn_pdf(path, [Drawn(shown("One."), entries)], objects=[field, ring], catalog=catalog)


def _large_fields(path: Path) -> None:
    """One value, and 20,000 fields that show it."""
    field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V 6 0 R /Rect [0 0 9 9] >> "
    entries = f"{_BOX} /Annots [{field * 20_000}]"
    objects = [f"({'word ' * 200_000})"]
    drawn_pdf(path, [Drawn(shown("One."), entries)], objects=objects, catalog="/AcroForm << /Fields [] >>")


def _many_lines(path: Path) -> None:
    drawn_pdf(path, [Drawn(shown("One.") + "".join(f"9 {at} m 99 {at} l S\n" for at in range(300_000)))])


def _fine_grid(path: Path) -> None:
    across = "".join(f"0 {2.9 * at:.1f} m 1160 {2.9 * at:.1f} l S\n" for at in range(400))
    down = "".join(f"{2.9 * at:.1f} 0 m {2.9 * at:.1f} 1160 l S\n" for at in range(400))
    words = "".join(shown("a b c d e f g h i j k l m n o p", 5, 3 * at, size=2) for at in range(380))
    drawn_pdf(path, [Drawn(across + down + words, "/MediaBox [0 0 1200 1200]")])


def _many_annotations(path: Path) -> None:
    note = "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] >>"
    drawn_pdf(path, [Drawn(shown("One."), f"{_BOX} /Annots [{note * 100_000}]")])
