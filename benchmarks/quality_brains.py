"""Who reviews: fixed rules, findings of a file, models on Bedrock, or one of your own behind the local Bedrock."""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from benchmarks.pipeline import LocalPipeline
from benchmarks.quality_labels import Labelled
from core.aws.clients import make_bedrock
from core.config import load_settings
from core.documents.anchoring import locate
from core.documents.model import ReadDocument
from core.review.finding import Finding, FindingType, Risk
from core.rules.reviewing import review_document
from infra.local.reaper import Reaper
from tests.support.bedrock import run_bedrock

READ_TIMEOUT_S = 280.0
"""A model of one's own on a laptop takes minutes for a section."""


class Brain(StrEnum):
    RULES = "rules"
    SCRIPTED = "scripted"
    BEDROCK = "bedrock"
    LLM = "llm"


@dataclass(frozen=True)
class Reviewed:
    findings: Sequence[Finding]
    seconds: float
    cost_usd: float = 0.0


Review = Callable[[Labelled], Reviewed]


def brain_named(name: str, *, findings: Path | None, stack: ExitStack) -> Review:
    """findings: of the scripted one. stack: closes what was started. Raises ValueError without what it needs."""
    brain = Brain(name)
    if brain is Brain.RULES:
        return _rules
    if brain is Brain.SCRIPTED:
        if findings is None:
            raise ValueError("--brain scripted needs --findings FILE")
        return _scripted(json.loads(findings.read_text(encoding="utf-8")))
    return _models(_own_model(stack) if brain is Brain.LLM else _bedrock())


def _rules(document: Labelled) -> Reviewed:
    read, started = document.document, time.perf_counter()
    findings = review_document(read.blocks, read.sections, session_id=document.name)
    return Reviewed(findings, time.perf_counter() - started)


def _scripted(said: dict[str, Any]) -> Review:
    def review(document: Labelled) -> Reviewed:
        entries = enumerate(said.get(document.name, ()))
        return Reviewed([_finding(number, entry, document.document) for number, entry in entries], 0.0)

    return review


def _finding(number: int, entry: dict[str, Any], read: ReadDocument) -> Finding:
    quote = entry.get("quote") or ""
    anchor = locate(quote, read.blocks) if quote else None
    return Finding(
        id=f"f{number}",
        section_id=entry.get("section") or "",
        type=FindingType.IMPORTANT,
        risk_level=Risk.MEDIUM,
        category=entry["category"],
        description=entry.get("description") or "",
        quote=quote,
        anchor=anchor,
        grounded=anchor is not None or not quote,
    )


def _models(pipeline: LocalPipeline) -> Review:
    """The product's own prompts, grounding and merging; one section after the other, so that times mean something."""

    def review(document: Labelled) -> Reviewed:
        started = time.perf_counter()
        results = pipeline.review(document.document, children=1)
        findings = [Finding.from_dict(item) for result in results for item in result["feedback"]]
        cost_usd = sum(result["cost_usd"] for result in results)
        return Reviewed(findings, time.perf_counter() - started, cost_usd)

    return review


def _bedrock() -> LocalPipeline:
    settings = load_settings()
    client = make_bedrock(settings.aws.bedrock_region, read_timeout_s=settings.limits.read_timeout_s)
    return LocalPipeline(client, settings.aws.bedrock_region, limits=settings.limits)


def _own_model(stack: ExitStack) -> LocalPipeline:
    """LOCAL_LLM_URL and LOCAL_LLM_MODEL are read by the local Bedrock itself."""
    reaper = Reaper()
    stack.callback(reaper.close)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    server = run_bedrock(folder, reaper)
    bedrock = next(server)
    stack.callback(server.close)
    bedrock.configure(latency={"min_s": 0.0, "max_s": 0.0})
    return LocalPipeline(bedrock.client(read_timeout_s=READ_TIMEOUT_S), bedrock.endpoint)
