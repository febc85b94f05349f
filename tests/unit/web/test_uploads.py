import io
import zipfile

import pytest

from core.errors import Permanent, Throttled, Transient
from core.queueing.keys import user_hash
from core.web.file_names import display_name
from tests.support.readers import PDF, ScriptedReaders, use_readers
from tests.support.web import problem


@pytest.fixture
def readers(web):
    return use_readers(web, ScriptedReaders())


def upload(web, body=PDF, name="Write-up.pdf", **more):
    form = {"document": (io.BytesIO(body), name), **more}
    return web.client().post("/upload", data=form, content_type="multipart/form-data")


def test_who_opens_the_start_page_finds_a_reader_ready_soon(web, readers):
    assert web.client().get("/").status_code == 200
    assert readers.ready == 1


def test_a_document_becomes_a_review_with_its_sections(web, readers):
    answer = upload(web).get_json()

    assert answer["success"] is True
    assert answer["document_name"] == "Write-up.pdf"
    assert answer["sections"] == ["Summary", "Actions"]
    assert answer["total_sections"] == 2
    assert answer["section_details"][0] == {
        "id": "s1",
        "name": "Summary",
        "label": "",
        "page": None,
        "chars": 36,
    }
    assert answer["notices"] == ["tracked-changes"]
    review = web.client().get(f"/sessions/{answer['session_id']}").get_json()
    assert review["owner"] == "ann"
    assert review["counts"]["total"] == 3


def test_the_upload_itself_is_kept_unchanged(web, readers):
    session_id = upload(web).get_json()["session_id"]

    assert web.store.objects[f"sessions/{session_id}/document.pdf"] == PDF


def test_the_document_is_read_in_the_child_and_its_file_is_gone_afterwards(web, readers):
    from pathlib import Path

    upload(web)

    [(entry, request)] = readers.asked
    assert entry == "core.pipeline.intake"
    assert not Path(request["path"]).exists()
    assert not Path(request["path"]).parent.exists()


@pytest.mark.parametrize(
    "error",
    [
        Permanent("document/damaged", "The trailer is missing."),
        Permanent("document/no-text"),
        Permanent("document/reader-failed"),
        Throttled("document/reader-busy", retry_after_s=3),
    ],
)
def test_a_document_that_cannot_be_read_leaves_no_object_and_no_file(web, error):
    from pathlib import Path

    readers = use_readers(web, ScriptedReaders(error))

    response = upload(web)

    body = problem(response, error.kind.status, error.code)
    assert body["detail"] == error.detail
    assert web.stored == {}
    assert not Path(readers.asked[0][1]["path"]).exists()


def test_too_many_documents_at_once_say_when_to_come_back(web):
    use_readers(web, ScriptedReaders(Throttled("document/reader-busy", retry_after_s=2.2)))

    assert upload(web).headers["Retry-After"] == "3"


def zipped(*names):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return target.getvalue()


@pytest.mark.parametrize(
    ("body", "name", "status", "code"),
    [
        (b"", "empty.docx", 400, "document/empty"),
        (b"MZ\x90\x00 an executable", "report.docx", 415, "document/unknown-type"),
        (b"just text", "notes.txt", 415, "document/unknown-type"),
        (PDF, "report.docx", 415, "document/type-mismatch"),
        (zipped("readme.txt"), "archive.docx", 415, "document/not-word"),
        (b"PK\x03\x04 cut off", "cut.docx", 422, "document/damaged"),
    ],
)
def test_what_is_no_document_is_refused_before_it_is_opened(web, readers, body, name, status, code):
    problem(upload(web, body, name), status, code)

    assert readers.asked == []
    assert web.stored == {}


def test_26_mb_are_refused_with_what_to_do(web, readers):
    response = upload(web, PDF + b"\0" * (26 * 1024 * 1024), "large.pdf")

    body = problem(response, 413, "document/too-large")
    assert "Compress" in body["next_step"]
    assert readers.asked == []


def test_one_byte_over_the_limit_is_refused_by_the_guard(web, readers):
    limit = web.app.extensions["services"].settings.documents.upload_max_bytes

    problem(upload(web, PDF.ljust(limit + 1, b"\0"), "large.pdf"), 413, "document/too-large")


def test_a_request_without_a_file_says_which_field_is_missing(web, readers):
    body = problem(web.client().post("/upload", data={"file": "x"}), 400, "document/missing")

    assert "document" in body["next_step"]
    problem(upload(web, name=""), 400, "document/missing")


@pytest.mark.parametrize(
    "hostile",
    ["../../celery-results/x.pdf", "<img src=x onerror=alert(1)>.pdf", "C:\\temp\\x.pdf"],
)
def test_the_name_of_a_file_is_only_shown_and_never_part_of_a_key(web, readers, hostile):
    answer = upload(web, name=hostile).get_json()

    session_id = answer["session_id"]
    assert "/" not in answer["document_name"].replace("</", "")
    keys = set(web.store.objects)
    assert {key for key in keys if key.startswith("sessions/")} == {
        f"sessions/{session_id}/{part}"
        for part in ("document.pdf", "blocks.json", "rules.json", "session.json")
    }
    assert len([key for key in keys if key.startswith(f"users/{user_hash('ann')}/")]) == 1


def test_names_are_cut_at_their_beginning_so_that_the_ending_stays():
    assert display_name("a" * 300 + ".docx").endswith(".docx")
    assert len(display_name("a" * 300 + ".docx")) == 200
    assert display_name("../..") == ".."
    assert display_name("\u202excod.pdf") == "xcod.pdf"
    assert display_name("a\r\nX-Evil: y.pdf") == "aX-Evil: y.pdf"
    assert display_name("///") == "document"


def test_storage_that_fails_half_way_leaves_nothing(web, readers):
    put = web.store.put

    def failing(key, body, *, content_type="application/json"):
        if key.endswith("rules.json"):
            raise Transient("storage/unavailable")
        return put(key, body, content_type=content_type)

    web.store.put = failing

    problem(upload(web), 503, "storage/unavailable")
    assert web.stored == {}


def test_a_client_that_sends_too_much_is_heard_out_so_that_it_hears_the_answer(web, readers):
    sent = io.BytesIO(b"x" * (27 * 1024 * 1024))
    sent.close = lambda: None

    response = web.client().post(
        "/upload",
        input_stream=sent,
        content_length=27 * 1024 * 1024,
        content_type="multipart/form-data; boundary=x",
    )

    problem(response, 413, "document/too-large")
    assert sent.tell() == 27 * 1024 * 1024


def test_too_many_uploads_are_told_when_the_next_fits(web, readers):
    most = web.app.extensions["services"].settings.documents.uploads_per_minute
    for _ in range(most):
        assert upload(web).status_code == 200
    web.clock.sleep(45)

    refused = upload(web)
    problem(refused, 429, "limits/uploads")
    assert refused.headers["Retry-After"] == "15"
    assert len(readers.asked) == most
