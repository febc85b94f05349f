"""Which JSON schemas the service takes for structured answers.

Read 2026-11-21 at platform.claude.com, structured outputs, "JSON Schema limitations": a schema that local mode let
through and the service refused would fail in production on every section at once.
"""

import json
from collections.abc import Iterator
from typing import Any

from infra.local.bedrock.errors import invalid, model_refuses

_REFUSED = {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
}


def check_schema(text: Any) -> dict[str, Any]:
    """The schema. text: as a string, as the service wants it. Raises the service's ValidationException."""
    if not isinstance(text, str):
        raise invalid("outputConfig.textFormat.structure.jsonSchema.schema: must be a string")
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise invalid("outputConfig.textFormat.structure.jsonSchema.schema: is not valid JSON") from error
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise invalid("outputConfig.textFormat.structure.jsonSchema.schema: must describe an object")
    for node in _nodes(schema):
        _check_node(node)
    return schema


def _check_node(node: dict[str, Any]) -> None:
    kind = node.get("type")
    if kind == "object" and node.get("additionalProperties") is not False:
        raise model_refuses(
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
        )
    if refused := sorted(_REFUSED & node.keys()):
        raise model_refuses(
            f"output_config.format.schema: For '{kind}' type, properties {', '.join(refused)} are not supported"
        )
    if node.get("minItems", 0) not in (0, 1):
        raise model_refuses("output_config.format.schema: For 'array' type, 'minItems' may only be 0 or 1")


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every sub-schema. Names under properties and $defs are names, whatever they spell."""
    yield schema
    for holder in ("properties", "$defs"):
        for child in schema.get(holder, {}).values():
            yield from _nodes(child)
    for holder in ("anyOf", "allOf"):
        for child in schema.get(holder, []):
            yield from _nodes(child)
    if isinstance(schema.get("items"), dict):
        yield from _nodes(schema["items"])
