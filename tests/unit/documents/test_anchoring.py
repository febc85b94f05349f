"""A quote is found where it stands, however it was typed, and never where it does not."""

import time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.anchoring import Context, fold, from_utf16, locate, to_utf16
from core.documents.model import Block, Stage

TEXTS = (
    "Several sellers complained, and most of the parcels were recovered soon.",
    "The address form accepted a change after the label had been printed. Nobody noticed this for six days.",
    "The team\u2019s review \u2014 led by Mara Lindqvist \u2014 found \u201cno sign\u201d of a leak.",
    "Address changes after printing will be blocked.",
)
BLOCKS = tuple(Block(f"b{number}", text) for number, text in enumerate(TEXTS, start=1))

words = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=60)


def quoted(anchor) -> str:
    text = next(block.text for block in BLOCKS if block.id == anchor.block_id)
    return text[anchor.start : anchor.end]


def parts_of(anchor, blocks=BLOCKS) -> list[tuple[str, str]]:
    texts = {block.id: block.text for block in blocks}
    return [(part.block_id, texts[part.block_id][part.start : part.end]) for part in anchor.parts]


@given(st.lists(words, max_size=4), words, st.tuples(words, words), st.data())
def test_any_verbatim_quote_is_found_exactly(others, middle, around, data):
    quote = f"seller {middle} parcel"
    texts = [*others, f"{around[0]} {quote} {around[1]}"]
    order = data.draw(st.permutations(range(len(texts))))
    blocks = [Block(f"b{number}", texts[number]) for number in order]

    anchor = locate(quote, blocks)

    found = next(item for item in blocks if anchor and item.id == anchor.block_id)
    assert found.text[anchor.start : anchor.end] == quote
    assert anchor.stage is Stage.EXACT


@given(st.lists(words, min_size=1, max_size=3), words)
def test_an_anchor_always_lies_inside_its_block(texts, quote):
    blocks = [Block(f"b{number}", text) for number, text in enumerate(texts, start=1)]
    anchor = locate(quote, blocks)
    if anchor:
        text = next(block.text for block in blocks if block.id == anchor.block_id)
        assert 0 <= anchor.start < anchor.end <= len(text)


@given(words)
def test_folding_twice_changes_nothing_and_every_character_has_its_origin(text):
    folded, origins = fold(text)

    assert fold(folded)[0] == folded
    assert len(origins) == len(folded)
    assert origins == sorted(origins)
    assert all(0 <= origin < len(text) for origin in origins)


@given(words, st.data())
def test_utf16_offsets_go_there_and_back(text, data):
    offset = data.draw(st.integers(0, len(text)))
    units = to_utf16(text, offset)

    assert from_utf16(text, units) == offset
    assert units == sum(2 if char > "\uffff" else 1 for char in text[:offset])


def test_an_offset_inside_a_pair_is_the_start_of_its_character():
    assert from_utf16("a\U0001f600b", 2) == 1
    assert to_utf16("\U0001f600\U0001f600 x", 3) == 5


@pytest.mark.parametrize(
    ("quote", "block_id", "words_found"),
    [
        ("The team's review - led by Mara", "b3", "The team\u2019s review \u2014 led by Mara"),
        ('FOUND "NO SIGN" OF A LEAK', "b3", "found \u201cno sign\u201d of a leak"),
        ("most  of\nthe parcels", "b1", "most of the parcels"),
        ("[b4] Address changes after printing", "b4", "Address changes after printing"),
        ('"will be blocked"', "b4", "will be blocked"),
    ],
)
def test_typing_differences_are_folded(quote, block_id, words_found):
    anchor = locate(quote, BLOCKS)
    assert (anchor.block_id, quoted(anchor)) == (block_id, words_found)
    assert anchor.stage in (Stage.FOLDED, Stage.EXACT)


@pytest.mark.parametrize(
    ("quote", "words_found"),
    [
        ("**Root causes** & `fixes`", "Root causes & fixes"),
        ("_Root causes_ &amp; fixes", "Root causes & fixes"),
        ("3.2. Root causes", "Root causes"),
        ("3.2 Root causes &amp;", "Root causes &"),
        ("snake_case *is* kept", "snake_case is kept"),
        ("4.2 Root causes", None),
    ],
)
def test_what_an_answer_and_word_put_to_the_words_is_no_part_of_them(quote, words_found):
    blocks = (Block("b1", "Root causes & fixes", label="3.2"), Block("b2", "snake_case is kept"))
    anchor = locate(quote, blocks)
    assert (anchor and anchor.words({block.id: block for block in blocks})) == words_found
    assert anchor is None or anchor.stage is Stage.FOLDED


