"""`make run`: the whole system on this machine, as the same separate processes that production runs.

Queues and bucket from the emulator, a local Bedrock in which fixed rules answer, then what the Procfile names.
Everything it keeps is in .local/.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.config import Settings, load_settings
from core.errors import ConfigurationError
from core.models.registry import load_registry
from infra.local import ministack, preflight, running, stack
from infra.local.cloud import prepared_cloud
from infra.local.environment import (
    PYTHON,
    UNHURRIED_BY_QUOTAS,
    data_directory,
    emulated_aws,
    for_python,
    inherited,
)
from infra.local.errors import CannotStart
from infra.local.ports import LOOPBACK, free_port
from infra.local.procfile import read_procfile
from infra.local.reaper import Reaper
from infra.local.service import Layer, Service, say
from infra.local.supervisor import Supervisor

# A worker ends the sections it has begun; what takes longer goes back to its queue and is done after the restart.
_GRACE_S = {"worker": 30.0, "chat": 30.0, "beat": 3.0}
# An emulator that was killed has forgotten messages; the reviews in its bucket say what they were.
_SWEEP = [str(PYTHON), "-m", "core.ops", "sweep", "--now", "--reason", "make run"]


@dataclass(frozen=True)
class LocalSystem:
    """What the parts of one run share. environ: variables of the product's processes but for the emulators'."""

    directory: Path
    settings: Settings
    environ: Mapping[str, str]
    reaper: Reaper
    supervisor: Supervisor


@dataclass(frozen=True)
class _Cloud:
    service: Service
    endpoint: str


def run(directory: Path, variables: Mapping[str, str]) -> None:
    """Everything, until a signal ends it. Raises CannotStart, ConfigurationError; then nothing is left running."""
    preflight.prepare(directory)
    preflight.check_disk(directory)
    # Quiet by default: what matters here is the address. LOG_LEVEL=INFO shows every request and task.
    environ = {"LOG_LEVEL": "WARNING", **variables, **preflight.secrets_of(directory)}
    settings = load_settings(environ)
    load_registry(settings.limits.models_file)
    answering = preflight.answering(environ)
    lock = running.take_lock(directory)
    preflight.check_port(settings.web.host, settings.web.port)
    reaper = Reaper(keep_open=[lock.fileno()])
    url = f"http://{settings.web.host}:{settings.web.port}"
    supervisor = Supervisor(url, data=directory, answering=answering)
    supervisor.watch_signals()
    try:
        _start(LocalSystem(directory, settings, environ, reaper, supervisor))
        supervisor.run()
    finally:
        running.remove_note(directory)
        supervisor.stop()
        reaper.close()
        lock.close()


def _start(system: LocalSystem) -> None:
    cloud = _start_cloud(system)
    note = running.RunNote(
        pid=os.getpid(),
        url=system.supervisor.url,
        cloud=cloud.endpoint,
        bedrock=f"http://{LOOPBACK}:{free_port()}",
        settings=running.named_settings(system.environ),
    )
    environ = product_environ(note, system.environ)
    _start_bedrock(system, note, environ)
    sweep = Service("sweep", _SWEEP, environ, system.reaper, once=True)
    system.supervisor.start(sweep)
    cloud.service.restarted = lambda: _make_good(system, cloud, sweep)
    for name, command in read_procfile().items():
        grace_s = _GRACE_S.get(name, 10.0)
        system.supervisor.start(Service(name, command, environ, system.reaper, grace_s=grace_s))
    running.write_note(system.directory, note)


def product_environ(note: running.RunNote, variables: Mapping[str, str]) -> dict[str, str]:
    """variables: what somebody has set goes before the limits of local mode, and the emulators' before all."""
    return for_python(
        {**UNHURRIED_BY_QUOTAS, **variables, **emulated_aws(cloud=note.cloud, bedrock=note.bedrock)}
    )


def _start_cloud(system: LocalSystem) -> _Cloud:
    """Once it answers and has the queues and the bucket of these settings."""
    data, port = prepared_cloud(system.directory, system.settings.aws, reaper=system.reaper)
    service = Service(
        "cloud",
        ministack.command(),
        ministack.environ(data, port=port),
        system.reaper,
        layer=Layer.CLOUD,
        grace_s=20.0,
        cwd=data,
    )
    system.supervisor.start(service)
    cloud = _Cloud(service, ministack.address(port))
    _deploy(system, cloud)
    return cloud


def _deploy(system: LocalSystem, cloud: _Cloud) -> None:
    assert cloud.service.process is not None  # noqa: S101 - started before
    ministack.wait_ready(ministack.Ministack(cloud.service.process, cloud.endpoint))
    stack.deploy_data(system.settings.aws, endpoint=cloud.endpoint)


def _make_good(system: LocalSystem, cloud: _Cloud, sweep: Service) -> None:
    """After the emulator was killed: its queues are as at its last clean stop, the reviews say what is missing."""
    try:
        _deploy(system, cloud)
    except CannotStart as error:
        say(str(error))
        return
    sweep.start()


def _start_bedrock(system: LocalSystem, note: running.RunNote, environ: Mapping[str, str]) -> None:
    port = note.bedrock.rpartition(":")[2]
    command = [str(PYTHON), "-m", "infra.local.bedrock", "--port", port]
    system.supervisor.start(
        Service("bedrock", command, environ, system.reaper, layer=Layer.MODELS, grace_s=3.0)
    )


def main() -> int:
    try:
        run(data_directory("infra.local.run", __doc__), inherited())
    except (CannotStart, ConfigurationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        # Before there was anything to stop.
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
