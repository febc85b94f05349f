"""/openapi.json, made from the route table and the schemas that requests and answers are held to."""

import re
from collections import defaultdict
from functools import cache
from typing import Any

from flask import Blueprint
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.error_catalogue import CATALOGUE
from core.web.api.answer import Problem
from core.web.api.refusals import STORAGE
from core.web.api.spec import JSON, FormPart, Query, RouteSpec
from core.web.api.table import ROUTES
from core.web.converters import CONVERTERS
from core.web.problems import MEDIA_TYPE
from core.web.security import SAFE_METHODS

blueprint = Blueprint("openapi", __name__)

_PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
_COMPONENTS = "#/components/schemas/{model}"


@blueprint.get("/openapi.json")
def description() -> dict[str, Any]:
    return build()


@cache
def build() -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    models = _models()
    schemas, definitions = models_json_schema(
        [(model, "serialization") for model in models], ref_template=_COMPONENTS
    )
    names = {model: schemas[(model, "serialization")]["$ref"] for model in models}
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for spec in ROUTES:
        paths[_PARAMETER.sub(r"{\g<name>}", spec.rule)][spec.method.lower()] = _operation(spec, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AI-Prism",
            "version": "1",
            "description": "Checklist review of Word and PDF write-ups. Errors are problem+json (RFC 9457).",
        },
        "paths": dict(paths),
        "components": {"schemas": definitions["$defs"]},
    }


def error_codes(spec: RouteSpec) -> list[str]:
    """Every code that the operation can answer with, in alphabetical order."""
    common = {"internal/unexpected", "request/host"}
    if not spec.public:
        common |= {"auth/required", "auth/disabled", "limits/requests", *STORAGE}
    if spec.method not in SAFE_METHODS:
        common.add("request/cross-site")
        if not spec.public:
            common.add("request/form-token")
    return sorted(common | set(spec.errors))


def _models() -> list[type[BaseModel]]:
    used = [model for spec in ROUTES for model in (spec.gives, spec.body) if model is not None]
    return list(dict.fromkeys([Problem, *used]))


def _operation(spec: RouteSpec, names: dict[type[BaseModel], str]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": spec.summary,
        "operationId": _operation_id(spec),
        "parameters": [*_path_parameters(spec.rule), *map(_query_parameter, spec.query)],
        "responses": {"200": _success(spec, names), **_also(spec), **_problems(spec, names)},
    }
    if content := _request_content(spec, names):
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _request_content(spec: RouteSpec, names: dict[type[BaseModel], str]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if spec.body is not None:
        content[JSON] = {"schema": {"$ref": names[spec.body]}}
    if spec.multipart:
        content["multipart/form-data"] = _form(spec.multipart)
    if spec.form:
        content["application/x-www-form-urlencoded"] = _form(spec.form)
    return content


def _operation_id(spec: RouteSpec) -> str:
    words = re.sub(r"[^a-z]+", "_", _PARAMETER.sub("one", spec.rule).lower()).strip("_")
    return f"{spec.method.lower()}_{words or 'start'}"


def _path_parameters(rule: str) -> list[dict[str, Any]]:
    return [
        {
            "name": match["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{CONVERTERS[match['converter']].regex}$"},
        }
        for match in _PARAMETER.finditer(rule)
    ]


def _query_parameter(query: Query) -> dict[str, Any]:
    return {
        "name": query.name,
        "in": "query",
        "required": query.required,
        "description": query.description,
        "schema": {"type": "string"},
    }


def _form(parts: dict[str, FormPart]) -> dict[str, Any]:
    required = [name for name, part in parts.items() if part.required]
    properties = {name: _form_part(part) for name, part in parts.items()}
    return {"schema": {"type": "object", "properties": properties, "required": required}}


def _form_part(part: FormPart) -> dict[str, Any]:
    kind = {"enum": list(part.one_of)} if part.one_of else {} if part.is_text else {"format": "binary"}
    return {"type": "string", **kind, "description": part.description}


def _success(spec: RouteSpec, names: dict[type[BaseModel], str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"$ref": names[spec.gives]} if spec.gives is not None else {}
    if spec.media != JSON:
        schema = {"type": "string"}
    media_types = [media for media in (spec.media, spec.other_media) if media]
    return {"description": spec.summary, "content": {media: {"schema": schema} for media in media_types}}


def _also(spec: RouteSpec) -> dict[str, Any]:
    return {str(status): {"description": description} for status, description in spec.also.items()}


def _problems(spec: RouteSpec, names: dict[type[BaseModel], str]) -> dict[str, Any]:
    """One response per status; x-codes lists the codes that come with it."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in error_codes(spec):
        by_status[CATALOGUE[code].status].append(code)
    schema = {"schema": {"$ref": names[Problem]}}
    return {
        str(status): {
            "description": "; ".join(f"{code}: {CATALOGUE[code].title}" for code in codes),
            "content": {MEDIA_TYPE: schema},
            "x-codes": codes,
        }
        for status, codes in sorted(by_status.items())
        if status not in spec.also
    }
