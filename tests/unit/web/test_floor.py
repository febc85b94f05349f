"""What holds for every route: hosts, sites, headers, identity, errors."""

import json
import re
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from core.config import Settings, WebSettings
from core.errors import ConfigurationError, Transient
from core.web.application import create_app
from core.web.identity import PUBLIC_ENDPOINTS
from tests.support.web import ANY_ID, SETTINGS, make_web_tier, problem

ADDRESSES = ["/", "/health", "/sessions", "/nothing", f"/sessions/{ANY_ID}", "/static/none.css", "/stats"]


def unsafe_routes():
    """(method, rule) of everything that may change something."""
    rules = make_web_tier().app.url_map.iter_rules()
    return sorted(
        (method, rule.rule) for rule in rules for method in rule.methods - {"GET", "HEAD", "OPTIONS"}
    )


def filled(rule):
    finding = "f" + "0" * 20
    for name, value in (
        ("session", ANY_ID),
        ("task", ANY_ID),
        ("finding", finding),
        ("letter", ANY_ID),
        ("run", "0" * 12),
    ):
        rule = rule.replace(f"<{name}:{name}_id>", value)
    return rule


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_strict_headers(web, address):
    headers = web.client().get(address).headers

    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for directive in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/sessions", f"/sessions/{ANY_ID}", "/stats", "/nothing"])
def test_nothing_private_is_kept_by_a_browser_or_a_proxy(web, address):
    assert web.client().get(address).headers["Cache-Control"] == "no-store"


def test_the_icons_are_kept_by_the_browser_under_the_address_of_their_version(web):
    [address] = set(
        re.findall(r'href="(/static/icons\.svg\?v=\w+)#', web.client().get("/").get_data(as_text=True))
    )

    with web.client().get(address) as kept, web.client().get("/static/icons.svg") as asked:
        assert "immutable" in kept.headers["Cache-Control"]
        assert asked.headers["Cache-Control"] == "no-cache"


def test_a_static_file_carries_no_header_that_says_nothing(web):
    with web.client().get("/static/css/base.css") as sheet:
        assert "Content-Disposition" not in sheet.headers


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:80"])
def test_without_sign_in_the_loopback_names_are_served(web, host):
    assert web.client().get("/sessions", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8080",
        "localhost:80:80",
        "a@localhost",
    ],
)
def test_a_foreign_name_that_points_at_this_machine_is_refused(web, host):
    response = web.client().get("/sessions", headers={"Host": host})

    problem(response, 400, "request/host")
    assert "evil" not in response.get_data(as_text=True)


@pytest.mark.parametrize(("method", "rule"), unsafe_routes())
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:8080@evil.example"},
        {"Origin": "http://[::1"},
    ],
)
def test_every_unsafe_route_refuses_a_foreign_site(web, method, rule, headers):
    before = dict(web.store.objects)

    response = web.client().open(filled(rule), method=method, headers=headers, json={})

    problem(response, 403, "request/cross-site")
    assert web.store.objects == before


def test_there_are_unsafe_routes_to_hold_to_that():
    assert ("POST", "/upload") in unsafe_routes()
    assert len(unsafe_routes()) >= 6


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost:8080"},
    ],
)
def test_same_origin_pages_and_scripts_pass(web, headers):
    session = web.review()

    response = web.client().patch(
        f"/sessions/{session.id}", json={"document_name": "New.docx"}, headers=headers
    )

    assert response.status_code == 200


def test_a_foreign_site_may_link_to_a_page(web):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}

    assert web.client().get("/sessions", headers=headers).status_code == 200


def test_nobody_in_particular_sees_only_whether_the_service_lives(web):
    client = web.client(user=None)

    assert client.get("/health").get_json() == {"status": "ok"}
    assert client.get("/ready").get_json() == {"ready": True}
    for rule in web.app.url_map.iter_rules():
        if rule.endpoint not in PUBLIC_ENDPOINTS:
            method = sorted(rule.methods - {"HEAD", "OPTIONS"})[0]
            problem(client.open(filled(rule.rule), method=method), 401, "auth/required")


