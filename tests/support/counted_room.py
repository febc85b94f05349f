"""The queueing services in one process, with a recorder and metrics that keep everything they are given."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.observability.metrics import Metric
from core.queueing.service import Queueing, QueueingDependencies, assemble
from core.statistics.tally import Tally
from tests.support.envelopes import SIGNER
from tests.support.queueing import SETTINGS, Room


@dataclass
class Counting:
    """A recorder and metrics in one, which keep what they are told."""

    tally: Tally = field(default_factory=Tally)
    put_: list[tuple[str, dict[Metric, float]]] = field(default_factory=list)

    def count(self, user: str, numbers: Mapping[str, float]) -> None:
        self.tally.count(user, numbers)

    def record_duration(self, name: str, seconds: float) -> None:
        self.tally.record_duration(name, seconds)

    def flush(self) -> bool:
        return True

    def put(self, queue: str, values: Mapping[Metric, float]) -> None:
        self.put_.append((queue, dict(values)))


@dataclass
class CountedRoom(Room):
    told: Counting = field(default_factory=Counting)

    @property
    def queueing(self) -> Queueing:
        outside = QueueingDependencies(self.store, self.queues, self.publisher, SIGNER, self.clock)  # type: ignore[arg-type]
        return assemble(SETTINGS, replace(outside, recorder=self.told, metrics=self.told))

    @property
    def counts(self) -> Counter[str]:
        return self.told.tally.total()
