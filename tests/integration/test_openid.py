"""AUTH=oidc against a provider of its own kind: there and back, and what is not accepted on the way back."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.ports import LOOPBACK, free_port
from infra.local.reaper import Reaper
from tests.support.cloud import Cloud
from tests.support.http_browser import HttpBrowser
from tests.support.processes import Processes, answers
from tests.support.review_app import Answer, Client

ANN = {
    "sub": "1",
    "email": "Ann@Example.org",
    "email_verified": True,
    "name": "Ann Archer",
    "groups": ["risk"],
}
OLGA = {**ANN, "sub": "2", "email": "olga@example.org", "name": "Olga Orlov", "groups": ["risk", "risk-ops"]}
SALLY = {**ANN, "sub": "3", "email": "sally@example.org", "name": "Sally", "groups": ["sales"]}


@dataclass(frozen=True)
class Organisation:
    web: str
    provider: str

    def browser(self) -> HttpBrowser:
        return HttpBrowser(self.web)

    def agree(self, address: str, sub: str) -> str:
        """The way back, once the person has signed in at the provider."""
        found = Client("").send("GET", address, None, {})
        assert (found.status, b"<form" in found.body) == (200, True)
        return HttpBrowser(self.provider).form(address, sub=sub).headers["Location"]


@pytest.fixture(scope="module")
def organisation(
    cloud: Cloud, tmp_path_factory: pytest.TempPathFactory, reaper: Reaper
) -> Iterator[Organisation]:
    processes = Processes(tmp_path_factory.mktemp("openid"), reaper)
    provider, web = f"http://{LOOPBACK}:{free_port()}", f"http://{LOOPBACK}:{free_port()}"
    port = provider.rpartition(":")[2]
    people = [json.dumps(one) for one in (ANN, OLGA, SALLY)]
    command = [sys.executable, "-m", "tests.support.oidc_provider", port, *people]
    try:
        started = processes.start("provider", command, environ={})
        processes.web(
            {
                **cloud.environ,
                "PORT": web.rpartition(":")[2],
                "AUTH": "oidc",
                "PUBLIC_URL": web,
                "OIDC_ISSUER": provider,
                "OIDC_CLIENT_ID": "ai-prism",
                "OIDC_CLIENT_SECRET": "a secret of the client",
                "AUTH_OPERATOR_GROUPS": "risk-ops",
                "AUTH_REVIEWER_GROUPS": "risk",
            }
        )
        ready = f"{provider}/.well-known/openid-configuration"
        processes.wait(started, lambda: answers(ready), timeout_s=20)
        yield Organisation(web, provider)
    finally:
        processes.end_all()


def begun(browser: HttpBrowser, target: str = "/") -> str:
    sent = browser.get(f"/login/oidc?next={target}")
    assert sent.status == 302, sent.body
    return sent.headers["Location"]


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def test_somebody_signs_in_at_the_provider_and_comes_back_to_where_they_were_going(
    organisation: Organisation,
) -> None:
    browser = organisation.browser()
    page = browser.get("/login?next=/team", Accept="text/html")
    assert b'href="/login/oidc?next=/team"' in page.body

    way = begun(browser, "/team")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(way).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["state"]) > 30
    assert len(asked["nonce"]) > 30

    back = browser.get(organisation.agree(way, "2"))
    assert (back.status, back.headers["Location"]) == (303, "/team")
    assert set(browser.cookies) == {"__Host-ai-prism"}
    me = browser.get("/me").json
    assert (me["user_id"], me["name"]) == ("olga@example.org", "Olga Orlov")
    assert me["roles"] == ["operator", "reviewer"]


def test_a_reviewer_signs_out_and_is_out(organisation: Organisation) -> None:
    browser = organisation.browser()
    browser.get(organisation.agree(begun(browser), "1"))
    me = browser.get("/me").json
    assert (me["user_id"], me["roles"]) == ("ann@example.org", ["reviewer"])
    kept = dict(browser.cookies)

    assert browser.form("/logout", form_token=me["form_token"]).status == 303
    browser.cookies.update(kept)
    assert refused(browser.get("/me")) == (401, "auth/required")


def test_whoever_is_in_no_group_stays_out(organisation: Organisation) -> None:
    browser = organisation.browser()

    assert refused(browser.get(organisation.agree(begun(browser), "3"))) == (403, "auth/forbidden")
    assert "__Host-ai-prism" not in browser.cookies


def test_a_way_back_that_began_in_another_browser_is_not_accepted(organisation: Organisation) -> None:
    """Else somebody could be signed in to an attacker's account, or an attacker with their code."""
    mine, theirs = organisation.browser(), organisation.browser()
    back = organisation.agree(begun(mine), "1")
    begun(theirs)

    assert refused(theirs.get(back)) == (401, "auth/refused")
    assert refused(organisation.browser().get(back)) == (401, "auth/refused")
    assert refused(mine.get(back.replace("state=", "state=x"))) == (401, "auth/refused")
    assert mine.get(back).status == 303


def test_a_code_works_once_and_only_with_the_verifier_it_was_asked_for_with(
    organisation: Organisation,
) -> None:
    browser, stolen = organisation.browser(), organisation.browser()
    back = organisation.agree(begun(browser), "1")
    code = parse_qs(urlsplit(back).query)["code"][0]
    state = parse_qs(urlsplit(begun(stolen)).query)["state"][0]

    assert refused(stolen.get(f"/login/oidc/callback?code={code}&state={state}")) == (401, "auth/refused")
    browser = organisation.browser()
    back = organisation.agree(begun(browser), "1")
    kept = dict(browser.cookies)
    assert browser.get(back).status == 303
    browser.cookies.update(kept)
    assert refused(browser.get(back)) == (401, "auth/refused")


def test_a_provider_that_says_no_is_told_in_words(organisation: Organisation) -> None:
    browser = organisation.browser()
    state = parse_qs(urlsplit(begun(browser)).query)["state"][0]

    answer = browser.get(f"/login/oidc/callback?error=access_denied&state={state}", Accept="text/html")
    assert answer.status == 401
    assert b"The sign-in was not accepted" in answer.body
