"""Quota tokens of a first review of 12 sections against a naive prompt; model calls of an unchanged re-review.

    .venv/bin/python -m benchmarks.tokens

The product's own prompt, cache and model calls run against the local Bedrock, which imitates Bedrock's prompt cache
and counts tokens as characters / 4. The naive prompt asks the same about the same text and gets the same answers:
the whole checklist and the whole outline as indented JSON in every call, a line per table cell, no cache point, no
learnt maxTokens. Quota tokens are input + cache write + 5 x output, as AWS settles them; reserved ones are what a
call holds at its start.
"""

import argparse
import dataclasses
import json
import secrets
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.report import report
from benchmarks.write_up import write_up
from core.async_request_manager import AsyncRequestManager
from core.aws.bedrock import BedrockInvoker
from core.aws.object_store import MemoryObjectStore
from core.clock import SystemClock
from core.config import LimitSettings
from core.documents.model import Block, DocumentKind, ReadDocument, Section
from core.documents.reading import read_document
from core.models.converse import converse_request
from core.models.model import Model
from core.models.registry import load_registry
from core.observability.metrics import NullMetrics
from core.pipeline.analysis import SectionAnalysis
from core.pipeline.asking import Asking
from core.pipeline.cache import AnswerCache
from core.pipeline.daily_cost import DailyCost
from core.pipeline.prompt import Part, section_request
from core.pipeline.section_text import cell_lines, lines, readable
from core.pipeline.single_flight import SingleFlight
from core.pipeline.task_identity import section_task_id
from core.pipeline.team_guidelines import TeamGuidelines
from core.review.checklist import load_checklist
from core.review.repository import ReviewRepository
from core.review.session import ReviewSession
from core.throttling.limiter import Limiter
from core.throttling.limits import limits_from
from core.throttling.store import MemoryStateStore
from infra.local.reaper import Reaper
from tests.support.bedrock import LocalBedrock, run_bedrock

CHILDREN = 8
BAR = 0.20
LIMITS = LimitSettings(
    requests_per_minute=100_000, tokens_per_minute=10**9, analysis_per_minute=100_000, fallback_delay_s=0.0
)
CHECKLIST = load_checklist()
REGISTRY = load_registry()
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
    house = _House(bedrock, document)
    first = _metered(bedrock, "one section after the other", lambda: house.review(children=1))
    again = _metered(bedrock, "unchanged, uploaded again", lambda: house.review(children=CHILDREN))
    assert first["output"] == naive["output"], "both must find the same, or they did not read the same"
    together = _all_writing(first)
    rows = [naive, _judged(first, naive), _judged(together, naive)]
    rows += [_judged(_with_longer_answers(together), _with_longer_answers(naive))]
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


@dataclass
class _Task:
    """A task without a queue; nothing is killed here, so nothing is claimed."""

    task_id: str
    queue: str = "analysis"
    deadline_at: float = field(default_factory=lambda: time.time() + 600)
    attempts: Any = None

    def progress(self, stage: str) -> None: ...


class _Attempts:
    """Keeps nothing between calls."""

    @property
    def next_call(self) -> str:
        return uuid.uuid4().hex

    def stored_answer(self) -> None:
        return None

    def claim(self, model_id: str) -> None: ...

    def answered(self, model_id: str, answer: dict[str, Any]) -> None: ...

    def failed(self, model_id: str, code: str) -> None: ...

    def failed_models(self) -> frozenset[str]:
        return frozenset()


class _House:
    """The pipeline's rooms of one system, with a store in memory."""

    def __init__(self, bedrock: LocalBedrock, document: ReadDocument) -> None:
        self._document = document
        store, clock = MemoryObjectStore(), SystemClock()
        client = bedrock.client(read_timeout_s=60.0)
        models = AsyncRequestManager(
            registry=REGISTRY,
            limiter=Limiter(
                store=MemoryStateStore(), clock=clock, limits=limits_from(LIMITS), registry=REGISTRY
            ),
            invoker=BedrockInvoker(lambda _region: client, default_region="us-east-2"),
            clock=clock,
            limits=LIMITS,
        )
        self._reviews = ReviewRepository(store, clock)
        asking = Asking(
            models=models,
            cache=AnswerCache(store, clock, registry=REGISTRY, origin=bedrock.endpoint),
            flights=SingleFlight(store, clock),
            cost=DailyCost(store, clock, cap_usd=0.0),
            metrics=NullMetrics(),
        )
        guidelines = TeamGuidelines(
            reviews=self._reviews,
            store=store,
            clock=clock,
            asking=asking,
            origin=bedrock.endpoint,
            verbatim_tokens=1200,
        )
        self._analysis = SectionAnalysis(
            reviews=self._reviews, asking=asking, guidelines=guidelines, clock=clock
        )

    def review(self, *, children: int) -> None:
        """A new upload of the document, all sections reviewed by so many workers."""
        session = self._upload()
        with ThreadPoolExecutor(children) as pool:
            list(pool.map(lambda section: self._review(session, section), self._document.sections))

    def _upload(self) -> ReviewSession:
        session = ReviewSession(
            id=str(uuid.uuid4()),
            owner="bench",
            document_name="write-up.docx",
            kind=self._document.kind,
            created_at="2026-11-21T12:00:00.000Z",
            size_bytes=1,
            sha256="0" * 64,
            sections=self._document.sections,
        )
        self._reviews.create(session, document=b"PK", blocks=self._document.blocks, rules=())
        return session

    def _review(self, session: ReviewSession, section: Section) -> None:
        task_id = section_task_id(session, section, blocks=self._document.blocks)
        self._analysis.run(session.id, section.id, _Task(task_id, attempts=_Attempts()))


if __name__ == "__main__":
    main()
