"""What a sentence is taken to say of none and of all, and what is left alone."""

import pytest

from core.rules.quantified import Amount, universals
from core.rules.stems import stem
from core.rules.view import view_of
from tests.unit.rules.samples import document


def said_of(text):
    view = view_of(*document(text))
    return {(one.amount, one.kind) for sentence in view.sentences for one in universals(sentence)}


@pytest.mark.parametrize(
    "words",
    [
        ("type", "types", "typed", "typing"),
        ("carry", "carries", "carried", "carrying"),
        ("stop", "stopped", "stopping"),
        ("swab", "swabs", "swab’s"),
        ("box", "boxes"),
        ("miss", "missed", "misses"),
    ],
)
def test_forms_of_a_word_have_one_stem(words):
    assert len({stem(word) for word in words}) == 1


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("No ferry sailed late.", Amount.NONE, ("ferry",)),
        ("None of the 74 ferries sailed late.", Amount.NONE, ("ferry",)),
        ("It was calm, so no crew member fell ill.", Amount.NONE, ("crew", "member")),
        ("The crew never opened a locker.", Amount.NONE, ("locker",)),
        ("All 74 ferries sailed late.", Amount.ALL, ("ferry",)),
        ("Every single life boat was damaged.", Amount.ALL, ("lif", "boat")),
    ],
)
def test_what_is_said_of_none_and_of_all_is_read(text, amount, kind):
    assert (amount, kind) in said_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "No ferry leaves without a pilot.",
        "No ferry may leave.",
        "The mate said that no ferry left.",
        "Nearly all ferries left late.",
        "All ferries but two left on time, and no other ferry sailed.",
        "Did no ferry leave?",
        "In all cases the crew waited.",
        "“No ferry left,” the log says.",
        "No doubt it rained.",
    ],
)
def test_norms_words_of_others_and_exceptions_are_left_alone(text):
    assert said_of(text) == set()
