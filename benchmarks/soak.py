"""40 people at work for half an hour with faults now and then: nothing is lost, nothing grows.

    .venv/bin/python -m benchmarks.soak [--minutes 30] [--people 40]

The scenario is tests/chaos/test_soak.py, of which `make test` runs 20 seconds with six people: web and two workers,
everything between fault proxies. It holds the run to the invariants of tests/chaos, and writes down what it saw.
"""

import argparse
import os
import subprocess
import sys


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--minutes", type=float, default=30.0, help="at least five, or memory has not settled"
    )
    parser.add_argument("--people", type=int, default=40)
    options = parser.parse_args()
    environ = {**os.environ, "SOAK_S": str(60 * options.minutes), "SOAK_PEOPLE": str(options.people)}
    command = [sys.executable, "-m", "pytest", "tests/chaos/test_soak.py", "-s"]
    return subprocess.run(command, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
