"""Runs over dead letters: shown as a dry run first, confirmed once, then carried to its end; and editing one letter.

POST letter-runs            which letters, and what is to become of them: nothing has happened, this is what would
POST letter-runs/x/start    confirmed with a reason: from then on the sweep carries it on, even without this process
GET  letter-runs/x          its progress, and what became of the tasks
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response

from core.clock import iso
from core.errors import Permanent
from core.operations.letter_forecast import forecast
from core.operations.letters import filter_in_words
from core.operations.restoring import restorable
from core.queueing.letter import DeadLetter, Fate
from core.queueing.letter_run import VERBS, LetterRun, Progress
from core.queueing.letter_search import fitting
from core.queueing.results import STATUS_WORDS
from core.web.bodies import ChooseLetters, ConfirmRun, EditLetter, StopRun
from core.web.conditional import page_or_unchanged
from core.web.context import current_identity, services
from core.web.dead_letters import letters_of
from core.web.letter_filters import check_restoration, filter_of_body
from core.web.request_json import read_body
from core.web.roles import operators_only

# The pages link to it by this name.
blueprint = Blueprint("letter_runs", __name__, url_prefix="/ops")
operators_only(blueprint)

MOST_IN_RUN = 5_000
_ITEMS_SHOWN = 200
_FIRST_MOMENT_S = 1.0
_FATES = {verb: fate for fate, verb in VERBS.items()}


@blueprint.post("/api/letter-runs")
def prepare() -> dict[str, Any]:
    """Prepares a run and returns its dry run: a confirmation is about exactly these letters."""
    body = read_body(ChooseLetters)
    fate = _FATES[body.action]
    letters, about = _removed(body) if fate is Fate.RESTORED else _waiting(body)
    chosen = [letter for letter in letters if letter.is_task or fate is not Fate.REPLAYED]
    if not chosen:
        raise Permanent("letters/none", _why_none(letters))
    runs = services().queueing.letter_runs
    run = runs.prepare(chosen, operator=current_identity().user_id, reason="", fate=fate, about=about)
    return {**_plan(run), "left_out": len(letters) - len(chosen)}


@blueprint.post("/api/letter-runs/<run:run_id>/start")
def start(run_id: str) -> dict[str, Any]:
    """Confirms a run. A second confirmation, in another tab or by a second click, gets letters/started-before."""
    body, runs = read_body(ConfirmRun), services().queueing.letter_runs
    prepared = runs.repository.read(run_id)
    if prepared.fate is Fate.PURGED and body.confirm != prepared.items[0].name.queue:
        raise Permanent("letters/not-confirmed")
    run = replace(prepared, reason=body.reason, operator=current_identity().user_id)
    if not runs.start(run):
        raise Permanent(
            "letters/started-before", f"By {runs.repository.read(run_id).operator}, run {run_id}."
        )
    runs.carry_on(run_id, for_s=_FIRST_MOMENT_S)
    services().console.forget()
    return _run_body(run_id)


@blueprint.post("/api/letter-runs/<run:run_id>/stop")
def stop(run_id: str) -> dict[str, Any]:
    body = read_body(StopRun)
    runs = services().queueing.letter_runs
    runs.repository.read(run_id)
    if not runs.stop(run_id, operator=current_identity().user_id, reason=body.reason):
        raise Permanent("letters/not-under-way")
    return _run_body(run_id)


@blueprint.get("/api/letter-runs/<run:run_id>")
def letter_run(run_id: str) -> dict[str, Any]:
    return _run_body(run_id)


@blueprint.get("/runs/<run:run_id>")
def run_page(run_id: str) -> Response:
    body = _run_body(run_id)
    still = body["outcomes"].get("under way", 0)
    ended = body["state"] in ("ended", "stopped") and not still
    return page_or_unchanged(
        "ops_run.html",
        shows=body,
        identity=current_identity(),
        body=body,
        ended=ended,
        now=iso(services().clock.now()),
    )


@blueprint.post("/api/dead-letters/<letter:letter_id>/edit")
def edit_and_replay(letter_id: str) -> dict[str, Any]:
    """Submits the letter's task about another section or review; the letter goes to the archive."""
    body = read_body(EditLetter)
    waiting, _archived = letters_of(letter_id)
    if not waiting:
        raise Permanent("task/not-found", f"There is no dead letter {letter_id} that waits.")
    changes = {"session_id": body.session_id, "section_id": body.section_id}
    known = {name: getattr(waiting[0], name) for name in changes}
    changed = {name: value for name, value in changes.items() if value and value != known[name]}
    record = services().letter_editing.edit(
        waiting[0], changed, operator=current_identity().user_id, reason=body.reason
    )
    services().console.forget()
    return {"success": True, "task_id": record.task_id, "status": STATUS_WORDS[record.status]}


