"""kombu's SQS transport, made to survive what stock 5.7.0 does not. Measured 2026-11-21.

- A failed ReceiveMessage ended the worker, be it a 5xx, a reset, an expired credential or a queue that is gone: here
  it is a pause. Credentials are asked for anew at each receive, and a queue may come back.
- A connection that never answers made it deaf: here curl gives up a few seconds after the long poll's end.
- A killed worker's messages stayed hidden for the queue's whole hour: here each receive asks for a short
  visibility, which the heartbeat extends.
- Each connection had a boto3 client per queue (tens of MB): here one client serves the process.
- A rejection while SQS was away kept one of the worker's places for good; with few places that made it deaf.
- A message that is no envelope ended the worker, or its queue was never asked again: here it is put aside before
  kombu sees it, and nothing that one message does stops the others or the next receive.

It leans on private parts of kombu; tests/unit/queueing/test_transport.py fails when one of them changes.
"""

import traceback
from collections.abc import Callable
from typing import Any

import pycurl
from botocore.exceptions import BotoCoreError, ClientError
from kombu.asynchronous.aws.connection import AsyncHTTPSConnection
from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection
from kombu.transport import SQS, TRANSPORT_ALIASES
from vine import promise

from core.aws.sqs import SqsQueues
from core.observability.logs import get_logger
from core.queueing import screening
from core.queueing.message import UnreadableMessage
from core.queueing.sqs_client import shared_client
from core.queueing.topology import QUEUES, queue_name

_log = get_logger(__name__)

SCHEME = "aiprism-sqs"
_LEAST_PAUSE_S = 0.5
_MOST_PAUSE_S = 5.0
_CONNECT_TIMEOUT_S = 3
_ANSWER_TIMEOUT_S = 10

_queue_urls: dict[tuple[str, str], dict[str, dict[str, str]]] = {}


def known_queues(region: str, prefix: str) -> dict[str, dict[str, str]]:
    """Queue name -> {url}, asked of SQS once per process; whoever is forked later knows them too.

    Both names are keys because kombu looks some things up by the short one and others by the prefixed one. Raises
    Transient queue/unavailable, Permanent queue/denied.
    """
    known = _queue_urls.get((region, prefix))
    if known is None:
        queues = SqsQueues(shared_client(region))
        names = {spec.key: queue_name(prefix, spec.key) for spec in QUEUES}
        urls = {key: {"url": queues.url(name)} for key, name in names.items()}
        known = _queue_urls[region, prefix] = {**urls, **{names[key]: url for key, url in urls.items()}}
    return known


class PatientHTTPConnection(AsyncHTTPSConnection):
    """Gives curl the time-outs that kombu declares and never sets."""

    answer_within_s: int = _ANSWER_TIMEOUT_S

    def getrequest(self) -> Any:
        request = super().getrequest()
        request.on_prepare = promise(self._limit)
        return request

    def _limit(self, curl: Any) -> None:
        curl.setopt(pycurl.CONNECTTIMEOUT, _CONNECT_TIMEOUT_S)
        curl.setopt(pycurl.TIMEOUT, self.answer_within_s)
        curl.setopt(pycurl.TCP_KEEPALIVE, 1)


