"""A PDF as blocks: pypdf opens the gate, PDFium gives the text. Bookmarks make the outline, else pages do.

pypdf is the stricter reader of hostile files; PDFium reads text better and has the character boxes that marks on
quotes need. Text and boxes come from one reader: quotes of the one are found in the other only in 97 % of cases.
"""

import ctypes
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from core.documents.model import DocumentKind, ReadDocument
from core.documents.notices import Notice
from core.documents.pdf_lines import Line, paragraphs, words_of
from core.documents.pdf_outline import Bookmark, blocks_of, pdf_outline
from core.errors import Permanent

MAX_PAGES = 500
MAX_PAGE_CHARS = 100_000
MAX_CHARS = 3_000_000
_DEEPEST_BOOKMARK = 3
# What pypdf raises on malformed files besides its own errors (read in its issues and seen on real files).
_PYPDF_STUMBLES = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OSError,
)


def read_pdf(path: Path) -> ReadDocument:
    """Raises Permanent("document/...")."""
    restricted = _pass_gate(path)
    document = _open(path)
    pages = _page_lines(document)
    words = words_of([line for lines in pages for line in lines])
    blocks = blocks_of([paragraphs(lines, words) for lines in pages])
    if not blocks:
        raise Permanent("document/no-text", "None of its pages holds text; it looks like a scan.")
    marked, outlined = pdf_outline(blocks, _bookmarks(document))
    found = {Notice.OWNER_PASSWORD: restricted, Notice.PAGES_WITHOUT_TEXT: not all(pages)}
    return ReadDocument(
        kind=DocumentKind.PDF,
        blocks=marked,
        sections=outlined,
        pages=len(pages),
        notices=tuple(notice.value for notice, is_so in found.items() if is_so),
    )


def _pass_gate(path: Path) -> bool:
    """Whether the PDF has an owner password. What pypdf cannot parse is left to PDFium, what it refuses is not."""
    try:
        reader = pypdf.PdfReader(path)
        restricted = reader.is_encrypted
        if restricted and not reader.decrypt(""):
            raise Permanent("document/encrypted", "The PDF needs a password to open.")
        _check_page_count(int(reader.root_object["/Pages"]["/Count"]))  # type: ignore[index]
    except DependencyError:
        return True
    except LimitReachedError as error:
        raise Permanent("document/suspicious", "Its streams unpack to an implausible size.") from error
    except _PYPDF_STUMBLES:
        return False
    return restricted


def _check_page_count(pages: int) -> None:
    if pages > MAX_PAGES:
        raise Permanent("document/too-complex", f"It has {pages} pages, the most is {MAX_PAGES}.")


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise Permanent("document/encrypted", "The PDF needs a password to open.") from error
        raise Permanent("document/damaged", "The PDF cannot be opened.") from error


def _page_lines(document: pypdfium2.PdfDocument) -> list[list[Line]]:
    _check_page_count(len(document))
    pages, chars = [], 0
    for index in range(len(document)):
        lines = _lines_of_page(document, index)
        chars += sum(len(line.text) for line in lines)
        if chars > MAX_CHARS:
            raise Permanent("document/too-complex", "It has more than 3 million characters.")
        pages.append(lines)
    return pages


def _lines_of_page(document: pypdfium2.PdfDocument, index: int) -> list[Line]:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        # One broken page among good ones: it counts as a page without text, and the notice says so.
        return []
    text_page = page.get_textpage()
    count = text_page.count_chars()
    if count > MAX_PAGE_CHARS:
        raise Permanent("document/too-complex", f"Page {index + 1} has more than 100,000 characters.")
    lines = [_line(text_page, span) for span in _line_spans(text_page, count)]
    text_page.close()
    page.close()
    return [line for line in lines if line is not None]


def _line_spans(text_page: pypdfium2.PdfTextPage, count: int) -> Iterator[list[tuple[int, str]]]:
    """Per line: (index of the character on the page, character), surrogate pairs made whole."""
    span: list[tuple[int, str]] = []
    high = 0
    raw, unicode_at = text_page.raw, pdfium.FPDFText_GetUnicode
    for index in range(count):
        code = unicode_at(raw, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0
        high = 0
        if code in (0x0A, 0x0D):
            yield span
            span = []
        elif code:
            span.append((index, chr(code)))
    yield span


def _line(text_page: pypdfium2.PdfTextPage, span: list[tuple[int, str]]) -> Line | None:
    visible = [index for index, char in span if not char.isspace()]
    if not visible:
        return None
    x, baseline = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text_page, visible[0], x, baseline)
    return Line(
        text="".join(char for _, char in span).strip(),
        left=text_page.get_charbox(visible[0])[0],
        right=text_page.get_charbox(visible[-1])[2],
        baseline=baseline.value,
        size=pdfium.FPDFText_GetFontSize(text_page, visible[len(visible) // 2]) or 1.0,
    )


def _bookmarks(document: pypdfium2.PdfDocument) -> list[Bookmark]:
    """Those that lead to a page, in the order of the outline."""
    found = []
    for item in document.get_toc(max_depth=_DEEPEST_BOOKMARK):
        target, title = item.get_dest(), " ".join(item.get_title().split())
        page = target.get_index() if target is not None else None
        if title and page is not None:
            found.append(Bookmark(title, page + 1, item.level + 1))
    return found
