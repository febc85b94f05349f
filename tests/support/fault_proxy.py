"""A proxy that misbehaves on command, deciding anew at each request, so that keep-alive hides nothing."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}


@dataclass
class FaultProxy:
    """fault: "" forwards; "503", "reset" or "silence" for requests whose X-Amz-Target ends with `operation`, which
    S3's never do: "" for those.

    A silenced request stays without an answer for as long as the proxy lives.
    """

    url: str
    fault: str = ""
    operation: str = "ReceiveMessage"
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def count(self) -> None:
        with self.lock:
            self.failed += 1


@contextlib.contextmanager
def fault_proxy(target: str) -> Iterator[FaultProxy]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.target = urlsplit(target).netloc  # type: ignore[attr-defined]
    proxy = FaultProxy(f"http://127.0.0.1:{server.server_port}")
    server.proxy = proxy  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        proxy: FaultProxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_meant = self.headers.get("X-Amz-Target", "").endswith(proxy.operation)
        if proxy.fault and is_meant:
            proxy.count()
            self._misbehave(proxy.fault)
        else:
            self._forward(body)

    def _misbehave(self, fault: str) -> None:
        self.close_connection = True
        if fault == "503":
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif fault == "reset":
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif fault == "silence":
            self.server.proxy.closing.wait(60)

    def _forward(self, body: bytes) -> None:
        upstream = HTTPConnection(self.server.target, timeout=30)
        try:
            upstream.request(self.command, self.path, body, dict(self.headers.items()))
            answer = upstream.getresponse()
            content = answer.read()
        except OSError:
            self.close_connection = True
            return
        finally:
            upstream.close()
        with contextlib.suppress(OSError):
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def do_GET(self) -> None:
        self.do_POST()

    def do_PUT(self) -> None:
        self.do_POST()

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the tests' output is theirs."""
