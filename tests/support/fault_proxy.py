"""A proxy that misbehaves on command, deciding anew at each request, so that keep-alive hides nothing."""

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_NOT_PASSED_ON = {"connection", "transfer-encoding", "keep-alive", "content-length", "expect"}


@dataclass
class Fault:
    """One kind of trouble for the requests it is about.

    kind: "503", "reset" or "silence" instead of an answer; "slow": after delay_s; "lost": carried out, the answer
    does not come; "twice": carried out twice. operation: end of X-Amz-Target; method, path ("" = any): as sent, path
    a part of it. rate: share of requests. count: most requests it hits; None = no end. then: called when it has hit.
    """

    kind: str
    operation: str = ""
    method: str = ""
    path: str = ""
    rate: float = 1.0
    count: int | None = None
    delay_s: float = 0.3
    then: Callable[[], None] | None = None
    hits: int = 0

    def concerns(self, request: BaseHTTPRequestHandler) -> bool:
        target = request.headers.get("X-Amz-Target", "")
        meant = target.endswith(self.operation) and self.path in request.path
        used_up = self.count is not None and self.hits >= self.count
        return meant and self.method in ("", request.command) and not used_up


@dataclass
class Passed:
    """A request that reached the server. status: of the server's answer, whether or not it was passed on; 0 while
    there is none. target: X-Amz-Target, where the service has one address for everything."""

    body: bytes
    at: float
    status: int = 0
    method: str = ""
    path: str = ""
    target: str = ""


@dataclass
class FaultProxy:
    """faults: the first that concerns a request happens to it. passed: what was let through, where `keeps`.

    fault, operation: a short way to one fault of one operation; "" = none. A silenced request stays without an
    answer for as long as the proxy lives, or until the faults are lifted. expired: an access key whose
    requests are refused, whatever they want.
    """

    url: str
    fault: str = ""
    operation: str = "ReceiveMessage"
    expired: str = ""
    failed: int = 0
    keeps: bool = False
    faults: list[Fault] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def lift(self) -> None:
        self.fault, self.faults = "", []

    def next_fault(self, request: BaseHTTPRequestHandler) -> Fault | None:
        with self.lock:
            short = [Fault(self.fault, operation=self.operation)] if self.fault else []
            for fault in [*short, *self.faults]:
                if fault.concerns(request) and self.chance.random() < fault.rate:
                    fault.hits += 1
                    self.failed += 1
                    return fault
        return None

    def still(self, fault: Fault) -> bool:
        return not self.closing.is_set() and (fault in self.faults or fault.kind == self.fault)


@contextlib.contextmanager
def fault_proxy(target: str, *, port: int = 0, keeps: bool = False) -> Iterator[FaultProxy]:
    """port: one that was a proxy's before; while none listens there, connections are refused."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.target = urlsplit(target).netloc
    server.proxy = proxy = FaultProxy(f"http://127.0.0.1:{server.server_port}", keeps=keeps)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    target: str
    proxy: FaultProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Silent: clients that die in the middle of a request are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        proxy = self.server.proxy
        if proxy.closing.is_set():
            # A connection from before the end: as when the process behind it has gone.
            self.close_connection = True
            return
        if proxy.expired and f"Credential={proxy.expired}/" in self.headers.get("Authorization", ""):
            with proxy.lock:
                proxy.failed += 1
            self._refuse()
            return
        fault = proxy.next_fault(self)
        if fault is None:
            self._forward(body)
            return
        if fault.kind in ("lost", "twice"):
            self._pass_on(body)
        if fault.then is not None:
            fault.then()
        if fault.kind in ("slow", "twice"):
            time.sleep(fault.delay_s if fault.kind == "slow" else 0)
            self._forward(body)
        else:
            self._misbehave(fault)

    def _misbehave(self, fault: Fault) -> None:
        self.close_connection = True
        if fault.kind == "503":
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif fault.kind == "silence":
            while self.server.proxy.still(fault):
                self.server.proxy.closing.wait(0.1)
        else:
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _refuse(self) -> None:
        body = b'{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"It has expired."}'
        self.send_response(403)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _forward(self, body: bytes) -> None:
        answered = self._pass_on(body)
        if answered is None:
            self.close_connection = True
            return
        status, headers, content = answered
        with contextlib.suppress(OSError):
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            length = dict(headers).get("Content-Length", "0") if self.command == "HEAD" else len(content)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(content)

    def _pass_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes] | None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
        target = self.headers.get("X-Amz-Target", "")
        passed = Passed(body, time.time(), method=self.command, path=self.path, target=target)
        if self.server.proxy.keeps:
            self.server.proxy.passed.append(passed)
        upstream = HTTPConnection(self.server.target, timeout=30)
        try:
            upstream.request(self.command, self.path, body, headers)
            answer = upstream.getresponse()
            passed.status = answer.status
            return answer.status, answer.getheaders(), answer.read()
        except OSError:
            return None
        finally:
            upstream.close()

    def __getattr__(self, name: str) -> Any:
        """do_GET, do_PUT and all others."""
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the tests' output is theirs."""
