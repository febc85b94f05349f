"""Bedrock Converse, and what its errors mean for the pipeline. A botocore error never leaves this module.

Error shapes: botocore's bedrock-runtime service model and the Bedrock user guide, read 2026-11-21. A model past its
end of life answers 404 ResourceNotFoundException, or 400 ValidationException with the sentences below.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError, ReadTimeoutError

from core.aws.errors import error_code, http_status
from core.observability.correlation import correlation_id


class CallFault(StrEnum):
    """Why a call gave no answer, by what to do about it."""

    THROTTLED = "throttled"
    THROTTLED_DAILY = "throttled-daily"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    """The call may run on at the service and be charged."""
    GONE = "gone"
    DENIED = "denied"
    REJECTED = "rejected"


class ModelCallError(Exception):
    """A call without an answer.

    code: AWS's name. detail: one sentence for logs and errors; never the request's text.
    """

    def __init__(self, fault: CallFault, *, code: str, detail: str) -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault = fault
        self.code = code
        self.detail = detail


class BedrockInvoker:
    """Calls models; makes one client per region, at its first call, so that forked workers share no sockets.

    make_client: region -> boto3 `bedrock-runtime` client that never retries by itself.
    """

    def __init__(self, make_client: Callable[[str], Any], *, default_region: str) -> None:
        self._make_client = make_client
        self._default_region = default_region
        self._clients: dict[str, Any] = {}

    def converse(self, request: dict[str, Any], *, region: str = "") -> dict[str, Any]:
        """Calls the model. request: keyword arguments of boto3's `converse`. Raises ModelCallError."""
        client = self._client(region or self._default_region)
        try:
            answer: dict[str, Any] = client.converse(**request, **_metadata())
        except (ClientError, BotoCoreError) as error:
            raise call_error(error) from error
        return answer

    def _client(self, region: str) -> Any:
        if region not in self._clients:
            self._clients[region] = self._make_client(region)
        return self._clients[region]


def call_error(error: ClientError | BotoCoreError) -> ModelCallError:
    """The ModelCallError for what botocore raised, for a call or inside the stream of its answer."""
    return _from_answer(error) if isinstance(error, ClientError) else _without_answer(error)


def _metadata() -> dict[str, Any]:
    """Whose call this is, for Bedrock's own invocation log: the id that our logs have."""
    present = correlation_id()
    return {"requestMetadata": {"correlation_id": present}} if present else {}


_BY_CODE = {
    "ThrottlingException": CallFault.THROTTLED,
    "ServiceQuotaExceededException": CallFault.THROTTLED,
    "TooManyRequestsException": CallFault.THROTTLED,
    "ModelNotReadyException": CallFault.UNAVAILABLE,
    "ServiceUnavailableException": CallFault.UNAVAILABLE,
    "InternalServerException": CallFault.UNAVAILABLE,
    "ModelStreamErrorException": CallFault.UNAVAILABLE,
    "ModelTimeoutException": CallFault.TIMEOUT,
    "AccessDeniedException": CallFault.DENIED,
    "ResourceNotFoundException": CallFault.GONE,
    "ValidationException": CallFault.REJECTED,
}
_GONE_WORDS = ("identifier is invalid", "operation not allowed", "end of its life", "on-demand throughput")
_DAILY_WORDS = ("per day", "daily")


def _from_answer(error: ClientError) -> ModelCallError:
    code, status = _normalised(error_code(error)), http_status(error)
    fault = _refined(_BY_CODE.get(code) or _by_status(status), error, code)
    how = f"Bedrock answered {status}" if status else "Bedrock ended its answer with an error"
    return ModelCallError(fault, code=code, detail=f"{how} ({code}).")


def _normalised(code: str) -> str:
    """Errors inside a stream are named like its events, with a small first letter, and have no status."""
    return code[:1].upper() + code[1:]


def _refined(fault: CallFault, error: ClientError, code: str) -> CallFault:
    words = str(error.response.get("Error", {}).get("Message", "")).lower()
    if fault is CallFault.REJECTED and any(phrase in words for phrase in _GONE_WORDS):
        return CallFault.GONE
    if fault is CallFault.THROTTLED and any(phrase in words for phrase in _DAILY_WORDS):
        return CallFault.THROTTLED_DAILY
    if code == "ModelErrorException":
        # 424 wraps what the model's own host said; all but its throttling and its time-outs is ill health.
        original = int(error.response.get("originalStatusCode") or 500)
        return _by_status(original) if original in {408, 429} else CallFault.UNAVAILABLE
    return fault


def _by_status(status: int) -> CallFault:
    """The fault of a code that nobody has listed yet, by its status.

    401 and 403 are bad or expired credentials here: no model's fault.
    """
    if status == 429:
        return CallFault.THROTTLED
    if status == 408:
        return CallFault.TIMEOUT
    if status in {401, 403} or status >= 500 or status == 0:
        return CallFault.UNAVAILABLE
    return CallFault.REJECTED


def _without_answer(error: BotoCoreError) -> ModelCallError:
    name = type(error).__name__
    if isinstance(error, ReadTimeoutError):
        return ModelCallError(CallFault.TIMEOUT, code=name, detail="The model did not answer in time.")
    if isinstance(error, ParamValidationError):
        return ModelCallError(CallFault.REJECTED, code=name, detail="The request was malformed.")
    return ModelCallError(CallFault.UNAVAILABLE, code=name, detail=f"Bedrock was not reached ({name}).")
