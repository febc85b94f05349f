"""PDFs: words read against pdftotext, quotes found and marked, time of upload and download, hostile files.

    .venv/bin/python -m benchmarks.pdf_documents [--folder path/with/pdfs] [--runs 9]

Without a folder the reader is held to fixtures made in code. `pdftotext` is of poppler-utils:
apt-get install poppler-utils.
"""

import argparse
import io
import random
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2

from benchmarks.report import report
from core.config import DocumentSettings
from core.documents.anchoring import locate
from core.documents.guard import check_upload
from core.documents.limited_child import ReaderPool
from core.documents.model import Anchor, DocumentKind, ReadDocument
from core.documents.pdf_page import PageText
from core.documents.reading import read_document
from core.errors import AppError
from core.export.pdf_service import annotated_pdf
from core.export.review_copy import ReviewCopy
from core.review.finding import Finding, FindingType, Risk
from tests.support.hostile_pdfs import READ, hostile_pdfs
from tests.support.pdfs import FOOT, HEAD, Drawn, drawn_pdf, shown, stacked

_WORD = re.compile(r"\w+")
_DIVIDED = re.compile("(?<=\\w)[-\u00ad]\n(?=[a-z])")
_LEAST_WORDS = 20
_QUOTES_A_FILE = 10
_COMMENTS = 50
_INVENTED = "The regional auditor of {} refused to countersign any of the ledgers that week"
_SESSION = "00000000-0000-4000-8000-000000000000"
_SENTENCES = (
    "On 3 March 2026 the address form accepted a change after the label had been printed.",
    "Forty-one parcels of twelve sellers were sent to addresses that none of their buyers knew.",
    "The queue of the depot was paused at 14:30, and the labels were printed again by hand.",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--runs", type=int, default=9)
    given = parser.parse_args()
    if shutil.which("pdftotext") is None:
        raise SystemExit("pdftotext is missing: apt-get install poppler-utils")
    readers = ReaderPool(DocumentSettings())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = sorted(given.folder.glob("*.pdf")) if given.folder else _fixtures(folder)
        rows = [*_reading(files), *_marking(readers, files), *_times(readers, folder, given.runs)]
        report("pdf_documents", [*rows, *_hostile(readers, folder)])


def _row(what: str, figure: float | str, bar: str, **more: Any) -> dict[str, Any]:
    return {
        "what": what,
        "figure": figure,
        "bar": bar,
        "about": " ".join(f"{k}={v}" for k, v in more.items()),
    }


def _fixtures(folder: Path) -> list[Path]:
    """A long report, a two-column article, and a turned page."""
    columns = "".join(
        shown(" ".join(_SENTENCES[at % 3].split()[:8]), x, 740 - 14 * at, size=9)
        for at in range(40)
        for x in (50, 310)
    )
    turned = Drawn(
        f"q 0 1 -1 0 300 100 cm {stacked(*_SENTENCES, x=0, y=0)} Q", "/MediaBox [0 0 595 842] /Rotate 90"
    )
    return [
        _long_report(folder / "report.pdf"),
        drawn_pdf(folder / "columns.pdf", [Drawn(columns)]),
        drawn_pdf(folder / "turned.pdf", [turned]),
    ]


def _long_report(path: Path, pages: int = 100) -> Path:
    lines = [word for _ in range(12) for sentence in _SENTENCES for word in (sentence,)]
    return drawn_pdf(
        path,
        [
            Drawn(
                shown("Quarterly report", y=HEAD, size=9)
                + shown(f"{number}. Part {number}", y=770, size=16, font="F2")
                + stacked(*lines, y=740, size=11)
                + shown(f"Page {number}", y=FOOT, size=9)
            )
            for number in range(1, pages + 1)
        ],
    )


def _reading(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """By words, over the files in which pdftotext reads some."""
    hit = total = refused = 0
    for path in files:
        wanted = _words(_pdftotext(path))
        if sum(wanted.values()) < _LEAST_WORDS:
            continue
        read = _read(path)
        refused += read is None
        total += sum(wanted.values())
        hit += sum((wanted & _words(" ".join(block.text for block in read.blocks) if read else "")).values())
    yield _row("recall against pdftotext, by words", hit / total if total else 0.0, ">= 0.97", words=total)
    yield _row("files with text refused", refused, "0", files=len(files))


def _pdftotext(path: Path) -> str:
    run = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, timeout=60, check=False)
    return _DIVIDED.sub("", run.stdout.decode("utf-8", "replace"))


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _read(path: Path) -> ReadDocument | None:
    try:
        return read_document(path, DocumentKind.PDF)
    except AppError:
        return None


def _marking(readers: ReaderPool, files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Quotes from the text, with other quotation marks and spaces, found and highlighted; invented ones not."""
    chance = random.Random(7)
    asked = found = marked = written = invented = 0
    for path in files:
        read = _read(path)
        quotes = list(_quotes(read, chance)) if read else []
        anchors = (
            [
                (quote, locate(quote.replace("'", "\u2019").replace(" ", "  ", 1), read.blocks))
                for quote in quotes
            ]
            if read
            else []
        )
        invented += (
            sum(locate(_INVENTED.format(at), read.blocks) is not None for at in range(3)) if read else 0
        )
        asked += len(quotes)
        placed = [(quote, anchor) for quote, anchor in anchors if anchor is not None]
        found += sum(_is_at(quote, anchor, read) for quote, anchor in placed) if read else 0
        copy = (
            _annotated(readers, path, (read, [anchor for _, anchor in placed])) if read and placed else None
        )
        if copy is not None:
            written += len(placed)
            marked += sum(
                any(_same(quote, words) for words in _under_highlights(copy)) for quote, _ in placed
            )
    yield _row("quotes found at their words", found / asked if asked else 0.0, ">= 0.99", quotes=asked)
    yield _row(
        "highlights on exactly the words", marked / written if written else 0.0, ">= 0.99", highlights=written
    )
    yield _row("quotes without a checked copy", asked - written, "0")
    yield _row("invented quotes found", invented, "0")


def _quotes(read: ReadDocument, chance: random.Random) -> Iterator[str]:
    long = [block.text for block in read.blocks if len(block.text) > 40 and not block.flags]
    for text in chance.sample(long, min(_QUOTES_A_FILE, len(long))):
        words = [match.span() for match in re.finditer(r"\S+", text)]
        first = chance.randrange(len(words))
        last = min(len(words) - 1, first + chance.randrange(2, 15))
        if words[last][1] - words[first][0] >= 12 and _letters(text[words[first][0] : words[last][1]]):
            yield text[words[first][0] : words[last][1]]


def _is_at(quote: str, anchor: Anchor, read: ReadDocument) -> bool:
    block = next(block for block in read.blocks if block.id == anchor.block_id)
    return _same(quote, block.text[anchor.start : anchor.end])


def _same(quote: str, words: str) -> bool:
    return _letters(quote) == _letters(words)


def _letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def _annotated(readers: ReaderPool, path: Path, marks: tuple[ReadDocument, Sequence[Anchor]]) -> bytes | None:
    read, anchors = marks
    copy = ReviewCopy(
        document=path.read_bytes(),
        blocks=read.blocks,
        sections=read.sections,
        items=[(_finding(anchor, read), "") for anchor in anchors],
        author="Ann Lee",
        at=datetime.now(UTC),
    )
    try:
        return annotated_pdf(readers, copy)
    except AppError as error:
        print(f"{path.name}: {error.code}: {error.detail}")
        return None


def _finding(anchor: Anchor, read: ReadDocument) -> Finding:
    section = read.sections[0].id
    return Finding("f", section, FindingType.SUGGESTION, Risk.LOW, "Vague", "Which?", anchor=anchor)


def _under_highlights(copy: bytes) -> list[str]:
    """The characters whose middle lies in a highlight's quads, for each comment; read from the copy alone."""
    reader, document = pypdf.PdfReader(io.BytesIO(copy)), pypdfium2.PdfDocument(copy)
    said: list[str] = []
    for number, page in enumerate(reader.pages):
        ours = [item.get_object() for item in page.get("/Annots") or ()]
        quads = [
            [float(value) for value in one["/QuadPoints"]]
            for one in ours
            if one.get("/T") == "Ann Lee" and "/QuadPoints" in one
        ]
        if not quads:
            continue
        text = PageText(document[number], number + 1)
        boxes = [text.box(at) for at in range(text.count)]
        chars = list(text.text)
        said += [
            "".join(char for char, box in zip(chars, boxes, strict=True) if _inside(box, points))
            for points in quads
        ]
    return said


def _inside(box: Sequence[float], points: Sequence[float]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    quads = (points[at : at + 8] for at in range(0, len(points), 8))
    return any(min(q[::2]) <= x <= max(q[::2]) and min(q[1::2]) <= y <= max(q[1::2]) for q in quads)


def _times(readers: ReaderPool, folder: Path, runs: int) -> Iterator[dict[str, Any]]:
    path = _long_report(folder / "long.pdf")
    read = read_document(path, DocumentKind.PDF)
    anchors = [Anchor(block.id, 0, 30) for block in read.blocks if len(block.text) > 100][:_COMMENTS]
    work: tuple[tuple[str, str, Callable[[], Any]], ...] = (
        ("100-page PDF: upload to outline, ms", "<= 2000", lambda: _intake(readers, path)),
        (
            "100-page PDF: download with 50 comments, ms",
            "-",
            lambda: _annotated(readers, path, (read, anchors)),
        ),
    )
    for what, bar, run in work:
        times_ms = []
        for _ in range(runs):
            started = time.perf_counter()
            run()
            times_ms.append(1000 * (time.perf_counter() - started))
        yield _row(what, statistics.median(times_ms), bar, worst=round(max(times_ms)), runs=runs)


def _intake(readers: ReaderPool, path: Path) -> dict[str, Any]:
    kind = check_upload(path, filename=path.name, limits=readers.limits)
    return readers.run(
        "core.pipeline.intake", {"path": str(path), "kind": kind.value, "session_id": _SESSION}
    )


def _hostile(readers: ReaderPool, folder: Path) -> Iterator[dict[str, Any]]:
    path, right, slowest, wrong = folder / "hostile.pdf", 0, 0.0, []
    files = hostile_pdfs()
    for name, (write, answers) in files.items():
        write(path)
        started = time.perf_counter()
        try:
            _intake(readers, path)
            answer = READ
        except AppError as error:
            answer = error.code
        slowest = max(slowest, time.perf_counter() - started)
        right += answer in answers
        wrong += [] if answer in answers else [f"{name}: {answer}"]
    print(*wrong, sep="\n")
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield _row("hostile files answered rightly", right, str(len(files)))
    yield _row("hostile files, slowest, s", slowest, "<= 10")
    yield _row("largest child, MiB", peak_mib, "<= 768")


if __name__ == "__main__":
    main()