def _removed(body: ChooseLetters) -> tuple[list[DeadLetter], dict[str, Any]]:
    check_restoration(body)
    found = restorable(services().queueing, ids=body.ids, run_id=body.run)
    return found, {"removed_by": body.run} if body.run else {}


def _waiting(body: ChooseLetters) -> tuple[list[DeadLetter], dict[str, Any]]:
    """The newest first, and how they were chosen. Raises Permanent letters/too-many."""
    wanted, letter_cache = filter_of_body(body, now=services().clock.now()), services().console.letter_cache
    letter_cache.forget_names()
    names = list(fitting(letter_cache, wanted))
    if len(names) > MOST_IN_RUN:
        raise Permanent("letters/too-many", f"{len(names)} letters fit, at most {MOST_IN_RUN} go in one run.")
    return letter_cache.read(names), filter_in_words(wanted)


def _why_none(letters: list[DeadLetter]) -> str:
    if letters:
        return "None of the chosen letters is a task of AI-Prism: they are never run."
    return "None of the chosen letters waits any more: somebody has dealt with them."


def _plan(run: LetterRun) -> dict[str, Any]:
    runs, queueing = services().queueing.letter_runs, services().queueing
    found = forecast(run, queueing.results, is_signed_off=services().reviews.is_signed_off, rates=runs.rates)
    items = [_item_body(item.name.task_id, item.name.queue, dealt.value) for item, dealt in found.would]
    queues = Counter(item.name.queue for item in run.items)
    return {
        "run_id": run.run_id,
        "action": VERBS[run.fate],
        "selected": len(run.items),
        "would": found.counts,
        "unlooked": found.unlooked,
        "minutes": round(found.minutes, 1),
        "per_minute": {queue: runs.rates[queue] for queue in queues},
        "queues": dict(queues),
        "items": items[:_ITEMS_SHOWN],
    }


def _run_body(run_id: str) -> dict[str, Any]:
    """A run as the API shows it. Raises Permanent task/not-found."""
    run = services().queueing.letter_runs.repository.read(run_id)
    state, progress = _standing(run)
    told = {}
    if run.fate is Fate.REPLAYED and state != "prepared":
        told = services().replay_reports.of(run, done=progress.done)
    items = [
        _item_body(item.name.task_id, item.name.queue, told.get(item.name.task_id, "")) for item in run.items
    ]
    return {
        "run_id": run.run_id,
        "action": VERBS[run.fate],
        "operator": run.operator,
        "reason": run.reason,
        "at": run.at,
        "about": run.about,
        "state": state,
        "selected": len(run.items),
        "done": progress.done,
        "counts": progress.counts,
        "outcomes": dict(Counter(outcome.value for outcome in told.values())),
        "items": items[:_ITEMS_SHOWN],
    }


def _standing(run: LetterRun) -> tuple[str, Progress]:
    runs = services().queueing.letter_runs.repository
    if (progress := runs.progress(run.run_id)) is not None:
        return "under way", progress
    if (progress := runs.ended(run.run_id)) is not None:
        return ("ended" if progress.done >= len(run.items) else "stopped"), progress
    return "prepared", Progress(run.run_id)


def _item_body(task_id: str, queue: str, outcome: str) -> dict[str, Any]:
    return {"task_id": task_id, "queue": queue, "outcome": outcome}
