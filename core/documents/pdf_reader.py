"""A PDF as blocks: pypdf opens the gate, PDFium gives the text. Bookmarks make the outline, else print, else pages.

pypdf is the stricter reader of hostile files; PDFium reads text better and has the character boxes that marks on
quotes need. Text and boxes come from one reader: quotes of the one are found in the other only in 97 % of cases.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from core.documents.model import Block, DocumentKind, ReadDocument
from core.documents.notices import Notice
from core.documents.pdf_columns import in_reading_order
from core.documents.pdf_comment_places import NO_COMMENTS, PageComments, are_left_out, with_comments
from core.documents.pdf_comments import CommentReader
from core.documents.pdf_fields import Filled, filled_in, form_of, with_filled_in
from core.documents.pdf_gate import check_page_count, open_pdf, pass_gate
from core.documents.pdf_lines import Line, Paragraph, as_one, goes_on, paragraphs, words_of
from core.documents.pdf_outline import Bookmark, blocks_of, pdf_outline
from core.documents.pdf_page import PageText
from core.documents.pdf_running import running_lines
from core.documents.pdf_tables import tables_apart
from core.documents.pdf_visibility import Sight
from core.documents.two_cores import alone, in_two
from core.errors import Permanent

MAX_PAGE_CHARS = 100_000
MAX_CHARS = 3_000_000
HIDDEN, RUNNING = "hidden", "running"
_CHUNK_PAGES = 8
_WORTH_TWO_PAGES = 24
"""Fewer are read before a second process were of use."""
_DEEPEST_BOOKMARK = 3
_MOST_BOOKMARKS = 2_000
_MOST_TITLE_CHARS = 500
_MOST_SIGNATURES = 50


@dataclass(frozen=True)
class _Page:
    """hidden: lines that nobody can see. comments: what somebody said on it. chars: that were read."""

    lines: list[Line]
    hidden: list[Line]
    comments: PageComments = NO_COMMENTS
    chars: int = 0


@dataclass(frozen=True)
class PlacedBlock:
    """A block with the places of its characters. chars: for each, the page and index it stands at (`Line.chars`)."""

    block: Block
    chars: tuple[int, ...]


def read_pdf(path: Path) -> ReadDocument:
    """Reads all text of the document. Raises Permanent document/..."""
    gate = pass_gate(path)
    document = open_pdf(path)
    check_page_count(len(document))
    pages = _pages_of(path, len(document))
    comments = [page.comments for page in pages]
    blocks = with_comments([(placed.block, placed.chars) for placed in _placed(pages)], comments)
    if not blocks:
        raise Permanent("document/no-text", "None of its pages holds text; it looks like a scan.")
    marked, outlined = pdf_outline(blocks, _bookmarks(document))
    found = {
        **gate,
        Notice.PAGES_WITHOUT_TEXT: not all(page.lines for page in pages),
        Notice.HIDDEN_TEXT: any(page.hidden for page in pages),
        Notice.COMMENTS: any(page.are_there for page in comments),
        Notice.COMMENTS_LEFT_OUT: are_left_out(comments),
        Notice.SIGNED: _is_signed(document),
        Notice.RUNNING_LINES: any(RUNNING in block.flags for block in blocks),
    }
    return ReadDocument(
        kind=DocumentKind.PDF,
        blocks=marked,
        sections=outlined,
        pages=len(pages),
        notices=tuple(notice.value for notice, is_so in found.items() if is_so),
    )


def placed_blocks(document: pypdfium2.PdfDocument) -> list[PlacedBlock]:
    """The blocks as `read_pdf` gives them, kinds and levels aside, with the places of their characters."""
    check_page_count(len(document))
    return _placed(_pages(document, range(len(document)), Sight()))


def _placed(pages: list[_Page]) -> list[PlacedBlock]:
    found = _paragraphs(pages)
    return [PlacedBlock(block, item.chars) for block, (_, item) in zip(blocks_of(found), found, strict=True)]


def _paragraphs(pages: list[_Page]) -> list[tuple[int, Paragraph]]:
    """(page from 1, paragraph) in reading order. One that goes over a page's end is one paragraph."""
    running = running_lines([page.lines for page in pages])
    words = words_of([line for page in pages for line in page.lines])
    found: list[tuple[int, Paragraph]] = []
    flowing = -1
    for number, page in enumerate(pages, start=1):
        apart = [line for at, line in enumerate(page.lines) if (number - 1, at) in running]
        body = [line for at, line in enumerate(page.lines) if (number - 1, at) not in running]
        top = max((line.baseline for line in body), default=0.0)
        items = [item for item in paragraphs(body, words) if item.text]
        if items and flowing >= 0 and goes_on(found[flowing][1], items[0]):
            found[flowing] = found[flowing][0], as_one(found[flowing][1], items.pop(0), words)
        heads = _flagged([line for line in apart if line.baseline > top], RUNNING, words)
        feet = _flagged([line for line in apart if line.baseline <= top], RUNNING, words)
        hidden = _flagged(page.hidden, HIDDEN, words)
        found += [(number, item) for item in heads]
        found += [(number, item) for item in items]
        flowing = len(found) - 1 if items else flowing
        found += [(number, item) for item in (*feet, *hidden)]
    return found