def test_an_approximate_place_ends_with_a_word():
    anchor = locate("\u2023 The address form accepted", BLOCKS)
    assert (anchor.stage, quoted(anchor)) == (Stage.FUZZY, "The address form accepted")


def test_an_ellipsis_spans_what_was_left_out():
    anchor = locate("The address form accepted ... noticed this for six days", BLOCKS)
    assert quoted(anchor).startswith("The address form")
    assert quoted(anchor).endswith("six days")
    assert anchor.stage is Stage.ELLIPSIS


def test_an_ellipsis_over_two_blocks_spans_both():
    anchor = locate("recovered soon [...] accepted a change after the label", BLOCKS)
    assert parts_of(anchor) == [
        ("b1", "recovered soon."),
        ("b2", "The address form accepted a change after the label"),
    ]
    assert anchor.stage is Stage.ELLIPSIS


@pytest.mark.parametrize(
    "quote",
    [
        "The address form accepted a change after label had been printed.",
        "The address form accepted any change after the label had been printed.",
    ],
)
def test_a_word_dropped_or_swapped_is_found_approximately(quote):
    anchor = locate(quote, BLOCKS)
    assert (anchor.block_id, anchor.stage) == ("b2", Stage.FUZZY)
    assert quoted(anchor).startswith("The address form")


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "...",
        "\u2014",
        "The warehouse manager approved the refund without a second signature.",
        "Twelve buyers reported counterfeit chargers in the first week of June.",
        "sellers parcels label printed blocked",
        "e",
    ],
)
def test_what_the_document_does_not_say_is_nowhere(quote):
    assert locate(quote, BLOCKS) is None


@pytest.mark.parametrize(
    "quote",
    [
        "recovered soon. The address form accepted a change",
        "recovered soon.\n\nThe address form accepted a change",
        "[b1] recovered soon.\n[b2 1.] The address form accepted a change",
        "recovered soon. | The address form accepted a change",
        "\u201crecovered soon. \u00b6 The address form accepted a change\u201d",
    ],
)
def test_a_quote_over_two_blocks_stands_on_its_words_in_both(quote):
    anchor = locate(quote, BLOCKS)
    assert parts_of(anchor) == [("b1", "recovered soon."), ("b2", "The address form accepted a change")]
    assert anchor.words({block.id: block for block in BLOCKS}) == (
        "recovered soon. The address form accepted a change"
    )


def test_a_quote_of_a_table_row_stands_on_all_its_cells_but_the_empty_ones():
    cells = [Block(f"b{at}", text) for at, text in enumerate(("Fix form", "Ann Lee", "31 May", "Open"), 1)]
    anchor = locate("Fix form\tAnn Lee\t\t31 May", cells)
    assert [part.block_id for part in anchor.parts] == ["b1", "b2", "b3"]


def test_a_quote_of_nothing_but_space_and_marks_takes_no_time():
    started = time.process_time()
    for quote in ("z" + " " * 100_000 + "y", "[b1 \n" * 50_000 + "z", " | " * 50_000 + "z"):
        assert locate(quote, BLOCKS) is None
    assert time.process_time() - started < 20


def test_words_in_one_block_win_over_words_that_meet_where_two_blocks_do():
    blocks = [Block("b1", "It was late"), Block("b2", "for the buyer."), Block("b3", "He came late for tea.")]
    assert parts_of(locate("Late  for", blocks), blocks) == [("b3", "late for")]


def test_an_approximate_place_does_not_reach_over_the_edge_of_its_block():
    blocks = [Block("b1", "See below."), *BLOCKS[1:]]
    anchor = locate("below The address form accepted any change after the label had been printed", blocks)
    assert (anchor.stage, [part.block_id for part in anchor.parts]) == (Stage.FUZZY, ["b2"])


def test_an_approximate_place_over_two_blocks_stands_on_both():
    anchor = locate("most of the parcels were recovered. The address form accepted any change after", BLOCKS)
    assert (anchor.stage, [part.block_id for part in anchor.parts]) == (Stage.FUZZY, ["b1", "b2"])


