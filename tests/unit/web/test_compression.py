"""Large answers are compressed for clients that accept it, and read the same."""

import gzip
import json

ANY = {"Accept-Encoding": "gzip"}


def test_a_script_is_compressed_for_who_takes_it_and_reads_the_same(web):
    plain = web.client().get("/static/js/review.mjs", buffered=True)
    small = web.client().get("/static/js/review.mjs", headers=ANY, buffered=True)

    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) == int(small.headers["Content-Length"]) < len(plain.data) / 2
    assert "Accept-Encoding" in small.headers["Vary"]


def test_a_file_is_closed_before_anything_is_sent(web):
    unread = web.client().get("/static/favicon.svg", headers=ANY)

    assert (
        unread.response is not None
    )  # nobody reads or closes it: an open file would fail this test as a warning


def test_a_script_that_has_not_changed_is_not_sent_again(web):
    etag = web.client().get("/static/js/review.mjs", headers=ANY, buffered=True).headers["ETag"]

    again = web.client().get("/static/js/review.mjs", headers={**ANY, "If-None-Match": etag}, buffered=True)

    assert (again.status_code, again.data) == (304, b"")


def test_a_review_is_compressed_and_a_short_answer_is_not(web):
    session = web.review()

    review = web.client().get(f"/sessions/{session.id}", headers=ANY)

    assert json.loads(gzip.decompress(review.data))["session_id"] == session.id
    assert "Content-Encoding" not in web.client().get("/health", headers=ANY).headers


def test_a_page_is_compressed_and_reads_the_same(web):
    review = f"/review/{web.review().id}"
    plain, small = web.client().get(review), web.client().get(review, headers=ANY)

    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
