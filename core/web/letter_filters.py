"""Reads from a request which dead letters it is about: from the page's address, or from the body of an action."""

from flask import request

from core.errors import Permanent
from core.queueing.letter_search import LetterFilter
from core.web.bodies import ChooseLetters
from core.web.operations import chosen_queue, searched_text

AGES_S = {"1h": 3600.0, "24h": 86_400.0, "7d": 7 * 86_400.0}
"""What `newer` and `older` take."""

_MOST_CHARS = 120
_ASKED = ("queue", "signature", "code", "session", "q", "newer", "older", "after")


def asked_of_address() -> dict[str, str]:
    """Returns the filters in the page's address, for the page's own links.

    Only known names: `url_for` takes others as its options.
    """
    return {name: request.args[name] for name in _ASKED if name in request.args}


def filter_of_address(now: float) -> LetterFilter:
    """Returns the filter in the page's address. Raises Permanent request/malformed."""
    newer_s, older_s = _age_s("newer"), _age_s("older")
    return LetterFilter(
        queue=chosen_queue(),
        signature=_short("signature"),
        code=_short("code"),
        session_id=_short("session"),
        text=searched_text(),
        since=None if newer_s is None else now - newer_s,
        until=None if older_s is None else now - older_s,
    )


def _short(name: str) -> str:
    text = request.args.get(name, "").strip()
    if len(text) > _MOST_CHARS:
        raise Permanent(
            "request/malformed", f"{name}: it must be a text of at most {_MOST_CHARS} characters."
        )
    return text


def _age_s(name: str) -> float | None:
    text = request.args.get(name, "")
    if text and text not in AGES_S:
        raise Permanent("request/malformed", f"{name}: it must be one of {', '.join(AGES_S)}.")
    return AGES_S.get(text)


def filter_of_body(body: ChooseLetters, *, now: float) -> LetterFilter:
    """Returns the filter in a request's body.

    Raises Permanent request/malformed if it names nothing: that all letters are meant has to be said.
    """
    if body.action == "purge":
        if not body.queue or body.model_fields_set - {"action", "queue"}:
            raise Permanent("request/malformed", "queue: a purge names its queue, and takes all of it.")
        return LetterFilter(queue=body.queue)
    wanted = LetterFilter(
        queue=body.queue,
        signature=body.signature,
        code=body.code,
        session_id=body.session,
        text=body.q,
        task_ids=tuple(body.ids),
        since=now - AGES_S[body.newer] if body.newer else None,
        until=now - AGES_S[body.older] if body.older else None,
    )
    if wanted == LetterFilter() and not body.all:
        raise Permanent("request/malformed", "Name ids or a filter, or say all: true.")
    if body.run:
        raise Permanent("request/malformed", "run: only what it removed is chosen so, to restore it.")
    return wanted


def check_restoration(body: ChooseLetters) -> None:
    """Raises Permanent request/malformed unless it names ids or a run, and nothing else."""
    if not (body.ids or body.run) or body.model_fields_set - {"action", "ids", "run"}:
        raise Permanent("request/malformed", "Name the ids of removed letters, or the run that removed them.")
