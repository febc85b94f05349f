"""AUTH=local: who gets in, with which cookie, for how long."""

import re
from dataclasses import replace

import pytest

from core.auth.cookies import BROWSER_COOKIE, SESSION_COOKIE
from core.queueing.audit import AuditLog
from tests.support.signed_in import PASSWORD, Browser, GuardedTier, altered, make_guarded_tier

HTML = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def tier() -> GuardedTier:
    return make_guarded_tier()


def cookie(browser, name=SESSION_COOKIE):
    found = browser.client.get_cookie(name, domain="localhost")
    return found.value if found else None


def put_cookie(browser, value):
    browser.client.set_cookie(SESSION_COOKIE, value, domain="localhost", secure=True)


def deeds(tier):
    return [(deed.action, deed.operator) for deed in AuditLog(tier.web.store, tier.web.clock).read(days=1)]


def test_a_page_sends_whoever_is_not_signed_in_to_the_sign_in_and_back(tier):
    browser = tier.browser()

    sent = browser.get("/insights?a=b&c=/", headers=HTML)
    assert (sent.status_code, sent.headers["Location"]) == (302, "/login?next=/insights%3Fa%3Db%26c%3D/")
    page = browser.get(sent.headers["Location"], headers=HTML)
    assert 'name="next" value="/insights?a=b&amp;c=/"' in page.get_data(as_text=True)

    assert browser.sign_in("ann", next="/insights?a=b").headers["Location"] == "/insights?a=b"
    assert browser.get("/insights", headers=HTML).status_code == 200


def test_a_script_that_is_not_signed_in_gets_a_problem(tier):
    answer = tier.browser().get("/sessions")

    assert (answer.status_code, answer.get_json()["code"]) == (401, "auth/required")


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/a\r\nSet-Cookie: a=b", "///evil.example", "/\t/evil.example", "", "evil", "//[", "https://[", "//\u2100"],
)  # fmt: skip
def test_the_sign_in_leads_nowhere_else(tier, target):
    assert tier.browser().sign_in("ann", next=target).headers["Location"] == "/"


def test_a_next_that_is_no_address_leads_to_the_start_page(tier):
    page = tier.browser().get("/login?next=//[", headers=HTML)

    assert page.status_code == 200
    assert 'name="next" value="/"' in page.get_data(as_text=True)


def test_the_cookie_is_for_this_host_over_https_alone_and_no_script_reads_it(tier):
    for header in tier.browser().sign_in("ann").headers.getlist("Set-Cookie"):
        name, *attributes = (part.strip() for part in header.split(";"))
        assert name.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {*attributes}
        assert not [one for one in attributes if one.lower().startswith("domain")]


def test_a_name_is_taken_as_people_type_it(tier):
    assert tier.browser().sign_in(" ANN ").status_code == 303


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "four quiet yellow boots"), ("eve", PASSWORD), ("", ""), ("ann", "x" * 5000)],
)
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(tier, name, password):
    answer = tier.browser().sign_in(name, password)

    assert (answer.status_code, answer.get_json()["code"]) == (401, "auth/wrong")
    assert "Set-Cookie" not in answer.headers


def test_a_browser_that_is_refused_sees_the_page_with_the_reason_and_its_name(tier):
    browser = tier.browser()
    answer = browser.open("POST", "/login", data={"name": "<ann>", "password": "no"}, headers=HTML)

    text = answer.get_data(as_text=True)
    assert (answer.status_code, "The name or the password is wrong" in text) == (401, True)
    assert 'value="&lt;ann&gt;"' in text


def test_each_sign_in_has_a_cookie_of_its_own_and_ends_the_one_before_in_that_browser(tier):
    browser = tier.browser("ann")
    first = cookie(browser)
    browser.sign_in("ann")
    assert cookie(browser) != first

    put_cookie(browser, first)
    assert browser.get("/sessions").status_code == 401


def test_signing_out_ends_the_cookie_wherever_it_is_and_no_other(tier):
    here, there = tier.browser("ann"), tier.browser("ann")
    kept = cookie(here)

    assert here.change("POST", "/logout").headers["Location"] == "/login"
    assert cookie(here) is None
    put_cookie(here, kept)
    assert here.get("/sessions").status_code == 401
    assert there.get("/sessions").status_code == 200


def test_nobody_is_signed_out_by_a_link(tier):
    assert tier.browser("ann").get("/logout").status_code == 405


@pytest.mark.parametrize(
    "spoil",
    [
        altered,
        lambda text: "x" + text,
        lambda text: "",
        str.upper,
    ],
)
def test_a_cookie_that_was_altered_is_nobodys(tier, spoil):
    browser = tier.browser("ann")
    put_cookie(browser, spoil(cookie(browser)))

    assert browser.get("/sessions").status_code == 401


def test_a_cookie_signed_with_another_key_is_nobodys(tier):
    others = make_guarded_tier()
    services = others.web.app.extensions["services"]
    object.__setattr__(services.tokens, "key", "another" * 6)
    theirs = others.browser("ann")
    mine = tier.browser()
    put_cookie(mine, cookie(theirs))

    assert mine.get("/sessions").status_code == 401


