"""Quota tokens of a first review of 12 sections against a naive prompt; model calls of an unchanged re-review.

    .venv/bin/python -m benchmarks.tokens

The product's own prompt, cache and model calls run against the local Bedrock, which imitates Bedrock's prompt cache
and counts tokens as characters / 4. The naive prompt asks the same about the same text and gets the same answers:
the whole checklist and the whole outline as indented JSON in every call, a line per table cell, no cache point, no
learnt maxTokens. Nor has it a pass over the whole document: that is counted apart and with the sections. Quota
tokens are input + cache write + 5 x output, as AWS settles them; reserved ones are what a call holds at its start.
"""

import argparse
import dataclasses
import json
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.pipeline import REGISTRY, LocalPipeline
from benchmarks.report import report
from benchmarks.write_up import write_up
from core.documents.model import Block, DocumentKind, ReadDocument, Section
from core.documents.reading import read_document
from core.models.converse import converse_request
from core.models.model import Model
from core.pipeline.prompt import Part, section_request
from core.pipeline.section_text import cell_lines, lines, readable
from core.review.checklist import load_checklist
from infra.local.reaper import Reaper
from tests.support.bedrock import LocalBedrock, run_bedrock

CHILDREN = 8
BAR = 0.20
CHECKLIST = load_checklist()
MODEL: Model = REGISTRY.models[0]
MODEL_OUTPUT_TOKENS = 1_500


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    with tempfile.TemporaryDirectory() as name, _bedrock(Path(name)) as bedrock:
        document = read_document(write_up(Path(name) / "write-up.docx"), DocumentKind.DOCX)
        report("tokens", _measure(bedrock, document))


@contextmanager
def _bedrock(directory: Path) -> Iterator[LocalBedrock]:
    reaper = Reaper()
    server = run_bedrock(directory, reaper)
    try:
        yield next(server)
    finally:
        server.close()
        reaper.close()


def _measure(bedrock: LocalBedrock, document: ReadDocument) -> list[dict[str, Any]]:
    naive = _metered(bedrock, "naive prompt", lambda: _ask_naively(bedrock, document))
    _forget(bedrock)
    pipeline = LocalPipeline(bedrock.client(read_timeout_s=60.0), bedrock.endpoint)
    first = _metered(bedrock, "one section after the other", lambda: pipeline.review(document, children=1))
    again = _metered(
        bedrock, "unchanged, uploaded again", lambda: pipeline.review(document, children=CHILDREN)
    )
    assert first["output"] == naive["output"], "both must find the same, or they did not read the same"
    whole = _metered(bedrock, "the pass over the whole document", lambda: pipeline.pass_over(document))
    together = _all_writing(first)
    rows = [naive, _judged(first, naive), _judged(together, naive)]
    rows += [_judged(_with_longer_answers(together), _with_longer_answers(naive))]
    rows += [whole, _judged(_both(together, whole), naive)]
    rows += [{**again, "verdict": "met" if again["calls"] == 0 else "short"}]
    tables = [section for section in document.sections if _has_table(document, section)]
    for name, form in (("a line per cell", cell_lines), ("as in the prompt", lines)):
        what = f"{len(tables)} sections with tables, {name}, nothing cached"
        rows.append(
            _metered(bedrock, what, lambda form=form: _ask_about(bedrock, document, tables, form=form))
        )
    return rows


def _all_writing(row: dict[str, Any]) -> dict[str, Any]:
    """Computed: calls that start before the first is answered find nothing in the prompt cache and write too.

    The local Bedrock has its answers in no time, so it shows less of that than a model does.
    """
    more = (CHILDREN - 1) * row["cache_read"] // (row["calls"] - 1)
    return {
        **row,
        "what": f"{CHILDREN} at a time, all of them writing the cache (computed)",
        "cache_write": row["cache_write"] + more,
        "cache_read": row["cache_read"] - more,
        "quota_tokens": row["quota_tokens"] + more,
    }


def _with_longer_answers(row: dict[str, Any]) -> dict[str, Any]:
    """Computed: fixed rules think and write less than a model, and output counts five times."""
    output = row["calls"] * MODEL_OUTPUT_TOKENS
    return {
        **row,
        "what": f"  and {MODEL_OUTPUT_TOKENS:,} output tokens a call (computed)",
        "output": output,
        "quota_tokens": row["quota_tokens"] + MODEL.burndown * (output - row["output"]),
    }


