"""Actions with an owner and no date."""

import re
from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.action_prose import Missing, Promise, lacking_promises
from core.rules.action_tables import Gap, RowGap, not_a_date, row_gaps
from core.rules.rule import Hit, Rule, hit_in
from core.rules.text import trim
from core.rules.view import View

_QUESTIONS = ("By what calendar date will this be done?",)


def _find(view: View) -> Iterator[Hit]:
    for row in row_gaps(view):
        if row.gap is Gap.NO_DATE:
            yield _row_hit(row)
    for promise in lacking_promises(view):
        if promise.missing is Missing.DATE:
            yield _prose_hit(promise)


def _row_hit(row: RowGap) -> Hit:
    start, end = trim(row.action.text, (0, len(row.action.text)))
    told = row.cell is not None and re.search(r"\w", row.cell.text)
    reason = (
        not_a_date(row, row.cell).reason if row.cell and told else "The due date of this action is empty."
    )
    return Hit(row.action, start, end, reason, questions=_QUESTIONS)


def _prose_hit(promise: Promise) -> Hit:
    sentence = promise.sentence
    return hit_in(
        sentence,
        0,
        len(sentence.text),
        reason="The action has an owner, but no date by which it will be done.",
        questions=_QUESTIONS,
    )


RULE = Rule(
    slug="action-without-date",
    title="Action without date",
    type=FindingType.IMPORTANT,
    risk=Risk.MEDIUM,
    hawkeye_refs=(12,),
    suggestion="Give the calendar date by which the action will be done.",
    because="Without a date nobody can tell whether it is late.",
    precision="A date in the sentence beside it, a schedule or a condition (before, until, within five days) counts.",
    find=_find,
    confidence=0.85,
)
