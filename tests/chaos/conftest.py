"""One running system for all scenarios that leave it running; each begins with it as good as new."""

from collections.abc import Iterator

import pytest

from core.bootstrap.queueing import build_queueing
from core.config import load_settings
from infra.local.reaper import Reaper
from tests.chaos.invariants import Watch
from tests.chaos.system import SETTINGS, System, running_system
from tests.support.bedrock import LocalBedrock
from tests.support.cloud import Cloud
from tests.support.processes import Processes


@pytest.fixture(scope="session")
def shared_system(
    cloud: Cloud, bedrock_server: LocalBedrock, tmp_path_factory: pytest.TempPathFactory, reaper: Reaper
) -> Iterator[System]:
    space = cloud.new_space()
    processes = Processes(tmp_path_factory.mktemp("chaos-processes"), reaper)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in space.environ.items():
            patch.setenv(name, value)
        queueing = build_queueing(load_settings({**space.environ, **SETTINGS}))
        directory = tmp_path_factory.mktemp("chaos")
        with running_system(
            space, bedrock_server, processes, directory=directory, queueing=queueing
        ) as system:
            yield system


@pytest.fixture
def system(shared_system: System) -> System:
    shared_system.restore()
    return shared_system


@pytest.fixture
def watch(system: System) -> Iterator[Watch]:
    made = Watch(system)
    yield made
    made.stop()
