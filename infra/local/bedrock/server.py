"""HTTP around the local Bedrock: paths, the service's error envelope, streams, keep-alive, resets."""

import json
import re
import socket
import struct
import sys
import uuid
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from infra.local.bedrock import control
from infra.local.bedrock.errors import ConnectionLost, ServiceError
from infra.local.bedrock.event_stream import CONTENT_TYPE, frame
from infra.local.bedrock.events import Event
from infra.local.bedrock.service import BedrockService
from infra.local.ports import LOOPBACK

# Ids contain colons, which arrive as %3A, and ARNs slashes, which arrive as %2F.
_OPERATION = re.compile(r"^/model/(?P<model>[^/]+)/(?P<name>converse|converse-stream|invoke|count-tokens)$")
_ERROR_DOMAIN = "http://internal.amazon.com/coral/com.amazon.bedrock/"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class BedrockServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, service: BedrockService, *, port: int) -> None:
        self.service = service
        super().__init__((LOOPBACK, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away while it waited is nobody's fault; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: BedrockServer
    protocol_version = "HTTP/1.1"
    server_version = "LocalBedrock"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        service, query = self.server.service, parse_qs(urlsplit(self.path).query)
        try:
            if self._path() == "/_local/stats":
                self._send(200, service.stats(window_s=float(query.get("window_s", ["0"])[0])))
            elif self._path() == "/_local/calls":
                self._send(200, {"calls": service.ledger.calls(since=int(query.get("since", ["0"])[0]))})
            else:
                self._unknown()
        except ValueError as error:
            self._send(400, {"message": str(error)})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if match := _OPERATION.match(self._path()):
            self._serve(match["name"], unquote(match["model"]), body)
        elif self._path() == "/_local/config":
            self._configure(body)
        elif self._path() == "/_local/reset":
            self.server.service.reset()
            self._send(200, {})
        else:
            self._unknown()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the statistics say what arrived."""

    def _path(self) -> str:
        return urlsplit(self.path).path

    def _serve(self, operation: str, model_id: str, body: bytes) -> None:
        service = self.server.service
        try:
            if operation == "converse-stream":
                self._stream(service.converse_stream(model_id, body))
            elif operation == "invoke":
                self._send(200, service.invoke(model_id, body))
            elif operation == "count-tokens":
                self._send(200, service.count_tokens(model_id, body))
            else:
                self._send(200, service.converse(model_id, body))
        except ServiceError as error:
            self._send(error.status, error.body(), code=error.code)
        except ConnectionLost:
            self._reset()

    def _stream(self, events: Generator[Event, None, None]) -> None:
        """What goes wrong before the first event is an answer with an error, later an event of the stream."""
        try:
            first = next(events)
            self._head(200, {"Content-Type": CONTENT_TYPE, "Transfer-Encoding": "chunked"})
            self._chunk(frame(first))
            for event in events:
                self._chunk(frame(event))
            self._chunk(b"")
        finally:
            events.close()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _configure(self, body: bytes) -> None:
        try:
            control.configure(self.server.service, json.loads(body))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._send(400, {"message": f"{type(error).__name__}: {error}"})
        else:
            self._send(200, {})

    def _unknown(self) -> None:
        self._send(404, {"message": "There is no such operation here."}, code="UnknownOperationException")

    def _send(self, status: int, document: dict[str, Any], *, code: str = "") -> None:
        payload = json.dumps(document, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(payload))}
        if code:
            # botocore cuts the type at the first colon.
            headers["x-amzn-ErrorType"] = f"{code}:{_ERROR_DOMAIN}"
        self._head(status, headers)
        self.wfile.write(payload)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "x-amzn-RequestId": str(uuid.uuid4())}.items():
            self.send_header(name, value)
        self.end_headers()

    def _reset(self) -> None:
        """Closing with data unsent and no linger makes the kernel send RST, as a dying load balancer does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.connection.close()
