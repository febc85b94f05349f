"""What became of the tasks that a replay has started; ended tasks are cached."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from core.queueing.letter_run import LetterRun
from core.queueing.replay_report import ReplayOutcome, outcomes
from core.queueing.results import TaskResults

_KEPT_RUNS = 8
_FINAL = frozenset({ReplayOutcome.SUCCEEDED, ReplayOutcome.DIED_AGAIN, ReplayOutcome.CANCELLED})


@dataclass
class ReplayReports:
    """Reads the outcomes of replayed tasks. Errors: storage/*."""

    results: TaskResults
    _final: OrderedDict[str, dict[str, ReplayOutcome]] = field(default_factory=OrderedDict)

    def of(self, run: LetterRun, *, done: int) -> dict[str, ReplayOutcome]:
        """Returns task id -> outcome. done: how many of the run's letters were dealt with so far."""
        known = self._final.setdefault(run.run_id, {})
        self._final.move_to_end(run.run_id)
        while len(self._final) > _KEPT_RUNS:
            self._final.popitem(last=False)
        open_ones = tuple(item for item in run.items[:done] if item.name.task_id not in known)
        found = {
            item.name.task_id: outcome
            for item, outcome in outcomes(replace(run, items=open_ones), self.results)
        }
        known |= {task_id: outcome for task_id, outcome in found.items() if outcome in _FINAL}
        waiting = {item.name.task_id: ReplayOutcome.NOT_REPLAYED for item in run.items[done:]}
        return {**waiting, **found, **known}