def test_a_cookie_ends_when_nobody_uses_it_and_lives_on_when_somebody_does(tier):
    browser = tier.browser("ann")
    for _ in range(4):
        tier.web.clock.sleep(3000)
        assert browser.get("/sessions").status_code == 200
    tier.web.clock.sleep(3700)

    assert browser.get("/sessions").status_code == 401


def test_a_sign_in_ends_after_its_longest_time_though_it_is_used(tier):
    browser = tier.browser("ann")
    answers = []
    for _ in range(15):
        tier.web.clock.sleep(3000)
        answers.append(browser.get("/sessions").status_code)

    assert answers == [200] * 14 + [401]


def test_wrong_passwords_are_slowed_down_for_strangers_and_not_for_the_accounts_own_browser(tier):
    own = tier.browser("ann")
    own.change("POST", "/logout")
    stranger = tier.browser()
    codes = [stranger.sign_in("ann", "guess number nine").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]

    refused = stranger.sign_in("ann")
    assert (refused.status_code, refused.get_json()["code"]) == (429, "auth/too-many")
    assert 800 < int(refused.headers["Retry-After"]) <= 900
    assert own.sign_in("ann").status_code == 303
    assert tier.browser().sign_in("bob").status_code == 303

    tier.web.clock.sleep(901)
    assert stranger.sign_in("ann").status_code == 303


def test_the_mark_of_a_browser_is_worth_nothing_for_another_account(tier):
    browser = tier.browser("bob")
    for _ in range(10):
        tier.browser().sign_in("ann", "guess number nine")

    assert browser.sign_in("ann", "guess number nine").status_code == 429
    assert cookie(browser, BROWSER_COOKIE)


def test_an_address_that_guesses_through_the_names_has_to_wait():
    tier = make_guarded_tier(attempts_per_address=5)
    browser = tier.browser()
    codes = [browser.sign_in(f"name{number}", "guess number nine").status_code for number in range(6)]

    assert codes == [401] * 5 + [429]


def test_another_address_of_the_same_ipv6_network_is_no_new_guesser():
    tier = make_guarded_tier(attempts_per_address=2, forwarded_hops=1)
    near = [f"2001:db8:1:2::{number}" for number in range(1, 4)]
    codes = [
        Browser(tier.web.client(None, X_FORWARDED_FOR=address)).sign_in("eve").status_code
        for address in (*near, "2001:db8:1:3::1")
    ]

    assert codes == [401, 401, 429, 401]


def test_right_passwords_use_nothing_up(tier):
    browser = tier.browser()

    assert {browser.sign_in("ann").status_code for _ in range(15)} == {303}


def test_the_address_is_what_the_load_balancers_have_seen_and_not_what_the_client_says():
    tier = make_guarded_tier(attempts_per_address=2, forwarded_hops=1)
    browser = Browser(tier.web.client(None, X_FORWARDED_FOR="6.6.6.6, 203.0.113.7"))
    spoofing = Browser(tier.web.client(None, X_FORWARDED_FOR="7.7.7.7, 203.0.113.7"))
    other = Browser(tier.web.client(None, X_FORWARDED_FOR="203.0.113.8"))

    assert [one.sign_in("eve").status_code for one in (browser, spoofing, browser, other)] == [
        401,
        401,
        429,
        401,
    ]


def test_who_is_switched_off_or_loses_a_role_is_out_at_the_next_request(tier):
    browser = tier.browser("ann")
    tier.accounts.change("ann", lambda now: replace(now, disabled=True))
    assert browser.get("/sessions").status_code == 401
    assert tier.browser().sign_in("ann").status_code == 401

    operator = tier.browser("olga")
    tier.accounts.change("olga", lambda now: replace(now, sessions={}))
    assert operator.get("/sessions").status_code == 401


def test_signing_in_and_failing_to_are_in_the_audit_without_names_that_may_be_passwords(tier):
    tier.browser("ann")
    tier.browser().sign_in("ann", "guess number nine")
    tier.browser().sign_in("my secret in the wrong field", "x")

    assert {*deeds(tier)} == {
        ("auth.sign-in", "ann"),
        ("auth.sign-in-failed", "ann"),
        ("auth.sign-in-failed", ""),
    }
    kept = b"".join(body for key, body in tier.web.store.objects.items() if key.startswith("audit/"))
    assert b"wrong field" not in kept
    assert b"guess number" not in kept


def test_the_form_token_is_needed_wherever_there_is_a_cookie(tier):
    browser = tier.browser("ann")
    body = {"json": {"text": "- Name an owner."}}

    for headers in ({}, {"X-Form-Token": "0" * 64}, {"X-Form-Token": tier.browser("bob").token}):
        answer = browser.open("PUT", "/me/guidelines", headers=headers, **body)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "request/form-token")
    assert browser.change("PUT", "/me/guidelines", **body).status_code == 200


