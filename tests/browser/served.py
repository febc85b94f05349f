"""The in-process web tier behind a real port, and a review with two sections and known findings in it."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from core.queueing.results import TaskStatus
from core.review.session import ReviewSession
from tests.support.reviews import a_finding
from tests.support.web import WebTier

MODEL = {"model_used": "Claude Sonnet 4.5", "model_id": "model-a", "brain": "", "enhanced": True}
CHAT_ANSWER = {
    "answer": "Many were <b>affected</b>.\n\nNo figure is given.",
    "answered_at": "2027-01-15T08:00:05.000Z",
    "citations": [{"block_id": "b2", "start": 2, "end": 14, "quote": "Many sellers"}],
    "dropped_citations": 1,
    "model_used": "Claude Sonnet 4.5",
    "model_id": "model-a",
    "brain": "",
    "sources": ["model-a"],
    "read": {"blocks": 3, "of": 4},
    "cost_usd": 0.01,
}


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: the tests show what went wrong."""


@dataclass(frozen=True)
class ServedTier:
    url: str
    tier: WebTier

    def review_url(self, session: ReviewSession) -> str:
        return f"{self.url}/review/{session.id}"

    def begin(self, session: ReviewSession, section_id: str) -> None:
        """A worker has taken the section's task."""
        self._end(session, section_id, status=TaskStatus.STARTED)

    def finish(self, session: ReviewSession, section_id: str, *quotes: str, **model: Any) -> None:
        """Ends the section's task as a worker would, with a finding of a model for each quote."""
        found = [
            a_finding(
                session.id,
                quote,
                id=f"f{number:020x}",
                category=f"About {quote}",
                rule="",
                sources=("model-a",),
                section_id=section_id,
            ).to_dict()
            for number, quote in enumerate(quotes, start=1)
        ]
        result = {"feedback": found, **MODEL, **model}
        self._end(session, section_id, status=TaskStatus.SUCCESS, result=result)

    def fail(self, session: ReviewSession, section_id: str) -> None:
        error = {
            "code": "model/unavailable",
            "detail": "The model did not answer in 4 tries.",
            "retryable": True,
            "next_step": "Run the section again in a few minutes.",
        }
        self._end(session, section_id, status=TaskStatus.FAILURE, error=error)

    def _end(self, session: ReviewSession, section_id: str, **outcome: Any) -> None:
        services = self.tier.app.extensions["services"]
        task_id = services.reviews.get(session.id).tasks[section_id]
        assert services.queueing.results.swap(task_id, 1, lambda record: replace(record, **outcome))
        # Pages look for changes once in a moment, and this clock stands still by itself.
        self.tier.clock.sleep(1)


def _whole(app: Any) -> Any:
    """Closes what an answer is read from before it is sent: the server does not, once the browser has hung up."""

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with closing(app(environ, start_response)) as body:
            return [b"".join(body)]

    return answer


@contextmanager
def serve(tier: WebTier) -> Iterator[ServedTier]:
    server = make_server("127.0.0.1", 0, _whole(tier.app), threaded=True, request_handler=_Quiet)
    # Asked twice a second whether to stop, every test would end a quarter of one later.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield ServedTier(f"http://127.0.0.1:{server.port}", tier)
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()
