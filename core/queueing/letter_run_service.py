"""Carries out runs over many dead letters: prepared, confirmed, and from then on carried to their end.

    prepare       stores the run; nothing has happened yet: this is what a dry run or a form shows
    start         confirmed and audited; from now on it ends, or is stopped
    carry_out     in this process, to its end: a terminal; waits for each replay's place, then deletes the messages
    carry_on      as much as may be done now: the web tier after `start`, and each sweep; no waits, no receives
    stop          the remaining letters stay as they are

The web tier prepares and starts a run, deals with its first letters while somebody looks, and leaves the rest to
the sweep, which also carries on a run whose terminal was closed. The web tier receives nothing from SQS, so the
sweep deletes the messages: each of these letters is in the archive by then.
"""

import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from core.clock import Clock, iso
from core.queueing.audit import AuditEntry, AuditLog
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import DeadLetter, Fate, LetterVerdict
from core.queueing.letter_run import VERBS, ItemOutcome, LetterRun, Progress, RunItem, RunRepository
from core.queueing.pace import ReplayPace
from core.queueing.parallel import in_parallel
from core.queueing.replay import Place, Replays, restoration

_BUSY_S = 180.0
"""Longer than any wait for a place: if nothing was stored for so long, the process that worked on the run is gone."""
_AHEAD_S = 60.0
"""Replays for the time until the next sweep are sent at once, each delayed until its place."""
_TOGETHER = 64


