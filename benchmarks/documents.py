"""Upload to outline of a 10-page .docx and PDF, and export of 50 comments; the start of the child included.

    .venv/bin/python -m benchmarks.documents [--runs 9]

Times are the median and the worst of the runs, in milliseconds, on a machine whose load the JSON names.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.report import report
from core.config import DocumentSettings
from core.documents.guard import check_upload
from core.documents.limited_child import ReaderPool
from core.documents.model import Anchor, Block, DocumentKind, Section
from core.documents.reading import read_document
from core.export.service import reviewed_docx
from core.review.finding import Finding, FindingType, Risk
from tests.support.documents import para, pdf_file, table, word_file

PAGES, COMMENTS = 10, 50
SENTENCE = "On 3 March 2026 the address form accepted a change after the label had been printed. "


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        report("documents", _measure(Path(name), runs))


def _measure(directory: Path, runs: int) -> list[dict[str, Any]]:
    readers = ReaderPool(DocumentSettings())
    word, pdf = _word(directory / "ten-pages.docx"), _pdf(directory / "ten-pages.pdf")
    work: dict[str, Callable[[], Any]] = {
        "start of a child alone": lambda: readers.run("tests.support.reader_entry", {}),
        "10-page .docx: guard, read, outline, rules": lambda: _intake(readers, word),
        "10-page .pdf: guard, read, outline, rules": lambda: _intake(readers, pdf),
        "export of 50 comments, checked": _export(readers, word),
    }
    return [_timed(what, run, runs) for what, run in work.items()]


def _timed(what: str, run: Callable[[], Any], runs: int) -> dict[str, Any]:
    run()
    times_ms = []
    for _ in range(runs):
        started = time.perf_counter()
        run()
        times_ms.append(1000 * (time.perf_counter() - started))
    return {"what": what, "median_ms": statistics.median(times_ms), "worst_ms": max(times_ms), "runs": runs}


def _intake(readers: ReaderPool, path: Path) -> dict[str, Any]:
    kind = check_upload(path, filename=path.name, limits=readers.limits)
    request = {"path": str(path), "kind": kind.value, "session_id": "00000000-0000-4000-8000-000000000000"}
    return readers.run("core.pipeline.intake", request)


def _export(readers: ReaderPool, path: Path) -> Callable[[], bytes]:
    document, content = read_document(path, DocumentKind.DOCX), path.read_bytes()
    long = [block for block in document.blocks if len(block.text) > 100]
    items = [(_finding(block, document.sections[0]), "") for block in (long * COMMENTS)[:COMMENTS]]
    return lambda: reviewed_docx(
        readers,
        document=content,
        blocks=document.blocks,
        sections=document.sections,
        items=items,
        author="Ann Lee",
        checklist_names={},
    )


def _finding(block: Block, section: Section) -> Finding:
    anchor = Anchor(block.id, 19, 31)
    return Finding("f", section.id, FindingType.SUGGESTION, Risk.LOW, "Vague", "Which form?", anchor=anchor)


def _word(path: Path) -> Path:
    """About 4,500 words: per page a heading, five paragraphs, a list and a table."""
    rows = [["Action", "Owner", "Due"], ["Block changes", "Mara Lindqvist", "1 May 2026"], ["Alert", "", ""]]
    page = para(SENTENCE * 5) * 5 + para("A point of a list.") * 4 + table(*rows)
    return word_file(path, "".join(para(f"Part {number}", style="H1") + page for number in range(PAGES)))


def _pdf(path: Path) -> Path:
    lines = [(11.0, SENTENCE.strip())] * 40
    return pdf_file(path, [[(16.0, f"Part {number}"), *lines] for number in range(PAGES)])


if __name__ == "__main__":
    main()
