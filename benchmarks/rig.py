"""Where a benchmark runs: emulated AWS, the local Bedrock, what it starts itself. All of it ends with the block."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.reaper import Reaper
from tests.support.bedrock import LocalBedrock, run_bedrock
from tests.support.cloud import Cloud, run_cloud
from tests.support.processes import Processes
from tests.support.review_app import ReviewApp, start_review_app


@dataclass(frozen=True)
class Rig:
    """directory: for files, gone afterwards."""

    directory: Path
    cloud: Cloud
    bedrock: LocalBedrock
    processes: Processes

    def product(self, **settings: str) -> ReviewApp:
        return start_review_app(self.cloud, self.bedrock, self.processes, **settings)


@contextmanager
def made_rig(*, model_s: tuple[float, float] = (0.0, 0.0)) -> Iterator[Rig]:
    """model_s: least and longest time of an answer of the local Bedrock."""
    with tempfile.TemporaryDirectory() as name, closing(Reaper()) as reaper:
        directory = Path(name)
        processes = Processes(directory, reaper)
        cloud, bedrock = run_cloud(directory, reaper), run_bedrock(directory, reaper)
        with closing(cloud), closing(bedrock):
            rig = Rig(directory, next(cloud), next(bedrock), processes)
            rig.bedrock.configure(latency={"min_s": model_s[0], "max_s": model_s[1]})
            try:
                yield rig
            finally:
                processes.end_all()
