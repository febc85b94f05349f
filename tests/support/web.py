"""The web tier in one process: real rooms, a store in memory, a queue that is a list, scripted users.

Every answer is held to the API's description: a code that an operation does not list fails the test.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from core.auth.identity import ScriptedIdentity
from core.aws.object_store import MemoryObjectStore
from core.aws.sqs import QueueDepth
from core.bootstrap.web import assemble_web_services
from core.clock import ScriptedClock
from core.config import DocumentSettings, Settings, WebSettings
from core.queueing.message import TaskMessage
from core.queueing.parallel import Later, at_once
from core.queueing.results import TaskRecord, TaskResults
from core.queueing.service import QueueingDependencies, assemble
from core.review.repository import ReviewRepository
from core.review.session import ReviewSession
from core.web.api.table import ROUTES
from core.web.application import create_app
from core.web.openapi import error_codes
from core.web.problems import MEDIA_TYPE
from tests.support.envelopes import SIGNER
from tests.support.reviews import BLOCKS, a_record, a_session, rules_of
from tests.support.roles import StoreOfRole

SETTINGS = Settings(web=WebSettings(secret_key="k" * 32), documents=DocumentSettings(reader_ready_s=0))
ANY_ID = "6f1b2f4e-0000-4000-8000-000000000001"
"""Of the shape of an id, and nobody's."""

_SPECS = {(spec.method, spec.rule): spec for spec in ROUTES}


@dataclass
class ListPublisher:
    """A queue that keeps what was put on it. error: raised instead, where set."""

    sent: list[TaskMessage] = field(default_factory=list)
    error: Exception | None = None

    def send(self, message: TaskMessage, *, delay_s: float = 0) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append(message)


@dataclass
class ScriptedDepths:
    """Queues that hold what the test says, or do not answer."""

    held: QueueDepth = field(default_factory=lambda: QueueDepth(waiting=0, in_flight=0, delayed=0))
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def depth(self, name: str) -> QueueDepth:
        self.asked.append(name)
        if self.error is not None:
            raise self.error
        return self.held


class HeldToDescription(FlaskClient):
    """Fails when an operation answers with an error code that /openapi.json does not list for it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", "http://localhost:8080")
        response = super().open(*args, **kwargs)
        response.request.environ["wsgi.input"].close()  # large bodies are kept in a file
        if response.mimetype == MEDIA_TYPE:
            rule = response.request.environ.get("tests.rule")
            spec = _SPECS.get((response.request.method, rule or ""))
            if spec is not None:
                code = response.get_json()["code"]
                assert code in error_codes(spec), f"{code} is not listed for {spec.method} {spec.rule}"
        return response


class CompiledTemplates(BytecodeCache):
    """Every tier has templates of its own; compiling them takes longer than most tests."""

    def __init__(self) -> None:
        self.codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.codes:
            bucket.bytecode_from_string(self.codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key] = bucket.bytecode_to_string()


_COMPILED = CompiledTemplates()


@dataclass
class WebTier:
    app: Flask
    store: MemoryObjectStore
    queue: ListPublisher
    depths: ScriptedDepths
    clock: ScriptedClock

    @property
    def stored(self) -> dict[str, bytes]:
        """All objects but the counts of uploads, which stay also when an upload is refused, and the audit."""
        stays = ("quotas/", "audit/")
        return {key: body for key, body in self.store.objects.items() if not key.startswith(stays)}

    def client(self, user: str | None = "ann", **headers: str) -> FlaskClient:
        """A client that sends what a script would: no browser headers, unless they are given."""
        client = self.app.test_client()
        if user is not None:
            client.environ_base["HTTP_X_SCRIPTED_USER"] = user
        for name, value in headers.items():
            client.environ_base[f"HTTP_{name.upper()}"] = value
        return client

    def review(self, owner: str = "ann", **changes: Any) -> ReviewSession:
        """A stored review, as an upload leaves it."""
        session = a_session(owner=owner, clock=self.clock, **changes)
        reviews = self.app.extensions["services"].reviews
        reviews.create(session, document=b"%DOC", blocks=BLOCKS, rules=rules_of(session.id))
        return session

    def task(self, session: ReviewSession, section_id: str, status: Any, **changes: Any) -> TaskRecord:
        """A stored result of a section of `session`, named in it."""
        record = a_record(session, section_id, status, **changes)
        TaskResults(self.store, self.clock).create(record)
        reviews = self.app.extensions["services"].reviews
        reviews.update(session.id, lambda now: replace(now, tasks={**now.tasks, section_id: record.task_id}))
        return record


def make_web_tier(
    settings: Settings = SETTINGS, *, store: MemoryObjectStore | None = None, later: Later = at_once
) -> WebTier:
    clock, store = ScriptedClock(), store or MemoryObjectStore()
    queue, depths = ListPublisher(), ScriptedDepths()
    held = StoreOfRole(store, "WebRole")
    is_signed_off = ReviewRepository(held, clock).is_signed_off
    outside = QueueingDependencies(held, depths, queue, SIGNER, clock, is_signed_off=is_signed_off)  # type: ignore[arg-type]
    scripted = ScriptedIdentity() if settings.web.auth == "none" else None
    services = assemble_web_services(settings, assemble(settings, outside), identity=scripted, later=later)
    app = create_app(services=services)
    app.test_client_class = HeldToDescription
    app.jinja_env.bytecode_cache = _COMPILED
    app.before_request_funcs[None].insert(0, _remember_rule)
    return WebTier(app, store, queue, depths, clock)


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Asserts that an answer is that error, whole. Its body."""
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = response.get_json()
    assert (body["status"], body["code"]) == (status, code)
    assert all(body[name] for name in ("title", "detail", "next_step"))
    assert body["correlation_id"] == response.headers["X-Correlation-Id"]
    return body


def _remember_rule() -> None:
    """So that the client learns by which rule its request was served."""
    request.environ["tests.rule"] = request.url_rule.rule if request.url_rule else None