@dataclass(frozen=True)
class LetterRuns:
    """Prepares, starts, carries out and stops runs.

    rates: queue key -> replays per minute. Errors: storage/*, queue/*; the next sweep carries the run on.
    """

    repository: RunRepository
    replays: Replays
    pace: ReplayPace
    dead_letters: DeadLetters
    audit: AuditLog
    rates: Mapping[str, float]
    clock: Clock

    def prepare(
        self,
        letters: Iterable[DeadLetter],
        *,
        operator: str,
        reason: str,
        fate: Fate = Fate.REPLAYED,
        per_minute: float = 0,
        about: dict[str, Any] | None = None,
    ) -> LetterRun:
        """Stores a run of these letters and returns it; nothing happens to them yet.

        fate: REPLAYED, DELETED, PURGED, or RESTORED for letters in the archive. A replay leaves out letters that
        are not tasks of AI-Prism. per_minute, about: see LetterRun.
        """
        chosen = [letter for letter in letters if letter.is_task or fate is not Fate.REPLAYED]
        chosen.sort(key=lambda letter: (letter.queue, letter.ended_at))
        run = LetterRun(
            run_id=uuid.uuid4().hex[:12],
            fate=fate,
            operator=operator,
            reason=reason,
            at=iso(self.clock.now()),
            per_minute=per_minute,
            items=tuple(RunItem(letter.name, letter.generation) for letter in chosen),
            about=about or {},
        )
        self.repository.write(run)
        return run

    def start(self, run: LetterRun) -> bool:
        """Confirms a run, after an audit entry. Returns False if it was started before."""
        if self.repository.progress(run.run_id) or self.repository.ended(run.run_id):
            return False
        entry = _audit_entry(run)
        self.audit.write(entry)
        if self.repository.begin(run):
            return True
        # Somebody else confirmed it at the same moment: end the audit entry that was begun above.
        nothing = {ItemOutcome.TAKEN.value: len(run.items)}
        self.audit.write(replace(entry, phase="ended", items=[], outcome=nothing))
        return False

    def carry_out(self, run: LetterRun) -> Progress:
        """Starts the run if needed and carries it to its end, which takes as long as its pace requires.

        Returns the progress; fewer `done` than items means that it was stopped, or that another process carries it
        on.
        """
        self.start(run)
        progress = self.repository.progress(run.run_id)
        if progress is None:
            return self.repository.ended(run.run_id) or Progress(run.run_id)
        try:
            return self._carry(run, progress, place=partial(self._wait, run), ends_at=math.inf)
        finally:
            named = [(item.name.queue, item.name.task_id, item.generation) for item in run.items]
            self.dead_letters.delete_messages(named, clock=self.clock)

    def carry_on(self, run_id: str, *, for_s: float) -> int:
        """Deals with the letters that may be dealt with now, for at most `for_s` seconds.

        Returns how many; 0 also if another process works on the run.
        """
        now, progress = self.clock.now(), self.repository.progress(run_id)
        # Busy for longer than possible: written by a process with a wrong clock.
        if progress is None or 0 < progress.busy_until - now <= 2 * _BUSY_S:
            return 0
        run, latest = self.repository.read(run_id), now + _AHEAD_S
        place = partial(self._take_place, run, latest=latest)
        return self._carry(run, progress, place=place, ends_at=now + for_s).done - progress.done

    def stop(self, run_id: str, *, operator: str, reason: str) -> bool:
        """Ends a run; a process working on it notices within a letter or two.

        Returns False if it is not under way.
        """
        progress = self.repository.progress(run_id)
        if progress is None:
            return False
        self.audit.write(AuditEntry("dlq.stop", operator, reason, run_id=run_id, phase="ended"))
        self.repository.end(progress)
        return True

    def _carry(self, run: LetterRun, progress: Progress, *, place: Place, ends_at: float) -> Progress:
        while progress.done < len(run.items) and self.clock.now() < ends_at:
            kept = self.repository.keep(progress, busy_until=self.clock.now() + _BUSY_S)
            if kept is None:
                return progress
            dealt = self._deal(run, run.items[kept.done :], place=place)
            progress = kept.after(dealt)
            if not dealt:
                break
        if progress.done < len(run.items):
            self.repository.keep(progress, busy_until=0)
        else:
            self.audit.write(replace(_audit_entry(run), phase="ended", items=[], outcome=progress.counts))
            self.repository.end(progress)
        return progress

    def _deal(self, run: LetterRun, items: Sequence[RunItem], *, place: Place) -> list[ItemOutcome]:
        """Deals with the first of `items`, in their order: what became of each; []: they must wait."""
        if run.fate is not Fate.REPLAYED:
            deal = self._restore if run.fate is Fate.RESTORED else self._remove
            return in_parallel(partial(deal, run), items[:_TOGETHER])
        dealt = self.replays.replay(run, items[0], place=place)
        return [] if dealt is None else [dealt]

    def _remove(self, run: LetterRun, item: RunItem) -> ItemOutcome:
        letter = self.dead_letters.read(item.name)
        if letter is not None and self.dead_letters.archive(letter, self._verdict(run)):
            return ItemOutcome.ARCHIVED
        found = self.dead_letters.archived(item.name.queue, item.name.task_id, item.generation)
        ours = found is not None and found[1].run_id == run.run_id
        return ItemOutcome.ARCHIVED if ours else ItemOutcome.TAKEN

    def _restore(self, run: LetterRun, item: RunItem) -> ItemOutcome:
        """Restores a letter, unless its task has been run again since: then it is dealt with."""
        name, would = item.name, restoration(self.replays.results.get_readable(item.name.task_id), item)
        if would is ItemOutcome.RESTORED and not self.dead_letters.restore(
            name.queue, name.task_id, item.generation, by=self._verdict(run), until=run.at
        ):
            return ItemOutcome.TAKEN
        return would

    def _verdict(self, run: LetterRun) -> LetterVerdict:
        return LetterVerdict(run.fate, run.operator, run.reason, iso(self.clock.now()), run.run_id)

    def _wait(self, run: LetterRun, queue: str) -> float:
        self.clock.sleep(self._take_place(run, queue, latest=math.inf) or 0.0)
        return 0.0

    def _take_place(self, run: LetterRun, queue: str, *, latest: float) -> float | None:
        return self.pace.take(queue, per_minute=run.per_minute or self.rates[queue], latest=latest)


def _audit_entry(run: LetterRun) -> AuditEntry:
    items = [f"{item.name.task_id}-{item.generation}" for item in run.items]
    action = f"dlq.{VERBS[run.fate]}"
    return AuditEntry(action, run.operator, run.reason, about=run.about, items=items, run_id=run.run_id)
