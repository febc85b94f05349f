"""The review bundle: GET as a zip, POST into the review's folder in storage."""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from tempfile import TemporaryFile
from time import gmtime, strftime
from typing import IO, Any

from flask import Blueprint, Response

from core.clock import iso
from core.documents.model import DocumentKind
from core.errors import AppError
from core.export.bundle import BundleFile, json_file, write_objects, write_zip
from core.export.content import Options
from core.review.activity import ActivityKind
from core.review.decision import Verdict
from core.review.presence import session_prefix, undo_if_deleted
from core.review.session import ReviewSession
from core.web.context import current_identity, services, session_of_decider, session_to_view
from core.web.downloads import content_disposition, stem
from core.web.exports import REVIEWED, reviewed_document
from core.web.findings_csv import findings_csv
from core.web.people import with_people

blueprint = Blueprint("bundle", __name__)

_CHUNK_BYTES = 256 * 1024
_EXPORTS = "exports/"
_EXPORTS_KEPT = 3
_ABOUT = (
    "session_id", "document_name", "kind", "pages", "created_at", "owner", "shares", "signed_off", "checklist",
    "guidelines", "version", "sections", "counts", "people",
)  # fmt: skip


@blueprint.get("/sessions/<session:session_id>/bundle")
def bundle(session_id: str) -> Response:
    """Returns the zip.

    It is complete before the first byte is sent: a failure is an error answer, never half a zip.
    """
    session = session_to_view(session_id)
    made = TemporaryFile()  # noqa: SIM115 - closed when the last byte has left
    try:
        write_zip(made, _files(session), _about(session))
    except BaseException:
        made.close()
        raise
    size_bytes = made.tell()
    made.seek(0)
    response = Response(_chunks(made), content_type="application/zip")
    response.call_on_close(made.close)  # also where nobody reads it to its end
    response.content_length = size_bytes
    response.headers["Content-Disposition"] = content_disposition(f"{stem(session.document_name)}-review.zip")
    return response


@blueprint.post("/sessions/<session:session_id>/export")
def export(session_id: str) -> dict[str, Any]:
    """Writes the bundle to storage; answers once every object was read back and compared.

    The last exports are kept.
    """
    session = session_of_decider(session_id)
    folder = f"{_EXPORTS}{strftime('%Y%m%dT%H%M%SZ', gmtime(services().clock.now()))}-{secrets.token_hex(4)}/"
    prefix = session_prefix(session_id) + folder
    try:
        listed = write_objects(services().queueing.store, prefix, _files(session), about=_about(session))
    except AppError:
        with suppress(AppError):
            services().queueing.store.purge(prefix)
        raise
    undo_if_deleted(services().queueing.store, session_id, written=prefix)
    _drop_old_exports(session_prefix(session_id) + _EXPORTS)
    by, about = current_identity().user_id, {"folder": folder, "count": len(listed)}
    services().activity.add(session_id, ActivityKind.EXPORTED, by=by, about=about)
    files = [asdict(line) for line in listed]
    return {"success": True, "session_id": session_id, "status": "done", "folder": folder, "files": files}


def _drop_old_exports(exports: str) -> None:
    """Their names begin with when they were made."""
    store = services().queueing.store
    folders = {entry.key.removeprefix(exports).partition("/")[0] for entry in store.list(exports)}
    for folder in sorted(folders)[:-_EXPORTS_KEPT]:
        store.purge(f"{exports}{folder}/")


def _files(session: ReviewSession) -> Iterator[BundleFile]:
    """Names of our own: the user's file name is in the manifest."""
    reviews = services().reviews
    ending = "txt" if session.kind is DocumentKind.TEXT else session.kind.value
    yield BundleFile(f"document.{ending}", lambda: reviews.document(session.id, session.kind))
    if session.kind in REVIEWED:
        yield BundleFile(
            f"reviewed.{session.kind.value}", lambda: reviewed_document(session, Options(summary=True))
        )
    review = with_people(services().overviews.of(session, viewer=current_identity().user_id))
    yield json_file("review.json", {name: review[name] for name in _ABOUT})
    for verdict in Verdict:
        found = [
            one for one in (*review["findings"], *review["findings_set_aside"]) if one["decision"] == verdict
        ]
        yield json_file(f"findings/{verdict.value}.json", found)
    yield BundleFile("findings.csv", lambda: findings_csv(review))
    made = [one.to_dict() for one in reviews.decisions(session.id).values()]
    yield json_file("decisions.json", [{k: v for k, v in one.items() if k != "finding"} for one in made])
    yield json_file("chat.json", services().conversations.of(session)["turns"])
    yield json_file("activity.json", [asdict(event) for event in services().activity.every(session.id)])


def _about(session: ReviewSession) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "document_name": session.document_name,
        "document_sha256": session.sha256,
        "made_at": iso(services().clock.now()),
        "made_by": current_identity().user_id,
    }


def _chunks(made: IO[bytes]) -> Iterator[bytes]:
    with made:
        while chunk := made.read(_CHUNK_BYTES):
            yield chunk
