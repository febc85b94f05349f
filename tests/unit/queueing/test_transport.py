"""The transport's behaviour, and the private parts of kombu that it relies on: a change of these fails here."""

import inspect
from types import SimpleNamespace
from typing import Any

import kombu
import pycurl
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from kombu.asynchronous.aws.connection import AsyncConnection, AsyncHTTPSConnection
from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection
from kombu.asynchronous.http.base import Request
from kombu.asynchronous.http.curl import CurlClient
from kombu.transport import SQS, resolve_transport
from structlog.testing import capture_logs

from core.queueing import sqs_client, transport
from core.queueing.transport import Channel, PatientHTTPConnection, PatientSQSConnection, Transport
from tests.support.envelopes import SIGNER, envelope
from tests.support.junk import JUNK, MESSAGE, SECRET_WORDS
from tests.support.queueing import ListQueues, Steps


def names(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_kombu_is_the_release_this_was_measured_with() -> None:
    assert kombu.__version__ == "5.7.0"


@pytest.mark.parametrize(
    "name",
    ["_get_from_sqs", "_on_messages_ready", "_loop1", "asynsqs", "new_sqs_client", "basic_reject"],
)
def test_overridden_methods_have_kombus_parameters(name: str) -> None:
    assert names(getattr(Channel, name)) == names(getattr(SQS.Channel, name))


def test_kombu_still_asks_for_what_is_overridden() -> None:
    assert "self._get_from_sqs(" in inspect.getsource(SQS.Channel._get_async)
    assert "self._on_messages_ready" in inspect.getsource(SQS.Channel._get_async)
    assert "promise(self._loop1, (queue,))" in inspect.getsource(SQS.Channel._schedule_queue)
    assert "self.predefined_queues" in inspect.getsource(SQS.Channel._update_queue_cache)
    assert "if self.predefined_queues:" in inspect.getsource(SQS.Channel._delete)
    assert "self.get_http_connection()" in inspect.getsource(AsyncConnection._mexe)
    assert "self.http_client.add_request(request)" in inspect.getsource(AsyncHTTPSConnection.getresponse)
    assert "visibility_timeout" in names(AsyncSQSConnection.receive_message)
    assert "self.get_list(" in inspect.getsource(AsyncSQSConnection.receive_message)
    assert "self._on_list_ready" in inspect.getsource(AsyncSQSConnection.get_list)
    assert names(PatientSQSConnection._on_list_ready) == names(AsyncSQSConnection._on_list_ready)


def test_curl_is_still_handed_to_on_prepare() -> None:
    source = inspect.getsource(CurlClient._setup_request)
    assert source.rstrip().endswith("request.on_prepare(curl)")
    assert "TIMEOUT" not in source


def test_the_broker_url_selects_this_transport() -> None:
    transport.register()
    assert resolve_transport("aiprism-sqs") is Transport


class ListHub:
    def __init__(self) -> None:
        self.later: list[tuple[float, str]] = []
        self.soon: list[str] = []

    def call_later(self, delay_s: float, _call: Any, queue: str) -> None:
        self.later.append((delay_s, queue))

    def call_soon(self, _call: Any, queue: str) -> None:
        self.soon.append(queue)


def channel() -> Any:
    """A channel without a connection: only what the polling loop touches."""
    made = Channel.__new__(Channel)
    made._pauses = {}
    made.hub = ListHub()
    made.connection = SimpleNamespace(polling_interval=0.05, _callbacks={})
    return made


def test_a_failed_receive_is_a_growing_pause_and_no_crash() -> None:
    polling = channel()
    for _ in range(6):
        assert polling._on_messages_ready("https://queue", "analysis", []) == 0
        polling._loop1("analysis", 0)
    assert [delay_s for delay_s, _ in polling.hub.later] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_the_first_good_answer_ends_the_pause() -> None:
    polling = channel()
    polling._on_messages_ready("https://queue", "analysis", [])
    assert polling._on_messages_ready("https://queue", "analysis", {}) == 0
    polling._loop1("analysis", 0)
    assert polling.hub.later == [(0.05, "analysis")]


def receiving(*bodies: str) -> tuple[Any, list[str], dict[str, Any]]:
    """A channel that consumes `analysis`, what its consumer was handed, and what ReceiveMessage answers."""
    polling, handed = channel(), []

    def take(payload: dict[str, Any]) -> None:
        polling.qos.append("kombu's message", payload["properties"]["delivery_tag"])
        if payload["headers"].get("root_id") == "bad day":
            raise ValueError(SECRET_WORDS)
        handed.append(payload["properties"]["delivery_tag"])

    polling.connection._callbacks["analysis"] = take
    polling.connection.client = SimpleNamespace(
        transport_options={"region": "r", "queue_name_prefix": "aiprism-", "signer": SIGNER}
    )
    polling.connection._noack_queues = set()
    polling.no_ack_consumers = set()
    polling._qos = SQS.QoS(polling)
    polling.qos.restore_at_shutdown = False
    polling.new_sqs_client = lambda *_names: None
    answer = {
        "Messages": [
            {"MessageId": f"m{number}", "ReceiptHandle": f"h{number}", "Body": body}
            for number, body in enumerate(bodies)
        ]
    }
    return polling, handed, answer


@pytest.fixture
def aside(monkeypatch: pytest.MonkeyPatch) -> ListQueues:
    queues = ListQueues(Steps())
    monkeypatch.setattr(transport, "SqsQueues", lambda _client: queues)
    return queues


@pytest.mark.parametrize("kind", JUNK)
def test_junk_goes_to_the_dead_letters_and_its_neighbours_to_the_worker(aside: ListQueues, kind: str) -> None:
    polling, handed, answer = receiving(envelope(MESSAGE), JUNK[kind], envelope(MESSAGE))
    with capture_logs() as logs:
        assert polling._on_messages_ready("https://queue", "analysis", answer) == 3
    assert handed == ["h0", "h2"]
    assert [letter.body for letter in aside.messages["aiprism-analysis-dlq"]] == [JUNK[kind]]
    assert aside.deleted == [("https://queue/aiprism-analysis", "h1")]
    assert SECRET_WORDS not in str(logs)


def test_junk_that_cannot_be_put_aside_now_is_left_where_it_is(aside: ListQueues) -> None:
    aside.steps.outage = True
    polling, handed, answer = receiving("junk", envelope(MESSAGE))
    with capture_logs() as logs:
        assert polling._on_messages_ready("https://queue", "analysis", answer) == 2
    assert handed == ["h1"]
    assert (aside.deleted, logs[0]["error"]) == ([], "Transient")


def test_an_error_with_one_message_stops_neither_the_others_nor_the_next_poll(aside: ListQueues) -> None:
    polling, handed, answer = receiving(envelope(MESSAGE, root_id="bad day"), envelope(MESSAGE))
    with capture_logs() as logs:
        fetched = polling._on_messages_ready("https://queue", "analysis", answer)
    polling._loop1("analysis", fetched)
    assert (handed, polling.hub.soon) == (["h1"], ["analysis"])
    (line,) = logs
    assert (line["event"], line["message_id"], line["error"]) == ("message_not_taken", "m0", "ValueError")
    assert SECRET_WORDS not in str(logs)


def test_a_message_that_was_not_taken_gives_its_place_back(aside: ListQueues) -> None:
    polling, _handed, answer = receiving(envelope(MESSAGE, root_id="bad day"))
    polling.qos.prefetch_count = 1
    with capture_logs():
        polling._on_messages_ready("https://queue", "analysis", answer)
    assert polling.qos.can_consume()


def test_a_rejection_that_sqs_does_not_hear_gives_the_place_back() -> None:
    polling, _handed, _answer = receiving()
    polling.qos.prefetch_count = 1
    message = SimpleNamespace(
        delivery_info={"exchange": "", "routing_key": "analysis"}, serializable=lambda: {}, _raw=None
    )
    polling.qos.append(message, "h0")
    assert not polling.qos.can_consume()

    def away(*_message: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://queue")

    polling._restore_at_beginning = away
    with capture_logs() as logs:
        polling.basic_reject("h0", requeue=True)

    assert polling.qos.can_consume()
    assert [log["event"] for log in logs] == ["rejection_not_told"]


def test_each_receive_asks_for_a_short_visibility() -> None:
    asked: dict[str, Any] = {}
    polling = channel()
    polling.connection.client = SimpleNamespace(
        transport_options={"receive_visibility_s": 60, "wait_time_seconds": 20}
    )
    connection = SimpleNamespace(receive_message=lambda *_names, **options: asked.update(options))
    polling._get_from_sqs("aiprism-analysis", "https://queue", connection, count=3)
    assert asked == {
        "number_messages": 3,
        "wait_time_seconds": 20,
        "visibility_timeout": 60,
        "callback": None,
    }


def test_curl_gives_up_soon_after_the_long_poll_should_have_ended() -> None:
    options: dict[int, int] = {}
    connection = PatientSQSConnection(sqs_connection=None, http_client=SimpleNamespace(), long_poll_s=20)
    request = connection.get_http_connection().getrequest()
    request.on_prepare(SimpleNamespace(setopt=options.__setitem__))
    assert options[pycurl.TIMEOUT] == 30
    assert options[pycurl.CONNECTTIMEOUT] == 3
    assert isinstance(request, Request)
    assert isinstance(connection.get_http_connection(), PatientHTTPConnection)


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503, 599])
def test_whatever_sqs_refuses_is_an_empty_receive_and_no_exception(status: int) -> None:
    connection = PatientSQSConnection(sqs_connection=None, http_client=SimpleNamespace(), long_poll_s=20)
    answer = SimpleNamespace(status=status, reason="No", read=lambda: b"<secret/>")
    with capture_logs() as logs:
        assert connection._on_list_ready(None, None, "ReceiveMessage", answer) == []
    assert logs == [{"event": "receive_refused", "log_level": "warning", "status": status}]


