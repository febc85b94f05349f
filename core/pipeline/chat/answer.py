"""The shape of a chat answer."""

import re
from typing import Any

from pydantic import BaseModel, Field, field_validator

from core.pipeline.answer import parse_as

_BLOCK_MARK = re.compile(r"[ \t]*\[b\d+(?:[ ,;]+b\d+)*(?: [^\]]*)?\]")


class AnsweredCitation(BaseModel):
    """A citation as a model gives it."""

    block_id: str = ""
    quote: str

    @field_validator("block_id")
    @classmethod
    def _bare(cls, value: str) -> str:
        """Some models write the id as it stands in the text: `[b12]`."""
        return value.strip().strip("[]").split(" ")[0]


class ChatReply(BaseModel):
    """A model's answer to a question."""

    answer: str = Field(min_length=1)
    citations: list[AnsweredCitation] = []

    @field_validator("answer")
    @classmethod
    def _without_ids(cls, value: str) -> str:
        """Ids of blocks say nothing to a reader; the citations carry them."""
        return _BLOCK_MARK.sub("", value).strip()


def chat_schema() -> dict[str, Any]:
    """Returns the JSON schema, within the limits of native structured output.

    Closed objects, all fields required.
    """
    citation = {
        "type": "object",
        "properties": {"block_id": {"type": "string"}, "quote": {"type": "string"}},
        "required": ["block_id", "quote"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"answer": {"type": "string"}, "citations": {"type": "array", "items": citation}},
        "required": ["answer", "citations"],
        "additionalProperties": False,
    }


def parse_reply(content: str) -> ChatReply:
    """Parses a model's text or tool input. Raises Transient model/invalid-answer."""
    return parse_as(ChatReply, content)
