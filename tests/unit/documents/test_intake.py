"""What the web tier gets back from the child that reads an upload."""

import gc
import re
import time
from dataclasses import replace

import pytest

from core.config import DocumentSettings
from core.documents.anchoring import locate
from core.documents.limited_child import ReaderPool
from core.documents.model import Block, DocumentKind, ReadDocument, Section
from core.documents.outline import outline
from core.errors import Permanent
from core.pipeline import intake as entry
from core.pipeline.intake import instant_rules
from core.review.finding import Finding
from core.rules import reviewing as rules
from core.rules.catalogue import RULES
from tests.support.documents import para, pdf_file, word_file

ENTRY = "core.pipeline.intake"
SESSION = "6f1c2b1e-7d0a-4f0e-9a53-0d6a5f6a2b11"


@pytest.fixture(scope="module")
def readers():
    return ReaderPool(DocumentSettings())


@pytest.fixture(autouse=True)
def _no_garbage():
    """What earlier tests left must not be taken apart while the rules' alarm can ring."""
    gc.collect()


def intake(readers, path, kind):
    return readers.run(ENTRY, {"path": str(path), "kind": kind, "session_id": SESSION})


def test_a_word_file_comes_back_as_blocks_sections_and_rules(readers, tmp_path):
    body = para("Impact", style="H1") + para("The final figure is TBD.")
    answer = intake(readers, word_file(tmp_path / "a.docx", body), "docx")
    blocks = [Block.from_dict(item) for item in answer["blocks"]]
    found = [Finding.from_dict(item) for item in answer["rules"]]

    assert [block.text for block in blocks] == ["Impact", "The final figure is TBD."]
    assert [Section(**item).name for item in answer["sections"]] == ["Impact"]
    assert (answer["kind"], answer["pages"], answer["notices"]) == ("docx", None, [])
    assert "placeholder" in {finding.rule for finding in found}
    assert all(finding.anchor == locate(finding.quote, blocks) for finding in found if finding.anchor)


def test_headers_and_footers_are_not_judged_by_rules():
    blocks = (Block("b1", "The date is TBD."), Block("b2", "Owner: TBD.", flags=("footer",)))
    document = ReadDocument(DocumentKind.DOCX, blocks, outline(blocks))
    found, finished = instant_rules(document, SESSION, within_s=30.0)

    assert finished
    assert {finding.anchor.block_id for finding in found if finding.anchor} == {"b1"}


def test_a_pdf_comes_back_with_its_pages(readers, tmp_path):
    answer = intake(readers, pdf_file(tmp_path / "a.pdf", [[(12, "One.")], [(12, "Two.")]]), "pdf")
    assert (answer["pages"], len(answer["sections"])) == (2, 2)


def test_a_refusal_of_the_child_reaches_the_caller(readers, tmp_path):
    with pytest.raises(Permanent) as refused:
        intake(readers, word_file(tmp_path / "a.docx", para(" ")), "docx")
    assert refused.value.code == "document/no-text"


def document_of(*texts: str) -> ReadDocument:
    blocks = tuple(Block(f"b{number}", text) for number, text in enumerate(texts, 1))
    return ReadDocument(DocumentKind.DOCX, blocks, (Section("s1", "All", 0, len(blocks) - 1),))


def test_rules_without_time_are_unfinished_and_refuse_nothing():
    assert instant_rules(document_of("The date is TBD."), SESSION, within_s=0.0) == ([], False)


def test_a_document_is_read_though_its_rules_have_no_time(monkeypatch, tmp_path):
    monkeypatch.setattr(entry, "RULES_S", 0.0)
    path = word_file(tmp_path / "a.docx", para("The final figure is TBD."))
    answer = entry.handle({"path": str(path), "kind": "docx", "session_id": SESSION})

    assert [block["text"] for block in answer["blocks"]] == ["The final figure is TBD."]
    assert answer["notices"] == ["rules-unfinished"]


def test_a_rule_that_takes_too_long_does_not_take_the_others_time(monkeypatch):
    placeholder = next(rule for rule in RULES if rule.slug == "placeholder")
    endless = replace(placeholder, find=lambda view: re.search(r"(a|aa)+$", "a" * 200 + "b"))
    monkeypatch.setattr(rules, "RULES", (endless, placeholder))
    found, finished = instant_rules(document_of("The date is TBD."), SESSION, within_s=10.0)

    assert [finding.quote for finding in found] == ["TBD."]
    assert not finished


def test_more_findings_than_anyone_reads_are_cut_off_and_told(monkeypatch):
    monkeypatch.setattr(entry, "MOST_FINDINGS", 2)
    found, finished = instant_rules(document_of(*["The date is TBD."] * 3), SESSION, within_s=30.0)

    assert [finding.anchor.block_id for finding in found] == ["b1", "b2"]
    assert not finished


# On a busy machine the alarm of a rule rings, and where it rings in a finaliser Python only tells of it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "texts",
    [
        [f"Para {number} many users will be fixed soon." for number in range(3_000)],
        ["many TBD soon. " * 20_000],
        ["1234567890" * 30_000],
        ["all of the a " * 20_000],
        ["see Attachment 4 " * 10_000],
    ],
    ids=["many-paragraphs", "one-paragraph", "one-number", "determiners", "references"],
)
def test_the_time_of_the_rules_grows_with_the_length_of_the_text(texts):
    """Quadratic rules took 10 to 90 s of computing for these."""
    started = time.process_time()
    instant_rules(document_of(*texts), SESSION, within_s=60.0)
    assert time.process_time() - started < 5
