"""Gives out short-lived credentials over HTTP, as a container's host does."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LIFE = timedelta(minutes=12)
"""So near its end botocore asks for the next at each signature, and does without where there is none."""


@dataclass
class GivenCredentials:
    url: str
    access_key: str = "KEY"

    @property
    def environ(self) -> dict[str, str]:
        """Empty, so that the usual ones of a test do not come first."""
        own = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}
        return {**own, "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.url}


@contextlib.contextmanager
def credentials_server() -> Iterator[GivenCredentials]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    given = GivenCredentials(f"http://127.0.0.1:{server.server_port}/credentials")
    server.given = given  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield given
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_GET(self) -> None:
        body = json.dumps(
            {
                "AccessKeyId": self.server.given.access_key,
                "SecretAccessKey": "secret",
                "Token": "token",
                "Expiration": (datetime.now(UTC) + _LIFE).isoformat(timespec="seconds"),
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the tests' output is theirs."""
