"""Actions that belong to nobody."""

from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.action_prose import Missing, Promise, lacking_promises
from core.rules.action_tables import Gap, RowGap, row_gaps
from core.rules.rule import Hit, Rule, hit_in
from core.rules.text import trim
from core.rules.view import View

_QUESTIONS = ("Who is accountable for this action?", "Has that person or team agreed to it?")


def _find(view: View) -> Iterator[Hit]:
    for row in row_gaps(view):
        if row.gap in (Gap.NO_OWNER, Gap.NOBODY):
            yield _row_hit(row)
    for promise in lacking_promises(view):
        if promise.missing is Missing.OWNER:
            yield _prose_hit(promise)


def _row_hit(row: RowGap) -> Hit:
    start, end = trim(row.action.text, (0, len(row.action.text)))
    also = " The due date is empty as well." if row.undated else ""
    if row.gap is Gap.NOBODY and row.cell is not None:
        reason = (
            f"The owner of this action is “{row.cell.text.strip()}”, which is nobody in particular.{also}"
        )
    else:
        reason = f"The owner cell of this action is empty.{also}"
    return Hit(row.action, start, end, reason, questions=_QUESTIONS)


def _prose_hit(promise: Promise) -> Hit:
    sentence = promise.sentence
    reason = (
        "The sentence says what will be done and by when, but not who does it."
        if promise.dated
        else "The sentence says what will be done, but neither who does it nor by when."
    )
    return hit_in(
        sentence,
        0,
        len(sentence.text),
        reason=reason,
        because="An action without an owner is usually not done.",
        questions=_QUESTIONS,
        risk=Risk.MEDIUM,
    )


RULE = Rule(
    slug="action-without-owner",
    title="Action without owner",
    type=FindingType.IMPORTANT,
    risk=Risk.HIGH,
    hawkeye_refs=(12,),
    suggestion="Name one person (and their team) who is accountable, and the date by which it will be done.",
    because="In a table of commitments an action that nobody owns is not a commitment.",
    precision="People, teams and bodies count as owners, also in the sentence beside it or the line above a list.",
    find=_find,
)
