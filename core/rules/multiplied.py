"""Products told with their factors: "GBP 30 for each of the 903 sellers, GBP 27,900 in all"."""

import re
from collections.abc import Iterator

from core.rules.currencies import CURRENCY
from core.rules.dates import without_dates
from core.rules.rule import Hit, hit_in
from core.rules.view import Sentence

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d\d)?|\d+(?:\.\d\d)?"
_MONEY = rf"{CURRENCY} ?(?:{_NUMBER})(?![\d,.]*\d| ?(?:k|m|bn|million|billion)\b)"
_COUNT = r"\d{1,3}(?:,\d{3})+|\d{2,6}"
_SUM = r"(?:make|makes|made|come to|comes to|came to|are|is|were|was|amount to|amounts to|total|=)"
_TOLD = (
    # "GBP 30 for each of the 903 sellers, GBP 27,900 in all"
    re.compile(
        rf"(?P<price>{_MONEY}) (?:for|to|from|per) (?:each|every one) of (?:the |these |our )?"
        rf"(?P<count>{_COUNT})"
        rf" [^.;:()\d]{{2,40}}?,? (?:or |in all |that is |a total of |which is |which makes )?(?P<sum>{_MONEY})"
        r"(?= (?:in all|in total|altogether|together)|[.;)]|$)"
    ),
    # "1,130 attempts at GBP 7 each make GBP 7,190"
    re.compile(
        rf"(?<![\w.,])(?P<count>{_COUNT}) (?:[a-z-]+ ){{1,4}}(?:at|of|for|x|×) (?P<price>{_MONEY})"
        rf"(?: each| apiece)?,? (?:{_SUM}|or|that is|which is|a total of) (?P<sum>{_MONEY})"
    ),
    # "EUR 42,400 (EUR 200 x 221)"
    re.compile(rf"(?P<sum>{_MONEY}) \((?P<price>{_MONEY}) ?[x×*] ?(?P<count>{_COUNT})\)"),
    re.compile(rf"(?P<sum>{_MONEY}) \((?P<count>{_COUNT})(?: [a-z]+)? ?[x×*] ?(?P<price>{_MONEY})\)"),
)
_ROUGHLY = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|some|over|under|up to|at least|at most|average|mean|median"
    r"|approximately|between|plus|more than|less than)\b|~|≈",
    re.IGNORECASE,
)
_NEAR = 0.25
"""A product further off is told of something else."""
_ROUNDED = 0.005


def wrong_products(sentence: Sentence) -> Iterator[Hit]:
    """The factors with what they are said to make, where that is near and not right."""
    text = without_dates(sentence.text)
    for pattern in _TOLD:
        for match in pattern.finditer(text):
            product = _value(match["price"]) * _value(match["count"])
            off = abs(product - _value(match["sum"]))
            if not _ROUGHLY.search(match[0]) and _ROUNDED * product < off <= _NEAR * product:
                yield hit_in(
                    sentence,
                    *match.span(),
                    reason=f"The factors make {product:,.10g}, the text says {_value(match['sum']):,.10g}.",
                    suggestion="Multiply again and correct the figure that is wrong.",
                    questions=("Is one of the factors wrong, or the product?",),
                )


def _value(written: str) -> float:
    found = re.search(_NUMBER, written)
    return float(found[0].replace(",", "")) if found else 0.0
