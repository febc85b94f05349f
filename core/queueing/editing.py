"""Editing a dead letter: another task is run in place of the one that failed.

A task's id is derived from what it is about, so a letter with other arguments is another task. It is submitted as
its user would submit it: with the same checks, signed anew, its result in the review that it names. The letter goes
to the archive, and the audit log has its arguments before and after. Only review and section can be edited: nobody
chooses generation, owner and times, and a question belongs to its conversation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from core.clock import Clock, iso
from core.errors import AppError, Permanent
from core.queueing.audit import AuditEntry, AuditLog
from core.queueing.dead_letters import DeadLetters
from core.queueing.keys import is_section_id, is_uuid
from core.queueing.letter import DeadLetter, Fate, LetterVerdict
from core.queueing.results import TaskRecord
from core.queueing.topology import ANALYZE_SECTION

EDITABLE = {"session_id": is_uuid, "section_id": is_section_id}
"""Editable arguments, each with the check of its value."""


@dataclass(frozen=True)
class LetterEditing:
    """Replaces a dead letter by a task with other arguments.

    ask: submits the review of (session id, section id) as its user would; raises if that is refused.
    """

    dead_letters: DeadLetters
    audit: AuditLog
    ask: Callable[[str, str], TaskRecord]
    clock: Clock

    def edit(
        self, letter: DeadLetter, changes: Mapping[str, str], *, operator: str, reason: str
    ) -> TaskRecord:
        """Archives the letter, submits the edited task and returns its record.

        Raises Permanent task/not-editable, letters/taken, session/not-found, section/not-found, section/skipped,
        review/signed-off, Throttled limits/daily_cost, Transient storage/unavailable. After an error nothing was
        run, and the letter is in the index as before; a crash may leave it in the archive, from where it can be
        restored.
        """
        before, after = arguments(letter), edited(letter, changes)
        entry = AuditEntry(
            "dlq.edit",
            operator,
            reason,
            about={"before": before, "after": after},
            items=[f"{letter.task_id}-{letter.generation}"],
        )
        self.audit.write(entry)
        ended = replace(entry, phase="ended", items=[])
        try:
            record = self._asked(
                letter, after, LetterVerdict(Fate.EDITED, operator, reason, iso(self.clock.now()))
            )
        except AppError as error:
            self.audit.write(replace(ended, outcome={f"refused: {error.code}": 1}))
            raise
        about = {**entry.about, "task_id": record.task_id}
        self.audit.write(replace(ended, about=about, outcome={"replayed": 1}))
        return record

    def _asked(self, letter: DeadLetter, after: Mapping[str, str], verdict: LetterVerdict) -> TaskRecord:
        if not self.dead_letters.archive(letter, verdict):
            raise Permanent("letters/taken")
        try:
            record = self.ask(after["session_id"], after["section_id"])
        except AppError:
            by = replace(verdict, fate=Fate.RESTORED)
            names = (letter.queue, letter.task_id, letter.generation)
            self.dead_letters.restore(*names, by=by, until=verdict.at)
            raise
        self.dead_letters.amend(letter, replace(verdict, task_id=record.task_id))
        return record


def arguments(letter: DeadLetter) -> dict[str, str]:
    """Returns the editable arguments of the letter with their values; {} if nothing in this letter can be edited."""
    if letter.task != ANALYZE_SECTION or not letter.is_task:
        return {}
    return {"session_id": letter.session_id, "section_id": letter.section_id}


def edited(letter: DeadLetter, changes: Mapping[str, str]) -> dict[str, str]:
    """Returns the arguments with `changes` applied. Raises Permanent task/not-editable, which says what is wrong."""
    known = arguments(letter)
    if not known:
        raise _refusal("Only the review of a section can be edited, and this letter is none.")
    if foreign := sorted(changes.keys() - EDITABLE.keys()):
        raise _refusal(f"{', '.join(foreign)} cannot be edited: only {' and '.join(EDITABLE)} can.")
    if wrong := [name for name, value in changes.items() if not EDITABLE[name](value)]:
        raise _refusal(
            f"{' and '.join(wrong)}: not the shape of one. Reviews are uuids, sections s1, s2, ..."
        )
    after = {**known, **changes}
    if after == known:
        raise _refusal("Nothing is changed by that: a replay runs the letter as it is.")
    return after


def _refusal(why: str) -> Permanent:
    return Permanent("task/not-editable", why)