def _flagged(lines: list[Line], flag: str, words: Counter[str]) -> Iterator[Paragraph]:
    return (replace(item, flag=flag, cell=None) for item in paragraphs(lines, words) if item.text)


def _pages_of(path: Path, count: int) -> list[_Page]:
    """Chunk by chunk, so that two processes can share them; each opens the file itself, because PDFium moves about
    in it."""
    chunks = [range(first, min(first + _CHUNK_PAGES, count)) for first in range(0, count, _CHUNK_PAGES)]
    opened, sight, comments, chars = cache(lambda: open_pdf(path)), Sight(), CommentReader(), 0

    def read(at: int) -> list[_Page]:
        nonlocal chars
        pages = _pages(opened(), chunks[at], sight, comments=comments)
        # Of this process; a file that goes on and on is given up before all of it was read.
        chars += sum(page.chars for page in pages)
        _check_chars(chars)
        return pages

    done = (in_two if count >= _WORTH_TWO_PAGES else alone)(len(chunks), read)
    pages = [page for at in range(len(chunks)) for page in (done[at] if at in done else read(at))]
    _check_chars(sum(page.chars for page in pages))
    return pages


def _check_chars(chars: int) -> None:
    if chars > MAX_CHARS:
        raise Permanent("document/too-complex", "It has more than 3 million characters.")


def _pages(
    document: pypdfium2.PdfDocument, indexes: range, sight: Sight, *, comments: CommentReader | None = None
) -> list[_Page]:
    pages, chars = [], 0
    with form_of(document) as form:
        for index in indexes:
            text = page_text(document, index)
            if text is None:
                # One broken page among good ones: it counts as a page without text, and the notice says so.
                pages.append(_Page([], []))
                continue
            said = comments.on(text) if comments else NO_COMMENTS
            page = _page(text, sight, values=filled_in(text.page, form), said=said)
            chars += page.chars
            _check_chars(chars)
            pages.append(page)
            text.close()
    return pages


def page_text(document: pypdfium2.PdfDocument, index: int) -> PageText | None:
    """The page's characters. None: it cannot be loaded. index: from 0."""
    try:
        text = PageText(document[index], index + 1)
    except pypdfium2.PdfiumError:
        return None
    if text.count > MAX_PAGE_CHARS:
        raise Permanent("document/too-complex", f"Page {index + 1} has more than 100,000 characters.")
    return text


def _page(text: PageText, sight: Sight, *, values: Sequence[Filled], said: PageComments) -> _Page:
    lines = text.lines()
    suspects = [line for line in lines if line.suspect]
    judged = zip(suspects, sight.hidden(text, suspects) if suspects else [], strict=True)
    hidden = {id(line) for line, is_hidden in judged if is_hidden}
    return _Page(
        list(_in_order(text, with_filled_in([line for line in lines if id(line) not in hidden], values))),
        [line for line in lines if id(line) in hidden],
        said,
        text.count + sum(len(value.text) for value in values) + said.chars,
    )


def _in_order(text: PageText, lines: list[Line]) -> Iterator[Line]:
    for is_table, stretch in tables_apart(text, lines):
        yield from stretch if is_table else in_reading_order(stretch)


def _is_signed(document: pypdfium2.PdfDocument) -> bool:
    """Whether it is signed; fields that wait for a signature do not count."""
    count = min(pdfium.FPDF_GetSignatureCount(document.raw), _MOST_SIGNATURES)
    signatures = (pdfium.FPDF_GetSignatureObject(document.raw, at) for at in range(count))
    return any(pdfium.FPDFSignatureObj_GetContents(found, None, 0) > 0 for found in signatures)


def _bookmarks(document: pypdfium2.PdfDocument) -> list[Bookmark]:
    """The bookmarks that lead to a page, in the order of the file's outline."""
    found = []
    for item in islice(document.get_toc(max_depth=_DEEPEST_BOOKMARK), _MOST_BOOKMARKS):
        target, title = item.get_dest(), " ".join(item.get_title()[:_MOST_TITLE_CHARS].split())
        page = target.get_index() if target is not None else None
        if title and page is not None:
            found.append(Bookmark(title, page + 1, item.level + 1))
    return found
