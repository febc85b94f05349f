"""Links that work for five minutes without a cookie: for a download manager, curl, another browser.

A link is signed and names who asked for it, the review and the file. What it opens is made when it is opened, for
that person, so it ends early with their right to read the review or their account.
"""

from flask import Blueprint, Response, g, request, url_for

from core.auth.identity import Identity
from core.auth.tokens import Purpose
from core.clock import iso
from core.errors import Permanent
from core.export.content import Options
from core.web.bodies import Downloadable, DownloadLink
from core.web.bundle import bundle
from core.web.context import current_identity, rates, services, session_to_view
from core.web.exports import reviewed_file
from core.web.request_json import read_body

blueprint = Blueprint("download_links", __name__)

VALID_S = 300.0


@blueprint.post("/sessions/<session:session_id>/download-links")
def make(session_id: str) -> dict[str, object]:
    session_to_view(session_id)
    body, identity = read_body(DownloadLink), current_identity()
    wanted = {
        "session": session_id,
        "user": identity.user_id,
        "name": identity.name,
        **body.model_dump(mode="json"),
    }
    token = services().tokens.sign(Purpose.DOWNLOAD, wanted, valid_s=VALID_S)
    address = services().settings.sign_in.public_url.rstrip("/") + url_for(
        "download_links.fetch", token=token
    )
    return {"success": True, "url": address, "expires_at": iso(services().clock.now() + VALID_S)}


@blueprint.get("/downloads")
def fetch() -> Response:
    """The token is in the query, which is never logged."""
    wanted = services().tokens.read(Purpose.DOWNLOAD, request.args.get("token", ""))
    if wanted is None or not services().identity.knows(wanted["user"]):
        raise Permanent("export/link-expired")
    g.identity = Identity(wanted["user"], wanted["name"])
    rates().take(wanted["user"], "exports.reviewed")
    if wanted["what"] == Downloadable.BUNDLE:
        return bundle(wanted["session"])
    asked = {name: wanted[name] for name in ("rejected", "summary", "rewrites")}
    return reviewed_file(session_to_view(wanted["session"]), Options(**asked))
