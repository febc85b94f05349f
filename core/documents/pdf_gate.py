"""The gate of PDFs: what is refused before a page is read. pypdf is the stricter reader of hostile files."""

from pathlib import Path

import pypdf
import pypdfium2
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError
from pypdf.generic import DictionaryObject

from core.documents.notices import Notice
from core.errors import Permanent

MAX_PAGES = 500
# What pypdf raises on malformed files besides its own errors (read in its issues and seen on real files).
PYPDF_STUMBLES = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OSError,
)


def pass_gate(path: Path) -> dict[Notice, bool]:
    """Refuses what only pypdf tells to be refused. A file that pypdf cannot parse is left to PDFium."""
    found = {Notice.OWNER_PASSWORD: False, Notice.ACTIVE_CONTENT: False}
    try:
        reader = pypdf.PdfReader(path)
        found[Notice.OWNER_PASSWORD] = reader.is_encrypted
        if reader.is_encrypted and not reader.decrypt(""):
            raise Permanent("document/encrypted", "The PDF needs a password to open.")
        root = reader.root_object
        check_page_count(int(root["/Pages"]["/Count"]))  # type: ignore[index]
        found[Notice.ACTIVE_CONTENT] = _starts_something(root)
    except DependencyError:
        return {**found, Notice.OWNER_PASSWORD: True}
    except LimitReachedError as error:
        raise Permanent("document/suspicious", "Its streams unpack to an implausible size.") from error
    except PYPDF_STUMBLES:
        return found
    return found


def _starts_something(root: DictionaryObject) -> bool:
    """Whether opening or using the file runs a script or another action; showing a place in it is none."""
    opening = root.get("/OpenAction")
    opening = opening.get_object() if opening is not None else None
    acts = isinstance(opening, DictionaryObject) and opening.get("/S") != "/GoTo"
    names = root.get("/Names", DictionaryObject()).get_object()
    return acts or "/AA" in root or (isinstance(names, DictionaryObject) and "/JavaScript" in names)


def check_page_count(pages: int) -> None:
    if pages > MAX_PAGES:
        raise Permanent("document/too-complex", f"It has {pages} pages, the most is {MAX_PAGES}.")


def open_pdf(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise Permanent("document/encrypted", "The PDF needs a password to open.") from error
        raise Permanent("document/damaged", "The PDF cannot be opened.") from error
