"""One defect, one finding, also where two rules see it.

What stands in a copied paragraph is told of the first one. An action that waits for its date is told by the
placeholder that stands for it. A claim that nothing supports is the general name of an opinion: where a rule has a
nearer one for the very same words (blame, a cause that is none, what excludes it), that one stays. Two defects of a
sentence stay two.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core.documents.model import Anchor
from core.review.finding import Finding

_COPY = "duplicate-paragraph"
_PLACEHOLDER = "placeholder"
_UNDATED = "action-without-date"
_GENERAL = "unsupported-claim"
_NEARER = frozenset({"blame-language", "root-cause-is-symptom", "no-preventive-link", "contradiction"})


def told_once(found: Iterable[Finding]) -> list[Finding]:
    """`found` without what another of them tells, in its order."""
    row = list(found)
    copies = {one.anchor.block_id for one in row if one.rule == _COPY and one.anchor}
    first = {(one.rule, one.quote) for one in row if one.anchor and one.anchor.block_id not in copies}
    nearer = {_span(one.anchor) for one in row if one.rule in _NEARER and one.anchor}
    gaps = _placeholders(row)
    return [
        one
        for one in row
        if one.anchor is None
        or not (
            (one.rule != _COPY and one.anchor.block_id in copies and (one.rule, one.quote) in first)
            or (one.rule == _GENERAL and _span(one.anchor) in nearer)
            or (one.rule == _UNDATED and _holds_one(one.anchor, gaps))
        )
    ]


def _span(anchor: Anchor) -> tuple[str, int, int]:
    return anchor.block_id, anchor.start, anchor.end


def _placeholders(row: Iterable[Finding]) -> Mapping[str, Sequence[int]]:
    """Where placeholders begin, by block."""
    starts: defaultdict[str, list[int]] = defaultdict(list)
    for one in row:
        if one.rule == _PLACEHOLDER and one.anchor:
            starts[one.anchor.block_id].append(one.anchor.start)
    return {block: sorted(places) for block, places in starts.items()}


def _holds_one(anchor: Anchor, gaps: Mapping[str, Sequence[int]]) -> bool:
    places = gaps.get(anchor.block_id, ())
    at = bisect_left(places, anchor.start)
    return at < len(places) and places[at] < anchor.end
