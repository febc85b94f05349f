"""Checks from outside at the running product with sign-in: Ann and Bob review, Olga operates.

The numbers are those of docs/security-checks.md, which also names the tests that make the other checks.
"""

import csv
import io
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from core.clock import SystemClock
from core.queueing.message import message_of
from core.queueing.results import TaskRecord
from core.queueing.signing import Signer
from infra.local.reaper import Reaper
from tests.support.cast import INJECTION, SCRIPT, Cast, parts_of, reviewed_by_ann, versions
from tests.support.envelopes import envelope
from tests.support.guarded_app import (
    UPLOADS_PER_MINUTE,
    GuardedApp,
    a_mark,
    run_guarded_app,
    secrets_of,
)
from tests.support.http_browser import HttpBrowser
from tests.support.review_app import Answer, ReviewApp
from tests.support.signed_in import PASSWORD
from tests.support.waiting import wait_until
from tests.support.write_ups import thousands_of_parts, write_up, zip_bomb

HTML = {"Accept": "text/html,*/*;q=0.8"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"
JSON = {"Content-Type": "application/json"}
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def guarded(
    shared_app: ReviewApp, tmp_path_factory: pytest.TempPathFactory, reaper: Reaper
) -> Iterator[GuardedApp]:
    shared_app.bedrock.reset()
    shared_app.bedrock.configure(latency={"min_s": 0.0, "max_s": 0.0})
    yield from run_guarded_app(shared_app, tmp_path_factory.mktemp("guarded"), reaper=reaper)


@pytest.fixture(scope="module")
def cast(guarded: GuardedApp, tmp_path_factory: pytest.TempPathFactory) -> Cast:
    return reviewed_by_ann(guarded, tmp_path_factory.mktemp("documents"))


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def without_reference(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.json.items() if name != "correlation_id"}


def test_01_without_a_cookie_pages_lead_to_the_sign_in_and_the_rest_is_refused(cast: Cast) -> None:
    nobody = cast.guarded.browser()
    for page in ("/", "/insights", "/team", f"/review/{cast.session_id}", "/nothing"):
        assert nobody.get(page, **HTML).status == 302
    for address in ("/sessions", cast.review, "/stats", "/me", "/openapi.json", f"{cast.review}/bundle"):
        assert refused(nobody.get(address)) == (401, "auth/required")
    assert [
        nobody.get(public).status for public in ("/health", "/ready", "/login", "/static/css/base.css")
    ] == [200] * 4


def test_02_health_says_that_it_lives_and_nothing_else(cast: Cast) -> None:
    answer = cast.guarded.browser().get("/health")

    assert (answer.status, answer.json) == (200, {"status": "ok"})
    said = json.dumps(dict(answer.headers)).lower()
    assert not re.search(r"\d+\.\d+\.\d+|arn:|bucket|python|werkzeug", said)


def test_03_a_review_of_somebody_else_is_not_there(cast: Cast) -> None:
    tails = ("", "/blocks", "/reviewed", "/bundle", "/findings.csv", "/findings.json", "/chat", "/chat.txt",
             "/activity", "/coverage", "/insight")  # fmt: skip
    for tail in tails:
        assert refused(cast.bob.get(cast.review + tail)) == (404, "session/not-found")
    assert cast.bob.get(f"/review/{cast.session_id}", **HTML).status == 404
    assert cast.bob.get("/sessions").json["sessions"] == []


def test_04_a_task_of_somebody_else_is_as_unknown_as_one_that_never_was(cast: Cast) -> None:
    foreign, unknown = (cast.bob.get(f"/task_status/{one}") for one in (cast.task_ids[0], UNKNOWN))

    assert foreign.status == unknown.status == 404
    assert without_reference(foreign) == without_reference(unknown)


def test_04_a_task_of_somebody_else_takes_no_other_time_than_one_that_never_was(cast: Cast) -> None:
    """In pairs, so that whatever else the machine does meets both alike: neither is the slower one nearly always."""
    assert cast.ann.get(f"/task_status/{cast.task_ids[0]}").status == 200

    def took(task_id: str) -> float:
        started = time.perf_counter()
        cast.bob.get(f"/task_status/{task_id}")
        return time.perf_counter() - started

    pairs = [(took(cast.task_ids[0]), took(str(uuid.uuid4()))) for _ in range(60)]
    slower = sum(foreign > unknown for foreign, unknown in pairs)
    assert 9 <= slower <= 51, f"of 60 pairs the foreign one was slower in {slower}"


def test_05_nobody_asks_about_a_review_of_somebody_else(cast: Cast) -> None:
    places = ("outbox/", f"sessions/{cast.session_id}/chat/")
    before = [cast.guarded.stored_keys(place) for place in places]
    answer = cast.bob.post("/chat", {"session_id": cast.session_id, "message": "What does it say?"})

    assert refused(answer) == (404, "session/not-found")
    assert [cast.guarded.stored_keys(place) for place in places] == before


def test_06_a_reviewer_gets_nowhere_near_the_operators_pages(cast: Cast) -> None:
    before = cast.guarded.stored_keys("audit/")
    for path in ("/ops", "/ops/dead-letters", "/ops/audit", "/ops/api/overview", "/ops/api/dead-letters"):
        assert refused(cast.bob.get(path)) == (403, "auth/forbidden")
    assert refused(cast.bob.post("/ops/api/letter-runs", {})) == (403, "auth/forbidden")
    assert len(cast.guarded.stored_keys("audit/") - before) == 6
    assert cast.guarded.browser("olga").get("/ops/api/overview").status == 200
    assert cast.bob.get("/stats").json["queues"] is None


def test_07_no_id_of_another_shape_becomes_part_of_a_key(cast: Cast) -> None:
    before = cast.guarded.stored_keys()
    for odd in (
        "../sessions/x",
        "%2e%2e%2flimiter%2fstate",
        "a/b",
        "%00",
        "x" * 300,
        f"{cast.session_id}%0a",
    ):
        for prefix in ("/task_status/", "/sessions/", "/review/"):
            assert cast.ann.get(prefix + odd).status in (400, 404), prefix + odd
        assert cast.ann.post("/analyze_all", {"session_id": odd}).status == 400
    assert cast.guarded.stored_keys() == before


def test_08_a_file_name_is_only_ever_shown(cast: Cast) -> None:
    page = cast.ann.get(f"/review/{cast.session_id}", **HTML).body
    assert cast.words["name"].encode() in page
    assert b"<img onerror" not in page
    assert not [key for key in cast.guarded.stored_keys() if cast.words["name"] in key or "img" in key]
    disposition = cast.ann.get(f"{cast.review}/findings.csv").headers["Content-Disposition"]
    assert re.fullmatch(r"attachment; filename=\"[\w ()=.,-]+\"; filename\*=UTF-8''[\w%.~-]+", disposition)


@pytest.mark.parametrize("headers", [{"Origin": EVIL}, {"Sec-Fetch-Site": "cross-site"}])
def test_09_another_site_changes_nothing_with_the_cookie(cast: Cast, headers: dict[str, str]) -> None:
    body = json.dumps({"document_name": "Taken over.docx"}).encode()

    for method, sent in (("PATCH", body), ("DELETE", None)):
        answer = cast.ann.send(method, cast.review, sent, {**JSON, **headers})
        assert refused(answer) == (403, "request/cross-site")
    assert cast.ann.get(cast.review).json["document_name"] != "Taken over.docx"


def test_10_with_a_cookie_the_form_token_is_needed(cast: Cast) -> None:
    tokenless = HttpBrowser(cast.ann.url, dict(cast.ann.cookies))
    for body, headers in ((b'{"document_name": "x.docx"}', JSON), (b"form_token=", {})):
        assert refused(tokenless.send("PATCH", cast.review, body, headers)) == (403, "request/form-token")


def test_11_what_a_form_of_another_site_can_send_is_no_json(cast: Cast) -> None:
    body = json.dumps({"session_id": cast.session_id}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = cast.ann.send("POST", "/analyze_all", body, {"Content-Type": kind})
        assert refused(answer) == (415, "request/unsupported-media")


def test_12_no_link_signs_out_deletes_cancels_or_exports(cast: Cast) -> None:
    for path in ("/logout", f"/cancel_task/{cast.task_ids[0]}", f"{cast.review}/cancel", f"{cast.review}/export",
                 f"{cast.review}/sign_off", "/analyze_all", "/upload"):  # fmt: skip
        assert refused(cast.ann.get(path)) == (405, "request/method")


def test_13_and_14_cookies_are_strict_new_at_each_sign_in_and_dead_after_it(cast: Cast) -> None:
    browser = cast.guarded.browser()
    answer = browser.form("/login", name="bob", password=PASSWORD)
    name, *attributes = [part.strip() for part in answer.headers["Set-Cookie"].split(";")]
    assert name.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {*attributes}
    first = dict(browser.cookies)
    browser.sign_in("bob", PASSWORD)
    assert first["__Host-ai-prism"] != browser.cookies["__Host-ai-prism"]
    assert HttpBrowser(browser.url, first).get("/me").status == 401

    second = dict(browser.cookies)
    assert browser.form("/logout").status == 303
    assert HttpBrowser(browser.url, second).get("/me").status == 401


@pytest.mark.parametrize("value", ["", "x", "a.b", "e30.00", "0" * 5000, "eyJ1c2VyIjoiYW5uIn0.\u00e4"])
def test_15_a_cookie_that_was_made_up_is_nobodys(cast: Cast, value: str) -> None:
    cookie = {"Cookie": f"__Host-ai-prism={value}"}

    assert cast.guarded.browser().get("/me", **cookie).status == 401


def test_16_and_17_every_answer_carries_the_strict_headers(cast: Cast) -> None:
    pages = ("/", "/login", "/me", "/nothing", f"{cast.review}/findings.csv", f"{cast.review}/bundle",
             "/static/css/base.css", "/health", "/logout")  # fmt: skip
    for path in pages:
        headers = cast.ann.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for wanted in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'"):
            assert wanted in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_18_what_a_document_says_is_never_markup(cast: Cast) -> None:
    page = cast.ann.get(f"/review/{cast.session_id}", **HTML).body
    assert b"&lt;script&gt;x()" in page
    assert b"<script>x()" not in page
    assert cast.ann.get(f"{cast.review}/blocks").headers["Content-Type"] == "application/json"


def test_18_what_a_document_says_is_never_markup_in_an_export(cast: Cast) -> None:
    tails = ("/reviewed?rejected=1&summary=1", "/bundle", "/findings.csv", "/findings.json", "/chat.txt")
    answers = {tail: cast.ann.get(cast.review + tail) for tail in tails}
    for tail, answer in answers.items():
        assert answer.status == 200, tail
        assert answer.headers["X-Content-Type-Options"] == "nosniff", tail
        assert tail == "/findings.json" or answer.headers["Content-Disposition"].startswith("attachment; ")
        assert "html" not in answer.headers["Content-Type"], tail
    written = [*parts_of(answers["/reviewed?rejected=1&summary=1"].body), *parts_of(answers["/bundle"].body)]
    assert any(SCRIPT.replace("<", "&lt;").replace(">", "&gt;").encode() in body for _name, body in written)
    for name, body in written:
        assert not name.endswith((".html", ".htm", ".svg")), name
        if name.endswith((".xml", ".rels")):
            tree = etree.fromstring(body)
            assert not [
                one.tag for one in tree.iter() if str(one.tag).rpartition("}")[2] in ("script", "img")
            ]
            assert not tree.xpath("//*[starts-with(@Target, 'javascript:')]"), name
    cells = [cell for row in csv.reader(io.StringIO(answers["/findings.csv"].body.decode())) for cell in row]
    assert any(SCRIPT in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_20_what_is_no_document_makes_no_task(cast: Cast, tmp_path: Path) -> None:
    before = cast.guarded.stored_keys("outbox/") | cast.guarded.stored_keys("sessions/")
    for content in (b"MZ\x90\x00" + bytes(5_000), b"", b"GIF89a;<script>", b"PK\x03\x04" + bytes(100)):
        path = tmp_path / "a.docx"
        path.write_bytes(content)
        answer = cast.ann.upload(path)
        assert 400 <= answer.status < 500, content
        assert answer.json["next_step"]
    assert cast.guarded.stored_keys("outbox/") | cast.guarded.stored_keys("sessions/") == before


@pytest.mark.parametrize("bomb", [zip_bomb, thousands_of_parts])
def test_22_a_bomb_is_refused_within_two_seconds(
    cast: Cast, tmp_path: Path, bomb: Callable[[Path], Path]
) -> None:
    path, took = bomb(tmp_path / "a.docx"), []
    for _ in range(3):
        started = time.perf_counter()
        answer = cast.ann.upload(path)
        took.append(time.perf_counter() - started)
        assert refused(answer) == (422, "document/suspicious")
    # The best of three: of a machine that others keep busy the worst says nothing.
    assert min(took) < 2.0


def test_26_too_many_uploads_of_one_user_hold_up_nobody_else(cast: Cast, tmp_path: Path) -> None:
    path = write_up(tmp_path / "a.docx", sections=1)
    olga = cast.guarded.browser("olga")
    answers = [olga.upload(path) for _ in range(UPLOADS_PER_MINUTE + 1)]

    assert [answer.status for answer in answers] == [200] * UPLOADS_PER_MINUTE + [429]
    assert answers[-1].json["code"] == "limits/uploads"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert cast.bob.upload(path).status == 200


def test_27_no_other_host_name_is_answered_or_repeated(cast: Cast) -> None:
    for headers in ({"Host": "evil.example"}, {"Host": "evil.example:80", "X-Forwarded-Host": "localhost"}):
        answer = cast.ann.get("/login", **headers)
        assert refused(answer) == (400, "request/host")
        assert b"evil" not in answer.body
    forwarded = cast.guarded.browser().get("/team", **HTML, **{"X-Forwarded-Host": "evil.example"})
    assert forwarded.headers["Location"] == "/login?next=/team"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_28_the_sign_in_leads_to_this_site_only(cast: Cast, target: str) -> None:
    answer = cast.guarded.browser().form("/login", name="bob", password=PASSWORD, next=target)

    assert (answer.status, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(
    "header", ["X-Forwarded-User", "X-Amzn-Oidc-Data", "X-Amzn-Oidc-Identity", "Remote-User"]
)
def test_29_a_header_that_claims_a_user_is_not_believed(cast: Cast, header: str) -> None:
    assert refused(cast.guarded.browser().get("/me", **{header: "olga"})) == (401, "auth/required")


@pytest.mark.parametrize("method", ["TRACE", "PUT", "CONNECT", "WEIRD", "PROPFIND"])
def test_30_odd_methods_are_refused(cast: Cast, method: str) -> None:
    answer = cast.ann.send(method, "/sessions", None, {"X-Secret": "echo"})

    assert answer.status == 405
    assert b"echo" not in answer.body


def test_35_an_old_message_sent_again_after_its_end_changes_nothing(cast: Cast) -> None:
    app, task_id = cast.guarded.app, cast.task_ids[0]
    before, calls = app.result_object(task_id), len(app.bedrock.calls())
    record = TaskRecord.from_dict(before)
    keys = tuple(app.environ["MESSAGE_KEYS"].split(","))
    sqs, url = app.space.client("sqs"), app.space.queue_url("analysis")
    sqs.send_message(
        QueueUrl=url, MessageBody=envelope(message_of(record), signer=Signer(keys, SystemClock()))
    )
    wait_until(lambda: app.space.queue_depth("analysis") == 0, timeout_s=20)

    assert app.result_object(task_id) == before
    assert len(app.bedrock.calls()) == calls


def test_37_a_document_that_gives_orders_is_told_so_and_learns_nothing(cast: Cast) -> None:
    tasks = cast.ann.statuses(cast.task_ids)
    assert {task["status"] for task in tasks} == {"completed"}
    found = cast.ann.get(cast.review).json["findings"]
    assert any(one["rule"] == "prompt-injection" for one in found)
    said = json.dumps(tasks)
    assert "You are a senior risk reviewer" not in said
    assert "<<<document" not in said


def test_42_there_is_no_debugger(cast: Cast) -> None:
    for path in (
        "/console",
        "/?__debugger__=yes&cmd=resource&f=debugger.js",
        "/login?__debugger__=yes&cmd=paste",
    ):
        answer = cast.ann.get(path, **HTML)
        assert answer.status in (200, 302, 404)
        assert b"debugger" not in answer.body.lower()


def test_a_deleted_review_is_gone_with_every_version_of_it(cast: Cast, tmp_path: Path) -> None:
    """What stays has no text of the review.

    That is who did what (audit), the operators' list of tasks and, for a day, old versions of its entries in
    the outbox. A model's answer to the same text is kept by content, names no review and goes by age: cache/.
    """
    word, bob, begun = a_mark(), cast.bob, datetime.now(UTC).replace(microsecond=0)
    uploaded = bob.upload(write_up(tmp_path / "b.docx", sections=1, mark=word), name=f"{word}.docx").json
    session_id, review = uploaded["session_id"], f"/sessions/{uploaded['session_id']}"
    task_ids = bob.review_all(session_id)
    question = bob.post("/chat", {"session_id": session_id, "message": f"Who is {word}?"}).json["task_id"]
    bob.wait_ended([*task_ids, question], timeout_s=60)
    assert bob.post(f"{review}/export", {}).status == 200
    body = json.dumps({"document_name": f"Renamed {word}"}).encode()
    assert bob.send("PATCH", review, body, JSON).status == 200
    before = [key.split()[0] for key in versions(cast.guarded, since=begun) if session_id in key]
    assert len(before) > len({*before})

    assert bob.send("DELETE", review, None, {}).status == 200

    left = versions(cast.guarded, since=begun)
    assert [key for key in left if session_id in key] == []
    naming = {key.partition("/")[0] for key, body in left.items() if session_id.encode() in body}
    assert naming <= {"audit", "tasks", "outbox"}
    assert {key.partition("/")[0] for key, body in left.items() if word.encode() in body} <= {"cache"}
    assert bob.get(review).status == 404


def test_39_no_log_and_no_result_holds_text_prompts_cookies_or_keys(cast: Cast) -> None:
    """Last in the file: everything above has been logged by then."""
    logs = cast.guarded.logs()
    assert "request_served" in logs
    assert cast.session_id in logs
    secret = [*cast.words.values(), *secrets_of(cast.guarded, cast.ann, cast.bob), INJECTION[:40],
              "You are a senior risk reviewer", "ReceiptHandle", "form_token=", "password="]  # fmt: skip
    assert [one for one in secret if one in logs] == []
    results = "".join(json.dumps(cast.guarded.app.result_object(task_id)) for task_id in cast.task_ids)
    assert [one for one in secrets_of(cast.guarded, cast.ann, cast.bob) if one in results] == []
    for line in cast.guarded.web.output().splitlines():
        assert line.startswith(("{", "[")), line
