"""What stands on a PDF's pages beside their text: annotations, one by one, and what they say."""

import ctypes
import re
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

MOST_ANNOTATIONS = 1_000
"""Of a page; those beyond are not looked at."""
MOST_TEXT_BYTES = 40_000
UNSEEN_FLAGS = 2 | 32
TYPED_ON = "FreeTextTypewriter"
"""The intent of a text that was typed onto the page, instead of about it."""
_UNSHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def annotations(page: pypdfium2.PdfPage) -> Iterator[tuple[int, Any]]:
    """(number on the page, PDFium's handle), each handle until the next is asked for."""
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), MOST_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, at)
        try:
            yield at, annotation
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def string_of(annotation: Any, key: bytes, *, too_long: str = "") -> str:
    """A text or name of the annotation's dictionary, "" without one. too_long: instead of one that is."""
    read = pdfium.FPDFAnnot_GetStringValue
    return text_of(lambda units, size: read(annotation, key, units, size), too_long=too_long)


def text_of(get: Callable[[Any, int], int], *, too_long: str = "") -> str:
    """What PDFium writes into a buffer, with one kind of line end."""
    size = get(None, 0)
    if size > MOST_TEXT_BYTES:
        return too_long
    units = (ctypes.c_ushort * (size // 2 + 1))()
    get(units, size)
    text = bytes(units)[:size].decode("utf-16-le", "replace").rstrip("\0")
    return _UNSHOWN.sub("", "\n".join(text.splitlines()))
