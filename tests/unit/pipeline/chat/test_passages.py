"""What of a document is read for a question."""

import random

from hypothesis import given
from hypothesis import strategies as some

from core.documents.model import Block, BlockKind
from core.pipeline.chat.passages import reading


def long_document(count: int = 60) -> tuple[Block, ...]:
    blocks = []
    for number in range(count):
        heading = number % 10 == 0
        text = f"Chapter {number}" if heading else f"Paragraph {number} says nothing of note. " * 3
        blocks.append(Block(f"b{number}", text, kind=BlockKind.HEADING if heading else BlockKind.PARAGRAPH))
    return tuple(blocks)


def ids(blocks: tuple[Block, ...]) -> list[str]:
    return [block.id for block in blocks]


def test_a_document_that_fits_is_read_whole() -> None:
    found = reading(long_document(), question="anything", most_chars=100_000)
    assert found.whole
    assert ids(found.blocks) == ids(long_document())


def test_of_a_long_one_the_passages_that_share_rare_words_are_read_with_their_headings() -> None:
    blocks = list(long_document())
    blocks[37] = Block("b37", "The regulator was informed of the outage on 3 May.")
    found = reading(blocks, question="When was the regulator informed?", most_chars=400)
    assert not found.whole
    assert found.of == len(blocks)
    assert {"b30", "b37"} <= set(ids(found.blocks))


def test_the_section_that_is_asked_about_comes_first_and_leaves_room_for_others() -> None:
    blocks = list(long_document())
    blocks[3] = Block("b3", "The regulator was informed.")
    found = reading(blocks, question="regulator", about=blocks[50:60], most_chars=900)
    chosen = ids(found.blocks)
    assert sum(int(one[1:]) >= 50 for one in chosen) >= 3
    assert "b3" in chosen


def test_a_question_in_other_words_still_gets_something_to_read() -> None:
    found = reading(long_document(), question="Qu'est-ce que c'est?", most_chars=500)
    assert found.blocks


@given(some.integers(100, 5_000), some.text(max_size=40), some.integers(0, 2**16))
def test_what_is_read_is_in_order_and_fits(most_chars: int, question: str, seed: int) -> None:
    blocks = long_document()
    start = random.Random(seed).randrange(50)
    found = reading(blocks, question=question, about=blocks[start : start + 10], most_chars=most_chars)
    order = [blocks.index(block) for block in found.blocks]
    assert order == sorted(set(order))
    assert sum(len(block.text) for block in found.blocks) <= most_chars
