"""Reads an upload into blocks and an outline. Called in the limited child only."""

from pathlib import Path

from core.documents.headings import promote_pseudo_headings
from core.documents.model import DocumentKind, ReadDocument
from core.documents.outline import outline


def read_document(path: Path, kind: DocumentKind) -> ReadDocument:
    """Every non-empty paragraph as a block, every block in one section. Raises Permanent("document/...")."""
    if kind is DocumentKind.DOCX:
        return _read_docx(path)
    if kind is DocumentKind.PDF:
        return _read_pdf(path)
    return _read_text(path)


# Each reader is imported when it is needed: the child pays for its imports at every upload.
def _read_docx(path: Path) -> ReadDocument:
    from core.documents.docx_reader import read_docx

    read = read_docx(path)
    blocks = promote_pseudo_headings(read.blocks, read.bold)
    return ReadDocument(DocumentKind.DOCX, blocks, outline(blocks), read.pages, read.notices)


def _read_pdf(path: Path) -> ReadDocument:
    from core.documents.pdf_reader import read_pdf

    return read_pdf(path)


def _read_text(path: Path) -> ReadDocument:
    from core.documents.text_reader import read_text

    return read_text(path)
