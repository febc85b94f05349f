"""The model registry: read from TOML once at start, every fault reported at once."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import ConfigurationError
from core.models.model import Model, Prices, StructuredOutput, ThinkingMode

_LEAST_THINKING = 1024
"""Bedrock refuses smaller budgets (user guide, "Extended thinking", read 2026-11-21)."""


@dataclass(frozen=True)
class ModelRegistry:
    """The configured models, in fallback order."""

    models: tuple[Model, ...]

    def get(self, model_id: str) -> Model | None:
        return next((model for model in self.models if model.id == model_id), None)

    def name_of(self, model_id: str) -> str:
        """Returns the model's name for people; its id if it has left the registry."""
        found = self.get(model_id)
        return found.name if found else model_id


def load_registry(models_file: str = "") -> ModelRegistry:
    """Reads the registry from `models_file`, or the one that ships. Raises ConfigurationError with every fault."""
    where = models_file or "core/models/models.toml"
    try:
        return parse_registry(_text_of(models_file), where=where)
    except OSError as error:
        raise ConfigurationError([f"MODELS_FILE: {where} cannot be read ({error.strerror})"]) from error


def parse_registry(text: str, *, where: str) -> ModelRegistry:
    """Parses TOML with [[models]]. Raises ConfigurationError with every fault of every model."""
    try:
        entries = tomllib.loads(text).get("models", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{where}: not TOML ({error})"]) from error
    if not isinstance(entries, list):
        raise ConfigurationError([f"{where}: models must be tables, written [[models]]"])
    parsed: list[_Entry] = []
    faults = [fault for number, entry in enumerate(entries, 1) for fault in _check(entry, number, parsed)]
    faults += _faults_between(parsed) if entries else ["no [[models]] in it"]
    if faults:
        raise ConfigurationError([f"{where}: {fault}" for fault in faults])
    in_order = sorted(parsed, key=lambda entry: entry.priority)
    return ModelRegistry(tuple(entry.model() for entry in in_order))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Prices(_Strict):
    input_usd: float = Field(ge=0)
    output_usd: float = Field(ge=0)
    cache_read_usd: float = Field(ge=0)
    cache_write_usd: float = Field(ge=0)


class _Entry(_Strict):
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:/_-]{2,}$")
    name: str = Field(min_length=1)
    priority: int = Field(ge=1)
    region: str = ""
    max_tokens: int = Field(ge=256)
    thinking: ThinkingMode = ThinkingMode.NONE
    thinking_budget: int = Field(default=0, ge=0)
    structured_output: StructuredOutput
    burndown: int = Field(ge=1)
    least_cached_tokens: int = Field(default=0, ge=0)
    rpm: int | None = Field(default=None, ge=1)
    tpm: int | None = Field(default=None, ge=1)
    prices: _Prices

    @model_validator(mode="after")
    def _thinking_fits(self) -> "_Entry":
        if self.thinking is ThinkingMode.NONE:
            if self.thinking_budget:
                raise ValueError("thinking_budget needs thinking = 'enabled'")
            return self
        if not _LEAST_THINKING <= self.thinking_budget < self.max_tokens:
            raise ValueError(f"thinking_budget must be from {_LEAST_THINKING} to under max_tokens")
        if self.structured_output is StructuredOutput.TOOL:
            raise ValueError("a forced tool rules thinking out: choose 'native' or 'text', or no thinking")
        return self

    def model(self) -> Model:
        values = {name: getattr(self, name) for name in type(self).model_fields if name != "prices"}
        return Model(**values, prices=Prices(**self.prices.model_dump()))


def _check(entry: Any, number: int, parsed: list[_Entry]) -> Iterator[str]:
    name = entry.get("id", f"number {number}") if isinstance(entry, dict) else f"number {number}"
    try:
        parsed.append(_Entry.model_validate(entry))
    except ValidationError as error:
        for fault in error.errors():
            place = ".".join(str(part) for part in fault["loc"])
            yield f"model {name}: {place + ': ' if place else ''}{fault['msg']}"


def _faults_between(entries: list[_Entry]) -> Iterator[str]:
    for field in ("id", "priority"):
        seen: set[object] = set()
        for entry in entries:
            value = getattr(entry, field)
            if value in seen:
                yield f"two models have the {field} {value}"
            seen.add(value)


def _text_of(models_file: str) -> str:
    if models_file:
        return Path(models_file).read_text(encoding="utf-8")
    return resources.files("core.models").joinpath("models.toml").read_text(encoding="utf-8")
