"""The outline cut anew, the next version and the bundle on the whole product: workers, queue, storage, model."""

import hashlib
import io
import json
import zipfile

import docx

from tests.support.review_app import ReviewApp
from tests.support.write_ups import write_up

ENDED_S = 60.0


def test_a_new_version_asks_the_model_about_its_new_section_alone_and_keeps_decisions(
    live_app: ReviewApp, tmp_path
):
    first = write_up(tmp_path / "First.docx", mark="Checked twice.")
    session_id = live_app.upload(first).json["session_id"]
    sections = live_app.get(f"/sessions/{session_id}").json["sections"]
    skipped = {"edits": [{"action": "skip", "section_id": sections[-1]["id"]}]}
    assert live_app.put(f"/sessions/{session_id}/outline", skipped).status == 200
    asked = live_app.review_all(session_id)
    assert len(asked) == len(sections) - 1 + 1, "all but the skipped one, and the document as a whole"
    live_app.wait_ended(asked, timeout_s=ENDED_S)
    before = live_app.get(f"/sessions/{session_id}").json
    assert [one["status"] for one in before["sections"]][-2:] == ["completed", "skipped"]
    for finding in before["findings"]:
        address = f"/sessions/{session_id}/findings/{finding['id']}/decision"
        assert live_app.put(address, {"decision": "accepted"}).status == 200
    calls = live_app.bedrock.stats()["calls"]

    changed = docx.Document(str(first))
    timeline = next(one for one in changed.paragraphs if one.text == "Timeline")
    timeline.insert_paragraph_before("Numbers", style="Heading 1")
    timeline.insert_paragraph_before("The share of repeat complaints is TBD so far.")
    changed.save(str(tmp_path / "Second.docx"))
    made = live_app.upload(tmp_path / "Second.docx", to=f"/sessions/{session_id}/versions").json
    version = made["version"]
    assert (len(version["sections"]["unchanged"]), len(version["sections"]["added"])) == (len(sections), 1)
    assert len(version["carried"]) == len(before["findings"])
    assert (version["moved"], version["gone"]) == ([], [])

    live_app.wait_ended(live_app.review_all(made["session_id"]), timeout_s=ENDED_S)
    after = live_app.get(f"/sessions/{made['session_id']}").json
    assert live_app.bedrock.stats()["calls"] == calls + 2, "the new section, and the whole with it"
    kept = {one["quote"] for one in after["findings"] if one["decision"] == "accepted"}
    assert {one["quote"] for one in before["findings"]} <= kept
    assert all(one["found"] for one in after["findings"])
    assert [one["status"] for one in after["sections"]][-1] == "skipped"


def test_an_exported_bundle_is_in_storage_as_its_manifest_says(live_app: ReviewApp, tmp_path):
    session_id = live_app.upload(write_up(tmp_path / "Parcels.docx")).json["session_id"]
    answer = live_app.post(f"/sessions/{session_id}/export", {}).json
    space = live_app.space
    folder = f"{space.base_path}sessions/{session_id}/{answer['folder']}"
    client = space.client("s3")

    def stored(path: str) -> bytes:
        return client.get_object(Bucket=space.bucket, Key=folder + path)["Body"].read()

    manifest = json.loads(stored("manifest.json"))
    for line in manifest["files"]:
        content = stored(line["path"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (line["size_bytes"], line["sha256"])
    with zipfile.ZipFile(io.BytesIO(live_app.get(f"/sessions/{session_id}/bundle").body)) as archive:
        assert {line["path"] for line in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
