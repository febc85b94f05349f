"""Fixtures of the tests that need more than one process; unit tests use none of them."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from core.bootstrap.at_exit import AT_EXIT
from infra.local.reaper import Reaper
from tests.support.bedrock import LocalBedrock, run_bedrock
from tests.support.cloud import Cloud, Space, run_cloud
from tests.support.processes import Processes
from tests.support.queue_bench import Bench, make_bench
from tests.support.review_app import ReviewApp, run_review_app, start_review_app

# The same examples every time: a red build is the fault of its change. `make explore` looks for new ones.
# How long an example takes is the machine's affair.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same-examples", _UNHURRIED, derandomize=True)
settings.register_profile("explore", _UNHURRIED, max_examples=2_000)
# For what is slow with each of them: `benchmarks.footprint` counts the lines that tests run through.
settings.register_profile("few-examples", _UNHURRIED, max_examples=5, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same-examples"))


@pytest.fixture(scope="session")
def reaper() -> Iterator[Reaper]:
    """Ends what the tests started, even when pytest itself is killed."""
    made = Reaper()
    yield made
    made.close()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory, reaper: Reaper) -> Iterator[Cloud]:
    """SQS, S3 and CloudFormation on a free port with the data stack; `.environ` points a process at it."""
    for made in run_cloud(tmp_path_factory.mktemp("cloud"), reaper):
        yield made
        AT_EXIT.close()  # of services that tests have built in this process: after it nobody takes them


@pytest.fixture
def space(cloud: Cloud) -> Space:
    """Queues and a bucket of this test's own; `.environ` as of `cloud`."""
    return cloud.new_space()


@pytest.fixture(scope="session")
def bedrock_server(tmp_path_factory: pytest.TempPathFactory, reaper: Reaper) -> Iterator[LocalBedrock]:
    yield from run_bedrock(tmp_path_factory.mktemp("bedrock"), reaper)


@pytest.fixture
def bedrock(bedrock_server: LocalBedrock) -> LocalBedrock:
    """The local Bedrock, reset to its defaults with no latency; `.environ` points a process at it."""
    bedrock_server.reset()
    bedrock_server.configure(latency={"min_s": 0.0, "max_s": 0.0})
    return bedrock_server


@pytest.fixture
def processes(tmp_path_factory: pytest.TempPathFactory, reaper: Reaper) -> Iterator[Processes]:
    """Starts web, workers and beat from the Procfile; ends them with the test."""
    made = Processes(tmp_path_factory.mktemp("processes"), reaper)
    yield made
    made.end_all()


@pytest.fixture(scope="session")
def shared_app(
    cloud: Cloud,
    bedrock_server: LocalBedrock,
    tmp_path_factory: pytest.TempPathFactory,
    reaper: Reaper,
) -> Iterator[ReviewApp]:
    directory = tmp_path_factory.mktemp("live")
    for app in run_review_app(cloud.new_space(), bedrock_server, directory, reaper=reaper):
        app.start_chat()
        yield app


@pytest.fixture
def live_app(shared_app: ReviewApp, bedrock: LocalBedrock) -> ReviewApp:
    """The whole product, shared by the tests that leave it working; the model is as good as new for each."""
    return shared_app


@pytest.fixture(scope="module")
def module_app(
    request: pytest.FixtureRequest,
    cloud: Cloud,
    bedrock_server: LocalBedrock,
    tmp_path_factory: pytest.TempPathFactory,
    reaper: Reaper,
) -> Iterator[ReviewApp]:
    """The whole product for the tests of one module, which may say what it is set to: APP_SETTINGS."""
    settings = getattr(request.module, "APP_SETTINGS", {})
    directory = tmp_path_factory.mktemp("module")
    yield from run_review_app(cloud.new_space(), bedrock_server, directory, reaper=reaper, **settings)


@pytest.fixture
def app(module_app: ReviewApp, bedrock: LocalBedrock) -> ReviewApp:
    """The product of this module; the model is as good as new, and counts its calls anew."""
    return module_app


@pytest.fixture
def own_app(space: Space, bedrock: LocalBedrock, processes: Processes) -> ReviewApp:
    """The whole product for one test that breaks it."""
    return start_review_app(space, bedrock, processes)


@pytest.fixture
def bench(space: Space, processes: Processes, monkeypatch: pytest.MonkeyPatch) -> Bench:
    for name, value in space.environ.items():
        monkeypatch.setenv(name, value)
    return make_bench(space, processes)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """A failed test shows what its processes wrote, those too that it has in common with others."""
    report = yield
    if report.failed:
        fixtures = getattr(item, "funcargs", {}).values()
        writers = {id(one): one for owner in fixtures for one in (owner, getattr(owner, "processes", None))}
        for writer in writers.values():
            if isinstance(writer, Cloud | Processes | LocalBedrock):
                report.sections.extend((f"output of {name}", text) for name, text in writer.logs())
    return report