def test_every_page_carries_the_token_and_the_way_out(tier):
    browser = tier.browser("ann")
    text = browser.get("/", headers=HTML).get_data(as_text=True)

    [token] = re.findall(r'<meta name="form-token" content="(\w+)">', text)
    assert 'action="/logout"' in text
    assert browser.open("POST", "/logout", data={"form_token": token}).status_code == 303


def test_no_two_pages_carry_the_same_token_and_each_of_them_holds(tier):
    """A page is compressed: a token that stayed would be told by its length, byte by byte."""
    browser = tier.browser("ann")
    first, second = browser.token, browser.token

    assert first[:16] != second[:16]
    assert first[16:] != second[16:]
    body = {"json": {"text": "- Name an owner."}}
    for token in (first, second):
        answer = browser.open("PUT", "/me/guidelines", headers={"X-Form-Token": token}, **body)
        assert answer.status_code == 200


def test_a_form_token_ends_with_its_sign_in(tier):
    browser = tier.browser("ann")
    before, body = browser.token, {"json": {"text": "- Name an owner."}}

    for name in ("ann", "bob"):
        browser.sign_in(name)
        answer = browser.open("PUT", "/me/guidelines", headers={"X-Form-Token": before}, **body)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "request/form-token")


def test_a_page_that_is_unchanged_is_not_told_to_whoever_may_not_see_it(tier):
    tag = tier.browser("olga").get("/ops", headers=HTML).headers["ETag"]

    found = [
        tier.browser(user).get("/ops", headers={**HTML, "If-None-Match": tag}) for user in ("olga", "bob", "")
    ]

    assert [answer.status_code for answer in found] == [304, 403, 302]
    assert not found[0].data


def test_me_says_who_i_am(tier):
    me = tier.browser("olga").get("/me").get_json()

    assert (me["user_id"], me["name"], me["roles"], me["can_share"]) == (
        "olga", "Olga Orlov", ["operator", "reviewer"], True,
    )  # fmt: skip


def test_who_is_signed_in_already_is_not_asked_again(tier):
    answer = tier.browser("ann").get("/login?next=/team")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/team")


def test_reviews_are_shared_with_people_that_there_are(tier):
    services = tier.web.app.extensions["services"]

    assert services.identity.knows("bob")
    assert not services.identity.knows("eve")
    assert services.identity.can_share


def test_browsers_are_told_to_come_over_https_only(tier):
    assert "max-age=31536000" in tier.browser().get("/login").headers["Strict-Transport-Security"]


@pytest.mark.parametrize("host", ["evil.example", "reviews.example.org.evil.example", "localhost"])
def test_only_the_public_address_is_answered(host):
    tier = make_guarded_tier(public_url="https://reviews.example.org")
    client = tier.web.client(None)

    refused = client.get("/login", headers={"Host": host, "X-Forwarded-Host": "evil.example"})
    assert (refused.status_code, refused.get_json()["code"]) == (400, "request/host")
    assert "evil" not in refused.get_data(as_text=True)
    assert client.get("/health", headers={"Host": host}).status_code == 200
    assert client.get("/login", headers={"Host": "Reviews.example.org:443"}).status_code == 200


def test_somebody_changes_their_password_and_is_signed_out_everywhere_else(tier):
    here, there = tier.browser("ann"), tier.browser("ann")
    page = here.get("/account", headers=HTML).get_data(as_text=True)
    token = re.findall(r'name="form_token" value="(\w+)"', page)[-1]

    new = "nine loud purple trains"
    changed = here.open(
        "POST", "/account/password", data={"form_token": token, "present": PASSWORD, "new": new}
    )
    assert (changed.status_code, changed.headers["Location"]) == (303, "/account?changed=1")
    assert here.get("/sessions").status_code == 200
    assert there.get("/sessions").status_code == 401
    assert tier.browser().sign_in("ann").status_code == 401
    assert tier.browser().sign_in("ann", new).status_code == 303
    assert ("auth.password", "ann") in deeds(tier)


@pytest.mark.parametrize(
    ("present", "new", "code"),
    [("wrong", "nine loud purple trains", "auth/wrong"), (PASSWORD, "ann", "account/password")],
)
def test_a_password_is_changed_by_whoever_knows_it_to_one_that_will_do(tier, present, new, code):
    browser = tier.browser("ann")
    form = {"form_token": browser.token, "present": present, "new": new}

    assert browser.open("POST", "/account/password", data=form).get_json()["code"] == code
    assert 'role="alert"' in browser.open("POST", "/account/password", data=form, headers=HTML).get_data(
        as_text=True
    )
    assert browser.open("POST", "/account/password", data={**form, "form_token": ""}).status_code == 403
    assert tier.browser().sign_in("ann").status_code == 303
    assert (("auth.password-failed", "ann") in deeds(tier)) == (code == "auth/wrong")


def test_without_accounts_of_our_own_there_is_no_password_to_change(web):
    assert web.client().get("/account").status_code == 404
