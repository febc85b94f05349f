"""How much of what the quotas allow the pipeline gets done, and whether it ever asks for more.

    .venv/bin/python -m benchmarks.throttling [--processes 8 16] [--only base ...] [--runs 1] [--real] [--peer]

Everything is real but the cloud and the task queue: AsyncRequestManager, the limiter on S3 (ministack), boto3, the
local Bedrock, which holds every call to its quotas. Windows last 6 s and the pad is 0.06 s; with --real 60 s and
0.15 s, as in production. Goodput is the computed optimum over the wall time; a violation is counted from the
service's own stamps, over every sliding window. --peer: the same calls through LiteLLM's Router.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import throttling_scenarios as scenarios
from benchmarks.report import report
from benchmarks.throttling_queue import TaskQueue, serve
from benchmarks.throttling_scenarios import SCENARIOS, Scenario
from infra.local.environment import PROJECT, for_python, inherited
from infra.local.reaper import Reaper
from tests.support.bedrock import LocalBedrock, run_bedrock
from tests.support.cloud import Cloud, run_cloud

_WARM_UP_PER_PROCESS = 3
_AT_ONCE = 15
_REAL_WINDOW_S, _SHORT_WINDOW_S = 60.0, 6.0


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
            "MAX_CONCURRENT_REQUESTS": str(_AT_ONCE),
            "MODEL_COOLDOWN_S": str(60 * part),
            "FALLBACK_DELAY_S": str(5 * part),
            "RETRY_BACKOFF_S": ",".join(str(delay_s * part) for delay_s in (5, 10, 20)),
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
    def visibility_s(self) -> float:
        return self.window_s


@dataclass
class Crew:
    """The worker processes of one run."""

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
            [sys.executable, "-m", "benchmarks.throttling_worker", json.dumps(plan)],
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--only", nargs="+", default=[], help="names of scenarios, or their beginnings")
    parser.add_argument("--runs", type=int, default=1, help="each; the median by goodput is reported")
    parser.add_argument("--real", action="store_true", help="windows of 60 s: hours instead of minutes")
    parser.add_argument("--peer", action="store_true", help="LiteLLM instead of the pipeline")
    chosen = parser.parse_args()
    setting = Setting(chosen.real)
    if chosen.peer:
        from benchmarks import throttling_peer

        measure = throttling_peer.measure
    else:
        measure = _measure
    with tempfile.TemporaryDirectory() as name:
        rows = _all(Path(name), chosen, setting=setting, measure=measure)
    report("throttling" + ("_peer" if chosen.peer else "") + ("_real" if chosen.real else ""), rows)


def _all(directory: Path, chosen: Any, *, setting: Setting, measure: Any) -> list[dict[str, Any]]:
    reaper, rows = Reaper(), []
    cloud, bedrock = run_cloud(directory, reaper), run_bedrock(directory, reaper)
    try:
        space, server = next(cloud), next(bedrock)
        for scenario in _chosen(chosen.only):
            for processes in chosen.processes:
                place = Place(directory, space, server, reaper, setting)
                runs = [measure(place, scenario, processes) for _ in range(chosen.runs)]
                rows.append(sorted(runs, key=lambda row: row["goodput"])[len(runs) // 2])
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        return rows
    finally:
        bedrock.close()
        cloud.close()
        reaper.close()


def _chosen(names: list[str]) -> list[Scenario]:
    return [
        scenario
        for scenario in SCENARIOS
        if not names or any(scenario.name.startswith(name) for name in names)
    ]


@dataclass(frozen=True)
class Place:
    directory: Path
    cloud: Cloud
    bedrock: LocalBedrock
    reaper: Reaper
    setting: Setting


def _measure(place: Place, scenario: Scenario, processes: int) -> dict[str, Any]:
    queue, setting = TaskQueue(), place.setting
    crew = _crew(place, scenario, port=serve(queue))
    quiet(place.bedrock)
    for _ in range(processes):
        crew.start()
    try:
        assert queue.wait_ready(processes, 120), "the processes did not start"
        warm = _WARM_UP_PER_PROCESS * processes
        queue.fill(warm, first=-warm)
        assert queue.wait_ended(60 + 4 * setting.window_s), "warm-up did not end"
        time.sleep(setting.window_s + 0.5)
        load(place.bedrock, scenario, setting.window_s)
        started, optimum_s = time.monotonic(), scenario.optimum_s(setting.window_s)
        queue.fill(scenario.calls)
        _kill(queue, crew, scenario=scenario, setting=setting)
        finished = queue.wait_ended(20 * optimum_s)
        queue.close()
        queue.wait_reports(processes, 15)
    finally:
        queue.close()
        crew.end()
    wall_s = max(at for *_, at in queue.ended) - started
    row = outside_view(place, scenario, wall_s=wall_s, processes=processes)
    ended = Counter(how for _, how, _ in queue.ended)
    return {**row, "ok": ended["ok"], "all ended": finished, **_costs(queue, ended["ok"])}


def _crew(place: Place, scenario: Scenario, *, port: int) -> Crew:
    setting = place.setting
    registry = place.directory / f"models-{port}.toml"
    registry.write_text(scenarios.models_file(scenario))
    plan = {
        "port": port,
        "real": setting.real,
        "host": f"{place.directory.name}-{port}",
        "input_chars": 3 * scenarios.INPUT_TOKENS,
        "answer_tokens": scenarios.ANSWER_TOKENS,
        "limits": setting.limits,
    }
    space = place.cloud.new_space()
    environ = {**space.environ, **place.bedrock.environ, **setting.environ, "MODELS_FILE": str(registry)}
    return Crew(plan, environ, scenario, place.reaper)


def quiet(bedrock: LocalBedrock) -> None:
    """No quotas, no faults: for the warm-up."""
    bedrock.reset()
    latency = {"fixed_s": scenarios.LATENCY_S}
    answer = {
        "content": "{}",
        "repeat": True,
        "input_tokens": scenarios.INPUT_TOKENS,
        "output_tokens": scenarios.OUTPUT_TOKENS,
    }
    bedrock.configure(eol=[], latency=latency, answers=[answer])


def load(bedrock: LocalBedrock, scenario: Scenario, window_s: float) -> None:
    quiet(bedrock)
    others = {name: value for name, value in scenario.bedrock.items() if name != "quotas"}
    bedrock.configure(quotas=scenario.quotas(window_s), **others)


def _kill(queue: TaskQueue, crew: Crew, *, scenario: Scenario, setting: Setting) -> None:
    for _ in range(scenario.kills):
        time.sleep(setting.window_s / 2)
        queue.lost(crew.kill_one(), setting.visibility_s)
        crew.start()


def outside_view(place: Place, scenario: Scenario, *, wall_s: float, processes: int) -> dict[str, Any]:
    """What the service saw."""
    window_s = place.setting.window_s
    calls = place.bedrock.calls()
    over = scenarios.violations(
        calls, window_s=window_s, most=scenarios.RPM * len(scenarios.MODELS), at_once=_AT_ONCE
    )
    optimum_s = scenario.optimum_s(window_s)
    goodput = optimum_s / wall_s
    return {
        "scenario": scenario.name,
        "processes": processes,
        "optimum_s": round(optimum_s, 2),
        "wall_s": round(wall_s, 2),
        "goodput": goodput,
        "bar": scenario.bar or "-",
        "verdict": "-" if scenario.bar is None else "met" if goodput >= scenario.bar else "short",
        "calls": len(calls),
        "throttled": sum(call["outcome"] == "ThrottlingException" for call in calls),
        "violations": sum(over.values()),
        "which": " ".join(f"{name}:{count}" for name, count in over.items() if count) or "-",
    }


def _costs(queue: TaskQueue, calls: int) -> dict[str, Any]:
    """Of all processes that lived to tell."""
    total = Counter[str]()
    for measured in queue.reports:
        total.update(measured)
    asked = max(1, total["asked"])
    return {
        "s3/call": total["s3_requests"] / max(1, calls),
        "asked/call": total["asked"] / max(1, calls),
        "ms/ask": 1000 * total["wall_s"] / asked,
        "cpu ms/ask": 1000 * total["cpu_s"] / asked,
        "tickets": total["tickets"],
        "denied": total["denied"],
        "skew ms": 1000 * total["skew_s"] / max(1, len(queue.reports)),
        "load": round(statistics.fmean(os.getloadavg()[:1]), 1),
    }


if __name__ == "__main__":
    main()
