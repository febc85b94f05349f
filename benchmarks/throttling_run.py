"""One run of the throttling benchmark: warm-up, load, what happens meanwhile, and what the service saw of it."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import throttling_scenarios as scenarios
from benchmarks.throttling_crew import AT_ONCE, Client, Crew, Setting
from benchmarks.throttling_queue import TaskQueue, serve
from benchmarks.throttling_scenarios import Scenario
from infra.local.reaper import Reaper
from tests.support.bedrock import LocalBedrock, run_bedrock
from tests.support.cloud import Cloud, run_cloud

_WARM_UP_PER_PROCESS = 3
_MOST_OPTIMA = 8
"""After so many times the optimum a run is over, ended or not."""


@dataclass(frozen=True)
class Place:
    directory: Path
    cloud: Cloud
    bedrock: LocalBedrock
    reaper: Reaper
    setting: Setting


@contextmanager
def made_place(directory: Path, reaper: Reaper, setting: Setting) -> Iterator[Place]:
    directory.mkdir()
    cloud, bedrock = run_cloud(directory, reaper), run_bedrock(directory, reaper)
    with closing(cloud), closing(bedrock):
        yield Place(directory, next(cloud), next(bedrock), reaper, setting)


def measure(place: Place, scenario: Scenario, *, processes: int, client: Client) -> dict[str, Any]:
    queue, setting = TaskQueue(), place.setting
    crew = _crew(place, scenario, port=serve(queue), client=client)
    _quiet(place.bedrock)
    for _ in range(processes):
        crew.start()
    try:
        assert queue.wait_ready(processes, 300), "the processes did not start"
        warm = _WARM_UP_PER_PROCESS * processes
        queue.fill(warm, first=-warm)
        assert queue.wait_ended(60 + 4 * setting.window_s), "warm-up did not end"
        time.sleep(setting.window_s + 0.5)
        _load(place.bedrock, scenario, setting.window_s)
        started, optimum_s = time.monotonic(), scenario.optimum_s(setting.window_s)
        queue.fill(scenario.calls)
        _kill(queue, crew, scenario=scenario, setting=setting)
        finished = queue.wait_ended(_MOST_OPTIMA * optimum_s)
        queue.close()
        queue.wait_reports(processes, 15)
    finally:
        queue.close()
        crew.end()
    wall_s = max((at for *_, at in queue.ended), default=started) - started
    ok = Counter(how for _, how, _ in queue.ended)["ok"]
    seen = _outside_view(place, scenario)
    named = {"scenario": scenario.name, "processes": processes, "client": client.name}
    speed = _speed(scenario, setting, wall_s=wall_s, ok=ok)
    return {**named, **speed, "ok": ok, "all ended": finished, **seen, **_costs(queue, ok)}


def _crew(place: Place, scenario: Scenario, *, port: int, client: Client) -> Crew:
    setting = place.setting
    registry = place.directory / f"models-{port}.toml"
    registry.write_text(scenarios.models_file(scenario))
    plan = {
        "port": port,
        "real": setting.real,
        "host": str(place.directory / f"host-{port}"),
        "input_chars": 3 * scenarios.INPUT_TOKENS,
        "answer_tokens": scenarios.ANSWER_TOKENS,
        "limits": setting.limits,
        "cooldown_s": setting.cooldown_s,
        "backoff_s": setting.backoff_s,
    }
    space = place.cloud.new_space()
    environ = {**space.environ, **place.bedrock.environ, **setting.environ, "MODELS_FILE": str(registry)}
    return Crew(client, plan, environ, scenario, place.reaper)


def _quiet(bedrock: LocalBedrock) -> None:
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


def _load(bedrock: LocalBedrock, scenario: Scenario, window_s: float) -> None:
    _quiet(bedrock)
    others = {name: value for name, value in scenario.bedrock.items() if name != "quotas"}
    bedrock.configure(quotas=scenario.quotas(window_s), **others)


def _kill(queue: TaskQueue, crew: Crew, *, scenario: Scenario, setting: Setting) -> None:
    for _ in range(scenario.kills):
        time.sleep(setting.window_s / 2)
        queue.lost(crew.kill_one(), setting.visibility_s)
        crew.start()


def _speed(scenario: Scenario, setting: Setting, *, wall_s: float, ok: int) -> dict[str, Any]:
    """pad: the part of the wall time that the pads alone cost, one a window."""
    optimum_s = scenario.optimum_s(setting.window_s)
    goodput = ok / scenario.calls * optimum_s / wall_s
    return {
        "optimum_s": round(optimum_s, 2),
        "wall_s": round(wall_s, 2),
        "goodput": goodput,
        "pad": scenario.turns * setting.limits["pad_s"] / wall_s,
        "bar": scenario.bar or "-",
        "verdict": "-" if scenario.bar is None else "met" if goodput >= scenario.bar else "short",
    }


def _outside_view(place: Place, scenario: Scenario) -> dict[str, Any]:
    """What the service saw. Every window of its stamps is looked at, whatever it let in itself."""
    window_s = place.setting.window_s
    calls = place.bedrock.calls()
    over = scenarios.violations(
        calls, window_s=window_s, most=scenarios.RPM * len(scenarios.MODELS), at_once=AT_ONCE
    )
    if scenario.tpm:
        models = place.bedrock.stats(window_s=window_s)["models"].values()
        over["tokens"] = sum(seen["max_in_window"]["quota_tokens"] > scenario.tpm for seen in models)
    return {
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
        "reads": total["s3_reads"] / max(1, calls),
        "asked/call": total["asked"] / max(1, calls),
        "ms/ask": 1000 * total["wall_s"] / asked,
        "cpu ms/ask": 1000 * total["cpu_s"] / asked,
        "decision cpu ms": 1000 * total["decision_cpu_s"] / max(1, total["decided"]),
        "tickets": total["tickets"],
        "denied": total["denied"],
        "skew ms": 1000 * total["skew_s"] / max(1, len(queue.reports)),
        "load": round(os.getloadavg()[0], 1),
    }
