"""`prompt show`: output for people and as JSON."""

import argparse
import json

import pytest

from core.errors import Permanent
from core.models.registry import load_registry
from core.ops.__main__ import main
from core.ops.exit_codes import WrongUsage
from core.ops.prompts import show_prompt
from core.review.repository import ReviewRepository
from tests.support.guidelines import LONG, some, used
from tests.support.queueing import SETTINGS, Room
from tests.support.reviews import BLOCKS, SECTIONS, a_session


def shown(guidelines=None, *, as_json=False, section="s1"):
    """The exit code for a review in a room of its own."""
    room = Room()
    session = a_session(sections=SECTIONS, guidelines=used(guidelines) if guidelines else None)
    reviews = ReviewRepository(room.store, room.clock)
    reviews.create(session, document=b"PK", blocks=BLOCKS, rules=[], guidelines=guidelines)
    options = argparse.Namespace(session=session.id, section=section, json=as_json)
    return show_prompt(options, SETTINGS, room.queueing)


def test_people_see_every_part_and_the_models_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(some("- Name an owner.")) == 0
    text = capsys.readouterr().out
    for part in (
        "guidelines: style.md (verbatim)",
        "--- system 3",
        "- Name an owner.",
        "--- user 2",
        "Many sellers were affected.",
        "--- schema section_review",
        "input tokens",
        "1 call for this section",
    ):
        assert part in text
    ids = [model.id for model in load_registry().models]
    assert [text.index(model_id) for model_id in ids] == sorted(text.index(model_id) for model_id in ids)


def test_programs_get_what_goes_over_the_wire(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["guidelines"], document["first"]) == (None, [])
    [request] = document["requests"]
    sent = request["converse"]
    texts = [block["text"] for block in sent["system"] if "text" in block]
    assert texts[: len(request["system"])] == request["system"]
    assert [block["text"] for block in sent["messages"][0]["content"]] == request["user"]
    assert request["models"][0]["max_tokens"] == sent["inferenceConfig"]["maxTokens"]
    assert request["estimated_input_tokens"] > 500


def test_guidelines_that_are_not_condensed_yet_are_said_to_come_first(capsys) -> None:
    assert shown(some(*LONG), as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["guidelines"]["state"] == "to-be-condensed"
    assert [request["schema_name"] for request in document["first"]] == ["guideline_rules"]
    assert shown(some(*LONG)) == 0
    assert "condensed first" in capsys.readouterr().out


def test_an_unknown_section_is_an_error_and_an_id_without_shape_never_reaches_storage() -> None:
    with pytest.raises(Permanent) as error:
        shown(section="s9")
    assert error.value.code == "section/not-found"
    with pytest.raises(WrongUsage, match="uuid"):
        shown(section="../s1")


def test_the_command_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["prompt", "show", "--help"])
    assert ended.value.code == 0
    assert "section" in capsys.readouterr().out
