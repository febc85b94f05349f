"""Entry of the limited child for a team's checklist: a TOML file, or the table of a Word document."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.documents.model import Block, BlockKind, DocumentKind
from core.documents.reading import read_document
from core.errors import Permanent
from core.rules.tables import Table, tables_of

_COLUMNS = {
    "name": re.compile(r"\b(?:point|name|title|topic|item|check|criterion)\b", re.IGNORECASE),
    "intent": re.compile(r"\b(?:intent|purpose|why|aim|goal|objective)\b", re.IGNORECASE),
    "good": re.compile(r"\b(?:good|expected|standard|met|requirement|should)\b", re.IGNORECASE),
    "gaps": re.compile(r"\b(?:gaps?|missing|mistakes?|pitfalls?|failures?)\b", re.IGNORECASE),
    "questions": re.compile(r"\b(?:questions?|ask)\b", re.IGNORECASE),
    "concerns": re.compile(r"\b(?:concerns|sections?|parts?|where)\b", re.IGNORECASE),
}
_TITLES = {
    "name": "Point",
    "intent": "Intent",
    "good": "What good looks like",
    "gaps": "Typical gaps",
    "questions": "Questions",
}
_LISTS = ("gaps", "questions")
_NUMBER = re.compile(r"^(?:no|nr|number|#)\.?$", re.IGNORECASE)
# Those of a checklist go four deep; what is much deeper could not be read by who gets the answer.
_MOST_LEVELS = 20
_NOT_AN_ID = re.compile(r"[^a-z0-9]+")


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{path, kind: "toml" or "docx", name} -> {checklist}: as it is in the file, not yet checked.

    Raises Permanent checklist/invalid, document/....
    """
    path = Path(request["path"])
    if request["kind"] == "toml":
        return {"checklist": _toml(path)}
    document = read_document(path, DocumentKind.DOCX)
    return {"checklist": checklist_of(document.blocks, file_name=request["name"])}


def checklist_of(blocks: Sequence[Block], *, file_name: str) -> dict[str, Any]:
    """A checklist from the first table with a column for each of point, intent, good, gaps and questions.

    Raises Permanent checklist/invalid, which says what is missing.
    """
    tables = tables_of(blocks)
    columns = [(table, _columns(table)) for table in tables]
    fitting = next((one for one in columns if not _lacking(one[1])), None)
    if fitting is None:
        if any(map(_is_only_a_header, tables)):
            raise Permanent(
                "checklist/invalid",
                "The table has its row of headers, but no row with words below it: add one row for each point.",
            )
        nearest = min((_lacking(found) for _, found in columns), key=len, default=["the table"])
        raise Permanent(
            "checklist/invalid",
            "The document needs a table with the columns Point, Intent, What good looks like, Typical gaps and "
            f"Questions, and a row below them for each point; missing: {', '.join(nearest)}.",
        )
    table, found = fitting
    _check_numbers(table)
    name = next(
        (block.text.strip() for block in blocks if block.cell is None and block.text.strip()), file_name
    )
    id = _NOT_AN_ID.sub("-", name.lower()).strip("-")[:40].strip("-")
    points = [_point(number, table, (row, found)) for number, row in enumerate(table.rows, 1)]
    return {"id": id if id[:1].isalpha() else f"team-{id}"[:40], "name": name, "points": points}


def _is_only_a_header(table: Table) -> bool:
    """Whether the table has one row with words, and they are those of a header."""
    (first, *more) = sorted({row for row, column in table.cells if table.text(row, column)}) or [0]
    headers = {column: table.text(first, column) for column in table.columns}
    return not more and not _lacking(_columns_of(headers))


def _columns(table: Table) -> dict[str, int]:
    return _columns_of({column: table.header(column) for column in table.columns})


def _columns_of(headers: Mapping[int, str]) -> dict[str, int]:
    """Which column holds what. Each column is used once; the headers that are hardest to mistake choose first."""
    found: dict[str, int] = {}
    for key in ("questions", "gaps", "good", "intent", "concerns", "name"):
        for column, header in headers.items():
            if column not in found.values() and not _NUMBER.match(header) and _COLUMNS[key].search(header):
                found[key] = column
                break
    return found


def _lacking(found: dict[str, int]) -> list[str]:
    return [title for key, title in _TITLES.items() if key not in found]


def _check_numbers(table: Table) -> None:
    """Findings cite points by number, so a number of the file's own is kept or refused, never changed in silence."""
    column = next((at for at in table.columns if _NUMBER.match(table.header(at))), None)
    for number, row in enumerate(table.rows, 1):
        written = table.text(row, column).strip(" .)") if column is not None else ""
        if written and written != str(number):
            raise Permanent(
                "checklist/invalid",
                f"Row {number} is numbered {written!r}: points are numbered 1, 2, 3 without gaps, or not at all.",
            )


def _point(number: int, table: Table, where: tuple[int, dict[str, int]]) -> dict[str, Any]:
    row, columns = where
    point: dict[str, Any] = {"number": number}
    for key, column in columns.items():
        lines = [
            line.strip(" \t•-–*") for block in table.cells.get((row, column), ()) for line in _lines(block)
        ]
        kept = [line for line in lines if line]
        point[key] = kept if key in _LISTS else " ".join(kept)
    if "concerns" in point:
        parts = re.split(r"[,;/]|\band\b", point["concerns"].lower())
        point["concerns"] = [part.strip() for part in parts if part.strip()]
    return point


def _lines(block: Block) -> list[str]:
    return [block.text] if block.kind is BlockKind.HEADING else block.text.split("\n")


def _toml(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if _is_deeper(data, _MOST_LEVELS):
            raise _too_deep()
        # Dates and times are TOML too, and no text of a checklist.
        plain: dict[str, Any] = json.loads(json.dumps(data, default=str))
    except UnicodeDecodeError as error:
        raise Permanent("checklist/invalid", "The file is not UTF-8 text.") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        # A TOMLDecodeError, or a number of thousands of digits.
        raise Permanent("checklist/invalid", f"It is not TOML: {error}.") from error
    return plain


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


def _too_deep() -> Permanent:
    return Permanent("checklist/invalid", "Its values are nested deeper than those of any checklist.")


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
