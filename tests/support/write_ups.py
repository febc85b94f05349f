"""A write-up of our own with known defects: what the tests review, made with python-docx."""

import io
import zipfile
from pathlib import Path

import docx

from tests.support.pdfs import Drawn, drawn_pdf, shown, stacked

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Executive summary",
        (
            "Between 3 and 9 March 2026 a group of accounts at Brightmoor Market redirected 41 parcels.",
            "Several sellers complained, and most of the parcels were recovered soon.",
        ),
    ),
    (
        "Timeline",
        (
            "On 3 March 2026 the first parcel was redirected. On 9 March 2026 the QRT closed the last account.",
        ),
    ),
    ("Impact", ("41 parcels worth EUR 6,120 were lost. The details are TBD.",)),
    ("Root cause", ("The address form accepted a change after the label had been printed.",)),
    (
        "Resolving actions",
        ("The team will contact jana.kowal@example.org to return the money by 1 May 2026.",),
    ),
    (
        "Preventative actions",
        ("Address changes after printing will be blocked.", "Mara Lindqvist adds an alert by 15 April 2026."),
    ),
)
PLACEHOLDER_QUOTE = "TBD"


def write_up(path: Path, *, sections: int = len(SECTIONS), mark: str = "") -> Path:
    """A .docx with real headings; more than six sections repeat the pattern under other names.

    mark: words at the end of every paragraph, so that no stored answer fits.
    """
    ending = f" {mark}" if mark else ""
    document = docx.Document()
    document.add_heading("Parcel redirection at Brightmoor Market", level=0)
    for number in range(sections):
        name, paragraphs = SECTIONS[number % len(SECTIONS)]
        cycle = number // len(SECTIONS)
        document.add_heading(name if not cycle else f"{name}, part {cycle + 1}", level=1)
        for text in paragraphs:
            document.add_paragraph((text if not cycle else f"Part {cycle + 1}: {text}") + ending)
    document.save(str(path))
    return path


def pdf_write_up(path: Path) -> Path:
    """The same text as a PDF of a page for each section."""
    pages = [
        Drawn(shown(name, y=760, size=18) + stacked(*paragraphs, y=720, size=9))
        for name, paragraphs in SECTIONS
    ]
    return drawn_pdf(path, pages)


def zip_bomb(path: Path) -> Path:
    """200 MB of zeros in a few hundred kilobytes, named as a Word file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", bytes(200 * 1024 * 1024))
    return path


def thousands_of_parts(path: Path) -> Path:
    """Ten thousand parts of nothing, named as a Word file."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_000):
            archive.writestr(f"word/{number}.xml", b"")
    return path


def comments_of(content: bytes) -> list[str]:
    """The texts of the comments in a .docx."""
    return [comment.text for comment in docx.Document(io.BytesIO(content)).comments]
