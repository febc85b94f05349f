"""POST /sessions/<id>/versions: a new version of a document, with what was said about the former one."""

from typing import Any

from flask import Blueprint, request

from core.documents.model import Block, Section
from core.documents.scratch import scratch_folder
from core.errors import Permanent
from core.review.activity import ActivityKind
from core.review.outline_carrying import cut_again
from core.review.overview import version_body
from core.review.review_parts import standings
from core.review.session import Access, ReviewSession
from core.review.text_comparison import Text, as_cut_before
from core.review.version_carrying import carry
from core.web.context import current_identity, services, session_to_view
from core.web.new_reviews import Origin, new_session_id, store_review
from core.web.team_choice import TeamUsed, team_of
from core.web.uploads import ReadUpload, answer_of, read_upload

blueprint = Blueprint("versions", __name__)


@blueprint.post("/sessions/<session:session_id>/versions")
def new_version(session_id: str) -> dict[str, Any]:
    """Makes a review of the new version. The former one may be signed off; it stays as it is."""
    former = session_to_view(session_id)
    if former.access_of(current_identity().user_id) < Access.DECIDE:
        raise Permanent("review/view-only")
    part = request.files.get("document")
    if part is None or not part.filename:
        raise Permanent("document/missing")
    team = team_of(former)
    with scratch_folder() as folder:
        read = read_upload(part, folder / "document", session_id=new_session_id(), team=team)
        session = _store(former, read, team=team)
    by, about = current_identity().user_id, {"session_id": session.id, "name": session.document_name}
    services().activity.add(former.id, ActivityKind.VERSION_MADE, by=by, about=about)
    return {**answer_of(session), "version": version_body(services().overviews.parts(session))}


def _store(former: ReviewSession, upload: ReadUpload, *, team: TeamUsed) -> ReviewSession:
    parts = services().overviews.parts(former)
    before = Text(parts.blocks, former.sections)
    blocks = tuple(Block.from_dict(item) for item in upload.read["blocks"])
    read = Text(blocks, tuple(Section(**item) for item in upload.read["sections"]))
    cut = cut_again(former, (before, read))
    now = Text(blocks, as_cut_before((before, Text(blocks, cut.sections))))
    version, decisions = carry(former, standings(parts), (before, now), session_id=upload.session_id)
    return store_review(
        upload.session_id,
        {**upload.read, "sections": [section.to_dict() for section in now.sections]},
        name=upload.name,
        document=upload.content,
        guidelines=services().reviews.guidelines(former.id) if former.guidelines else None,
        team=team,
        origin=Origin(version, tuple(decisions), cut.retired),
    )
