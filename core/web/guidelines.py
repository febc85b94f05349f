"""My guidelines: what is kept from last time, replaced and removed."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, request

from core.errors import Permanent
from core.review.guidelines import Guidelines, GuidelineSource
from core.web.bodies import GuidelinesText
from core.web.context import current_identity, services
from core.web.request_json import read_body
from core.web.sent_guidelines import PART, guidelines_from_text, read_guidelines, within_limit

blueprint = Blueprint("guidelines", __name__)


@blueprint.get("/me/guidelines")
def my_guidelines() -> dict[str, Any]:
    return {"guidelines": guidelines_body(services().guidelines.kept(current_identity().user_id))}


@blueprint.put("/me/guidelines")
def replace_guidelines() -> dict[str, Any]:
    """A file as multipart, or text as JSON. Reviews that there are keep the ones they were made with."""
    guidelines = within_limit(Guidelines((_sent(),)))
    services().guidelines.keep(current_identity().user_id, guidelines)
    return {"success": True, "guidelines": guidelines_body(guidelines)}


@blueprint.delete("/me/guidelines")
def remove_guidelines() -> dict[str, Any]:
    services().guidelines.forget(current_identity().user_id)
    return {"success": True}


def guidelines_body(guidelines: Guidelines | None) -> dict[str, Any] | None:
    if guidelines is None:
        return None
    sources = [{**asdict(source), "chars": source.chars} for source in guidelines.sources]
    return {"sha256": guidelines.sha256, "chars": guidelines.chars, "sources": sources}


def _sent() -> GuidelineSource:
    if request.mimetype != "multipart/form-data":
        body = read_body(GuidelinesText)
        return guidelines_from_text(body.text, body.name)
    part = request.files.get(PART)
    if part is None or not part.filename:
        raise Permanent("guidelines/missing")
    return read_guidelines(part)
