"""The prompts with guidelines: as rules in a section's prompt, and as text to be condensed.

The mark of the delimiting lines is derived from the text itself. It stays the same for every section, so that the
block is a part of the prompt's stable beginning, and no text can contain the mark of its own hash.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from string import Template
from typing import Any

from pydantic import BaseModel, Field

from core.models.exchange import ModelRequest, fingerprint_of
from core.pipeline.prompt_words import version_of, words
from core.pipeline.section_text import clean

PROMPT = "guidelines/v1"
_FILES = ("section.md", "condense.md")
_MARK_CHARS = 16
_RULES_TOKENS = 3000

RULES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}},
                "required": ["text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["rules"],
    "additionalProperties": False,
}


class Rule(BaseModel):
    """One rule of a team's guidelines."""

    text: str = Field(min_length=1)


class CondensedAnswer(BaseModel):
    """A model's summary of guidelines. rules: empty if the text contains none."""

    rules: list[Rule]


@cache
def guidelines_version() -> str:
    return version_of(PROMPT, _FILES)


def guidelines_block(lines: Sequence[str]) -> str:
    """Returns the system block that follows the checklist."""
    text = delimited_guidelines(lines)
    mark = text.split(">>>", 1)[0].rsplit(" ", 1)[1]
    return f"{Template(words(PROMPT, 'section.md')).substitute(mark=mark)}\n\n{text}"


def condense_request(lines: Sequence[str], *, answer_tokens: int = _RULES_TOKENS) -> ModelRequest:
    """Returns the request to condense `lines`, a part of the guidelines that fits one call."""
    system, text = words(PROMPT, "condense.md"), delimited_guidelines(lines)
    return ModelRequest(
        system=(system,),
        user=(text,),
        schema=RULES_SCHEMA,
        schema_name="guideline_rules",
        prompt_version=guidelines_version(),
        fingerprint=fingerprint_of(guidelines_version(), system, text, str(answer_tokens)),
        answer_tokens=answer_tokens,
    )


def delimited_guidelines(lines: Sequence[str]) -> str:
    text = _as_markdown([line for line in map(clean, lines) if line.strip()])
    mark = hashlib.sha256(text.encode()).hexdigest()[:_MARK_CHARS]
    return f"<<<guidelines {mark}>>>\n{text}\n<<<end {mark}>>>"


def _as_markdown(lines: Sequence[str]) -> str:
    """Empty lines between paragraphs: what follows a list item would read as a part of it."""
    text = lines[0] if lines else ""
    for before, line in pairwise(lines):
        in_list = before.startswith("- ") and line.startswith("- ")
        text += f"\n{line}" if in_list else f"\n\n{line}"
    return text
