"""A brain that is a real model: any server with an OpenAI-compatible /v1/chat/completions (Ollama, llama.cpp, vLLM).

The text of the request goes to that server and nowhere else: proxies of the environment are not used.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra.local.bedrock.brains import BrainAnswer
from infra.local.bedrock.conversation import Conversation
from infra.local.bedrock.errors import ServiceError, invalid
from infra.local.bedrock.openai_messages import brain_answer, chat_request

_PATH = "/chat/completions"
_TIMEOUT_S = 110.0
"""Below the 120 s for which the product waits for a model: it is to hear what happened."""
_SHOWN_CHARS = 300


@dataclass(frozen=True)
class LlmSettings:
    """url: of the server, with or without /v1. model: as the server calls it."""

    url: str
    model: str
    timeout_s: float = _TIMEOUT_S

    @property
    def endpoint(self) -> str:
        base = self.url.rstrip("/").removesuffix(_PATH)
        return f"{base}{_PATH}" if base.endswith("/v1") else f"{base}/v1{_PATH}"


def read_llm(data: Mapping[str, Any]) -> LlmSettings:
    """{url, model, timeout_s?}. Raises ValueError with a sentence for the person who set it, or TypeError."""
    settings = LlmSettings(**data)
    parts = urlsplit(settings.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"the address of the local model is no http address: {settings.url!r}")
    if not settings.model:
        raise ValueError("a local model needs its name: LOCAL_LLM_MODEL, for Ollama such as llama3.2")
    return settings


class OpenAIBrain:
    """name: the model's. Shared by all request threads; each call is a connection of its own."""

    def __init__(self, settings: LlmSettings) -> None:
        self.name = settings.model
        self._settings = settings
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def answer(self, conversation: Conversation) -> BrainAnswer:
        """Raises ServiceError: what Bedrock would say if its model had failed like that."""
        given = self._post(chat_request(conversation, model=self._settings.model))
        try:
            return brain_answer(given)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise ServiceError("ModelErrorException", "The local model's answer cannot be read.") from error

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - read_llm has seen that it is http
            self._settings.endpoint,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=self._settings.timeout_s) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from error
        except TimeoutError as error:
            raise ServiceError("ModelTimeoutException") from error
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        except ValueError as error:
            raise ServiceError("ModelErrorException", "The local model's answer is not JSON.") from error
        return found

    def _unreachable(self, error: Exception) -> ServiceError:
        if isinstance(getattr(error, "reason", None), TimeoutError):
            return ServiceError("ModelTimeoutException")
        return ServiceError(
            "ServiceUnavailableException",
            f"The local model at {self._settings.endpoint} does not answer ({type(error).__name__}).",
        )


def _refusal(error: urllib.error.HTTPError) -> ServiceError:
    words = error.read(_SHOWN_CHARS).decode(errors="replace")
    if error.code == 429:
        return ServiceError("ThrottlingException")
    if error.code in {408, 504}:
        return ServiceError("ModelTimeoutException")
    if error.code in {400, 413, 422}:
        return invalid(f"The local model refused the request: {words}")
    return ServiceError("ServiceUnavailableException", f"The local model answered {error.code}: {words}")