def _both(sections: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    counted = {name: sections[name] + value for name, value in whole.items() if isinstance(value, int)}
    return {**sections, **counted, "what": "  with it, though the naive prompt has no such pass"}


def _forget(bedrock: LocalBedrock) -> None:
    """Empties the prompt cache."""
    bedrock.reset()
    bedrock.configure(latency={"min_s": 0.0, "max_s": 0.0})


def _metered(bedrock: LocalBedrock, what: str, work: Callable[[], Any]) -> dict[str, Any]:
    """What `work` cost, as the service counted it."""
    calls = bedrock.calls()
    since = calls[-1]["number"] if calls else 0
    work()
    made = bedrock.calls(since=since)
    assert all(call["outcome"] == "ok" for call in made), made
    return {
        "what": what,
        "calls": len(made),
        "input": _sum(made, "input_tokens"),
        "cache_write": _sum(made, "cache_write_tokens"),
        "cache_read": _sum(made, "cache_read_tokens"),
        "output": _sum(made, "output_tokens"),
        "quota_tokens": _sum(made, "settled"),
        "reserved": _sum(made, "reserved"),
        "saved": "",
        "bar": "",
        "verdict": "",
    }


def _sum(calls: Sequence[dict[str, Any]], name: str) -> int:
    return sum(call[name] for call in calls)


def _judged(row: dict[str, Any], naive: dict[str, Any]) -> dict[str, Any]:
    saved = 1 - row["quota_tokens"] / naive["quota_tokens"]
    return {**row, "saved": saved, "bar": BAR, "verdict": "met" if saved >= BAR else "short"}


def _ask_naively(bedrock: LocalBedrock, document: ReadDocument) -> None:
    _forget(bedrock)
    for section in document.sections:
        _converse(bedrock, _naive_request(document, section))


def _naive_request(document: ReadDocument, section: Section) -> dict[str, Any]:
    """The product's words, and everything else as one would first write it."""
    ours = section_request(
        Part(_blocks(document, section)), section=section, outline=document.sections, checklist=CHECKLIST
    )
    checklist = json.dumps([dataclasses.asdict(point) for point in CHECKLIST.points], indent=2)
    outline = json.dumps([one.to_dict() for one in document.sections], indent=2)
    task = f"{ours.system[0]}\n\nChecklist:\n{checklist}\n\nOutline:\n{outline}\n\nReview {section.name}."
    text = _delimited(cell_lines(_blocks(document, section)))
    request = converse_request(MODEL, dataclasses.replace(ours, system=(task,), user=(text,)))
    without_points = [block for block in request["system"] if "cachePoint" not in block]
    return {**request, "system": without_points, "inferenceConfig": {"maxTokens": MODEL.max_tokens}}


def _ask_about(
    bedrock: LocalBedrock,
    document: ReadDocument,
    sections: Sequence[Section],
    *,
    form: Callable[[Sequence[Block]], list[str]],
) -> None:
    """form: how the text is written."""
    for section in sections:
        blocks = _blocks(document, section)
        ours = section_request(Part(blocks), section=section, outline=document.sections, checklist=CHECKLIST)
        ours = dataclasses.replace(ours, user=(ours.user[0], _delimited(form(blocks))))
        _converse(bedrock, converse_request(dataclasses.replace(MODEL, least_cached_tokens=0), ours))


def _converse(bedrock: LocalBedrock, request: dict[str, Any]) -> None:
    answer = bedrock.client().converse(**request)
    assert answer["stopReason"] == "end_turn", answer["stopReason"]


def _delimited(text: Sequence[str]) -> str:
    mark = secrets.token_hex(8)
    return "\n".join([f"<<<document {mark}>>>", *text, f"<<<end {mark}>>>"])


def _blocks(document: ReadDocument, section: Section) -> tuple[Block, ...]:
    return readable(section.blocks(document.blocks))


def _has_table(document: ReadDocument, section: Section) -> bool:
    return any(block.cell is not None for block in section.blocks(document.blocks))


if __name__ == "__main__":
    main()
