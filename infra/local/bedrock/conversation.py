"""A Converse request, read and held to the rules of the service and of Claude models."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.bedrock.catalogue import LocalModel
from infra.local.bedrock.errors import invalid, model_refuses
from infra.local.bedrock.prompt_cache import Boundary, boundaries
from infra.local.bedrock.schema_rules import check_schema
from infra.local.bedrock.thinking_rules import check_thinking, thinking_budget

_METADATA = re.compile(r"[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}")
_MOST_METADATA = 16
_ROLES = {"user", "assistant"}
_CONTEXT_TOKENS = 200_000


@dataclass(frozen=True)
class Conversation:
    """What a brain needs of a request. texts: of the last message; user_texts: of all the user's messages.

    tool: name of the forced tool. schema: what the answer must look like, of outputConfig or of the forced tool;
    {} = text. budget_tokens: 0 without thinking. input_tokens: cached or not. boundaries: for the prompt cache.
    request: the whole of it.
    """

    model: LocalModel
    texts: tuple[str, ...]
    input_tokens: int
    max_tokens: int
    budget_tokens: int = 0
    tool: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    user_texts: tuple[str, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def native_schema(self) -> bool:
        return bool(self.schema) and not self.tool


def json_object(body: bytes) -> dict[str, Any]:
    """Raises the service's ValidationException for what is none."""
    try:
        data = json.loads(body)
    except ValueError as error:
        raise invalid("The request body is not valid JSON.") from error
    if not isinstance(data, dict):
        raise invalid("The request body is not a JSON object.")
    return data


def read_conversation(model: LocalModel, data: Mapping[str, Any]) -> Conversation:
    """data: the body of a Converse request. Raises the ServiceError that Bedrock would answer."""
    try:
        return _conversation(model, data)
    except (KeyError, TypeError, AttributeError) as error:
        raise invalid("The request does not have the shape of a Converse request.") from error


def _conversation(model: LocalModel, data: Mapping[str, Any]) -> Conversation:
    messages = _messages(data)
    tool, tool_schema = _forced_tool(data)
    schema = _schema(data, model)
    max_tokens = _max_tokens(data, model)
    budget = thinking_budget(_object(_object(data, "additionalModelRequestFields"), "thinking"), model)
    if budget:
        check_thinking(budget, max_tokens, data=data, forces_tool=bool(tool))
    found = boundaries(model, data)
    if found[-1].tokens > _CONTEXT_TOKENS:
        raise model_refuses(f"prompt is too long: {found[-1].tokens} tokens > {_CONTEXT_TOKENS} maximum")
    return Conversation(
        model,
        _texts(messages[-1]),
        found[-1].tokens,
        max_tokens=max_tokens,
        budget_tokens=budget,
        tool=tool,
        schema=tool_schema if tool else schema,
        user_texts=tuple(text for item in messages if item["role"] == "user" for text in _texts(item)),
        boundaries=found,
        request=data,
        metadata=_metadata(data),
    )


def _metadata(data: Mapping[str, Any]) -> Mapping[str, str]:
    """Shapes and number: Converse API reference, read 2026-11."""
    found = _object(data, "requestMetadata")
    if len(found) > _MOST_METADATA or not all(map(_METADATA.fullmatch, (*found, *found.values()))):
        raise invalid("requestMetadata: at most 16 names and values of 1 to 256 plain characters")
    return found


def _texts(message: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(block["text"] for block in message["content"] if "text" in block)


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name) or {}
    if not isinstance(found, dict):
        raise invalid(f"{name}: must be an object")
    return found


def _messages(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    messages = data.get("messages")
    if not isinstance(messages, list) or not messages:
        raise invalid("messages: must contain at least one message")
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise invalid("messages: every message needs the role user or assistant")
        if not isinstance(message.get("content"), list) or not message["content"]:
            raise invalid("The content field in the Message object is empty. Add a ContentBlock object.")
        if any(block.get("text", "-").strip() == "" for block in message["content"]):
            raise invalid("messages: text content blocks must contain non-whitespace text")
    if messages[0]["role"] != "user":
        raise invalid(
            "A conversation must start with a user message. Try again with a conversation that does."
        )
    return messages


def _forced_tool(data: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """(name, input schema) of the tool that the answer has to call; ("", {}) when it is free."""
    config = _object(data, "toolConfig")
    specs = [tool["toolSpec"] for tool in config.get("tools", []) if "toolSpec" in tool]
    schemas = {spec["name"]: spec["inputSchema"]["json"] for spec in specs}
    choice = _object(config, "toolChoice")
    if choice and not schemas:
        raise invalid("toolConfig.tools: a toolChoice needs at least one tool")
    if "tool" in choice and choice["tool"].get("name") not in schemas:
        raise invalid("toolConfig.toolChoice.tool: there is no tool of that name in toolConfig.tools")
    if not {"any", "tool"} & choice.keys():
        return "", {}
    name = str(choice["tool"]["name"] if "tool" in choice else next(iter(schemas)))
    return name, schemas[name]


def _schema(data: Mapping[str, Any], model: LocalModel) -> Mapping[str, Any]:
    text_format = _object(_object(data, "outputConfig"), "textFormat")
    if not text_format:
        return {}
    if not model.schemas:
        raise invalid(f"{model.id} does not support outputConfig.textFormat.")
    return check_schema(_object(_object(text_format, "structure"), "jsonSchema").get("schema"))


def _max_tokens(data: Mapping[str, Any], model: LocalModel) -> int:
    """A request that names no maximum reserves all that the model could answer."""
    sampling = _object(data, "inferenceConfig")
    wanted = sampling.get("maxTokens", model.max_tokens)
    if not isinstance(wanted, int) or wanted < 1:
        raise invalid("inferenceConfig.maxTokens: must be an integer of at least 1")
    if wanted > model.max_tokens:
        raise invalid(
            f"The maximum tokens you requested exceeds the model limit of {model.max_tokens}. "
            f"Try again with a maximum tokens value that is lower than {model.max_tokens}."
        )
    if not model.sampling_pair and "temperature" in sampling and "topP" in sampling:
        raise model_refuses(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        )
    return wanted