def test_a_correlation_id_comes_back_as_it_was_sent(web):
    response = web.client().get("/health", headers={"X-Correlation-Id": "abcdefgh-1234"})

    assert response.headers["X-Correlation-Id"] == "abcdefgh-1234"


@pytest.mark.parametrize(
    "sent", [None, "short", "x" * 65, "has space in it", "<script>alert", "replay-0123456789ab"]
)
def test_a_correlation_id_of_another_shape_is_replaced(web, sent):
    response = web.client().get("/health", headers={"X-Correlation-Id": sent} if sent else {})

    assert response.headers["X-Correlation-Id"] != sent
    assert len(response.headers["X-Correlation-Id"]) == 16


def test_an_unknown_address_is_a_problem_with_a_next_step(web):
    problem(web.client().get("/nothing"), 404, "request/not-found")


@pytest.mark.parametrize(
    ("method", "address"), [("GET", "/upload"), ("DELETE", "/sessions"), ("POST", "/stats")]
)
def test_a_method_that_a_route_does_not_take_names_those_it_does(web, method, address):
    response = web.client().open(address, method=method)

    problem(response, 405, "request/method")
    assert response.headers["Allow"]


@pytest.mark.parametrize(
    "tail",
    [
        "../../limiter/state",
        "%2e%2e%2flimiter",
        "x" * 300,
        ANY_ID.upper(),
        ANY_ID + "%00",
        ANY_ID + "%0a",
        "1",
    ],
)
@pytest.mark.parametrize("prefix", ["/sessions/", "/task_status/", "/review/"])
def test_an_id_of_another_shape_reads_no_key(web, prefix, tail):
    read = []
    web.store.get = lambda key: read.append(key)

    response = web.client().get(prefix + tail)

    problem(response, 404, "request/not-found")
    assert read == []


def test_an_error_nobody_foresaw_shows_no_trace_and_is_logged_once(web):
    def broken(key):
        raise RuntimeError("secret detail of the code")

    web.store.get = broken
    with capture_logs() as lines:
        response = web.client().get(f"/sessions/{ANY_ID}")

    body = problem(response, 500, "internal/unexpected")
    assert "secret" not in json.dumps(body)
    assert "Traceback" not in json.dumps(body)
    assert [line["event"] for line in lines] == ["request_crashed", "request_served"]


def test_storage_that_does_not_answer_says_when_to_try_again(web):
    def offline(key):
        raise Transient("storage/unavailable")

    web.store.get = offline
    response = web.client().get(f"/sessions/{ANY_ID}")

    problem(response, 503, "storage/unavailable")
    assert int(response.headers["Retry-After"]) >= 1


def test_a_browser_gets_the_error_as_a_page(web):
    response = web.client().get("/nothing", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert response.status_code == 404
    assert response.mimetype == "text/html"
    text = response.get_data(as_text=True)
    assert "There is nothing here" in text
    assert response.headers["X-Correlation-Id"] in text


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3"])
def test_the_app_does_not_start_without_sign_in_on_an_open_address(host):
    with pytest.raises(ConfigurationError, match="HOST"):
        create_app(Settings(web=WebSettings(host=host, secret_key="k" * 32)))


def test_the_app_does_not_start_without_a_secret():
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        make_web_tier(Settings(web=WebSettings(secret_key="short")))


def test_no_debug_mode_and_no_cookie(web):
    assert not web.app.debug
    assert "Set-Cookie" not in web.client().get("/sessions").headers
    files_bytes = SETTINGS.documents.upload_max_bytes + SETTINGS.guidelines.upload_max_bytes
    assert web.app.config["MAX_CONTENT_LENGTH"] < files_bytes + 100_000


@pytest.mark.parametrize(("days", "words"), [(1, "for 1 day after"), (365, "for 365 days after")])
def test_the_pages_say_how_long_reviews_are_kept(days, words):
    web = make_web_tier(replace(SETTINGS, web=replace(SETTINGS.web, retention_days=days)))

    for address in ("/", f"/review/{web.review().id}"):
        assert words in web.client().get(address, headers={"Accept": "text/html"}).text
