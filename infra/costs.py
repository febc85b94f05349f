"""What a deployment costs at list price: `python -m infra.costs` prints the tables of docs/deployment.md.

Prices of us-east-1 in US dollars, read 2026-11 from aws.amazon.com/*/pricing; without taxes, discounts, free tiers.
Compare with the bill of your account.
"""

from dataclasses import dataclass

from core.models.registry import load_registry

HOURS = 730.0  # of a month
FARGATE_VCPU_HOUR, FARGATE_GB_HOUR = 0.04048, 0.004445
LOAD_BALANCER_HOUR, LOAD_BALANCER_UNIT_HOUR = 0.0225, 0.008
NAT_HOUR, NAT_GB, ADDRESS_HOUR = 0.045, 0.045, 0.005
METRIC_MONTH, ALARM_METRIC_MONTH, COMPOSITE_MONTH, DASHBOARD_MONTH, LOG_GB = 0.30, 0.10, 0.50, 3.0, 0.50
SECRET_MONTH = 0.40
S3_WRITE, S3_READ, SQS_REQUEST = 5e-6, 0.4e-6, 0.4e-6

# Counted by benchmarks.fairness (a sweep, a section in a crowd) and benchmarks.tokens (12 sections, 8 at a time; its
# answers are the rules', so the second column has 1,500 tokens an answer, thinking included).
SWEEP_S3, SECTION_S3, SECTION_SQS = 10, 20, 5
INPUT, CACHE_WRITE, CACHE_READ, SHORT_OUTPUT, LONG_OUTPUT = (
    5881 / 12,
    20200 / 12,
    10100 / 12,
    5721 / 12,
    1500.0,
)
WORKER_RECORDS_A_MINUTE, SERIES, ALARM_METRICS = 4, 48, 32


@dataclass(frozen=True)
class Task:
    what: str
    count: int
    vcpu: float
    gb: float

    @property
    def month(self) -> float:
        return self.count * HOURS * (self.vcpu * FARGATE_VCPU_HOUR + self.gb * FARGATE_GB_HOUR)


DEFAULTS = (
    Task("web", 2, 4, 8),
    Task("worker", 2, 4, 8),
    Task("chat worker", 2, 1, 2),
    Task("beat", 1, 0.25, 0.5),
)
"""As infra/compute.yaml has them; a test holds the two together."""
SMALL = (
    Task("web", 2, 1, 2),
    Task("worker", 2, 1, 2),
    Task("chat worker", 1, 1, 2),
    Task("beat", 1, 0.25, 0.5),
)
"""Enough by measured memory; processors were not tried below this."""


def monthly(tasks: tuple[Task, ...]) -> list[tuple[str, float]]:
    """What there is to pay when nobody uses it."""
    minutes = HOURS * 60
    workers = sum(task.count for task in tasks if "worker" in task.what)
    requests = minutes * (workers * WORKER_RECORDS_A_MINUTE + SWEEP_S3) * S3_WRITE
    # Each worker asks each of its queues three times a minute, and what it asks about costs as much again.
    requests += minutes * workers * 2 * 3 * 2 * SQS_REQUEST
    return [
        *((f"{task.count} x {task.what}, {task.vcpu:g} vCPU / {task.gb:g} GB", task.month) for task in tasks),
        ("load balancer, one unit", HOURS * (LOAD_BALANCER_HOUR + LOAD_BALANCER_UNIT_HOUR)),
        (
            "NAT gateway in one zone, its address, 20 GB (none with public subnets)",
            HOURS * (NAT_HOUR + ADDRESS_HOUR) + 20 * NAT_GB,
        ),
        (f"{SERIES} metrics, alarms, dashboard", _watching()),
        ("logs, 5 GB", 5 * LOG_GB),
        ("two secrets", 2 * SECRET_MONTH),
        ("S3 and SQS requests of idle processes", requests),
    ]


def thousand_sections() -> list[tuple[str, float, float]]:
    """(what, with short answers, with long ones) for sections of a first review, without answers from storage."""
    model = load_registry().models[0]
    prices = model.prices
    read = (
        INPUT * prices.input_usd + CACHE_WRITE * prices.cache_write_usd + CACHE_READ * prices.cache_read_usd
    )
    short, long = (1000 * (read + output * prices.output_usd) / 1e6 for output in (SHORT_OUTPUT, LONG_OUTPUT))
    requests = 1000 * (SECTION_S3 * S3_WRITE + SECTION_SQS * SQS_REQUEST)
    return [(model.name, short, long), ("S3 and SQS requests", requests, requests)]


def _watching() -> float:
    alarms = ALARM_METRICS * ALARM_METRIC_MONTH + COMPOSITE_MONTH
    return SERIES * METRIC_MONTH + alarms + DASHBOARD_MONTH


def tables() -> str:
    lines = ["| a month, idle | as shipped | small |", "|---|---|---|"]
    shipped, small = monthly(DEFAULTS), monthly(SMALL)
    for (what, dollars), (other, less) in zip(shipped, small, strict=True):
        name = what if what == other else f"{what}; small: {other}"
        lines.append(f"| {name} | ${dollars:,.2f} | ${less:,.2f} |")
    totals = [sum(dollars for _, dollars in column) for column in (shipped, small)]
    lines.append(f"| **together** | **${totals[0]:,.0f}** | **${totals[1]:,.0f}** |")
    lines += ["", "| 1,000 sections | short answers | 1,500 tokens each |", "|---|---|---|"]
    sections = thousand_sections()
    lines += [f"| {what} | ${short:,.2f} | ${long:,.2f} |" for what, short, long in sections]
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables())
