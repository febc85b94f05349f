import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    EventStreamError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from core.aws.bedrock import BedrockInvoker, CallFault, ModelCallError


class ScriptedClient:
    def __init__(self, outcome):
        self.outcome = outcome
        self.requests = []

    def converse(self, **request):
        self.requests.append(request)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def aws(code, status, message="", **members):
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **members,
    }
    return ClientError(response, "Converse")


def fault_of(error):
    invoker = BedrockInvoker(lambda _region: ScriptedClient(error), default_region="us-east-2")
    with pytest.raises(ModelCallError) as caught:
        invoker.converse({"modelId": "m"})
    return caught.value.fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (aws("ThrottlingException", 429, "Too many requests"), CallFault.THROTTLED),
        (aws("throttlingException", 429, "Too many tokens"), CallFault.THROTTLED),
        (aws("ThrottlingException", 429, "Too many tokens per day"), CallFault.THROTTLED_DAILY),
        (aws("ServiceQuotaExceededException", 400), CallFault.THROTTLED),
        (aws("ModelNotReadyException", 429), CallFault.UNAVAILABLE),
        (aws("ServiceUnavailableException", 503), CallFault.UNAVAILABLE),
        (aws("InternalServerException", 500), CallFault.UNAVAILABLE),
        (aws("ModelTimeoutException", 408), CallFault.TIMEOUT),
        (aws("ModelErrorException", 424), CallFault.UNAVAILABLE),
        (aws("ModelErrorException", 424, originalStatusCode=429), CallFault.THROTTLED),
        (aws("AccessDeniedException", 403), CallFault.DENIED),
        (
            aws("ResourceNotFoundException", 404, "This model version has reached the end of its life."),
            CallFault.GONE,
        ),
        (aws("ValidationException", 400, "The provided model identifier is invalid."), CallFault.GONE),
        (aws("ValidationException", 400, "Operation not allowed"), CallFault.GONE),
        (aws("ValidationException", 400, "thinking: Extra inputs are not permitted"), CallFault.REJECTED),
        (aws("ExpiredTokenException", 403), CallFault.UNAVAILABLE),
        (aws("SomethingNewException", 502), CallFault.UNAVAILABLE),
        (aws("SomethingNewException", 418), CallFault.REJECTED),
        (ReadTimeoutError(endpoint_url="https://x"), CallFault.TIMEOUT),
        (ConnectTimeoutError(endpoint_url="https://x"), CallFault.UNAVAILABLE),
        (EndpointConnectionError(endpoint_url="https://x"), CallFault.UNAVAILABLE),
        (NoCredentialsError(), CallFault.UNAVAILABLE),
        (ParamValidationError(report="bad"), CallFault.REJECTED),
    ],
)
def test_every_error_says_what_to_do_about_it(error, fault):
    assert fault_of(error) is fault


def test_the_error_carries_no_text_of_the_request_or_the_answer():
    invoker = BedrockInvoker(
        lambda _region: ScriptedClient(aws("ValidationException", 400, "secret words")), default_region="r"
    )
    with pytest.raises(ModelCallError) as caught:
        invoker.converse({"modelId": "m"})
    assert "secret" not in str(caught.value)


def test_a_client_is_made_once_per_region_and_only_when_it_is_needed():
    made = []

    def make(region):
        made.append(region)
        return ScriptedClient({"ok": True})

    invoker = BedrockInvoker(make, default_region="us-east-2")
    assert made == []
    for region in ("", "eu-west-1", "us-east-2"):
        assert invoker.converse({"modelId": "m"}, region=region) == {"ok": True}
    assert made == ["us-east-2", "eu-west-1"]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("internalServerException", CallFault.UNAVAILABLE),
        ("modelStreamErrorException", CallFault.UNAVAILABLE),
        ("serviceUnavailableException", CallFault.UNAVAILABLE),
        ("modelTimeoutException", CallFault.TIMEOUT),
        ("throttlingException", CallFault.THROTTLED),
        ("validationException", CallFault.REJECTED),
    ],
)
def test_an_error_inside_a_stream_is_the_same_error_with_its_usual_name(code, fault):
    """botocore raises these without a status, with the event's name, which has a small first letter."""
    error = EventStreamError({"Error": {"Code": code, "Message": "x"}}, "ConverseStream")
    invoker = BedrockInvoker(lambda _region: ScriptedClient(error), default_region="us-east-2")
    with pytest.raises(ModelCallError) as caught:
        invoker.converse({"modelId": "m"})
    assert caught.value.fault is fault
    assert caught.value.code == code[0].upper() + code[1:]
    assert "0" not in caught.value.detail
