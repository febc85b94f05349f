"""Recall, precision, grounded share, repeats, cost and time of a reviewer over labelled documents.

    .venv/bin/python -m benchmarks.quality                          the fixed rules, over the project's own documents
    .venv/bin/python -m benchmarks.quality --documents FOLDER       over a folder of labelled or decided documents
    .venv/bin/python -m benchmarks.quality --brain scripted --findings FILE     {document: [{quote, category, ...}]}
    .venv/bin/python -m benchmarks.quality --brain bedrock          models, with the AWS settings of the environment
    LOCAL_LLM_URL=... LOCAL_LLM_MODEL=... .venv/bin/python -m benchmarks.quality --brain llm

What a folder holds is told in benchmarks/quality_labels.py. --notes prints what was missed and what was wrong.
Every run adds a line to benchmarks/results/quality-history.jsonl; --save FILE keeps what was found, to be scored
again with --brain scripted.
"""

import argparse
import json
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.quality_brains import Brain, Reviewed, brain_named
from benchmarks.quality_labels import Labelled, documents_in, own_documents
from benchmarks.quality_score import Score, score
from benchmarks.report import RESULTS, report

BAR = 0.85
HISTORY = RESULTS / "quality-history.jsonl"


def main() -> None:
    options = _options()
    documents = list(documents_in(options.documents) if options.documents else own_documents())
    with ExitStack() as stack:
        brain = brain_named(options.brain, findings=options.findings, stack=stack)
        reviewed = {document.name: brain(document) for document in documents}
    total = Score()
    for document in documents:
        score(document, reviewed[document.name].findings, total)
    name = options.documents.name if options.documents else "own"
    report(f"quality-{options.brain}-{name}", rows_of(total))
    summary = summary_of(total, list(reviewed.values()))
    print(json.dumps(summary, indent=1))
    _remember({"brain": options.brain, "documents": name, **summary})
    if options.notes:
        print("\n".join(total.notes))
    if options.save:
        options.save.write_text(json.dumps(_saved(documents, reviewed), indent=1), encoding="utf-8")


def rows_of(total: Score) -> list[dict[str, Any]]:
    """One row per kind that was labelled or found; then those that rules can find, and those that take judgement."""
    kinds = sorted((set(total.labels) | set(total.matched) | set(total.bad)) - {"rule", "judgement"})
    rows = [_row(total, kind) for kind in kinds]
    sums = [_row(total, group) for group in ("rule", "judgement")]
    return rows + [{**row, "precision": total.precision(), "findings": total.findings} for row in sums]


def _row(total: Score, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "labels": total.labels[kind],
        "found": total.found[kind],
        "recall": total.recall(kind),
        "findings": total.matched[kind] + total.bad[kind],
        "precision": total.precision(kind),
    }


def summary_of(total: Score, reviewed: list[Reviewed]) -> dict[str, Any]:
    seconds = [one.seconds for one in reviewed]
    recall, precision = total.recall("rule"), total.precision()
    return {
        "rule_recall": round(recall, 3),
        "judgement_recall": round(total.recall("judgement"), 3),
        "precision": round(precision, 3),
        "met": recall >= BAR and precision >= BAR and total.control == 0,
        "findings": total.findings,
        "grounded": round(total.grounded / total.findings, 3) if total.findings else 1.0,
        "repeats": total.repeats,
        "trapped": total.trapped,
        "wrong": total.wrong,
        "unjudged": total.unjudged,
        "in_controls": total.control,
        "cost_usd": round(sum(one.cost_usd for one in reviewed), 4),
        "seconds": round(sum(seconds), 3),
        "slowest_s": round(max(seconds, default=0.0), 3),
    }


def _remember(line: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with HISTORY.open("a", encoding="utf-8") as history:
        history.write(json.dumps({"at": at, "load": round(os.getloadavg()[0], 1), **line}) + "\n")


def _saved(documents: list[Labelled], reviewed: dict[str, Reviewed]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for document in documents:
        names = {section.id: section.name for section in document.document.sections}
        kept[document.name] = [
            {
                "section": names.get(finding.section_id, finding.section_id),
                "quote": finding.quote,
                "category": finding.rule or finding.category,
                "description": finding.description,
            }
            for finding in reviewed[document.name].findings
        ]
    return kept


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--brain", choices=[one.value for one in Brain], default=Brain.RULES.value)
    parser.add_argument("--documents", type=Path)
    parser.add_argument("--findings", type=Path, help="of --brain scripted")
    parser.add_argument("--notes", action="store_true")
    parser.add_argument("--save", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
