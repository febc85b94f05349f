"""GET /stats: all for operators, their own for reviewers, a page for browsers."""

from collections import Counter

import pytest

from core.aws.object_store import put_json
from core.clock import iso
from core.errors import Throttled, Transient
from core.queueing.keys import user_hash
from core.statistics import health
from core.statistics.health import HealthBook
from core.statistics.recorder import StoredRecorder
from core.statistics.rollups import Rollups
from core.statistics.tally import NANO

MODEL = "us.anthropic.claude-sonnet-4-6"
HTML = "text/html,application/xhtml+xml"


@pytest.fixture
def counted(web):
    """Ann and Bob have worked today, Ann has a review; a worker has said how it is."""
    web.review("ann")
    recorder = StoredRecorder(web.store, web.clock, every_s=30, later=lambda *_: None)
    recorder.count(user_hash("ann"), {"tasks|analysis|SUCCESS": 3, f"cost|{MODEL}": NANO})
    recorder.count(user_hash("ann"), {f"calls|{MODEL}||answered": 3, f"tokens|{MODEL}||input": 700})
    recorder.count(user_hash("bob"), {"tasks|chat|FAILURE": 1, f"calls|{MODEL}|rules|answered": 1})
    recorder.record_duration("whole|analysis", 5.0)
    recorder.flush()
    return web


def test_operators_see_what_all_have_done(counted):
    found = counted.client("olga").get("/stats").get_json()
    assert (found["tasks"]["succeeded"], found["tasks"]["failed"], found["tasks"]["success_rate"]) == (
        3,
        1,
        0.75,
    )
    assert found["tasks"]["by_queue"]["analysis"]["whole_s"]["count"] == 1
    assert found["cost"]["usd"] == 1.0
    assert [(one["name"], one["answers"]) for one in found["cost"]["by_user"]] == [("ann", 3), (None, 1)]
    assert found["health"]["at"] is None


def test_reviewers_see_their_own_and_no_system(counted):
    ann, bob = (counted.client(user).get("/stats").get_json() for user in ("ann", "bob"))
    assert (ann["tasks"]["succeeded"], ann["tasks"]["failed"], ann["cost"]["usd"]) == (3, 0, 1.0)
    assert (bob["tasks"]["succeeded"], bob["tasks"]["failed"], bob["cost"]["usd"]) == (0, 1, 0.0)
    hidden = (
        "queues",
        "limiter",
        "tokens_per_minute",
        "workers",
        "web",
        "health",
        "limiter_wait_s",
        "requests",
    )
    assert {ann[name] for name in hidden} == {None}
    assert ann["cost"]["by_user"] is None


@pytest.mark.parametrize(("asked", "days"), [("7", 7), ("30", 30), ("", 1), ("x", 1), ("4000", 1)])
def test_a_period_has_one_row_for_each_day(web, asked, days):
    found = web.client("olga").get(f"/stats?days={asked}").get_json()
    assert (found["days"], len(found["cost"]["by_day"])) == (days, days)
    assert found["cost"]["by_day"][-1]["day"] == found["at"][:10]


@pytest.mark.parametrize("user", ["olga", "ann"])
def test_a_browser_gets_a_page(counted, user):
    response = counted.client(user).get("/stats", headers={"Accept": HTML})
    page = response.get_data(as_text=True)
    assert (response.mimetype, "Accept" in response.vary) == ("text/html", True)
    assert ("By user" in page) == ("Processes" in page) == (user == "olga")
    assert ("USD 1.00" in page) == ("p95" in page)
    assert "None" not in page


def test_scripts_get_json_without_asking(counted):
    assert counted.client("olga").get("/stats").mimetype == "application/json"


def test_the_verdict_and_the_processes_are_shown(counted):
    HealthBook(counted.store, counted.clock).enter([health.sign("dead-letters", 2, of="chat")])
    about = {"role": "web", "load": {"cpu_percent": None, "memory_bytes": 5, "memory_percent": 1.5}}
    web_process = StoredRecorder(
        counted.store, counted.clock, every_s=30, about=lambda: about, later=lambda *_: None
    )
    web_process.count("", {"requests|2xx": 4})
    web_process.flush()
    client = counted.client("olga")
    found = client.get("/stats").get_json()
    assert (found["health"]["condition"], found["health"]["pages"]) == ("unhealthy", True)
    assert [(one["memory_bytes"], one["cpu_percent"]) for one in found["web"]] == [(5, None)]
    assert found["requests"]["by_class"]["2xx"] == 4
    assert "Health: unhealthy" in client.get("/stats", headers={"Accept": HTML}).get_data(as_text=True)
    counted.clock.sleep(301)
    assert client.get("/stats").get_json()["web"] == []


