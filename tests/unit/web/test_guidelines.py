import io
from pathlib import Path

import pytest

from core.config import GuidelineSettings, Settings
from core.errors import Permanent, Throttled, Transient
from core.queueing.keys import user_hash
from tests.support.readers import PDF, ScriptedReaders, use_readers
from tests.support.web import SETTINGS, make_web_tier, problem

RULES = "- Name an owner for every action.\n- Figures have a source."


class TwoReaders(ScriptedReaders):
    """The sample review for documents; for guidelines the lines of the file, or the error."""

    def __init__(self, guidelines_error=None, **options):
        super().__init__(**options)
        self.guidelines_error = guidelines_error

    def run(self, entry, request):
        if entry != "core.pipeline.guideline_intake":
            return super().run(entry, request)
        self.asked.append((entry, request))
        if self.guidelines_error:
            raise self.guidelines_error
        return {"ok": True, "lines": Path(request["path"]).read_text(encoding="utf-8").splitlines()}


@pytest.fixture
def readers(web):
    return use_readers(web, TwoReaders())


def upload(web, text=None, *, name="style.md", user="ann", **more):
    form = {"document": (io.BytesIO(PDF), "Write-up.pdf"), **more}
    if text is not None:
        form["guidelines"] = (io.BytesIO(text.encode()), name)
    return web.client(user).post("/upload", data=form, content_type="multipart/form-data")


def session_of(web, response):
    assert response.status_code == 200, response.get_json()
    return web.app.extensions["services"].reviews.get(response.get_json()["session_id"])


def kept(web, user="ann"):
    return web.client(user).get("/me/guidelines").get_json()["guidelines"]


def guideline_keys(web):
    return [key for key in web.store.objects if "guidelines" in key]


def test_guidelines_come_with_the_document_and_are_copied_into_the_review(web, readers):
    response = upload(web, RULES)
    session = session_of(web, response)
    assert response.get_json()["guidelines"] == ["style.md"]
    assert web.app.extensions["services"].reviews.guidelines(session.id).lines == tuple(RULES.split("\n"))
    review = web.client().get(f"/sessions/{session.id}").get_json()
    assert review["guidelines"] == {"sha256": session.guidelines.sha256, "names": ["style.md"]}


def test_what_came_is_kept_for_the_next_time_of_the_same_user_only(web, readers):
    upload(web, RULES)
    assert [source["name"] for source in kept(web)["sources"]] == ["style.md"]
    assert kept(web)["sources"][0]["added_at"]
    assert kept(web, "bob") is None
    [key] = [key for key in web.store.objects if key.startswith("users/") and "/guidelines/" in key]
    assert key.startswith(f"users/{user_hash('ann')}/guidelines/")


def test_the_ones_from_last_time_are_used_when_the_form_says_so(web, readers):
    upload(web, RULES)
    again = session_of(web, upload(web, guidelines_preference="old_only"))
    assert again.guidelines.names == ("style.md",)
    assert session_of(web, upload(web)).guidelines is None
    assert session_of(web, upload(web, guidelines_preference="none")).guidelines is None


def test_both_are_used_and_kept_together(web, readers):
    upload(web, RULES)
    both = session_of(web, upload(web, "- New rule.", name="new.txt", guidelines_preference="both"))
    assert both.guidelines.names == ("style.md", "new.txt")
    assert [source["name"] for source in kept(web)["sources"]] == ["style.md", "new.txt"]


def test_new_only_replaces_what_is_kept(web, readers):
    upload(web, RULES)
    upload(web, "- New rule.", name="new.txt", guidelines_preference="new_only")
    assert [source["name"] for source in kept(web)["sources"]] == ["new.txt"]


def test_a_review_keeps_its_guidelines_when_others_are_kept_or_removed(web, readers):
    session = session_of(web, upload(web, RULES))
    assert web.client().delete("/me/guidelines").status_code == 200
    assert kept(web) is None
    assert web.app.extensions["services"].reviews.guidelines(session.id).names == ("style.md",)


@pytest.mark.parametrize(
    ("preference", "status", "code"),
    [
        ("new_only", 400, "guidelines/missing"),
        ("old_only", 409, "guidelines/none-kept"),
        ("newest", 400, "request/malformed"),
    ],
)
def test_what_was_asked_for_and_is_not_there_is_refused_and_nothing_is_stored(
    web, readers, preference, status, code
):
    problem(upload(web, guidelines_preference=preference), status, code)
    assert web.stored == {}
    assert readers.asked == []


def test_a_file_field_left_empty_is_no_file(web, readers):
    form = {"document": (io.BytesIO(PDF), "a.pdf"), "guidelines": (io.BytesIO(b""), "")}
    response = web.client().post("/upload", data=form, content_type="multipart/form-data")
    assert session_of(web, response).guidelines is None


