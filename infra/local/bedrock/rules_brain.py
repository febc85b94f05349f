"""The brain of the local mode: fixed rules over the text of the request, no model. It says so in every answer.

a section to review     core.rules over the document       review.py
a question              passages of the document           passages.py
guidelines              their demanding sentences          guideline_rules.py
"""

from collections.abc import Sequence
from enum import StrEnum

from infra.local.bedrock.brains import BrainAnswer
from infra.local.bedrock.conversation import Conversation
from infra.local.bedrock.delimited import block_lines, delimited
from infra.local.bedrock.guideline_rules import rules_of
from infra.local.bedrock.passages import Passage, best_passages
from infra.local.bedrock.review import NO_TEXT, review_answer
from infra.local.bedrock.tokens import CHARS_PER_TOKEN

_NO_DOCUMENT = "No model is configured, and this request has no document text to search."
_NO_MATCH = "No model is configured, and no passage of the document matches your question."
_MATCHES = "No model is configured; these passages of the document match your question:"
_NO_THOUGHT = "No model thought about this."


class Work(StrEnum):
    """What a request wants, by the shape of the answer it asks for, else by what it holds."""

    REVIEW = "review"
    CHAT = "chat"
    CONDENSE = "condense"
    TALK = "talk"


class RulesBrain:
    name = "rules"

    def answer(self, conversation: Conversation) -> BrainAnswer:
        work = work_of(conversation)
        if work is Work.CHAT:
            return _chat(conversation)
        if work is Work.CONDENSE:
            return _condensed(conversation)
        if work is Work.TALK:
            return BrainAnswer(NO_TEXT)
        room_chars = conversation.max_tokens * CHARS_PER_TOKEN
        return review_answer(document_lines(conversation.texts), room_chars=room_chars)


def work_of(conversation: Conversation) -> Work:
    asked_for = set(conversation.schema.get("properties", {}))
    if {"answer", "citations"} <= asked_for:
        return Work.CHAT
    if "rules" in asked_for:
        return Work.CONDENSE
    if conversation.schema or conversation.tool:
        return Work.REVIEW
    for name, work in _BY_BLOCK.items():
        if delimited(conversation.texts, name=name):
            return work
    return Work.TALK


_BY_BLOCK = {"question": Work.CHAT, "guidelines": Work.CONDENSE, "document": Work.REVIEW}


def document_lines(texts: Sequence[str]) -> list[str] | None:
    """The lines between the delimiters, or None when no content block, or more than one, is a document."""
    found = delimited(texts, name="document")
    if len(found) != 1:
        return None
    return [line for line in found[0].split("\n") if line.strip()]


def _chat(conversation: Conversation) -> BrainAnswer:
    questions = delimited(conversation.texts, name="question")
    documents = delimited(conversation.user_texts, name="document")
    if not documents or not questions:
        return _said(_NO_DOCUMENT, [])
    lines = [line for document in documents for line in block_lines(document)]
    passages = best_passages(questions[-1], lines)
    if not passages:
        return _said(_NO_MATCH, [])
    return _said("\n".join([_MATCHES, *(f"\u201c{passage.quote}\u201d" for passage in passages)]), passages)


def _said(words: str, passages: Sequence[Passage]) -> BrainAnswer:
    citations = [{"block_id": passage.block_id, "quote": passage.quote} for passage in passages]
    content = {"answer": words, "citations": citations}
    return BrainAnswer(content, thinking=f"{_NO_THOUGHT} Words of the question were looked for in the text.")


def _condensed(conversation: Conversation) -> BrainAnswer:
    texts = delimited(conversation.user_texts, name="guidelines")
    room_chars = conversation.max_tokens * CHARS_PER_TOKEN // 2
    kept: list[str] = []
    for rule in rules_of("\n\n".join(texts)):
        room_chars -= len(rule) + len('{"text":""},')
        if room_chars > 0:
            kept.append(rule)
    thinking = f"{_NO_THOUGHT} {len(kept)} demanding sentences and bullet points stand as they are."
    return BrainAnswer({"rules": [{"text": rule} for rule in kept]}, thinking=thinking)
