"""What every benchmark prints and keeps: one table, one JSON file, with load and date."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def report(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Prints `rows` as a table and writes benchmarks/results/<name>.json."""
    columns = list(rows[0])
    widths = {column: max(len(column), *(len(_text(row[column])) for row in rows)) for column in columns}
    print("  ".join(column.ljust(widths[column]) for column in columns))
    for row in rows:
        print("  ".join(_text(row[column]).ljust(widths[column]) for column in columns))
    RESULTS.mkdir(exist_ok=True)
    document = {
        "name": name,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "rows": list(rows),
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


def _text(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
