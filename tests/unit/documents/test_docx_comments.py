"""What others wrote beside the text comes with it."""

from core.documents.model import Block
from tests.support.documents import margins, para, run, texts


def test_existing_comments_and_embedded_documents_are_noticed(read):
    mark = '<w:r><w:commentReference w:id="0"/></w:r>'
    comments = f'<w:comment w:id="0" w:author="A">{para("Old.")}</w:comment>'
    found = read(para(run("x"), mark) + '<w:altChunk r:id="rId9"/>', comments=comments)

    assert texts(found) == ["x"]
    assert found.notices == ("has-comments", "embedded-document")


def comment(comment_id: int, text: str, *, paragraph: str) -> str:
    inside = para(text).replace("<w:p>", f'<w:p w14:paraId="{paragraph}">')
    return f'<w:comment w:id="{comment_id}" w:author="Ann" w:date="2026-03-03T10:00:00Z">{inside}</w:comment>'


def around(inside: str, *ids: int) -> str:
    starts = "".join(f'<w:commentRangeStart w:id="{one}"/>' for one in ids)
    ends = "".join(
        f'<w:commentRangeEnd w:id="{one}"/><w:r><w:commentReference w:id="{one}"/></w:r>' for one in ids
    )
    return starts + inside + ends


def test_existing_comments_come_with_place_answers_and_state(read):
    comments = comment(0, "Why?", paragraph="A1") + comment(2, "Because.", paragraph="A2")
    comments += comment(1, "Point", paragraph="A3") + comment(9, "Nowhere", paragraph="A4")
    threads = (
        '<w15:commentEx w15:paraId="A1" w15:done="1"/><w15:commentEx w15:paraId="A2" w15:paraIdParent="A1"/>'
    )
    body = para(run("A "), around(run("mark") + run("ed"), 0, 2), run(" word")) + para(
        run("no range"), '<w:r><w:commentReference w:id="1"/></w:r>'
    )
    found = read(body, comments=comments, commentsExtended=threads)
    first, second = (block.comments for block in found.blocks)

    assert [(item.text, item.start, item.end, item.parent, item.resolved) for item in first] == [
        ("Why?", 2, 8, "", True),
        ("Because.", 2, 8, "0", False),
    ]
    assert [(item.text, item.start, item.end) for item in second] == [("Point", 8, 8)]
    assert (first[0].author, first[0].date) == ("Ann", "2026-03-03T10:00:00Z")
    assert [Block.from_dict(block.to_dict()) for block in found.blocks] == list(found.blocks)


def test_a_comment_on_several_paragraphs_stands_on_the_first(read):
    start, end = '<w:commentRangeStart w:id="0"/>', '<w:commentRangeEnd w:id="0"/>'
    mark = '<w:r><w:commentReference w:id="0"/></w:r>'
    body = para(run("One "), start, run("two")) + para(run("three"), end, mark)
    found = read(body, comments=comment(0, "Both.", paragraph="A1"))

    assert [[(item.start, item.end) for item in block.comments] for block in found.blocks] == [[(4, 7)], []]


def test_a_comment_on_a_picture_goes_to_the_words_that_follow_or_to_the_last(read):
    def on_nothing(number: int) -> str:
        return para(f'<w:r><w:commentReference w:id="{number}"/></w:r>')

    comments = comment(0, "Picture?", paragraph="A1") + comment(1, "End?", paragraph="A2")
    section, parts = margins({"footer default": para("Page 1")})
    body = on_nothing(0) + para("Caption") + para("Last") + on_nothing(1)
    found = read(body + section, comments=comments, **parts)

    assert [[(item.text, item.start, item.end) for item in block.comments] for block in found.blocks] == [
        [("Picture?", 0, 0)],
        [("End?", 0, 0)],
        [],
    ]
