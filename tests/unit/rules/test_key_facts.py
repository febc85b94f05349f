from core.rules.key_facts import KeyFigure, Term, key_facts
from core.rules.reviewing import review_document, review_runs, review_section
from tests.unit.rules.samples import document

TEXT = """# Summary
The quality review board (QRB) and the CFO (chief financial officer) saw 1,205 claims.
# Impact
Of the 1,205 claims, EUR 52,640 was paid. XYZ (see below) is no term."""
BLOCKS, SECTIONS = document(TEXT)


def test_terms_are_given_with_the_words_that_their_letters_fit():
    terms = key_facts(BLOCKS, SECTIONS).terms
    assert terms == (
        Term("QRB", "quality review board", "b2"),
        Term("CFO", "chief financial officer", "b2"),
    )


def test_figures_know_what_they_count_and_where_they_stand():
    assert key_facts(BLOCKS, SECTIONS).figures == (
        KeyFigure("claims", "1,205 claims", ("s1", "s2")),
        KeyFigure("EUR", "EUR 52,640", ("s2",)),
    )


def test_a_rule_that_is_switched_off_finds_nothing_anywhere():
    blocks, sections = document("# Summary\nNumerous buyers left soon.")
    off = ("vague-quantity",)
    assert "vague-quantity" in {one.rule for one in review_document(blocks, sections, session_id="t")}
    runs = [one for run in review_runs(blocks, sections, session_id="t", off=off) for one in run()]
    section = review_section(sections[0], blocks, session_id="t", off=off)
    assert {one.rule for one in [*runs, *section]} == {"vague-time"}
