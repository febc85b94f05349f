"""`prompt show`: exactly what a model is sent for a section, as a worker would build it now."""

import argparse
from dataclasses import asdict
from typing import Any

from core.bootstrap.worker import build_worker_services
from core.config import Settings
from core.models.converse import converse_request
from core.models.exchange import ModelRequest
from core.models.model import Model
from core.models.registry import load_registry
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.printing import counted, print_json, print_table
from core.pipeline.analysis import PromptPreview
from core.queueing.keys import is_section_id, is_uuid
from core.queueing.service import Queueing


def add_to(parser: argparse.ArgumentParser, register: Register) -> None:
    show = parser.add_subparsers(required=True, metavar="verb").add_parser(
        "show", help="everything that is sent for one section: text, schema, models"
    )
    show.add_argument("session", help="id of the review")
    show.add_argument("section", help="id of the section: s1, s2, ...")
    register(show, show_prompt)


def show_prompt(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 2: there is no such review or section."""
    if not is_uuid(options.session) or not is_section_id(options.section):
        raise WrongUsage("A session is a uuid, a section is s1, s2, ... as GET /sessions/<id> lists them.")
    analysis = build_worker_services(settings, queueing=queueing).analysis
    preview = analysis.preview(options.session, options.section)
    models = load_registry(settings.limits.models_file).models
    if options.json:
        print_json(_document(options, preview, models))
    else:
        _for_people(preview, models)
    return ExitCode.DONE


def _document(
    options: argparse.Namespace, preview: PromptPreview, models: tuple[Model, ...]
) -> dict[str, Any]:
    return {
        "session_id": options.session,
        "section_id": options.section,
        "guidelines": _guidelines(preview),
        "first": [_request(request, models) for request in preview.first],
        "requests": [_request(request, models) for request in preview.requests],
    }


def _guidelines(preview: PromptPreview) -> dict[str, Any] | None:
    """state: verbatim, condensed, or to-be-condensed, where `first` is asked before, once for all sections."""
    used = preview.session.guidelines
    if used is None:
        return None
    state = "to-be-condensed"
    if preview.guidelines is not None:
        state = "condensed" if preview.guidelines.condensed else "verbatim"
    return {"sha256": used.sha256, "names": list(used.names), "state": state}


def _request(request: ModelRequest, models: tuple[Model, ...]) -> dict[str, Any]:
    """converse: the request to the first model, but for random delimiters."""
    return {
        **asdict(request),
        "estimated_input_tokens": request.input_tokens(),
        "models": [_model(model, request) for model in models],
        "converse": converse_request(models[0], request),
    }


def _model(model: Model, request: ModelRequest) -> dict[str, Any]:
    return {
        "id": model.id,
        "max_tokens": model.tokens_for(request.answer_tokens),
        "structured_output": model.structured_output.value,
        "thinking": model.thinking.value,
    }


def _for_people(preview: PromptPreview, models: tuple[Model, ...]) -> None:
    about = _guidelines(preview)
    print(f"guidelines: {' and '.join(about['names'])} ({about['state']})" if about else "guidelines: none")
    if preview.first:
        print("They are condensed first; until then no section is sent, and what follows is without them.")
    for request in (*preview.first, *preview.requests):
        _print_request(request, models)
    calls = counted(len(preview.requests), "call")
    print(f"\n{calls} for this section. An answer that is stored already is used instead.")


def _print_request(request: ModelRequest, models: tuple[Model, ...]) -> None:
    print(f"\n=== {request.prompt_version}, about {request.input_tokens()} input tokens")
    for role in ("system", "user"):
        for number, text in enumerate(getattr(request, role), 1):
            print(f"\n--- {role} {number}\n{text}")
    print(f"\n--- schema {request.schema_name}")
    print_json(request.schema)
    print("\n--- models, in this order")
    rows = [tuple(_model(model, request).values()) for model in models]
    print_table(("model", "max tokens", "answer held by", "thinking"), rows)
