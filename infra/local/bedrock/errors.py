"""The service's errors: code, HTTP status and the words it uses.

Codes and statuses: botocore's service model of bedrock-runtime 2023-09-30; words as users of the service report
them; both read 2026-11-21.
"""

from typing import Any

STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 424,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}

TOO_MANY_REQUESTS = "Too many requests, please wait before trying again."
TOO_MANY_TOKENS = "Too many tokens, please wait before trying again."
TOO_MANY_TOKENS_TODAY = "Too many tokens per day, please wait before trying again."

MESSAGES = {
    "AccessDeniedException": "You don't have access to the model with the specified model ID.",
    "InternalServerException": "The system encountered an unexpected error during processing.",
    "ModelErrorException": "The model returned an error while it processed the request.",
    "ModelNotReadyException": "The model is not ready for inference. Wait and try your request again.",
    "ModelStreamErrorException": "An error occurred while streaming the response. Retry your request.",
    "ModelTimeoutException": "Model has timed out in processing the request. Try your request again.",
    "ResourceNotFoundException": "Could not resolve the resource from the provided identifier.",
    "ServiceQuotaExceededException": "Your request exceeds the service quota for your account.",
    "ServiceUnavailableException": "Bedrock is unable to process your request.",
    "ThrottlingException": TOO_MANY_REQUESTS,
    "ValidationException": "The input fails to satisfy the constraints of the service.",
}

INVALID_ID = "The provided model identifier is invalid."
END_OF_LIFE = (
    "This model version has reached the end of its life. "
    "Please refer to the AWS documentation for more details."
)
NO_PROMPT_CACHE = (
    "You invoked an unsupported model or your request did not allow prompt caching. "
    "See the documentation for more information."
)

IN_STREAM = frozenset(
    {
        "InternalServerException",
        "ModelStreamErrorException",
        "ServiceUnavailableException",
        "ThrottlingException",
        "ValidationException",
    }
)
"""What a stream that has begun can end with."""


class ServiceError(Exception):
    """An answer that is an error. `code` is one of STATUS. original_status: what the model's own host said."""

    def __init__(self, code: str, message: str = "", *, original_status: int = 0) -> None:
        self.code = code
        self.status = STATUS[code]
        self.message = message or MESSAGES[code]
        self.original_status = original_status
        super().__init__(f"{code}: {self.message}")

    def body(self) -> dict[str, Any]:
        if self.code not in {"ModelErrorException", "ModelStreamErrorException"}:
            return {"message": self.message}
        return {"message": self.message, "originalStatusCode": self.original_status or 500}


class ConnectionLost(Exception):
    """The connection ends without an answer, or in the middle of one."""


def invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def model_refuses(message: str) -> ServiceError:
    """How the service passes on what the model's own interface refuses."""
    return invalid(f"The model returned the following errors: {message}")
