"""Dead letters that nobody will replay: archived with the reason, then out of the index and off their queue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.clock import Clock, iso
from core.queueing.audit import AuditLog, Deed
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DeadLetter, Fate, Verdict
from core.queueing.parallel import in_parallel


@dataclass(frozen=True)
class LetterRemoval:
    """Errors: storage/*, queue/*; do it again: what is archived already is not met again."""

    dead_letters: DeadLetters
    audit: AuditLog
    clock: Clock

    def remove(
        self, letters: Sequence[DeadLetter], *, fate: Fate, operator: str, reason: str, about: dict[str, Any]
    ) -> int:
        """How many this call has archived; others were faster with the rest. about: how they were chosen."""
        items = [f"{letter.task_id}-{letter.generation}" for letter in letters]
        deed = Deed(f"dlq.{_VERBS[fate]}", operator, reason, about=about, items=items)
        self.audit.write(deed)
        verdict = Verdict(fate, operator, reason, iso(self.clock.now()))
        removed = sum(in_parallel(lambda letter: self.dead_letters.archive(letter, verdict), letters))
        self.dead_letters.take_off(
            [(letter.queue, letter.task_id, letter.generation) for letter in letters], clock=self.clock
        )
        self.audit.write(replace(deed, phase="ended", items=[], outcome={"removed": removed}))
        return removed


_VERBS = {Fate.DELETED: "delete", Fate.PURGED: "purge"}
