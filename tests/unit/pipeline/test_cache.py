import json
import unicodedata
from dataclasses import replace

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.documents.model import Block, Section
from core.errors import Transient
from core.models.exchange import ModelAnswer
from core.models.model import Usage
from core.pipeline.cache import AnswerCache, model_key
from core.pipeline.prompt import Part, section_request
from core.review.checklist import load_checklist
from tests.support.stores import CountingStore
from tests.unit.pipeline.builders import BLOCKS, REGISTRY, SECTIONS

CHECKLIST = load_checklist()
ZERO, ONE, TWO = REGISTRY.models


def asked(blocks=BLOCKS[:2], *, outline=SECTIONS, **part):
    return section_request(
        Part(tuple(blocks), **part), section=outline[0], outline=outline, checklist=CHECKLIST
    )


def answer(model_id="vendor.one", **changes):
    made = ModelAnswer(
        model_id=model_id,
        model_name="M",
        content="{}",
        thinking="hm",
        usage=Usage(input=10, output=5),
        stop_reason="end_turn",
        brain="",
        latency_s=1.0,
        cost_usd=0.1,
        quota_tokens=35,
        fingerprint="f",
    )
    return replace(made, **changes)


def cache(store=None, *, registry=REGISTRY, origin="test"):
    return AnswerCache(store or MemoryObjectStore(), ScriptedClock(), registry=registry, origin=origin)


def accept(_answer):
    return None


def test_a_kept_answer_is_found_as_it_was_with_its_time():
    kept = cache()
    kept.keep(asked(), answer())
    found = kept.find(asked(), accept)
    assert found.answer == answer()
    assert found.created_at == "2027-01-15T08:00:00.000Z"


def test_its_key_is_a_hash_and_names_no_review():
    store = MemoryObjectStore()
    cache(store).keep(asked(), answer())
    (key,) = store.objects
    folder, digest = key.removeprefix("cache/").removesuffix(".json").split("/")
    assert (len(digest), digest[:2]) == (64, folder)


def test_the_first_model_in_order_that_has_an_answer_gives_it():
    kept = cache()
    for model in (TWO, ONE):
        kept.keep(asked(), answer(model.id))
    assert kept.find(asked(), accept).answer.model_id == ONE.id


@pytest.mark.parametrize("stop_reason", ["max_tokens", "content_filtered", "malformed_model_output", ""])
def test_only_a_whole_answer_is_kept(stop_reason):
    kept = cache()
    kept.keep(asked(), answer(stop_reason=stop_reason))
    assert kept.find(asked(), accept) is None


def test_the_first_answer_stays_unless_a_newer_one_was_asked_for():
    kept = cache()
    kept.keep(asked(), answer(content="first"))
    kept.keep(asked(), answer(content="second"))
    assert kept.find(asked(), accept).answer.content == "first"
    kept.keep(asked(), answer(content="third"), replace=True)
    assert kept.find(asked(), accept).answer.content == "third"


def test_an_answer_that_would_be_refused_today_is_no_hit():
    kept = cache()
    kept.keep(asked(), answer())

    def refuse(_answer):
        raise Transient("model/invalid-answer")

    assert kept.find(asked(), refuse) is None


def unreadable_entries():
    entries = ({}, {"created_at": "x", "answer": {}}, "text")
    return [json.dumps({model_key(ONE): entry}).encode() for entry in entries]


@pytest.mark.parametrize("body", [b"{}", b"not json", b"[]", b"7", *unreadable_entries()])
def test_an_object_nobody_can_read_is_no_hit(body):
    store = MemoryObjectStore()
    store.put(cache().key(asked()), body)
    assert cache(store).find(asked(), accept) is None


def test_storage_that_fails_is_no_hit_and_loses_no_answer():
    class Broken(MemoryObjectStore):
        def get(self, key):
            raise Transient("storage/unavailable")

        def create(self, key, body, **_):
            raise Transient("storage/unavailable")

    kept = cache(Broken())
    kept.keep(asked(), answer())
    assert kept.find(asked(), accept) is None


def test_the_same_text_in_another_place_of_another_document_is_the_same_question():
    blocks = tuple(
        replace(block, id=f"b{number + 40}", origin="elsewhere") for number, block in enumerate(BLOCKS[:2])
    )
    names = {block.id: f"b{number}" for number, block in enumerate(blocks, 1)}
    assert cache().key(asked(blocks, names=names)) == cache().key(asked())


def test_another_spelling_of_the_same_letters_is_the_same_question():
    one, other = (
        asked((Block("b1", unicodedata.normalize(form, "Caf\u00e9 closed")),)) for form in ("NFC", "NFD")
    )
    assert cache().key(one) == cache().key(other)


def test_another_section_elsewhere_in_the_outline_is_the_same_question():
    longer = (*SECTIONS, Section("s3", "More", first=4, last=4))
    assert cache().key(asked(outline=longer)) == cache().key(asked())


@pytest.mark.parametrize(
    "other",
    [
        lambda: cache().key(asked(BLOCKS[:1])),
        lambda: cache().key(asked((BLOCKS[0], replace(BLOCKS[1], text="Many  sellers")))),
        lambda: cache().key(asked(outline=(replace(SECTIONS[0], name="Abstract"), SECTIONS[1]))),
        lambda: cache().key(asked(answer_tokens=6000)),
        lambda: cache().key(asked(place="part 1 of 2 of it")),
        lambda: cache().key(replace(asked(), schema={"type": "object"})),
        lambda: cache(origin="another stand-in").key(asked()),
    ],
)
def test_whatever_the_answer_depends_on_makes_another_key(other):
    assert other() != cache().key(asked())


@pytest.mark.parametrize(
    "changes", [{"thinking_budget": 2000}, {"max_tokens": 4096}, {"region": "eu-west-1"}, {"id": "vendor.x"}]
)
def test_a_model_that_was_changed_since_gives_no_stored_answer(changes):
    assert model_key(replace(ONE, **changes)) != model_key(ONE)


@pytest.mark.parametrize("changes", [{"priority": 9}, {"name": "New name"}, {"rpm": 3}, {"burndown": 1}])
def test_what_the_answer_does_not_depend_on_does_not(changes):
    assert model_key(replace(ONE, **changes)) == model_key(ONE)


def test_looking_for_an_answer_is_one_request_however_many_models_there_are():
    store = CountingStore()
    cache(store).find(asked(), accept)
    assert [operation for operation, _key in store.asked] == ["get"]


def test_keeping_the_first_answer_is_one_request():
    store = CountingStore()
    cache(store).keep(asked(), answer())
    assert [operation for operation, _key in store.asked] == ["create"]
