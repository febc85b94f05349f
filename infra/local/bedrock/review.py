"""A section reviewed by core.rules, in the shape in which a model answers the same question."""

import json
from collections.abc import Sequence
from typing import Any

from core.review.finding import Finding, Risk
from core.rules.catalogue import RULES
from core.rules.reviewing import review_lines
from core.rules.rule import Scope
from infra.local.bedrock.brains import BrainAnswer

NO_TEXT = "Fixed rules answer here, not a model, and this request has no document text for them to read."
_LOOKED_AT = {number for rule in RULES if rule.scope is Scope.SECTION for number in rule.hawkeye_refs}
_BY_RISK = {Risk.HIGH: 0, Risk.MEDIUM: 1, Risk.LOW: 2}


def review_answer(lines: Sequence[str] | None, *, room_chars: int) -> BrainAnswer:
    """lines: `[b12] text` of the section; None when the request had none. room_chars: of answer and thinking."""
    findings = review_lines(lines or [])
    thinking = _thinking(lines, findings)
    return BrainAnswer(_fitting(findings, room_chars=room_chars - len(thinking)), thinking=thinking)


def _thinking(lines: Sequence[str] | None, findings: Sequence[Finding]) -> str:
    if lines is None:
        return NO_TEXT
    kinds = sorted({finding.category for finding in findings})
    seen = f"They found {len(findings)}: {', '.join(kinds)}." if findings else "They found nothing."
    return f"No model thought about this. Fixed rules read the section's {len(lines)} blocks. {seen}"


def _fitting(findings: Sequence[Finding], *, room_chars: int) -> dict[str, Any]:
    """The answer with the gravest findings that have room, in the order of the text.

    As a model would that knows how long its answer may be; one cut off in the middle is no use to anybody.
    """
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda item: _BY_RISK[item.risk_level]):
        if len(_text(_answer([*kept, finding]))) <= room_chars:
            kept.append(finding)
    return _answer([finding for finding in findings if finding in kept])


def _answer(findings: Sequence[Finding]) -> dict[str, Any]:
    """checked: points with a finding, and those that some rule looks at; about the rest rules know nothing."""
    found = {number for finding in findings for number in finding.hawkeye_refs}
    checked = [
        {"point": number, "outcome": "found" if number in found else "nothing"}
        for number in sorted(found | _LOOKED_AT)
    ]
    return {"findings": [_said(finding) for finding in findings], "checked": checked}


def _said(finding: Finding) -> dict[str, Any]:
    return {
        "type": finding.type.value,
        "risk_level": finding.risk_level.value,
        "category": finding.category,
        "description": finding.description,
        "suggestion": finding.suggestion,
        "example": finding.example,
        "questions": list(finding.questions),
        "hawkeye_refs": list(finding.hawkeye_refs),
        "confidence": finding.confidence,
        "quote": finding.quote,
        "rule": finding.rule,
    }


def _text(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