@given(st.lists(words, min_size=2, max_size=4), st.data())
def test_a_quote_from_one_block_into_another_covers_all_between(texts, data):
    texts = [f"x{at} {text} y{at}" for at, text in enumerate(texts)]
    blocks = [Block(f"b{at}", text) for at, text in enumerate(texts)]
    last = data.draw(st.integers(1, len(texts) - 1))

    anchor = locate(" ".join(texts[: last + 1]), blocks)

    assert parts_of(anchor, blocks) == [(f"b{at}", text) for at, text in enumerate(texts[: last + 1])]


def test_whole_words_win_over_parts_of_words_and_the_first_place_over_later_ones():
    blocks = [
        Block("b1", "The party left."),
        Block("b2", "This part stays. One part of it."),
        Block("b3", "part"),
    ]
    anchor = locate("part", blocks)
    assert (anchor.block_id, anchor.start) == ("b2", 5)


ROWS = (
    Block("b1", "The refund was late. The refund was late."),
    Block("b2", "Orders from Poland: the refund was late. \U0001f600 Nobody wrote."),
    Block("b3", "Orders from Spain: the refund was late. Somebody wrote."),
)


@pytest.mark.parametrize(
    ("quote", "context", "place"),
    [
        ("refund was late", Context(), ("b1", 4)),
        ("refund was late", Context(block_id="b3"), ("b3", 23)),
        ("refund was late", Context(before="late. The "), ("b1", 25)),
        ("refund was late", Context(before="Poland: the ", after=". \U0001f600 Nobody"), ("b2", 24)),
        ("refund was late", Context(about="Why were buyers in Spain told nothing?"), ("b3", 23)),
        ("Refund  was LATE", Context(about="What went wrong in Poland?"), ("b2", 24)),
        ("refund was late", Context(before="nowhere to be seen", about="Nothing in common"), ("b1", 4)),
    ],
)
def test_of_several_places_the_context_chooses(quote, context, place):
    anchor = locate(quote, ROWS, context)
    assert (anchor.block_id, anchor.start) == place


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 family \U0001f1f5\U0001f1f1 flag",
        "e\u0301te\u0301 and n\u0303 combine",
        "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u202babc\u202c",
        "\u9000\u6b3e\u6709\u5ef6\u8fdf\u3002\u6ca1\u6709\u4eba\u901a\u77e5\u5356\u5bb6\u3002",
        "\U00020000\U00020001 rare han",
    ],
    ids=["emoji", "combining", "right-to-left", "cjk", "astral-han"],
)
def test_any_script_is_found_and_its_utf16_places_are_those_of_a_browser(text):
    block = Block("b1", f"\U0001f600 before {text} after")
    anchor = locate(text, [block])
    units = block.text.encode("utf-16-le")[
        to_utf16(block.text, anchor.start) * 2 : to_utf16(block.text, anchor.end) * 2
    ]

    assert (units.decode("utf-16-le"), anchor.stage) == (text, Stage.EXACT)
    folded = locate(f" {text.upper()} ".replace(" ", "  "), [block])
    assert block.text[folded.start : folded.end] == text.rstrip("\u202c")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_accent_may_be_a_character_of_its_own(form):
    written, other = ("NFC", "NFD") if form == "NFC" else ("NFD", "NFC")
    block = Block("b1", normalize(written, "The caf\xe9 owner, Zo\xeb."))

    for quote in ("The caf\xe9", "Zo\xeb", "The caf\xe9 owner"):
        anchor = locate(normalize(other, quote), [block])
        assert block.text[anchor.start : anchor.end] == normalize(written, quote)


def test_a_part_of_a_word_in_a_script_without_spaces_is_found():
    anchor = locate(
        "\u6ca1\u6709\u4eba\u901a\u77e5",
        [Block("b1", "\u9000\u6b3e\u3002\u6ca1\u6709\u4eba\u901a\u77e5\u5356\u5bb6")],
    )
    assert (anchor.start, anchor.end) == (3, 8)


def test_looking_in_text_made_of_one_word_stays_quick():
    started = time.process_time()
    locate("word word", [Block("b1", "word " * 200_000)], Context(before="word", about="word"))
    assert time.process_time() - started < 10


def test_short_words_are_only_found_as_words():
    assert locate("id", [Block("b1", "It said hidden.")]) is None
    assert locate("ID", [Block("b1", "The id is 5.")]).start == 4
