"""A cache of answers by content: one question is paid for once per model, in whichever review it comes up.

cache/<aa>/<sha256>.json   of one question: model -> its answer, the first one stays; expires by lifecycle rule

The key covers everything that the answer depends on, and nothing that differs between two uploads of the same text:
no review, no task, no time. Whatever is derived from an answer (places, ids) is derived anew for every review.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from core.aws.object_store import ObjectStore, get_json, to_json, update_json
from core.clock import Clock, iso
from core.errors import AppError
from core.models.exchange import ModelAnswer, ModelRequest
from core.models.model import Model
from core.models.registry import ModelRegistry
from core.observability.logs import get_logger

_log = get_logger(__name__)

SCHEMA_VERSION = 1
POST_PROCESSING_VERSION = 1
"""One more when stored answers must not be read by what comes after them."""
TEAM = "default"
_COMPLETE = frozenset({"end_turn", "tool_use", "stop_sequence"})
_NOT_ASKED = ("name", "priority", "prices", "burndown", "rpm", "tpm", "least_cached_tokens")
"""What a registry says about a model that no answer depends on."""


@dataclass(frozen=True)
class CachedAnswer:
    """A stored answer. created_at: ISO UTC."""

    answer: ModelAnswer
    created_at: str


class AnswerCache:
    """Stores answers by question and model.

    origin: who answers behind the model ids, such as a region or a stand-in's address. A storage error counts as a
    miss: the cache saves money, no answer needs it.
    """

    def __init__(self, store: ObjectStore, clock: Clock, *, registry: ModelRegistry, origin: str) -> None:
        self._store = store
        self._clock = clock
        self._names = {model.id: model_key(model) for model in registry.models}
        self._origin = origin

    def find(self, request: ModelRequest, check: Callable[[ModelAnswer], object]) -> CachedAnswer | None:
        """Returns the stored answer of the first model, in fallback order, that `check` accepts.

        None if there is none.
        """
        try:
            answers = get_json(self._store, self.key(request)) or {}
            stored = (answers[name] for name in self._names.values() if name in answers)
            return next((found for entry in stored if (found := _read(entry, check)) is not None), None)
        except (AppError, AttributeError, LookupError, TypeError, ValueError) as error:
            _log.warning("cache_unusable", error=type(error).__name__)
            return None

    def keep(self, request: ModelRequest, answer: ModelAnswer, *, replace: bool = False) -> bool:
        """Stores a complete answer, unless there is one already; replace: overwrite it with the newer one.

        Returns False if the cache has no answer of this model now: it was incomplete, or storage failed.
        """
        name = self._names.get(answer.model_id)
        if name is None or answer.stop_reason not in _COMPLETE:
            return False
        key, entry = self.key(request), {"created_at": iso(self._clock.now()), "answer": answer.to_dict()}

        def change(answers: dict[str, Any] | None) -> dict[str, Any] | None:
            others = answers or {}
            return None if name in others and not replace else {**others, name: entry}

        try:
            # Nearly always there is nothing yet, so that one request is enough.
            if self._store.create(key, to_json({name: entry})) is None:
                update_json(self._store, key, change)
        except (AppError, AttributeError, LookupError, TypeError, ValueError) as error:
            _log.warning("answer_not_cached", error=type(error).__name__)
            return False
        return True

    def key(self, request: ModelRequest) -> str:
        return _key("cache/", self._question(request))

    def flight_key(self, request: ModelRequest) -> str:
        """Returns the key under which a question is held while it is asked.

        It names no model, which is not known yet.
        """
        return _key("cache/flights/", self._question(request))

    def _question(self, request: ModelRequest) -> dict[str, Any]:
        """The fingerprint is over prompt version, instructions, checklist, context, text and answer room."""
        return {
            "schema_version": SCHEMA_VERSION,
            "post_processing": POST_PROCESSING_VERSION,
            "team": TEAM,
            "origin": self._origin,
            "prompt": request.prompt_version,
            "question": request.fingerprint,
            "answer_schema": request.schema,
            "answer_tokens": request.answer_tokens,
        }


def model_key(model: Model) -> str:
    """Returns a digest of the model's id and abilities, so that a changed model has answers of its own."""
    return _digest({name: value for name, value in asdict(model).items() if name not in _NOT_ASKED})


def _read(entry: dict[str, Any], check: Callable[[ModelAnswer], object]) -> CachedAnswer | None:
    try:
        answer = ModelAnswer.from_dict(entry["answer"])
        check(answer)
        return CachedAnswer(answer, str(entry["created_at"]))
    except (AppError, AttributeError, LookupError, TypeError, ValueError) as error:
        _log.warning("cached_answer_unusable", error=type(error).__name__)
        return None


def _key(prefix: str, document: dict[str, Any]) -> str:
    digest = _digest(document)
    return f"{prefix}{digest[:2]}/{digest}.json"


def _digest(document: dict[str, Any]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
