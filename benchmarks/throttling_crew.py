"""The processes of one run of the throttling benchmark, and what they are told: limits, models, whose client."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import throttling_scenarios as scenarios
from benchmarks.throttling_scenarios import Scenario
from infra.local.environment import PROJECT, for_python, inherited
from infra.local.reaper import Reaper

AT_ONCE = 15
_REAL_WINDOW_S, _SHORT_WINDOW_S = 60.0, 6.0


@dataclass(frozen=True)
class Client:
    """Who makes the calls. module: run with `python`, once per process, with its plan as JSON."""

    name: str
    module: str
    python: Path = Path(sys.executable)


OURS = Client("ours", "benchmarks.throttling_worker")


@dataclass(frozen=True)
class Setting:
    """Everything in seconds scales with the window."""

    real: bool

    @property
    def window_s(self) -> float:
        return _REAL_WINDOW_S if self.real else _SHORT_WINDOW_S

    @property
    def environ(self) -> dict[str, str]:
        part = self.window_s / _REAL_WINDOW_S
        return {
            "LIMITER_WINDOW_S": str(self.window_s),
            "MAX_REQUESTS_PER_MINUTE": str(scenarios.RPM * len(scenarios.MODELS)),
            "MAX_TOKENS_PER_MINUTE": "10000000",
            "MAX_CONCURRENT_REQUESTS": str(AT_ONCE),
            "MODEL_COOLDOWN_S": str(self.cooldown_s),
            "FALLBACK_DELAY_S": str(5 * part),
            "RETRY_BACKOFF_S": ",".join(map(str, self.backoff_s)),
            "MODEL_READ_TIMEOUT_S": str(120 * part),
            "MODEL_LEASE_S": str(150 * part),
            "LOG_LEVEL": "ERROR",
        }

    @property
    def limits(self) -> dict[str, float]:
        part = self.window_s / _REAL_WINDOW_S
        return {
            "pad_s": 0.15 if self.real else 0.06,
            "breaker_open_s": 60 * part,
            "breaker_open_most_s": 600 * part,
            "ticket_grace_s": 20 * part,
        }

    @property
    def cooldown_s(self) -> float:
        return self.window_s

    @property
    def backoff_s(self) -> list[float]:
        return [delay_s * self.window_s / _REAL_WINDOW_S for delay_s in (5, 10, 20)]

    @property
    def visibility_s(self) -> float:
        return self.window_s


@dataclass
class Crew:
    """The worker processes of one run."""

    client: Client
    plan: dict[str, Any]
    environ: dict[str, str]
    scenario: Scenario
    reaper: Reaper
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    started: int = 0

    def start(self) -> str:
        number = self.started
        self.started += 1
        host = number % self.scenario.hosts
        shift_s = self.scenario.skew_s * (host / max(1, self.scenario.hosts - 1) - 0.5)
        name = f"w{number}"
        plan = {
            **self.plan,
            "name": name,
            "host": f"{self.plan['host']}-{host}",
            "clock_shift_s": shift_s if self.scenario.skew_s else 0.0,
        }
        process = subprocess.Popen(
            [self.client.python, "-m", self.client.module, json.dumps(plan)],
            env=for_python({**inherited(), **self.environ}),
            cwd=PROJECT,
        )
        self.reaper.watch(process.pid)
        self.running[name] = process
        return name

    def kill_one(self) -> str:
        name = next(iter(self.running))
        process = self.running.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.reaper.forget(process.pid)
        return name

    def end(self) -> None:
        for process in self.running.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.reaper.forget(process.pid)
        self.running.clear()
