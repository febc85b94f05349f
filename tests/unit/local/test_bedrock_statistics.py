"""What the local Bedrock remembers of its calls, and the windows that prove a limit."""

from infra.local.bedrock.statistics import CallRecord, Ledger

MODEL, OTHER = "model-a", "model-b"


class Seconds:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def call(ledger: Ledger, model: str = MODEL, *, tokens: int = 0, outcome: str = "ok") -> CallRecord:
    record = ledger.arrived(model, "converse")
    if outcome == "ok":
        record.started_at, record.reserved, record.settled = record.arrived_at, tokens, tokens
    ledger.ended(record, outcome)
    return record


def test_calls_and_outcomes_are_counted_in_all_and_by_model() -> None:
    ledger = Ledger(clock=Seconds())
    call(ledger)
    call(ledger, outcome="ThrottlingException")
    call(ledger, OTHER)
    found = ledger.summary(window_s=60)
    assert (found["calls"], found["ok"], found["throttled"]) == (3, 2, 1)
    assert found["models"][MODEL]["errors"] == {"ThrottlingException": 1}
    assert found["models"][OTHER]["calls"] == 1


def test_the_most_at_once_is_kept_after_they_have_ended() -> None:
    ledger = Ledger(clock=Seconds())
    running = [ledger.arrived(model, "converse") for model in (MODEL, MODEL, OTHER)]
    for record in running:
        ledger.ended(record, "ok")
    found = ledger.summary(window_s=60)
    assert (found["running"], found["max_concurrent"]) == (0, 3)
    assert found["models"][MODEL]["max_concurrent"] == 2


def test_windows_of_any_length_are_exact() -> None:
    clock = Seconds()
    ledger = Ledger(clock=clock)
    for at in (100.0, 103.0, 105.9, 106.0):
        clock.at = at
        call(ledger, tokens=10)
    call(ledger, outcome="ThrottlingException")
    windows = ledger.summary(window_s=6)["max_in_window"]
    assert windows == {"requests": 4, "admitted": 3, "quota_tokens": 30}
    assert ledger.summary(window_s=6.1)["max_in_window"]["admitted"] == 4


def test_counting_tokens_is_no_call_of_a_model() -> None:
    ledger = Ledger(clock=Seconds())
    ledger.ended(ledger.arrived(MODEL, "count-tokens"), "ok")
    found = ledger.summary(window_s=60)
    assert (found["calls"], found["count_tokens"], found["models"]) == (0, 1, {})
    assert [record["operation"] for record in ledger.calls()] == ["count-tokens"]


def test_calls_are_listed_from_a_number_on() -> None:
    ledger = Ledger(clock=Seconds())
    for _ in range(4):
        call(ledger)
    assert [record["number"] for record in ledger.calls(since=2)] == [3, 4]


def test_old_calls_are_forgotten_but_stay_counted() -> None:
    ledger = Ledger(clock=Seconds(), kept=10)
    for _ in range(25):
        call(ledger)
    found = ledger.summary(window_s=60)
    assert (found["calls"], found["kept_calls"], found["dropped_calls"]) == (25, 10, 15)
    assert len(found["models"][MODEL]["stamps"]) == 10


def test_invented_models_do_not_fill_the_memory() -> None:
    ledger = Ledger(clock=Seconds())
    for number in range(500):
        call(ledger, f"model-{number}")
    models = ledger.summary(window_s=60)["models"]
    assert len(models) <= 101
    assert sum(model["calls"] for model in models.values()) == 500