def test_a_day_that_is_folded_counts_as_before(counted):
    before = counted.client("olga").get("/stats?days=7").get_json()
    counted.clock.sleep(2 * 3600)
    assert Rollups(counted.store, counted.clock).fold() == 1
    after = counted.client("olga").get("/stats?days=7").get_json()
    assert (after["tasks"], after["cost"], after["models"]) == (
        before["tasks"],
        before["cost"],
        before["models"],
    )


def test_requests_are_counted_but_not_the_questions_of_load_balancers(web):
    class Told:
        numbers = Counter()

        def count(self, user, numbers):
            self.numbers.update({(user, name): number for name, number in numbers.items()})

        def record_duration(self, name, seconds): ...

    services = web.app.extensions["services"]
    object.__setattr__(services.queueing, "recorder", Told())
    web.client("ann").get("/sessions")
    web.client("ann").get("/nothing")
    web.client(None).get("/health")
    ann = user_hash("ann")
    assert Told.numbers == {(ann, "requests|2xx"): 1, (ann, "requests|4xx"): 1}


def test_a_stored_worker_record_without_load_is_read(web):
    """Of an earlier release: during a deployment both are there."""
    put_json(
        web.store,
        "workers/w1.json",
        {
            "worker_id": "w1",
            "host": "h",
            "pid": 1,
            "started_at": "2027-01-15T08:00:00.000Z",
            "at": "2027-01-15T08:00:00.000Z",
            "held": [],
        },
    )
    (one,) = web.client("olga").get("/stats").get_json()["workers"]
    assert (one["cpu_percent"], one["memory_bytes"]) == (None, None)


def test_numbers_are_there_while_queues_and_limits_cannot_be_read(counted):
    def closed():
        raise Throttled("limiter/unavailable", retry_after_s=15)

    counted.depths.error = Transient("queue/unavailable")
    object.__setattr__(counted.app.extensions["services"], "limiter_status", closed)
    client = counted.client("olga")
    answer = client.get("/stats")
    found = answer.get_json()
    page = client.get("/stats", headers={"Accept": HTML})

    assert (answer.status_code, page.status_code) == (200, 200)
    assert (found["tasks"]["succeeded"], found["limiter"], found["tokens_per_minute"]) == (3, None, None)
    assert (found["queues"]["analysis"]["waiting"], found["queues"]["analysis"]["unreleased"]) == (None, 0)
    parts = {fault["part"] for fault in found["faults"]}
    assert {"limiter", "queue chat in SQS", "dead letters of analysis"} <= parts
    assert "The limiter could not be read" in page.get_data(as_text=True)


def test_each_models_success_is_told_whatever_answered_in_its_place(counted):
    recorder = StoredRecorder(counted.store, counted.clock, every_s=30, later=lambda *_: None)
    recorder.count("", {f"calls|{MODEL}||failed": 1})
    recorder.flush()
    rows = counted.client("olga").get("/stats").get_json()["models"]
    assert [(row["brain"], row["success_rate"]) for row in rows] == [("", 0.8), ("rules", 0.8)]


@pytest.mark.parametrize("user", ["olga", "ann"])
def test_a_damaged_day_is_a_fault_beside_the_others(counted, user):
    before = counted.client(user).get("/stats?days=7").get_json()
    broken = iso(counted.clock.now() - 3 * 86_400)[:10]
    counted.store.objects[f"metrics/days/{broken}.json"] = b"{"
    client = counted.client(user)

    found = client.get("/stats?days=7").get_json()

    assert (found["tasks"], found["since"]) == (before["tasks"], before["since"])
    assert broken not in [row["day"] for row in found["cost"]["by_day"]]
    (fault,) = found["faults"]
    assert (fault["part"], fault["code"]) == (f"statistics of {broken}", "storage/damaged")
    page = client.get("/stats?days=7", headers={"Accept": HTML}).get_data(as_text=True)
    assert f"The statistics of {broken} could not be read" in page