def test_a_receive_that_cannot_be_signed_is_a_pause() -> None:
    def unsigned(*_names: str, **_options: Any) -> None:
        raise NoCredentialsError

    polling = channel()
    polling.connection.client = SimpleNamespace(transport_options={"receive_visibility_s": 60})
    told: list[Any] = []
    connection = SimpleNamespace(receive_message=unsigned)
    polling._get_from_sqs("analysis", "https://queue", connection, callback=told.append)
    assert told == [[]]


def test_queues_are_looked_up_once_and_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []

    def get_queue_url(**wanted: str) -> dict[str, str]:
        looked_up.append(wanted["QueueName"])
        return {"QueueUrl": f"https://queue/{wanted['QueueName']}"}

    monkeypatch.setattr(
        transport, "shared_client", lambda _region: SimpleNamespace(get_queue_url=get_queue_url)
    )
    monkeypatch.setattr(transport, "_queue_urls", {})
    polling = channel()
    polling.connection.client = SimpleNamespace(
        transport_options={"region": "us-east-1", "queue_name_prefix": "aiprism-"}
    )
    queues = polling.predefined_queues
    assert queues["analysis"] == queues["aiprism-analysis"] == {"url": "https://queue/aiprism-analysis"}
    assert polling.predefined_queues is queues
    assert looked_up == ["aiprism-analysis", "aiprism-chat", "aiprism-monitoring"]


def test_one_client_serves_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqs_client, "_clients", {})
    shared_client = sqs_client.shared_client
    assert shared_client("us-east-1") is shared_client("us-east-1")
    assert shared_client("us-east-1") is not shared_client("us-east-2")
