"""Shares that do not add up to the whole."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from core.documents.model import Block
from core.review.finding import FindingType, Risk
from core.rules.clauses import is_list_item
from core.rules.columns import Column, Value, number_columns
from core.rules.dates import without_dates
from core.rules.lexicon import phrases
from core.rules.number_words import NUMBER_WORDS, value_of
from core.rules.rule import Hit, Rule, hit_in
from core.rules.tables import Table
from core.rules.text import trim
from core.rules.view import Sentence, View

_SHARE = re.compile(
    r"\b(?:share|proportion|distribution|split|breakdown|per ?cent|percentage) ?(?:of)?|%", re.IGNORECASE
)
_RATE = re.compile(
    r"\b(?:rate|change|growth|increase|decrease|margin|accuracy|precision|recall|compliance)\b", re.IGNORECASE
)
_PERCENT = re.compile(
    rf"(?<![\d.,])(?:(?P<digits>\d{{1,3}}(?:\.\d+)?) ?%|(?P<figure>\d{{1,3}}(?:\.\d+)?|{NUMBER_WORDS}) per ?cent\b)",
    re.IGNORECASE,
)
_PARTS_OF_WHOLE = re.compile(
    rf"\b{phrases('parts_of_a_whole')}\b|^of (?:the|these|those|all)\b",
    re.IGNORECASE,
)


# What opens a list of the parts of a whole: "The parcels fall into three groups:", "They gave these reasons."
_SPLITS = re.compile(rf"\b{phrases('parts_of_a_whole')}\b|\b{phrases('opens_parts')}\b", re.IGNORECASE)
_COUNT = re.compile(r"(?<![\w.,-])(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?![\w.,%-]\d|\w|%)")
# Shares of different things, or of one thing at different times.
_COMPARES = re.compile(
    r"\b(?:from (?=(?:about |only )?\d)|than|against|compared|target|goal|rose|fell|grew|dropped|growth"
    r"|(?:in|for|by) (?:19|20)\d\d|respectively|year|month|quarter"
    r"|of which|thereof|including|confidence|accura\w+|rates?|each|both"
    # A rate for each of several places: "fired in 46% of the cases in the north, 33% in the south".
    r"|(?:in|for|at) (?:about |only )?\d{1,3}(?:\.\d+)? ?% of (?:the |all )?[a-z]+ (?:in|at|from|of))\b",
    re.IGNORECASE,
)


# "The shares make more than 100% because some gave two reasons."
_OVERLAPS = re.compile(
    r"\b(?:more than|over|above|exceeds?) (?:100|a hundred)\b"
    r"|\b(?:more than one|several|two|multiple|both)"
    r" (?:reasons?|answers?|causes?|options?|choices|responses|boxes|categories)\b"
    r"|\bcould (?:give|name|choose|pick|do|tick) (?:both|several|two|more)\b",
    re.IGNORECASE,
)


def _find(view: View) -> Iterator[Hit]:
    for table in view.tables:
        columns = [] if _tells_of_overlap(view, table) else number_columns(table)
        yield from (_column_hit(column, columns) for column in columns if _adds_up_wrongly(column))
    for sentence in view.sentences:
        _, after = view.neighbours(sentence)
        if not (after is not None and _OVERLAPS.search(after.text)):
            yield from _sentence_hit(sentence)
    yield from _list_hits(view)


def _tells_of_overlap(view: View, table: Table) -> bool:
    """Whether the line before or behind the table says why its shares make more than 100%."""
    places = {block.id for block in table.blocks}
    at = [number for number, block in enumerate(view.blocks) if block.id in places]
    beside = (*view.blocks[max(0, at[0] - 1) : at[0]], *view.blocks[at[-1] + 1 : at[-1] + 2])
    return any(_OVERLAPS.search(block.text) for block in (*beside, *table.blocks))


def _adds_up_wrongly(column: Column) -> bool:
    """Only where the column splits a whole: its total says 100 %, or its header says share and the sum is near."""
    if len(column.parts) < 2 or not _is_percent(column) or _RATE.search(column.header):
        return False
    whole = column.total is not None and abs(column.total.number - 100) < 1.5
    near = (
        column.total is None
        and bool(_SHARE.search(column.header))
        and 85 <= column.sum <= 120
        and len(column.parts) > 2
    )
    return (whole or near) and abs(column.sum - 100) > max(1.0, column.rounding)


def _is_percent(column: Column) -> bool:
    marked = all(value.percent for value in column.parts)
    return marked or ("%" in column.header and not any(value.percent for value in column.parts))


def _column_hit(column: Column, columns: Sequence[Column]) -> Hit:
    wrong, right = _culprit(column, columns)
    start, end = trim(wrong.block.text, (0, len(wrong.block.text)))
    parts = " + ".join(f"{value.number:g}" for value in column.parts)
    expected = f" By the other columns this share would be about {right:.0f}%." if right is not None else ""
    return Hit(
        wrong.block,
        start,
        end,
        reason=f"The shares add up to {column.sum:g}%, not 100% ({parts}).{expected}",
        questions=("Which of the shares is wrong, or what is missing from the table?",),
    )


def _culprit(column: Column, columns: Sequence[Column]) -> tuple[Value, float | None]:
    """The share that another column contradicts most, by its total or the sum of its rows; else the last one."""
    candidates: list[tuple[float, Value, float]] = []
    for other in columns:
        whole = other.total.number if other.total is not None else other.sum
        if other is column or not whole or len(other.parts) != len(column.parts):
            continue
        for share, part in zip(column.parts, other.parts, strict=True):
            expected = 100 * part.number / whole
            candidates.append((abs(expected - share.number), share, expected))
    excess = abs(column.sum - 100)
    fitting = [one for one in candidates if abs(one[0] - excess) <= max(1.0, column.rounding)]
    if not fitting:
        return column.parts[-1], None
    _, value, expected = max(fitting, key=lambda one: one[0])
    return value, expected


def _sentence_hit(sentence: Sentence) -> Iterator[Hit]:
    """Prose is judged only where it says that the percentages are the parts of one whole, or lists them as such."""
    found = list(_PERCENT.finditer(sentence.text))
    total = sum(_share(match) for match in found)
    parts = _PARTS_OF_WHOLE.search(sentence.text) or (90 <= total <= 115 and _is_listed(sentence.text, found))
    if len(found) < 3 or not parts or not 80 <= total <= 125:
        return
    if abs(total - 100) > max(1.0, 0.5 * len(found)):
        yield hit_in(
            sentence,
            0,
            len(sentence.text),
            reason=f"The shares add up to {total:g}%, not 100%.",
            questions=("Which of the shares is wrong?",),
        )


def _list_hits(view: View) -> Iterator[Hit]:
    """Items of a list with a share each, of one whole by the line above them or by the counts beside the shares."""
    for listed, blocks in groupby(view.blocks, key=is_list_item):
        items = list(blocks) if listed else []
        found = [list(_PERCENT.finditer(block.text)) for block in items]
        if len(items) < 3 or any(len(matches) != 1 for matches in found):
            continue
        shares = [_share(match) for [match] in found]
        opening = view.lead_ins[items[0].id][1]
        total, expected = sum(shares), _by_counts(items)
        splits = _SPLITS.search(opening) and not (_RATE.search(opening) or _COMPARES.search(opening))
        overlaps = _OVERLAPS.search(f"{opening} {view.closings.get(items[0].id, '')}")
        if overlaps or not (splits or _nearly_all(shares, expected)):
            continue
        if 80 <= total <= 125 and abs(total - 100) > max(1.0, 0.5 * len(shares)):
            yield _item_hit(items, shares, expected)


def _by_counts(items: Sequence[Block]) -> list[float]:
    """The shares that the counts of the items make; nothing unless each item has one count."""
    counts = [_COUNT.findall(_PERCENT.sub(" ", without_dates(block.text))) for block in items]
    if any(len(found) != 1 for found in counts):
        return []
    numbers = [value_of(found[0]) for found in counts]
    whole = sum(numbers)
    return [100 * number / whole for number in numbers] if whole else []


def _nearly_all(shares: Sequence[float], expected: Sequence[float]) -> bool:
    """Whether all but one are what the counts make."""
    return sum(abs(one - other) > 1 for one, other in zip(shares, expected, strict=False)) == 1


def _item_hit(items: Sequence[Block], shares: Sequence[float], expected: Sequence[float]) -> Hit:
    off = [abs(one - other) for one, other in zip(shares, expected, strict=False)]
    at = off.index(max(off)) if _nearly_all(shares, expected) else len(items) - 1
    start, end = trim(items[at].text, (0, len(items[at].text)))
    parts = " + ".join(f"{share:g}" for share in shares)
    by_counts = (
        f" By the counts this share is about {expected[at]:.0f}%." if _nearly_all(shares, expected) else ""
    )
    return Hit(
        items[at],
        start,
        end,
        reason=f"The shares of this list add up to {sum(shares):g}%, not 100% ({parts}).{by_counts}",
        questions=("Which of the shares is wrong, or what is missing from the list?",),
    )


def _share(match: re.Match[str]) -> float:
    written = match["digits"] or match["figure"]
    return float(written) if written[0].isdigit() else float(value_of(written))


def _is_listed(text: str, found: Sequence[re.Match[str]]) -> bool:
    """ "45% above, 50% within, 15% below": like members of one list, with nothing that compares them."""
    between = [text[one.end() : other.start()] for one, other in pairwise(found)]
    return not _COMPARES.search(text) and all(re.search(r"[,;]|\band\b", words) for words in between)


RULE = Rule(
    slug="percent-sum",
    title="Shares that do not add up",
    type=FindingType.IMPORTANT,
    risk=Risk.HIGH,
    hawkeye_refs=(13, 18),
    suggestion="Recompute the shares from the counts and correct the one that is wrong.",
    because="Figures that do not add up put every other figure in doubt.",
    precision="Rates, subtotals and sums within rounding are left alone.",
    find=_find,
    confidence=0.95,
)
