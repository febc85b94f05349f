"""Which passages of a document match a question: BM25 over its blocks, no model.

A block also counts, at half weight, for the words of the heading it stands under. Headings and lines of a few words,
such as the head of a table, are an answer only when nothing else matches.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.local.bedrock.delimited import Line

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_HEADING = "heading"
_OF_HEADING = 0.5
_SATURATION, _BY_LENGTH = 1.5, 0.75
_QUOTED_CHARS = 300
_LEAST_WORDS = 4
_COMMON_WORDS = (
    "a about all also am an and any are as at be been being but by can could did do does for from had has have "
    "he her his how i if in into is it its itself me my no not of on or our own please say says she should so "
    "some tell than that the their them then there these they this those to us was we were what when where which "
    "who whom whose why will with would you your document section text anything mention mentions mentioned"
)
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Passage:
    """quote: exactly as in the block."""

    block_id: str
    quote: str


def best_passages(question: str, lines: Sequence[Line], *, most: int = 3) -> list[Passage]:
    """The best first; empty when no block shares a word with the question that means something."""
    asked = set(terms(question))
    weights = _weights(lines)
    rarity = _rarity(asked, weights)
    length = sum(sum(weight.values()) for weight in weights) / max(1, len(weights))
    scores = [_score(weight, rarity, usual_length=length) for weight in weights]
    ranked = sorted(range(len(lines)), key=lambda index: (-scores[index], index))
    matching = [lines[index] for index in ranked if scores[index] > 0]
    bodies = [line for line in matching if _tells_something(line)]
    return [Passage(line.block_id, _excerpt(line.text, asked)) for line in (bodies or matching)[:most]]


def _tells_something(line: Line) -> bool:
    return line.mark != _HEADING and len(_WORD.findall(line.text)) >= _LEAST_WORDS


def terms(text: str) -> list[str]:
    """Words without endings and without those that are everywhere."""
    words = (match[0].lower() for match in _WORD.finditer(text))
    return [_stem(word) for word in words if word not in _COMMON]


def _stem(word: str) -> str:
    word = re.sub(r"['\u2019]s?$", "", word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s"):
        if len(word) > len(ending) + 2 and word.endswith(ending) and not word.endswith("ss"):
            return word.removesuffix(ending).removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word


def _weights(lines: Sequence[Line]) -> list[Mapping[str, float]]:
    """How often each block has each word."""
    found: list[Mapping[str, float]] = []
    heading: Counter[str] = Counter()
    for line in lines:
        own = Counter(terms(line.text))
        if line.mark == _HEADING:
            heading = own
            found.append(own)
        else:
            found.append({word: own[word] + _OF_HEADING * heading[word] for word in own | heading})
    return found


def _rarity(asked: set[str], weights: Sequence[Mapping[str, float]]) -> dict[str, float]:
    holding = {word: sum(word in weight for weight in weights) for word in asked}
    return {
        word: math.log(1 + (len(weights) - count + 0.5) / (count + 0.5))
        for word, count in holding.items()
        if count
    }


def _score(weight: Mapping[str, float], rarity: Mapping[str, float], *, usual_length: float) -> float:
    length = sum(weight.values()) / (usual_length or 1)
    damping = _SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * length)
    return sum(
        value * weight[word] * (_SATURATION + 1) / (weight[word] + damping)
        for word, value in rarity.items()
        if word in weight
    )


def _excerpt(text: str, asked: set[str]) -> str:
    """The whole block when it is short, else its best sentence: a part of the text, never words of our own."""
    if len(text) <= _QUOTED_CHARS:
        return text
    sentences = [sentence for sentence in _SENTENCE_END.split(text) if sentence]
    best = max(sentences, key=lambda sentence: len(asked & set(terms(sentence))))
    return best[:_QUOTED_CHARS].rstrip() if len(best) > _QUOTED_CHARS else best
