"""Sentences that have to be read twice."""

from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.rule import Hit, Rule, hit_in
from core.rules.text import words
from core.rules.view import View

MOST_WORDS = 45
_AFTER_LATIN = "\u0250"
_PROSE_SHARE = 0.88


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        count = len(words(sentence.text))
        # A list in one sentence reads item by item.
        listed = sentence.text.count(";") >= 3 or "\n" in sentence.text
        if count > MOST_WORDS and sentence.block.cell is None and not listed and _is_prose(sentence.text):
            yield hit_in(
                sentence,
                0,
                len(sentence.text),
                reason=f"This sentence has {count} words; above {MOST_WORDS} most readers lose the thread.",
            )


def _is_prose(text: str) -> bool:
    """Letters of an alphabet whose sentences end in a full stop and begin with a capital; no formulas, no code."""
    plain = sum(letter.isspace() or (letter.isalpha() and letter < _AFTER_LATIN) for letter in text)
    return plain >= _PROSE_SHARE * len(text)


RULE = Rule(
    slug="long-sentence",
    title="Long sentence",
    type=FindingType.SUGGESTION,
    risk=Risk.LOW,
    hawkeye_refs=(17,),
    suggestion="Split it: one statement per sentence, the reason after the fact.",
    because="Nothing is wrong with the content.",
    precision="Cells, lists in one sentence, formulas and scripts without capitals are left alone.",
    find=_find,
    confidence=1.0,
)
