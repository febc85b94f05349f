"""Entry of the limited child for uploads: deep checks, reading, instant rules."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from core.documents.child_side import serve, time_left_s
from core.documents.model import DocumentKind, ReadDocument
from core.documents.notices import Notice
from core.documents.reading import read_document
from core.documents.time_limit import TimeIsUp, time_limit
from core.documents.two_cores import alone, in_two
from core.review.finding import Finding

RULES_S = 4.0
"""Instant rules come on top of a document that could be read; they never are why it is refused."""
RULE_S = 0.9
MOST_FINDINGS = 10_000
_WORTH_TWO_CHARS = 20_000
"""Of a shorter text the rules are done before a second process were of use."""
_CUT_SHORT = (TimeIsUp, MemoryError, RecursionError)
_ANSWER_S = 1.5


def prepare() -> None:
    """Imports what reading will need, in a child that is started ahead."""
    import core.documents.docx_reader
    import core.documents.pdf_reader
    import core.rules.reviewing  # noqa: F401


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{path, kind, session_id, rules_off?} -> {kind, pages, notices, blocks, sections, rules}, all as plain dicts."""
    document = read_document(Path(request["path"]), DocumentKind(request["kind"]))
    within_s = min(RULES_S, time_left_s() - _ANSWER_S)
    off = request.get("rules_off", ())
    rules, finished = instant_rules(document, request["session_id"], within_s=within_s, off=off)
    notices = [*document.notices, *([] if finished else [Notice.RULES_UNFINISHED.value])]
    return {
        "kind": document.kind.value,
        "pages": document.pages,
        "notices": notices,
        "blocks": [block.to_dict() for block in document.blocks],
        "sections": [section.to_dict() for section in document.sections],
        "rules": [finding.to_dict() for finding in rules],
    }


def instant_rules(
    document: ReadDocument, session_id: str, *, within_s: float, off: Collection[str] = ()
) -> tuple[list[Finding], bool]:
    """Returns the rules' findings in reading order, and whether these are all.

    Time, memory or MOST_FINDINGS may cut them short.
    """
    # After reading: a document that is refused never pays for the rules.
    from core.rules.engine import in_reading_order
    from core.rules.reviewing import review_runs

    deadline = time.monotonic() + within_s
    found: list[Finding] = []
    finished = False
    worked = in_two if sum(len(block.text) for block in document.blocks) > _WORTH_TWO_CHARS else alone
    try:
        with time_limit(within_s):
            # Headers and footers come last; what they repeat on each page is no one's writing to judge.
            blocks = tuple(block for block in document.blocks if not block.in_margin)
            sections = tuple(section for section in document.sections if section.last < len(blocks))
            runs = list(review_runs(blocks, sections, session_id=session_id, off=off))
        done = worked(len(runs), lambda at: _found(runs[at], deadline))
        found = [one for at in sorted(done) for one in done[at] or ()]
        finished = len(done) == len(runs) and None not in done.values()
    except _CUT_SHORT:
        finished = False
    ordered = in_reading_order(found, document.blocks)
    return ordered[:MOST_FINDINGS], finished and len(ordered) <= MOST_FINDINGS


def _found(run: Callable[[], list[Finding]], deadline: float) -> list[Finding] | None:
    """What one rule finds in its share of the time. None: it was cut short, and what it had found is dropped."""
    try:
        with time_limit(min(RULE_S, deadline - time.monotonic())):
            return run()
    except _CUT_SHORT:
        return None


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
