"""Answers of the chat: the agreed shape or an error, no ids of blocks in the words."""

import json

import pytest

from core.documents.model import Block
from core.errors import Transient
from core.pipeline.chat.answer import AnsweredCitation, chat_schema, parse_reply
from core.pipeline.chat.citations import cited

BLOCKS = (
    Block("b1", "Actions"),
    Block("b2", "😀 The form will be fixed by Ann."),
    Block("b3", "The form will be fixed by Bob."),
)


def citation(block_id: str, quote: str) -> AnsweredCitation:
    return AnsweredCitation(block_id=block_id, quote=quote)


def test_the_schema_asks_for_exactly_what_is_parsed() -> None:
    schema = chat_schema()
    assert set(schema["properties"]) == set(schema["required"]) == {"answer", "citations"}
    assert schema["additionalProperties"] is False
    assert schema["properties"]["citations"]["items"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Ann does [b12].", "Ann does."),
        ("Ann [b12, b13] and Bob [b4 cell 2,3] do.", "Ann and Bob do."),
        ("See [the annex] and [b].", "See [the annex] and [b]."),
    ],
)
def test_ids_of_blocks_are_taken_out_of_the_words(said: str, shown: str) -> None:
    assert parse_reply(json.dumps({"answer": said, "citations": []})).answer == shown


@pytest.mark.parametrize(
    "content", ["", "no json", "[]", '{"answer": "", "citations": []}', '{"citations": []}']
)
def test_an_answer_without_the_agreed_form_is_an_error_and_never_made_up(content: str) -> None:
    with pytest.raises(Transient) as raised:
        parse_reply(content)
    assert raised.value.code == "model/invalid-answer"


def test_a_quote_is_looked_for_in_the_block_that_was_named() -> None:
    found = cited([citation("b3", "The form will be fixed")], BLOCKS)
    assert found.citations == ({"block_id": "b3", "start": 0, "end": 22, "quote": "The form will be fixed"},)


@pytest.mark.parametrize("named", ["b1", "b99", "", "[b2 cell 1,2]"])
def test_a_quote_under_a_wrong_name_is_found_elsewhere_in_the_documents_own_words(named: str) -> None:
    (found,) = cited([citation(named, "the FORM will  be fixed by ann")], BLOCKS).citations
    assert (found["block_id"], found["start"], found["quote"]) == ("b2", 2, "The form will be fixed by Ann")


def test_invented_quotes_are_dropped_and_counted() -> None:
    found = cited([citation("b2", "Nobody is responsible for anything"), citation("b2", "")], BLOCKS)
    assert (found.citations, found.dropped) == ((), 2)


def test_one_place_is_cited_once() -> None:
    found = cited([citation("b3", "Bob"), citation("", "Bob")], BLOCKS)
    assert (len(found.citations), found.dropped) == (1, 0)