class PatientSQSConnection(AsyncSQSConnection):
    """SQS connection with time-outs. long_poll_s: how long SQS itself may take to answer that there is nothing."""

    def __init__(self, *args: Any, long_poll_s: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.long_poll_s = long_poll_s

    def _on_list_ready(  # noqa: PLR0917 - kombu's signature
        self, parent: Any, markers: Any, operation: str, response: Any
    ) -> Any:
        """kombu raises for whatever is no 200 or 5xx, and nothing above it would catch that."""
        if response.status != self.STATUS_CODE_OK:
            _log.warning("receive_refused", status=response.status)
            return []
        return super()._on_list_ready(parent, markers, operation, response)

    def get_http_connection(self) -> PatientHTTPConnection:
        connection = PatientHTTPConnection(http_client=self._httpclient)
        connection.answer_within_s = self.long_poll_s + _ANSWER_TIMEOUT_S
        return connection


class Channel(SQS.Channel):
    """kombu's SQS channel, with the changes listed above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._pauses: dict[str, float] = {}
        super().__init__(*args, **kwargs)

    @property
    def predefined_queues(self) -> dict[str, dict[str, str]]:
        """Asked for when the first channel opens: importing the app needs no network.

        With predefined queues kombu never creates or deletes one.
        """
        return known_queues(self.region, self.queue_name_prefix)

    def new_sqs_client(  # noqa: PLR0917 - kombu's signature
        self, region: str, access_key_id: Any, secret_access_key: Any, session_token: Any = None
    ) -> Any:
        return shared_client(region)

    def asynsqs(self, queue: str | None = None) -> Any:
        clients = self._predefined_queue_async_clients
        if queue not in clients:
            names = self.get_message_attributes["MessageSystemAttributeNames"]
            clients[queue] = PatientSQSConnection(
                sqs_connection=self.sqs(queue=queue),
                region=self.region,
                message_system_attribute_names=names,
                long_poll_s=self.wait_time_seconds,
            )
        return clients[queue]

    def _get_from_sqs(  # noqa: PLR0917 - kombu's signature
        self, queue_name: str, queue_url: str, connection: Any, count: int = 1, callback: Any = None
    ) -> Any:
        try:
            return connection.receive_message(
                queue_name,
                queue_url,
                number_messages=count,
                wait_time_seconds=self.wait_time_seconds,
                visibility_timeout=self.transport_options["receive_visibility_s"],
                callback=callback,
            )
        except BotoCoreError as error:
            # The request could not be signed: the source of credentials does not answer.
            _log.warning("receive_not_sent", error=type(error).__name__)
            callback([])
            return callback

    def _on_messages_ready(self, queue: str, qname: str, messages: Any) -> Any:
        if not isinstance(messages, dict):
            # kombu turns a failed receive into [], and would then ask it for a key.
            pause_s = min(_MOST_PAUSE_S, self._pauses.get(qname, _LEAST_PAUSE_S / 2) * 2)
            self._pauses[qname] = pause_s
            _log.warning("receive_failed", queue=qname, pause_s=pause_s)
            return 0
        self._pauses.pop(qname, None)
        received = messages.get("Messages") or []
        for message in received:
            try:
                self._take(queue, qname, message)
            except Exception as error:  # noqa: BLE001 - as in a thread's loop: raised, it would end all polling
                self._let_go(qname, message, error)
        return len(received)

    def _take(self, queue: str, qname: str, message: Any) -> None:
        try:
            screening.check(message["Body"], signer=self.transport_options["signer"])
        except UnreadableMessage as error:
            queues = SqsQueues(self.new_sqs_client(self.region, None, None))
            names = (self.queue_name_prefix, qname)
            screening.put_aside(queues, message, names=names, error=error)
        else:
            super()._on_messages_ready(queue, qname, {"Messages": [message]})

    def _let_go(self, qname: str, message: Any, error: Exception) -> None:
        """SQS shows it again, and after too many receives moves it to the dead letters. The words of the error may
        quote the message, so only its kind and place are logged."""
        tag = message.get("ReceiptHandle")
        if tag in self.qos._delivered:
            # Else it would take up one of the worker's few places for good.
            self.qos.ack(tag)
        kind, place = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
        about = {"message_id": message.get("MessageId"), "error": kind, "at": f"{place.name}:{place.lineno}"}
        _log.error("message_not_taken", queue=qname, **about)

    def basic_reject(self, delivery_tag: Any, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
        """What SQS cannot be told now comes by itself, at the visibility's end; kombu would keep the place taken."""
        try:
            super().basic_reject(delivery_tag, requeue=requeue)
        except (BotoCoreError, ClientError) as error:
            self.qos.ack(delivery_tag)
            _log.warning("rejection_not_told", error=type(error).__name__)

    def _loop1(self, queue: str, messages_fetched: Any = None) -> None:
        if queue in self._pauses:
            self.hub.call_later(self._pauses[queue], self._schedule_queue, queue)
        else:
            super()._loop1(queue, messages_fetched)


class Transport(SQS.Transport):
    """kombu's SQS transport with our channel."""

    Channel = Channel


def register(aliases: dict[str, str | Callable[[], str]] = TRANSPORT_ALIASES) -> None:
    """Makes `aiprism-sqs://` a broker address."""
    aliases[SCHEME] = f"{__name__}:Transport"
