"""How much of what the quotas allow the pipeline gets done, and whether it ever asks for more.

    .venv/bin/python -m benchmarks.throttling [--processes 8 16] [--only base ...] [--runs 1] [--peer]
    .venv/bin/python -m benchmarks.throttling --real --side-by-side 6

Everything is real but the cloud and the task queue: AsyncRequestManager, the limiter on S3 (ministack), boto3, the
local Bedrock, which holds every call to its quotas. Windows last 6 s and the pad is 0.06 s; with --real 60 s and
0.15 s, as in production. Goodput is the computed optimum over the wall time; "pad" is the part of the wall time that
the pads alone cost; "decision cpu ms" is the pure decision, "cpu ms/ask" all that is done to get one, its file and
boto3 included. A violation is counted from the service's own stamps, over every sliding window. --peer: the
same calls through LiteLLM's Router and through boto3's adaptive retries too; "ours": our goodput, times theirs.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.report import report
from benchmarks.throttling_crew import OURS, Client, Setting
from benchmarks.throttling_peers import made_peers
from benchmarks.throttling_run import made_place, measure
from benchmarks.throttling_scenarios import SCENARIOS, Scenario
from infra.local.reaper import Reaper


def main() -> None:
    chosen = _arguments()
    clients = (OURS, *made_peers()) if chosen.peer else (OURS,)
    with tempfile.TemporaryDirectory() as name:
        rows = _all(Path(name), chosen, clients=clients)
    report("throttling" + ("_peer" if chosen.peer else "") + ("_real" if chosen.real else ""), rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--only", nargs="+", default=[], help="names of scenarios, or their beginnings")
    parser.add_argument("--runs", type=int, default=1, help="each; the median by goodput is reported")
    parser.add_argument("--real", action="store_true", help="windows of 60 s: some 6 minutes a row")
    parser.add_argument("--side-by-side", type=int, default=1, help="rows at once; for windows of 60 s")
    parser.add_argument("--peer", action="store_true", help="others too, in an environment made for them")
    return parser.parse_args()


def _all(directory: Path, chosen: Any, *, clients: Sequence[Client]) -> list[dict[str, Any]]:
    """Each group of rows in a cloud of its own, so that groups can run side by side."""
    wanted = [(scenario, processes) for scenario in _chosen(chosen.only) for processes in chosen.processes]
    setting, reaper = Setting(chosen.real), Reaper()

    def rows(number: int) -> list[dict[str, Any]]:
        scenario, processes = wanted[number]
        found: list[dict[str, Any]] = []
        with made_place(directory / str(number), reaper, setting) as place:
            for client in clients:
                runs = [
                    measure(place, scenario, processes=processes, client=client) for _ in range(chosen.runs)
                ]
                found.append(_median(runs))
                print(json.dumps(found[-1]), file=sys.stderr, flush=True)
        return [_compared(row, found[0]) for row in found] if len(found) > 1 else found

    try:
        with ThreadPoolExecutor(chosen.side_by_side) as pool:
            return [row for group in pool.map(rows, range(len(wanted))) for row in group]
    finally:
        reaper.close()


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return sorted(runs, key=lambda row: row["goodput"])[len(runs) // 2]


def _compared(row: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    return {**row, "ours": ours["goodput"] / row["goodput"] if row["goodput"] else "-"}


def _chosen(names: list[str]) -> list[Scenario]:
    return [
        scenario
        for scenario in SCENARIOS
        if not names or any(scenario.name.startswith(name) for name in names)
    ]


if __name__ == "__main__":
    main()
