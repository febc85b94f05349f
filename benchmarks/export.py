"""Export of 50 comments with the start of the child, and what LibreOffice reads back of them.

    .venv/bin/python -m benchmarks.export [--runs 9] [FOLDER ...]

FOLDER: .docx files of your own beside the one made here; each gets comments on words all over it. LibreOffice is
needed to read back (apt-get install -y libreoffice-writer-nogui); without it that row is left out, and said so.
Times are the median and the worst of the runs, in milliseconds, on a machine whose load the JSON names.
"""

import argparse
import random
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.report import report
from core.config import DocumentSettings
from core.documents.limited_child import ReaderPool
from core.documents.model import Anchor, AnchorPart, Block, BlockKind, DocumentKind, ReadDocument
from core.documents.reading import read_document
from core.errors import AppError
from core.export.docx_service import reviewed_docx
from core.export.review_copy import About, Reply, ReviewCopy
from core.review.finding import Finding, FindingType, Risk
from tests.support.documents import para, run, table, word_file

COMMENTS = 50
AT = datetime(2026, 3, 9, 14, 5, 6, tzinfo=UTC)
SENTENCE = "On 3 March 2026 the address form accepted a change after the label had been printed. "
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("folders", nargs="*", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        readers = ReaderPool(DocumentSettings())
        made = _thirty_pages(Path(name) / "thirty-pages.docx")
        report("export", [_timed(readers, made, asked.runs)])
        if shutil.which("soffice") is None:
            print("LibreOffice is not here: apt-get install -y libreoffice-writer-nogui")
            return
        files = [made, *(file for folder in asked.folders for file in sorted(folder.rglob("*.docx")))]
        report("export-read-back", [_read_back(readers, Path(name), files)])


def _timed(readers: ReaderPool, path: Path, runs: int) -> dict[str, Any]:
    document = read_document(path, DocumentKind.DOCX)
    times_ms = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        _export(readers, path, document)
        times_ms.append(1000 * (time.perf_counter() - started))
    return {
        "what": f"export of {COMMENTS} comments, 10 of them threads, checked",
        "median_ms": statistics.median(times_ms[1:]),
        "worst_ms": max(times_ms[1:]),
        "runs": runs,
    }


def _read_back(readers: ReaderPool, directory: Path, files: Iterable[Path]) -> dict[str, Any]:
    """Of all comments written, those that LibreOffice shows with author and a range of words."""
    copies = directory / "copies"
    copies.mkdir()
    expected: dict[str, int] = {}
    refused = 0
    for number, file in enumerate(files):
        try:
            document = read_document(file, DocumentKind.DOCX)
            copy = copies / f"{number}.docx"
            copy.write_bytes(_export(readers, file, document))
            expected[copy.stem] = _count_written(copy)
        except AppError as error:
            refused += error.code.startswith("export/")
            print(f"{file.name}: {error.code}") if error.code.startswith("export/") else None
    profile = f"-env:UserInstallation=file://{directory / 'office'}"
    command = ["soffice", profile, "--headless", "--convert-to", "odt", "--outdir", str(directory / "odt")]
    subprocess.run([*command, *map(str, sorted(copies.iterdir()))], check=True, capture_output=True)
    found = {stem: _count_read(directory / "odt" / f"{stem}.odt") for stem in expected}
    for stem, count in expected.items():
        if found[stem] < count:
            print(f"{stem}: {found[stem]} of {count} read back")
    return {
        "what": "comments LibreOffice reads back with a range",
        "written": sum(expected.values()),
        "read": sum(found.values()),
        "share": sum(found.values()) / max(1, sum(expected.values())),
        "files": len(expected),
        "refused": refused,
    }


def _count_written(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        comments = (
            archive.read("word/comments.xml").decode() if "word/comments.xml" in archive.namelist() else ""
        )
    return len(re.findall(r'<w:comment [^>]*w:author="Benchmark"', comments))


def _count_read(path: Path) -> int:
    if not path.exists():
        return 0
    with zipfile.ZipFile(path) as archive:
        content = etree.fromstring(archive.read("content.xml"))
    ends = {end.get(f"{_OFFICE}name") for end in content.iter(f"{_OFFICE}annotation-end")}
    return sum(
        note.get(f"{_OFFICE}name") in ends and note.findtext(_CREATOR) == "Benchmark"
        for note in content.iter(f"{_OFFICE}annotation")
    )


def _export(readers: ReaderPool, path: Path, document: ReadDocument) -> bytes:
    items = [(finding, "") for finding in _findings(document)]
    reply = (Reply("Said before.", "Benchmark", AT),)
    about = {
        finding.id: About(replies=reply, resolved=True) for finding, _ in items[:: max(1, len(items) // 10)]
    }
    copy = ReviewCopy(
        document=path.read_bytes(),
        blocks=document.blocks,
        sections=document.sections,
        items=items,
        author="Benchmark",
        at=AT,
        checklist_names={11: "Root Cause Analysis"},
        about=about,
    )
    return reviewed_docx(readers, copy)


def _findings(document: ReadDocument) -> list[Finding]:
    """On random runs of words, the same ones every time; one in five goes on into the next block."""
    draw = random.Random(7)
    blocks = [
        block for block in document.blocks if len(block.text.split()) > 3 and block.kind is not BlockKind.NOTE
    ]
    chosen = [draw.randrange(len(blocks)) for _ in range(COMMENTS)] if blocks else []
    return [
        _finding(number, blocks[at : at + 1 + (number % 5 == 0)], draw) for number, at in enumerate(chosen)
    ]


def _finding(number: int, blocks: Sequence[Block], draw: random.Random) -> Finding:
    block, *following = blocks
    words = list(re.finditer(r"\S+", block.text))
    first = draw.randrange(len(words) - 3)
    last = words[-1] if following else words[first + draw.randrange(4)]
    more = tuple(AnchorPart(one.id, 0, len(one.text.split()[0])) for one in following)
    anchor = Anchor(block.id, words[first].start(), last.end(), more=more)
    said = ("Vague", "Which form, and since when?", "Name it.")
    return Finding(
        f"f{number}", "s1", FindingType.SUGGESTION, Risk.LOW, *said, hawkeye_refs=(11,), anchor=anchor
    )


def _thirty_pages(path: Path) -> Path:
    """About 13,500 words in runs of different looks: per page a heading, paragraphs, a list and a table."""
    rows = [["Action", "Owner", "Due"], ["Block changes of the address", "Mara Lindqvist", "1 May 2026"]]
    styled = para(run(SENTENCE), run(SENTENCE, "<w:b/>"), run(SENTENCE * 3))
    page = styled * 5 + para("A point of a list with some words.") * 4 + table(*rows)
    return word_file(path, "".join(para(f"Part {number}", style="H1") + page for number in range(30)))


if __name__ == "__main__":
    main()
