"""Limits how long the body of a request may take to arrive: a client that stalls holds a thread until then.

gunicorn's time-out does not cover this; its threads read from sockets that wait for ever.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.config import WebSettings
from core.errors import Permanent

_SOCKET = "gunicorn.socket"


@dataclass(frozen=True)
class BodyTimeout:
    """WSGI middleware.

    Bodies that stall, or take too long as a whole, raise Permanent request/too-slow when they are read.
    """

    application: Callable[..., Iterable[bytes]]
    limits: WebSettings

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Without a body nothing is read; other servers, and tests, have their own sockets.
        if _SOCKET not in environ or not _has_body(environ):
            return self.application(environ, start_response)
        body = TimedBody(environ["wsgi.input"], environ[_SOCKET], self.limits)
        try:
            return self.application({**environ, "wsgi.input": body}, start_response)
        finally:
            body.end()


class TimedBody:
    """The input of one request. Only reads of it are timed: the answer may take as long as it takes."""

    def __init__(self, source: Any, client: socket.socket, limits: WebSettings) -> None:
        self._source = source
        self._client = client
        self._stall_s = limits.body_stall_s
        self._ends_at = time.monotonic() + limits.body_wall_s
        # One read may wait for many small packets, so it can only be ended from another thread.
        self._watch = threading.Timer(limits.body_wall_s, self._hang_up)
        self._watch.daemon = True
        self._watch.start()

    def read(self, size: int = -1) -> bytes:
        return self._timed(lambda: self._source.read(size if size >= 0 else None))

    def readline(self, size: int = -1) -> bytes:
        return self._timed(lambda: self._source.readline(size if size >= 0 else None))

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def close(self) -> None:
        """The server closes what it has opened."""

    def end(self) -> None:
        """Stops the timer; to be called when the request is answered."""
        self._watch.cancel()

    def _timed(self, read: Callable[[], bytes]) -> bytes:
        before = self._client.gettimeout()
        self._client.settimeout(self._stall_s)
        try:
            data = read()
        except TimeoutError:
            # Otherwise gunicorn would wait seconds for the rest when it closes, in the thread that serves all.
            self._hang_up()
            raise Permanent("request/too-slow") from None
        finally:
            self._client.settimeout(before)
        if time.monotonic() >= self._ends_at:
            raise Permanent("request/too-slow")
        return data

    def _hang_up(self) -> None:
        """Ends the wait of a read; what is answered still goes out."""
        with suppress(OSError):
            self._client.shutdown(socket.SHUT_RD)


def _has_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ
