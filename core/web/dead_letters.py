"""The console's pages of dead letters, and what they show as JSON. Nothing is changed here."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, json, request

from core.clock import iso
from core.errors import Permanent
from core.operations.letter_snapshot import LETTERS_SHOWN
from core.operations.letter_story import letter_body
from core.operations.letter_story import task_body as task_of_letter
from core.operations.letters import summary
from core.queueing.letter import DeadLetter, LetterVerdict
from core.queueing.letter_search import Group, LetterFilter, LetterPage, fitting, page_of
from core.queueing.parallel import in_parallel
from core.queueing.topology import QUEUES
from core.web.api.spec import OCTETS
from core.web.conditional import page_or_unchanged
from core.web.context import current_identity, services
from core.web.letter_filters import AGES_S, asked_of_address, filter_of_address
from core.web.roles import operators_only

blueprint = Blueprint("dead_letters", __name__, url_prefix="/ops")
operators_only(blueprint)

_READ_AT_ONCE = 100
_DEED_NAME = re.compile(r"[0-9]{13}-[0-9a-f]{8}")


@blueprint.get("/dead-letters")
def list_page() -> Response:
    now, asked = services().clock.now(), asked_of_address()
    body = _list_body(now)
    return page_or_unchanged(
        "ops_letters.html",
        shows={**body, "at": "", "dead_letters": [_without_age(one) for one in body["dead_letters"]]},
        identity=current_identity(),
        body=body,
        total=sum(body["indexed"].values()),
        narrowed=any(value for name, value in asked.items() if name != "after"),
        queues=[spec.key for spec in QUEUES],
        ages=list(AGES_S),
        asked=asked,
        now=iso(now),
    )


@blueprint.get("/api/dead-letters")
def dead_letters() -> dict[str, Any]:
    return _list_body(services().clock.now())


@blueprint.get("/api/dead-letters/export")
def export() -> Response:
    """A JSON array, a letter a line, written as they are read: it may be larger than memory."""
    console, letters = services().console, services().queueing.dead_letters
    names = list(fitting(console.letter_cache, filter_of_address(services().clock.now())))

    def lines() -> Iterator[str]:
        before = "["
        for start in range(0, len(names), _READ_AT_ONCE):
            for letter in in_parallel(letters.read, names[start : start + _READ_AT_ONCE]):
                if letter is not None:
                    known = {**letter.to_dict(), "signature": letter.signature}
                    yield f"{before}\n{json.dumps(known)}"
                    before = ","
        yield "\n]\n" if before == "," else "[]\n"

    # Not application/json: it would be compressed, which keeps all of it in memory.
    response = Response(lines(), mimetype=OCTETS)
    day = iso(services().clock.now())[:10]
    response.headers["Content-Disposition"] = f'attachment; filename="dead-letters-{day}.json"'
    return response


@blueprint.get("/dead-letters/<letter:letter_id>")
def letter_page(letter_id: str) -> Response:
    body, now = _letter_body(letter_id), iso(services().clock.now())
    shows = {**body, "letters": [_without_age(one) for one in body["letters"]]}
    return page_or_unchanged(
        "ops_letter.html", shows=shows, identity=current_identity(), body=body, letter_id=letter_id, now=now
    )


@blueprint.get("/api/dead-letters/<letter:letter_id>")
def dead_letter(letter_id: str) -> dict[str, Any]:
    return _letter_body(letter_id)


@blueprint.get("/audit")
def audit_page() -> Response:
    body = _audit_body()
    return page_or_unchanged(
        "ops_audit.html",
        shows=body,
        identity=current_identity(),
        body=body,
        older=bool(request.args.get("before")),
        now=iso(services().clock.now()),
    )


@blueprint.get("/api/audit")
def audit() -> dict[str, Any]:
    return _audit_body()


def _list_body(now: float) -> dict[str, Any]:
    wanted, after = filter_of_address(now), request.args.get("after", "")
    if wanted == LetterFilter() and not after:
        glance = services().console.letters()
        return {"at": glance.at, **_page_body(glance.page, now=now)}
    try:
        found = page_of(services().console.letter_cache, wanted, limit=LETTERS_SHOWN, after=after)
    except ValueError as error:
        raise Permanent("request/malformed", "after: it must be the `next` of the page before.") from error
    return {"at": iso(now), **_page_body(found, now=now)}


def _page_body(page: LetterPage, *, now: float) -> dict[str, Any]:
    return {
        "dead_letters": [summary(letter, now=now) for letter in page.letters],
        "fitting": page.fitting,
        "next": page.after or None,
        "indexed": {spec.key: page.indexed.get(spec.key, 0) for spec in QUEUES},
        "groups": [_group_body(group) for group in page.groups],
    }


def _group_body(group: Group) -> dict[str, Any]:
    known = {name: value for name, value in asdict(group).items() if name != "example"}
    return {**known, "code": group.example.code, "detail": group.example.detail}


def _without_age(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "age_s"}


def letters_of(letter_id: str) -> tuple[list[DeadLetter], list[tuple[DeadLetter, LetterVerdict]]]:
    """The letters of one task or foreign message: those in the index, newest first, and those in the archive."""
    letters = services().queueing.dead_letters
    wanted = LetterFilter(task_ids=(letter_id,))
    names = [name for name in letters.names() if wanted.matches_name(name)]
    found = [letter for letter in in_parallel(letters.read, names) if letter is not None]
    return found, list(reversed(letters.archived_of(letter_id)))


def _letter_body(letter_id: str) -> dict[str, Any]:
    """A task's letters as the API shows them. Raises Permanent task/not-found."""
    waiting, archived = letters_of(letter_id)
    if not waiting and not archived:
        raise Permanent("task/not-found", f"There is no dead letter {letter_id}.")
    queueing = services().queueing
    shown = [letter_body(letter, None, queueing=queueing) for letter in waiting]
    shown += [letter_body(letter, verdict, queueing=queueing) for letter, verdict in archived]
    record = queueing.results.get(letter_id)
    return {"letters": shown, "task": None if record is None else task_of_letter(record)}


def _audit_body() -> dict[str, Any]:
    before = request.args.get("before", "")
    if before and not _DEED_NAME.fullmatch(before):
        raise Permanent("request/malformed", "before: it must be the `next` of the page before.")
    page = services().console.audit(before=before)
    return {"deeds": [asdict(entry) for entry in page.entries], "next": page.before or None}
