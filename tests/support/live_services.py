"""The web tier's services in this process, over the storage and queues of the emulators: reviews of several users.

The clients find the emulators by the environment, which the caller sets before.
"""

import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.auth.identity import LoopbackIdentity
from core.aws.object_store import ObjectStore
from core.bootstrap.queueing import build_queueing, build_store
from core.bootstrap.web import WebServices, assemble_web_services
from core.clock import SystemClock, iso
from core.config import Settings
from core.documents.model import Block, BlockKind, DocumentKind, Section
from core.queueing.results import TaskRecord
from core.review.session import ReviewSession
from tests.support.waiting import wait_until

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class LiveServices:
    services: WebServices
    clock: SystemClock = field(default_factory=SystemClock)

    def review(self, owner: str, *, sections: int) -> ReviewSession:
        """A stored review, each of whose sections has a text of its own."""
        mark = next(_NUMBERS)
        blocks = [block for number in range(sections) for block in _section(number, f"{owner} {mark}")]
        session = ReviewSession(
            id=str(uuid.uuid4()),
            owner=owner,
            document_name="Write-up.docx",
            kind=DocumentKind.DOCX,
            created_at=iso(self.clock.now()),
            size_bytes=4,
            sha256="0" * 64,
            sections=tuple(
                Section(f"s{n + 1}", f"Part {n + 1}", first=2 * n, last=2 * n + 1, chars=80)
                for n in range(sections)
            ),
        )
        self.services.reviews.create(session, document=b"PK", blocks=blocks, rules=[])
        return session

    def submit_all(self, session: ReviewSession) -> list[str]:
        return [record.task_id for _section_id, record in self.services.submission.submit_all(session)]

    def records(self, task_ids: Iterable[str]) -> list[TaskRecord]:
        return list(self.services.results.get_many(task_ids).values())

    def wait_ended(self, task_ids: list[str], *, count: int, timeout_s: float) -> list[TaskRecord]:
        """Waits until so many of the tasks have ended; their records."""

        def ended() -> list[TaskRecord]:
            found = [record for record in self.records(task_ids) if record.ended]
            return found if len(found) >= count else []

        return wait_until(ended, timeout_s=timeout_s)


def live_services(settings: Settings, *, store: ObjectStore | None = None) -> LiveServices:
    queueing = build_queueing(settings, store=store or build_store(settings, connections=32))
    return LiveServices(assemble_web_services(settings, queueing, identity=LoopbackIdentity("127.0.0.1")))


def _section(number: int, mark: str) -> tuple[Block, Block]:
    text = f"In part {number + 1} of {mark} many sellers were affected, and the fix is due soon."
    heading = Block(f"b{2 * number + 1}", f"Part {number + 1}", kind=BlockKind.HEADING, level=1)
    return heading, Block(f"b{2 * number + 2}", text)
