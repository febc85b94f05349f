"""Labelled documents for the quality benchmark: the project's own, a folder of them, or a team's decided reviews.

Own ones (benchmarks/labelled/*.md): "# heading", "**bold heading**", "- item", "| a | b |" rows, else a paragraph.
[[kind|words]] is a defect, [[?kind|words]] one that takes judgement, [[-kind|words]] an innocent look-alike;
"!missing part" names a section that is not there.

A folder: documents beside labels.json, {file: {defects: [...], traps: [...]}}, each with taxonomy (or looks_like),
section, quote (null where a section is missing), keywords, also: [{quote}], detectable ("rule" or "judgement"); or
beside <file>.findings.json as GET /sessions/<id>/findings.json gives it: what was accepted is a defect, what was
rejected is none, and of the rest nobody knows.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx

from core.documents.model import DocumentKind, ReadDocument
from core.documents.reading import read_document

OWN = Path(__file__).parent / "labelled"
_MARK = re.compile(r"\[\[(?P<sign>[?-]?)(?P<kind>[a-z-]+)\|(?P<words>.+?)\]\]")
_MISSING = "!missing "


@dataclass(frozen=True)
class Label:
    """quotes: the places that show it, any will do; none for a missing section, which `keywords` name."""

    kind: str
    quotes: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    by_rule: bool = True


@dataclass(frozen=True)
class Labelled:
    """complete: every defect is labelled, so that any other finding is wrong."""

    name: str
    document: ReadDocument
    defects: tuple[Label, ...]
    traps: tuple[Label, ...]
    complete: bool = True


def own_documents() -> Iterator[Labelled]:
    for path in sorted(OWN.glob("*.md")):
        yield _own(path)


def documents_in(folder: Path) -> Iterator[Labelled]:
    """Raises FileNotFoundError where the folder has no labels."""
    table = folder / "labels.json"
    if table.exists():
        for name, labels in sorted(json.loads(table.read_text(encoding="utf-8")).items()):
            defects = tuple(_label(one) for one in labels["defects"])
            yield Labelled(name, _read(folder / name), defects, tuple(map(_label, labels["traps"])))
        return
    decided = sorted(folder.glob("*.findings.json"))
    if not decided:
        raise FileNotFoundError(f"{folder} has neither labels.json nor <document>.findings.json")
    for path in decided:
        yield _decided(path)


def _own(path: Path) -> Labelled:
    defects, traps, lines = [], [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(_MISSING):
            part = line.removeprefix(_MISSING).strip()
            defects.append(Label("missing-section", (), (part,)))
            continue
        for mark in _MARK.finditer(line):
            label = Label(mark["kind"], (mark["words"],), by_rule=mark["sign"] != "?")
            (traps if mark["sign"] == "-" else defects).append(label)
        lines.append(_MARK.sub(lambda mark: mark["words"], line))
    with tempfile.TemporaryDirectory() as folder:
        document = _read(_word_file(Path(folder) / f"{path.stem}.docx", lines))
    return Labelled(path.stem, document, tuple(defects), tuple(traps))


def _word_file(path: Path, lines: list[str]) -> Path:
    document, rows = docx.Document(), []
    for line in [*filter(None, lines), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if rows:
            _add_table(document, rows)
            rows = []
        _add_line(document, line)
    document.save(str(path))
    return path


def _add_line(document: Any, line: str) -> None:
    if line.startswith("#"):
        marks, _, text = line.partition(" ")
        document.add_heading(text, level=len(marks))
    elif line.startswith("**"):
        document.add_paragraph().add_run(line.strip("*")).bold = True
    elif line.startswith("- "):
        document.add_paragraph(line[2:], style="List Bullet")
    elif line:
        document.add_paragraph(line)


def _add_table(document: Any, rows: list[list[str]]) -> None:
    grid = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def _label(data: dict[str, Any]) -> Label:
    quotes = [data["quote"], *(other["quote"] for other in data.get("also", ()))]
    return Label(
        data.get("taxonomy") or data["looks_like"],
        tuple(quote for quote in quotes if quote),
        tuple(data.get("keywords", ())),
        by_rule=data.get("detectable", "rule") == "rule",
    )


def _decided(path: Path) -> Labelled:
    name = path.name.removesuffix(".findings.json")
    export = json.loads(path.read_text(encoding="utf-8"))
    sorted_out: dict[str, list[Label]] = {"accepted": [], "rejected": []}
    for finding in export["findings"]:
        if finding["decision"] in sorted_out:
            quotes = (finding["quote"],) if finding["quote"] else ()
            keywords = () if quotes else tuple(finding["description"].split()[:12])
            label = Label(finding["rule"] or finding["category"], quotes, keywords)
            sorted_out[finding["decision"]].append(label)
    document = _read(path.with_name(name))
    return Labelled(
        name, document, tuple(sorted_out["accepted"]), tuple(sorted_out["rejected"]), complete=False
    )


def _read(path: Path) -> ReadDocument:
    return read_document(path, DocumentKind(path.suffix.lstrip(".").lower()))
