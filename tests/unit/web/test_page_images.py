"""The pages of a PDF over the web tier, through the real child processes."""

import io

import pytest

from core.web.api.exports import LinesAnswer, PagesAnswer
from tests.support.pdf_comments import a_commented_pdf
from tests.support.web import make_web_tier, problem
from tests.support.write_ups import PLACEHOLDER_QUOTE, SECTIONS, pdf_write_up


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory):
    web = make_web_tier()
    path = pdf_write_up(tmp_path_factory.mktemp("upload") / "Parcels.pdf")
    answer = web.client().post("/upload", data={"document": (io.BytesIO(path.read_bytes()), path.name)})
    return web, f"/sessions/{answer.get_json()['session_id']}"


@pytest.fixture(scope="module")
def pages(uploaded):
    web, session = uploaded
    return web.client().get(f"{session}/pages").get_json()


def stored(web):
    return {key.rpartition("/")[2] for key in web.store.objects if "/pages/" in key}


def test_every_finding_with_words_has_its_boxes(uploaded, pages):
    web, session = uploaded
    findings = web.client().get(session).get_json()["findings"]

    assert {mark["id"] for mark in pages["marks"]} == {one["id"] for one in findings if one["anchor"]}
    quoted = {one["id"] for one in findings if PLACEHOLDER_QUOTE in one["quote"]}
    assert [mark for mark in pages["marks"] if mark["id"] in quoted]
    PagesAnswer.model_validate(pages)
    assert [page["number"] for page in pages["pages"]] == list(range(1, len(SECTIONS) + 1))


def test_every_word_of_the_text_stands_in_a_line_of_its_page(uploaded):
    web, session = uploaded
    answer = web.client().get(f"{session}/pages/lines").get_json()
    blocks = {one["id"]: one["text"] for one in web.client().get(f"{session}/blocks").get_json()["blocks"]}

    LinesAnswer.model_validate(answer)
    lines = [blocks[one["block_id"]][one["start"] : one["end"]] for one in answer["lines"]]
    assert " ".join(lines).split() == " ".join(blocks.values()).split()
    assert [one["page"] for one in answer["lines"]] == sorted(one["page"] for one in answer["lines"])
    assert "lines.json" in stored(web)


def test_a_line_that_no_longer_is_the_text_of_its_block_is_left_out(uploaded):
    web, session = uploaded
    key = next(key for key in web.store.objects if key.endswith("pages/lines.json"))
    kept = web.store.objects[key]
    web.store.objects[key] = kept.replace(b"Root cause", b"Other text")

    answer = web.client().get(f"{session}/pages/lines").get_json()

    web.store.objects[key] = kept
    before = web.client().get(f"{session}/pages/lines").get_json()
    assert len(answer["lines"]) == len(before["lines"]) - 1


def test_a_page_is_a_picture_and_comes_from_storage_the_next_time(uploaded):
    web, session = uploaded
    first = web.client().get(f"{session}/pages/2")
    assert {"1.png", "2.png", "3.png", "4.png"} <= stored(web)
    document = f"{session.removeprefix('/')}/document.pdf"
    kept = web.store.objects.pop(document)

    again = web.client().get(f"{session}/pages/2")

    web.store.objects[document] = kept
    assert first.mimetype == "image/png"
    assert first.get_data().startswith(b"\x89PNG")
    assert again.get_data() == first.get_data()


def test_boxes_are_worked_out_once_for_the_same_findings(uploaded, pages):
    web, session = uploaded
    before = stored(web)

    assert web.client().get(f"{session}/pages").get_json() == pages
    assert stored(web) == before


def test_each_comment_of_the_file_has_its_page_and_the_place_of_its_words(tmp_path):
    web = make_web_tier()
    path = a_commented_pdf(tmp_path / "Commented.pdf")
    answer = web.client().post("/upload", data={"document": (io.BytesIO(path.read_bytes()), path.name)})
    found = web.client().get(f"/sessions/{answer.get_json()['session_id']}/pages").get_json()

    PagesAnswer.model_validate(found)
    # Their answers and what only says that they are done have no place of their own.
    assert [(one["id"], one["page"]) for one in found["comments"]] == [("p1n0", 1), ("p1n2", 1), ("p2n0", 2)]
    ([on_words], [beside], without_words) = (one["marks"] for one in found["comments"])
    assert 0.3 < on_words["left"] < 0.34
    assert 0.2 < on_words["top"] < on_words["top"] + on_words["height"] < 0.24
    assert 0.6 < beside["top"] < 0.66
    assert without_words == []
    assert {mark["id"] for mark in found["marks"]}.isdisjoint({"p1n0", "p1n2", "p2n0"})


@pytest.mark.parametrize("number", ["0", "99", "1e3", "-1"])
def test_a_page_that_is_not_there_is_not_found(uploaded, number):
    web, session = uploaded
    assert web.client().get(f"{session}/pages/{number}").status_code == 404


@pytest.mark.parametrize("tail", ["/pages", "/pages/lines", "/pages/1"])
def test_only_a_pdf_has_pages_and_only_who_may_read_the_review_sees_them(uploaded, tail):
    web, session = uploaded
    word = web.review()

    problem(web.client().get(f"/sessions/{word.id}{tail}"), 404, "review/no-pages")
    problem(web.client("bob").get(f"{session}{tail}"), 404, "session/not-found")


def test_a_deleted_review_leaves_no_picture(tmp_path):
    web = make_web_tier()
    path = pdf_write_up(tmp_path / "Parcels.pdf")
    answer = web.client().post("/upload", data={"document": (io.BytesIO(path.read_bytes()), path.name)})
    session = f"/sessions/{answer.get_json()['session_id']}"
    web.client().get(f"{session}/pages/1")
    assert stored(web)

    web.client().delete(session)

    assert not stored(web)
