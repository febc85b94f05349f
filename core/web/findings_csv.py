"""Findings as a table that spreadsheets open without running anything in it."""

import csv
import io
from collections.abc import Mapping
from typing import Any

COLUMNS = (
    "section",
    "type",
    "risk_level",
    "category",
    "description",
    "suggestion",
    "quote",
    "page",
    "hawkeye_points",
    "decision",
    "reason",
    "note",
    "decided_by",
    "decided_at",
    "sources",
    "confidence",
    "id",
    "set_aside",
)
_BOM = "\ufeff"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def findings_csv(review: Mapping[str, Any]) -> bytes:
    """Returns the findings as CSV; set-aside ones come last. review: the body of GET /sessions/<id>.

    UTF-8 with the byte order mark that Excel needs.
    """
    sections = {section["id"]: section for section in review["sections"]}
    points = {point["number"]: point["name"] for point in review["checklist"]["points"]}
    target = io.StringIO()
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for finding in (*review["findings"], *review["findings_set_aside"]):
        row = _row(finding, sections.get(finding["section_id"], {}), points)
        writer.writerow([inert(str(row[column])) for column in COLUMNS])
    return (_BOM + target.getvalue()).encode()


def inert(cell: str) -> str:
    """Returns the cell, after an apostrophe if a spreadsheet would run it as a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_A_FORMULA) else cell


def _row(finding: Mapping[str, Any], section: Mapping[str, Any], points: Mapping[int, str]) -> dict[str, Any]:
    named = [f"{number} {points.get(number, '')}".strip() for number in finding["hawkeye_refs"]]
    return {
        **finding,
        "section": section.get("name", "Whole document"),
        "page": section.get("page") or "",
        "hawkeye_points": "; ".join(named),
        "sources": ", ".join(finding["sources"]),
        "set_aside": "yes" if finding["set_aside"] else "",
    }
