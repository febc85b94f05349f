"""PDFs made in code, down to the drawing commands: what the PDF reader and the annotated copy are tested on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.documents import assembled

HEAD, FOOT, LEFT = 800.0, 40.0, 72.0
FIRST_OWN_OBJECT = 6
"""Number of the first of a file's own `objects`."""


@dataclass(frozen=True)
class Drawn:
    """A page. content: drawing commands. entries: more of its dictionary."""

    content: str
    entries: str = "/MediaBox [0 0 595 842]"


def shown(text: str, x: float = LEFT, y: float = 700, *, size: float = 12, font: str = "F1") -> str:
    """Commands that show the text. F1: Helvetica, F2: bold, F3: Helvetica in the encoding of the Macintosh."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET\n"


def stacked(*texts: str, x: float = LEFT, y: float = 700, size: float = 12, font: str = "F1") -> str:
    """Lines below each other."""
    return "".join(shown(text, x, y - 1.2 * size * at, size=size, font=font) for at, text in enumerate(texts))


def drawn_pdf(
    path: Path,
    pages: Sequence[Drawn],
    *,
    catalog: str = "",
    objects: Sequence[str] = (),
    pages_entry: str = "",
) -> Path:
    """objects: more of the file's objects. pages_entry: instead of the page tree's own list of kids and count."""
    fonts = [
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /MacRomanEncoding >>",
    ]
    found = [f"<< /Type /Catalog /Pages 2 0 R {catalog} >>", "", *fonts, *objects]
    kids = []
    for page in pages:
        found.append(f"<< /Length {len(page.content)} >>\nstream\n{page.content}\nendstream")
        found.append(
            "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> "
            f"/Contents {len(found)} 0 R {page.entries} >>"
        )
        kids.append(f"{len(found)} 0 R")
    tree = pages_entry or f"/Kids [{' '.join(kids)}] /Count {len(kids)}"
    found[1] = f"<< /Type /Pages {tree} >>"
    path.write_bytes(assembled(found))
    return path
