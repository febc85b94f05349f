"""Links to downloads: for a few minutes, for one file, for one person, and no longer than their right to read it."""

import io
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest

from core.documents.model import DocumentKind
from core.review.session import Share
from tests.support.signed_in import altered, make_guarded_tier


@pytest.fixture
def review(web):
    return web.review("ann", kind=DocumentKind.TEXT)


def link(web, review, user="ann", **body):
    return web.client(user).post(f"/sessions/{review.id}/download-links", json={"what": "bundle", **body})


def follow(web, url):
    """As somebody without a cookie or any other mark."""
    return web.client(None).get(url)


def test_a_link_opens_the_file_without_a_sign_in_and_nobody_keeps_it(web, review):
    made = link(web, review).get_json()
    answer = follow(web, made["url"])

    assert answer.status_code == 200
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(answer.get_data())).namelist()
    assert answer.headers["Cache-Control"] == "no-store"
    assert made["expires_at"] == "2027-01-15T08:05:00.000Z"


def test_a_link_ends_after_five_minutes(web, review):
    url = link(web, review).get_json()["url"]
    web.clock.sleep(301)

    answer = follow(web, url)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "export/link-expired")


@pytest.mark.parametrize("spoil", [altered, lambda text: "x" + text, lambda text: ""])
def test_a_link_that_was_altered_opens_nothing(web, review, spoil):
    token = parse_qs(urlsplit(link(web, review).get_json()["url"]).query)["token"][0]

    assert follow(web, f"/downloads?token={spoil(token)}").status_code == 404


def test_a_link_is_made_by_whoever_may_read_the_review_and_ends_with_that(web, review):
    assert link(web, review, user="bob").status_code == 404
    reviews = web.app.extensions["services"].reviews
    reviews.share(review.id, "bob", Share.VIEW)
    url = link(web, review, user="bob").get_json()["url"]
    assert follow(web, url).status_code == 200

    reviews.share(review.id, "bob", None)
    assert follow(web, url).status_code == 404


def test_a_link_says_what_it_opens_and_no_more(web, review):
    url = link(web, review, what="reviewed").get_json()["url"]

    answer = follow(web, url)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "export/not-word")
    assert link(web, review, what="session.json").get_json()["code"] == "request/malformed"


def test_the_cookie_of_a_sign_in_opens_nothing_as_a_link():
    tier = make_guarded_tier()
    browser = tier.browser("ann")
    cookie = browser.client.get_cookie("__Host-ai-prism", domain="localhost").value

    assert tier.browser().get(f"/downloads?token={cookie}").status_code == 404
