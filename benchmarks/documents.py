"""Upload to outline over HTTP, export of 50 comments, and how much of real files is read and found again.

    .venv/bin/python -m benchmarks.documents [--runs 9] [FOLDER ...]

Each upload is one of somebody who has opened the start page and takes three seconds to choose a file, which is when a
reader gets ready. Without a folder the own fixtures are read. Word recall needs pandoc, LibreOffice and pdftotext
(Debian: pandoc, libreoffice-writer-nogui, poppler-utils). Times are medians of the runs, in milliseconds, starts of
children included.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.document_corpus import Tally, measure, missing_tools
from benchmarks.report import report
from core.config import DocumentSettings
from core.documents.limited_child import ReaderPool
from core.documents.model import Anchor, Block, DocumentKind, Section
from core.documents.reading import read_document
from core.export.docx_service import reviewed_docx
from core.export.review_copy import ReviewCopy
from core.review.finding import Finding, FindingType, Risk
from infra.local.reaper import Reaper
from tests.support.cloud import run_cloud
from tests.support.documents import para, pdf_file, run, table, word_file
from tests.support.processes import Processes
from tests.support.review_app import Client

COMMENTS, CHOOSING_S = 50, 3.0
RECALL_BARS = {"pandoc": 0.99, "LibreOffice": 0.99, "pdftotext": 0.97}
SENTENCE = "On 3 March 2026 the address form accepted a change after the label had been printed. "


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    asked = parser.parse_args()
    if missing := missing_tools():
        sys.exit(f"Something to compare with is missing: apt-get install {' '.join(missing)}")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        folders = asked.folders or [_fixtures(directory / "fixtures")]
        scratch = directory / "readers"
        scratch.mkdir()
        tally = measure(folders, scratch)
        for line in (*tally.short, *(f"refused: {one}" for one in tally.refused)):
            print(line)
        report("documents", [*_times(directory, asked.runs), *_found(tally)])


def _row(what: str, figure: float, bar: str, *, met: bool, of: int) -> dict[str, Any]:
    return {"what": what, "figure": figure, "bar": bar, "verdict": "met" if met else "short", "of": of}


def _found(tally: Tally) -> list[dict[str, Any]]:
    rows = [
        _row(f"words of {name} that are read", found / total, f">= {bar}", met=found >= bar * total, of=total)
        for name, bar in RECALL_BARS.items()
        for found, total in [tally.words.get(name, (0, 0))]
        if total
    ]
    exact = tally.exact / max(1, tally.quotes)
    over = tally.over_two_exact / max(1, tally.over_two)
    placed = tally.invented_placed
    refused = len(tally.refused)
    return [
        *rows,
        _row("quotes on exactly their words", exact, ">= 0.99", met=exact >= 0.99, of=tally.quotes),
        _row(
            "quotes over two blocks on exactly their words",
            over,
            ">= 0.99",
            met=over >= 0.99,
            of=tally.over_two,
        ),
        _row("invented quotes that were placed", placed, "0", met=placed == 0, of=tally.invented),
        _row("refused though the others read text", refused, "0", met=refused == 0, of=tally.files),
    ]


def _times(directory: Path, runs: int) -> list[dict[str, Any]]:
    word, pdf = _word(directory / "30-pages.docx", pages=30), _pdf(directory / "100-pages.pdf", pages=100)
    export = _export(ReaderPool(DocumentSettings()), _word(directory / "export.docx", pages=10))
    rows = [_timed("export of 50 comments, checked", export, (500, runs))]
    reaper = Reaper()
    processes, cloud = Processes(directory, reaper), run_cloud(directory, reaper)
    try:
        client = Client(processes.web({**next(cloud).environ, "UPLOADS_PER_MINUTE": "0"}).url)
        for what, path, bar in (("30-page .docx", word, 1_000), ("100-page .pdf", pdf, 2_000)):
            rows.append(
                _timed(
                    f"{what}: upload to outline",
                    lambda path=path: _upload(client, path),
                    (bar, runs),
                    before=lambda: _open_start_page(client),
                )
            )
    finally:
        processes.end_all()
        cloud.close()
        reaper.close()
    return rows


def _timed(
    what: str, work: Callable[[], Any], bar_and_runs: tuple[int, int], *, before: Callable[[], Any] = bool
) -> dict[str, Any]:
    """before: each time, not counted."""
    bar, runs = bar_and_runs
    work()
    times_ms = []
    for _ in range(runs):
        before()
        started = time.perf_counter()
        work()
        times_ms.append(1000 * (time.perf_counter() - started))
    median = statistics.median(times_ms)
    return _row(f"{what}, p50 ms", median, f"<= {bar}", met=median <= bar, of=runs)


def _open_start_page(client: Client) -> None:
    client.get("/")
    time.sleep(CHOOSING_S)


def _upload(client: Client, path: Path) -> None:
    answer = client.upload(path)
    assert answer.status == 200, answer.body


def _export(readers: ReaderPool, path: Path) -> Callable[[], bytes]:
    document, content = read_document(path, DocumentKind.DOCX), path.read_bytes()
    long = [block for block in document.blocks if len(block.text) > 100]
    items = [(_finding(block, document.sections[0]), "") for block in (long * COMMENTS)[:COMMENTS]]
    copy = ReviewCopy(
        document=content,
        blocks=document.blocks,
        sections=document.sections,
        items=items,
        author="Ann Lee",
        at=datetime.now(UTC),
    )
    return lambda: reviewed_docx(readers, copy)


def _finding(block: Block, section: Section) -> Finding:
    anchor = Anchor(block.id, 19, 31)
    return Finding("f", section.id, FindingType.SUGGESTION, Risk.LOW, "Vague", "Which form?", anchor=anchor)


def _word(path: Path, *, pages: int) -> Path:
    """About 450 words a page: a heading, five paragraphs, a list and a table."""
    rows = [["Action", "Owner", "Due"], ["Block changes", "Mara Lindqvist", "1 May 2026"], ["Alert", "", ""]]
    page = para(SENTENCE * 5) * 5 + para("A point of a list.") * 4 + table(*rows)
    return word_file(path, "".join(para(f"Part {number}", style="H1") + page for number in range(pages)))


def _pdf(path: Path, *, pages: int) -> Path:
    lines = [(11.0, SENTENCE.strip())] * 40
    return pdf_file(path, [[(16.0, f"Part {number}"), *lines] for number in range(pages)])


def _fixtures(folder: Path) -> Path:
    """Files made here that hold what readers lose."""
    folder.mkdir()
    _word(folder / "plain.docx", pages=3)
    _pdf(folder / "plain.pdf", pages=3)
    inserted = f'<w:ins w:id="1">{run("Twelve sellers were inserted by a colleague. ")}</w:ins>'
    date = para("A content control holds the date of the meeting.")
    control = f"<w:sdt><w:sdtContent>{date}</w:sdtContent></w:sdt>"
    note = f'<w:footnote w:id="2">{para("Counted by hand from the weekly export.")}</w:footnote>'
    marked = para(run("The figure has a note."), '<w:r><w:footnoteReference w:id="2"/></w:r>', inserted)
    nested = table([para("Outer words here") + table(["Inner words there"]) + para(""), "Beside them"])
    tag = f"<w:smartTag>{run('A smart tag names the city of Gdansk.')}</w:smartTag>"
    word_file(
        folder / "features.docx",
        control + marked + nested + para(tag) + para(SENTENCE),
        parts={"footnotes": note},
    )
    return folder


if __name__ == "__main__":
    main()
