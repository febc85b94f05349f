"""The web tier as gunicorn runs it: clients that stall, storage that is silent, long addresses."""

import json
import select
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from infra.local.environment import emulated_aws
from tests.support.processes import Processes, Running, answers
from tests.support.review_app import Client
from tests.support.waiting import wait_until

THREADS = 2
STALL_S, WALL_S = 1.0, 3.0


@contextmanager
def silent_aws() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def web_of(processes: Processes, **environ: str) -> Iterator[Running]:
    with silent_aws() as endpoint:
        yield processes.web({**emulated_aws(cloud=endpoint), "WEB_THREADS": str(THREADS), **environ})


@pytest.fixture
def web(processes: Processes) -> Iterator[Running]:
    with web_of(processes, BODY_STALL_S=str(STALL_S), BODY_WALL_S=str(WALL_S)) as running:
        yield running


def begin_upload(web: Running, *, length: int = 100_000) -> socket.socket:
    address = urlsplit(web.url)
    client = socket.create_connection((address.hostname or "", address.port or 0), timeout=30)
    head = (
        f"POST /upload HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    client.sendall(head.encode() + b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n')
    return client


def everything(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def code_of(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["code"]


def test_uploads_that_stall_are_ended_and_the_others_served(web: Running) -> None:
    with ExitStack() as open_sockets:
        stalled = [open_sockets.enter_context(begin_upload(web)) for _ in range(2 * THREADS)]

        wait_until(lambda: answers(f"{web.url}/health"), timeout_s=20 * STALL_S)

        assert {code_of(everything(client)) for client in stalled} == {(408, "request/too-slow")}


def test_who_asks_whether_it_lives_waits_for_no_upload(processes: Processes) -> None:
    with web_of(processes, BODY_STALL_S="60") as web, ExitStack() as open_sockets:
        stalled = [open_sockets.enter_context(begin_upload(web)) for _ in range(2 * THREADS)]
        wait_until(lambda: answers(f"{web.url}/health"), timeout_s=30)
        # Every thread has an upload to wait for still.
        assert select.select(stalled, [], [], 0)[0] == []


def test_an_upload_that_drips_is_ended_in_time(web: Running) -> None:
    begun = time.monotonic()
    with begin_upload(web) as client:
        client.settimeout(STALL_S / 5)
        answer = b""
        while not answer and time.monotonic() - begun < 4 * WALL_S:
            client.sendall(b"x")
            try:
                answer = client.recv(65_536)
            except TimeoutError:
                continue
        client.settimeout(5)
        answer += everything(client)

    assert code_of(answer) == (408, "request/too-slow")
    assert WALL_S - 0.1 <= time.monotonic() - begun < 2 * WALL_S


def test_silent_storage_is_told_while_somebody_is_still_waiting(web: Running) -> None:
    begun = time.monotonic()

    answer = Client(web.url).get("/sessions")

    assert (answer.status, answer.json["code"]) == (503, "storage/unavailable")
    assert time.monotonic() - begun < 15


def test_two_hundred_tasks_are_asked_for_in_one_request(web: Running) -> None:
    """Their answer is about storage, which is silent here: gunicorn let the address through."""
    ids = ",".join(str(uuid.uuid4()).upper() for _ in range(200))

    answer = Client(web.url).get(f"/task_status?ids={ids}")

    assert answer.status == 200
    assert {task["status"] for task in answer.json["tasks"]} == {"not_found"}
