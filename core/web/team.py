"""The team's checklists and guidance: what new reviews are held against, and what rejections have taught."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.datastructures import FileStorage

from core.documents.guard import check_upload
from core.documents.model import DocumentKind
from core.documents.scratch import scratch_folder
from core.errors import Permanent
from core.queueing.parallel import in_parallel
from core.review.decision import Decision
from core.review.guidance import Guidance, GuidanceItem
from core.review.guidance_proposals import RuleRecord, proposal_body, proposals, rule_records
from core.review.team_checklists import AvailableChecklist
from core.review.team_log import TeamLog
from core.web.bodies import ChooseChecklist, ReplaceGuidance
from core.web.context import current_identity, services
from core.web.file_names import display_name
from core.web.request_json import read_body
from core.web.team_changes import all_rules, change_in_words

blueprint = Blueprint("team", __name__)

PART = "checklist"
_MOST_TOML_BYTES = 256 * 1024
_MOST_CHANGES = 100
_SHOWN_CHANGES = 20
_MOST_REVIEWS = 50
"""The newest ones of whoever asks: what they taught counts, and a read stays quick."""


@blueprint.get("/team/checklists")
def checklists() -> dict[str, Any]:
    default = services().checklists.default().checklist.id
    return {"default": default, "checklists": [_checklist_body(one) for one in services().checklists.all()]}


@blueprint.put("/team/checklists")
def put_checklist() -> dict[str, Any]:
    """A file as multipart becomes one of the team's, {default} as JSON the usual one of new reviews."""
    if request.mimetype != "multipart/form-data":
        chosen = read_body(ChooseChecklist).default
        services().checklists.set_default(chosen, by=current_identity().user_id)
    else:
        part = request.files.get(PART)
        if part is None or not part.filename:
            raise Permanent("checklist/missing")
        services().checklists.put(_read(part), by=current_identity().user_id)
    return checklists()


@blueprint.get("/team/guidance")
def guidance() -> dict[str, Any]:
    return guidance_body(services().guidance.current())


@blueprint.put("/team/guidance")
def replace_guidance() -> dict[str, Any]:
    """Replaces all of it. New reviews use it; others keep the guidance that they were made with."""
    body = read_body(ReplaceGuidance)
    known = {rule.slug for rule in all_rules()}
    unknown = sorted(set(body.rules_off) - known)
    if unknown:
        raise Permanent("guidance/invalid", f"There is no rule {', '.join(unknown)}.")
    items = [GuidanceItem(item.id, item.text, item.on, item.about) for item in body.items]
    changed = services().guidance.replace(
        items, rules_off=body.rules_off, rev=body.rev, by=current_identity().user_id
    )
    return guidance_body(changed)


@blueprint.get("/team/log")
def team_log() -> dict[str, Any]:
    """Who changed the guidance, a checklist or the usual one, newest first, with both wordings."""
    return {"changes": [asdict(change) for change in _log().newest(_MOST_CHANGES)]}


@blueprint.get("/team")
def team_page() -> str:
    return render_template(
        "team.html",
        identity=current_identity(),
        checklists=checklists(),
        guidance=guidance(),
        changes=[change_in_words(change) for change in _log().newest(_SHOWN_CHANGES)],
    )


def _log() -> TeamLog:
    return TeamLog(services().queueing.store, services().clock)


def guidance_body(current: Guidance) -> dict[str, Any]:
    """The guidance, and what the asker's own decisions propose.

    Nobody sees here what others have decided before they share it.
    """
    decisions = _my_decisions()
    records = rule_records(decisions)
    known = [item.about for item in current.items if item.about]
    rules = [
        {
            "rule": rule.slug,
            "title": rule.title,
            "precision": rule.precision,
            "on": rule.slug not in current.rules_off,
            **_record_body(records.get(rule.slug, RuleRecord())),
        }
        for rule in all_rules()
    ]
    return {
        "rev": current.rev,
        "items": [asdict(item) for item in current.items],
        "rules": rules,
        "proposals": [proposal_body(one) for one in proposals(decisions, known=known)],
        "updated_by": current.updated_by,
        "updated_at": current.updated_at,
    }


def _record_body(record: RuleRecord) -> dict[str, Any]:
    return {
        "decided": record.decided,
        "rejected": record.rejected,
        "propose_off": record.is_too_often_wrong,
    }


def _my_decisions() -> list[Decision]:
    me = current_identity().user_id
    mine = [one.id for one in services().reviews.list_for(me, most=_MOST_REVIEWS) if one.owner == me]
    return [one for found in in_parallel(services().reviews.decisions, mine) for one in found.values()]


def _checklist_body(kept: AvailableChecklist) -> dict[str, Any]:
    checklist = kept.checklist.to_dict()
    return {
        **checklist,
        "shipped": kept.is_shipped,
        "updated_by": kept.updated_by,
        "updated_at": kept.updated_at,
    }


def _read(part: FileStorage) -> dict[str, Any]:
    """What the file holds, not yet checked. Raises Permanent checklist/invalid, Throttled document/reader-busy."""
    name = display_name(part.filename or "", otherwise="checklist")
    with scratch_folder() as folder:
        path = folder / "checklist"
        part.save(path)
        asked = {"path": str(path), "kind": _kind(path, name), "name": Path(name).stem}
        data: dict[str, Any] = services().readers.run("core.pipeline.checklist_intake", asked)["checklist"]
        return data


def _kind(path: Path, name: str) -> str:
    if name.lower().endswith(".toml"):
        if path.stat().st_size > _MOST_TOML_BYTES:
            raise Permanent("checklist/invalid", f"The file is larger than {_MOST_TOML_BYTES // 1024} KB.")
        return "toml"
    try:
        kind = check_upload(path, filename=name, limits=services().settings.documents)
    except Permanent as error:
        raise Permanent("checklist/invalid", f"{name}: {error.kind.title}. {error.detail}") from error
    if kind is not DocumentKind.DOCX:
        raise Permanent("checklist/invalid", f"{name} is a PDF: send the .toml or .docx it was made from.")
    return kind.value