@pytest.mark.parametrize(
    ("text", "name", "status", "code"),
    [
        ("a,b", "list.csv", 415, "guidelines/unknown-type"),
        ("", "style.txt", 422, "guidelines/unreadable"),
        ("no zip", "style.docx", 422, "guidelines/unreadable"),
        ("x" * (2 * 1024 * 1024 + 1), "style.txt", 413, "guidelines/too-large"),
        ("x" * 100_001, "style.txt", 422, "guidelines/too-long"),
    ],
)
def test_guidelines_that_cannot_be_used_are_refused_by_name_and_nothing_is_stored(
    web, readers, text, name, status, code
):
    body = problem(upload(web, text, name=name), status, code)
    assert name in body["detail"]
    assert web.stored == {}
    assert "core.pipeline.intake" not in [entry for entry, _ in readers.asked]


def test_a_refusal_of_the_child_says_that_the_guidelines_are_meant(web):
    use_readers(web, TwoReaders(Permanent("document/encrypted", "It needs a password.")))
    body = problem(upload(web, RULES), 422, "guidelines/unreadable")
    assert body["detail"].startswith("style.md: The file is protected with a password. It needs a password.")
    assert web.stored == {}


def test_a_busy_reader_is_no_fault_of_the_guidelines(web):
    use_readers(web, TwoReaders(Throttled("document/reader-busy", retry_after_s=3)))
    assert problem(upload(web, RULES), 503, "document/reader-busy")
    assert web.stored == {}


def test_a_document_that_is_refused_keeps_no_guidelines(web):
    use_readers(web, TwoReaders(error=Permanent("document/damaged")))
    problem(upload(web, RULES), 422, "document/damaged")
    assert web.stored == {}


def test_guidelines_are_replaced_by_text_or_by_a_file(web, readers):
    answer = web.client().put("/me/guidelines", json={"text": RULES, "name": "Our style"}).get_json()
    assert answer["guidelines"] == kept(web)
    assert [source["name"] for source in kept(web)["sources"]] == ["Our style.md"]
    form = {"guidelines": (io.BytesIO(b"- One."), "one.txt")}
    web.client().put("/me/guidelines", data=form, content_type="multipart/form-data")
    assert [source["lines"] for source in kept(web)["sources"]] == [["- One."]]


def test_replacing_without_a_file_or_with_an_empty_text_changes_nothing(web, readers):
    web.client().put("/me/guidelines", json={"text": RULES})
    before = dict(web.store.objects)
    nothing = web.client().put("/me/guidelines", data={"x": "y"}, content_type="multipart/form-data")
    problem(nothing, 400, "guidelines/missing")
    problem(web.client().put("/me/guidelines", json={"text": " "}), 400, "request/malformed")
    problem(web.client().put("/me/guidelines", data="text"), 415, "request/unsupported-media")
    assert web.store.objects == before


def test_removing_what_is_not_there_is_no_error(web):
    assert web.client().delete("/me/guidelines").get_json() == {"success": True}


def test_other_guidelines_are_another_task(web, readers):
    tasks = []
    for text in (RULES, "- Another rule."):
        session_id = session_of(web, upload(web, text)).id
        body = {"session_id": session_id, "section_id": "s1"}
        tasks.append(web.client().post("/analyze_section", json=body).get_json()["task_id"])
    assert len(set(tasks)) == 2


def test_the_start_page_offers_what_is_kept_and_the_workspace_says_what_is_used(web, readers):
    empty = web.client().get("/").get_data(as_text=True)
    session = session_of(web, upload(web, RULES, name="<b>style.md"))
    page = web.client().get("/").get_data(as_text=True)
    workspace = web.client().get(f"/review/{session.id}").get_data(as_text=True)
    assert "From last time" not in empty
    assert "From last time" in page
    assert "&lt;b&gt;style.md" in page
    assert "<b>style" not in page + workspace
    assert "Guidelines: " in workspace
    assert "Guidelines: none" not in workspace


def test_the_limit_of_the_files_is_a_setting():
    settings = Settings(web=SETTINGS.web, guidelines=GuidelineSettings(upload_max_bytes=10))
    web = make_web_tier(settings)
    use_readers(web, TwoReaders())
    problem(upload(web, RULES), 413, "guidelines/too-large")


def test_the_start_page_opens_while_storage_does_not_answer(web):
    def broken(_prefix, **_):
        raise Transient("storage/unavailable")

    web.store.list = broken
    response = web.client().get("/")
    assert response.status_code == 200
    assert "From last time" not in response.get_data(as_text=True)
