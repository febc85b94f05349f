"""The shape of a section's answer: one schema for native output, forced tool and parser.

Nothing is invented here: an answer that still has another shape after repair is an error, never a guess.
"""

import copy
import json
import re
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

import json_repair
from pydantic import BaseModel, Field, ValidationError, field_validator

from core.errors import Transient
from core.review.finding import FindingType, Risk

Shape = TypeVar("Shape", bound=BaseModel)

_FENCE = re.compile(r"\A\s*```\w*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
_DROPPED = ("title", "default", "description", "minimum", "maximum", "minLength", "maxLength")


class Outcome(StrEnum):
    """Result of reading the section against one checklist point."""

    FOUND = "found"
    NOTHING = "nothing"
    NOT_APPLICABLE = "not_applicable"


class AnsweredFinding(BaseModel):
    """A finding as a model reports it."""

    type: FindingType
    risk_level: Risk
    category: str = Field(min_length=1, max_length=120)
    description: str = Field(min_length=1)
    suggestion: str = ""
    example: str = ""
    questions: list[str] = []
    hawkeye_refs: list[int] = []
    confidence: float = Field(ge=0, le=1)
    quote: str
    rule: str = ""

    @field_validator("type", "risk_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("confidence", mode="before")
    @classmethod
    def _percent(cls, value: Any) -> Any:
        """Models without a native schema sometimes write 85 for 0.85."""
        return value / 100 if isinstance(value, int | float) and 1 < value <= 100 else value

    @field_validator("suggestion", "example", "quote", "rule", mode="before")
    @classmethod
    def _nothing(cls, value: Any) -> Any:
        return "" if value is None else value


class CheckedPoint(BaseModel):
    """A checklist point and what the model says about it."""

    point: int
    outcome: Outcome


class SectionAnswer(BaseModel):
    """A model's answer about a section. checked: points that the model says it checked; others were not checked."""

    findings: list[AnsweredFinding]
    checked: list[CheckedPoint] = []


@cache
def _schema() -> str:
    schema = SectionAnswer.model_json_schema()
    for node in [schema, *schema.get("$defs", {}).values()]:
        _closed(node)
    return json.dumps(schema)


def answer_schema() -> dict[str, Any]:
    """Returns the JSON schema, within the limits of native structured output.

    Closed objects, no bounds, all required.
    """
    return copy.deepcopy(json.loads(_schema()))


def parse_answer(content: str) -> SectionAnswer:
    """Parses a model's text or tool input. Raises Transient model/invalid-answer."""
    return parse_as(SectionAnswer, content)


def parse_as(shape: type[Shape], content: str) -> Shape:
    """Parses `content` as `shape`. Raises Transient model/invalid-answer.

    As a last resort, text around or in the JSON that is not JSON is repaired; what the model said is not changed.
    """
    fenced = _FENCE.match(content)
    text = fenced[1] if fenced else content
    try:
        return shape.model_validate_json(text)
    except ValidationError as first:
        repaired = json_repair.loads(text)
        if not isinstance(repaired, dict):
            raise _invalid(first) from first
        try:
            return shape.model_validate(repaired)
        except ValidationError as second:
            raise _invalid(second) from second


def _closed(node: dict[str, Any]) -> None:
    _without_annotations(node)
    for child in node.get("properties", {}).values():
        _without_annotations(child)
    if node.get("type") == "object":
        node["additionalProperties"] = False
        node["required"] = list(node["properties"])


def _without_annotations(node: dict[str, Any]) -> None:
    for name in _DROPPED:
        node.pop(name, None)


def _invalid(error: ValidationError) -> Transient:
    """An error that says where the answer is wrong, not what it said, which is document text."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the answer"
    return Transient("model/invalid-answer", f"The model's answer did not have the agreed form ({place}).")
