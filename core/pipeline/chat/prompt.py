"""What a model is asked in the chat. The words are versioned files under prompts/chat/.

system   how to answer, what is data                              the same for every question
user 1   the outline, what the question is about, what is read
user 2   the document, one line per block                         between two lines with a random mark, as all below
user 3   the last turns of the conversation, where there are any
user 4   the finding, where the question is about one
user 5   the question
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from string import Template

from core.documents.model import Section
from core.models.exchange import ModelRequest, fingerprint_of
from core.pipeline.chat.answer import chat_schema
from core.pipeline.chat.passages import Reading
from core.pipeline.prompt_context import title
from core.pipeline.prompt_words import delimited, version_of, words
from core.pipeline.section_text import cell_lines, clean
from core.review.chat import ChatTurn
from core.review.finding import Finding

PROMPT = "chat/v1"
EARLIER_TURNS = 6
_FILES = ("system.md", "about.md")
_MOST_TITLES = 80
_EARLIER_CHARS = 2_000


@dataclass(frozen=True)
class ChatPrompt:
    """Everything that one question's prompt is made of. section: what it is about; None for the whole document."""

    question: str
    reading: Reading
    outline: Sequence[Section]
    section: Section | None = None
    finding: Finding | None = None
    earlier: Sequence[ChatTurn] = ()


@cache
def prompt_version() -> str:
    return version_of(PROMPT, _FILES, schema=json.dumps(chat_schema()))


def chat_request(prompt: ChatPrompt, *, answer_tokens: int) -> ModelRequest:
    system = (words(PROMPT, "system.md"),)
    about = _about(prompt)
    parts = _parts(prompt)
    asked = (prompt_version(), *system, about, *(f"{name}\n{text}" for name, text in parts))
    return ModelRequest(
        system=system,
        user=(about, *(delimited(name, text) for name, text in parts)),
        schema=chat_schema(),
        schema_name="chat_answer",
        prompt_version=prompt_version(),
        fingerprint=fingerprint_of(*asked, str(answer_tokens)),
        answer_tokens=answer_tokens,
    )


def _parts(prompt: ChatPrompt) -> list[tuple[str, str]]:
    parts = [("document", "\n".join(cell_lines(prompt.reading.blocks)))]
    if prompt.earlier:
        parts.append(("conversation", "\n".join(line for turn in prompt.earlier for line in _turn(turn))))
    if prompt.finding is not None:
        parts.append(("finding", _finding(prompt.finding)))
    return [*parts, ("question", _cleaned(prompt.question))]


def _about(prompt: ChatPrompt) -> str:
    titles = [f"- {title(section)}" for section in prompt.outline[:_MOST_TITLES]]
    titles += ["- ..."] if len(prompt.outline) > _MOST_TITLES else []
    return Template(words(PROMPT, "about.md")).substitute(
        outline="\n".join(titles), scope=_scope(prompt), reading=_reading(prompt.reading)
    )


def _scope(prompt: ChatPrompt) -> str:
    if prompt.finding is not None:
        return "The question is about the finding that stands in its own block."
    if prompt.section is not None:
        return f"The question is about the section “{title(prompt.section)}”."
    return "The question is about the whole write-up."


def _reading(reading: Reading) -> str:
    if reading.whole:
        return "You get all of its text."
    return (
        f"It is long: you get {len(reading.blocks)} of its {reading.of} paragraphs, those nearest to the "
        "question, in order; between two of them others may be missing."
    )


def _turn(turn: ChatTurn) -> list[str]:
    answer = (turn.answer or {}).get("answer", "")
    return [f"Reviewer: {_shortened(turn.question.text)}", f"You: {_shortened(answer)}"]


def _finding(finding: Finding) -> str:
    rows = {
        "Category": finding.category,
        "Type and risk": f"{finding.type}, {finding.risk_level}",
        "Quote": finding.quote,
        "What is wrong": finding.description,
        "Suggestion": finding.suggestion,
        "Questions": " ".join(finding.questions),
    }
    return "\n".join(f"{name}: {clean(value)}" for name, value in rows.items() if value)


def _shortened(text: str) -> str:
    line = clean(text)
    return line if len(line) <= _EARLIER_CHARS else f"{line[:_EARLIER_CHARS]} ..."


def _cleaned(text: str) -> str:
    return "\n".join(clean(line) for line in text.splitlines())
