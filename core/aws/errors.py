"""Translates AWS's errors into ours; a ClientError never leaves core.aws."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from core.errors import AppError, Permanent, Transient

_DENIED = {"AccessDenied", "AccessDeniedException", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
_MISSING = {
    "NoSuchBucket": "There is no bucket of this name: S3_BUCKET_NAME and the AWS account must be "
    "those of the deployment.",
    "AWS.SimpleQueueService.NonExistentQueue": "There is no queue of this name: SQS_QUEUE_PREFIX, AWS_REGION and the "
    "AWS account must be those of the deployment.",
}
"""By code: what most likely is set to another value than it should be."""


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def http_status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def storage_errors() -> Iterator[None]:
    with _translated("storage/unavailable", denied="storage/denied"):
        yield


@contextmanager
def queue_errors() -> Iterator[None]:
    with _translated("queue/unavailable", denied="queue/unavailable"):
        yield


@contextmanager
def _translated(code: str, *, denied: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _classified(error, code, denied) from error
    except (NoCredentialsError, NoRegionError) as error:
        # Waiting cannot help: this process was started without them.
        raise Permanent("aws/not-configured") from error
    except BotoCoreError as error:
        raise Transient(code, f"AWS did not answer ({type(error).__name__}).") from error


def _classified(error: ClientError, code: str, denied: str) -> AppError:
    name = error_code(error)
    if name in _DENIED or http_status(error) == 403:
        return Permanent(denied, f"AWS refused access ({name}).")
    # Still to be tried again: a stack that is being deployed, or an emulator that starts, has them in a moment.
    return Transient(code, _MISSING.get(name) or f"AWS answered {http_status(error)} ({name}).")
