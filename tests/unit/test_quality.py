"""The harness that measures reviews, and the bars of the fixed rules over the project's own labelled write-ups."""

import json

import pytest

from benchmarks.quality import rows_of, summary_of
from benchmarks.quality_brains import brain_named
from benchmarks.quality_labels import Label, Labelled, documents_in, own_documents
from benchmarks.quality_score import Score, score
from core.documents.model import DocumentKind, ReadDocument
from tests.support.documents import para, word_file
from tests.support.reviews import BLOCKS, SECTIONS, a_finding

READ = ReadDocument(DocumentKind.DOCX, BLOCKS, SECTIONS)
MANY = Label("vague-quantity", ("Many sellers",))


def scored(*findings, defects=(MANY,), traps=(), complete=True):
    total = Score()
    score(Labelled("d", READ, tuple(defects), tuple(traps), complete), findings, total)
    return total


def test_the_rules_meet_their_bars_on_the_projects_own_write_ups():
    rules, total, reviewed = brain_named("rules", findings=None, stack=None), Score(), []
    for document in own_documents():
        reviewed.append(rules(document))
        score(document, reviewed[-1].findings, total)
    summary = summary_of(total, reviewed)
    assert summary["met"], total.notes
    assert (summary["grounded"], summary["in_controls"], summary["trapped"]) == (1.0, 0, 0)
    assert total.labels["rule"] > 80


def test_the_right_words_with_the_right_kind_count_fully():
    total = scored(a_finding("s"))
    assert (total.recall("vague-quantity"), total.precision()) == (1.0, 1.0)


def test_the_right_words_with_another_kind_are_found_but_not_typed():
    total = scored(a_finding("s", rule="hedge"))
    assert (total.found["vague-quantity"], total.typed["vague-quantity"], total.precision()) == (1, 0, 1.0)


def test_a_second_finding_on_the_same_words_is_a_repeat_and_a_look_alike_is_wrong():
    one, other = a_finding("s"), a_finding("s", rule="hedge", id="f1")
    assert scored(one, other).repeats == 1
    trapped = scored(one, defects=(), traps=(MANY,))
    assert (trapped.trapped, trapped.control, trapped.precision()) == (1, 1, 0.0)


def test_where_not_all_is_labelled_the_rest_is_not_judged():
    total = scored(a_finding("s", "Fix the form"), complete=False)
    assert (total.unjudged, total.wrong) == (1, 0)


def test_what_people_rejected_is_wrong_though_they_accepted_another_kind_beside_it():
    accepted = Label("unsupported-claim", ("Many sellers left soon.",))
    findings = a_finding("s", "Many sellers left soon.", rule="unsupported-claim"), a_finding("s", id="f1")
    total = scored(*findings, defects=(accepted,), traps=(MANY,), complete=False)
    assert (total.trapped, total.repeats) == (1, 0)


def test_a_missing_section_is_met_by_its_name():
    label = Label("missing-section", (), ("root cause",))
    finding = a_finding("s", "", rule="missing-section", description="There is no root cause section.")
    assert scored(finding, defects=(label,)).recall("missing-section") == 1.0


def test_every_kind_has_its_row():
    rows = rows_of(scored(a_finding("s"), a_finding("s", "Fix the form", rule="hedge")))
    assert [(row["kind"], row["findings"]) for row in rows][:2] == [("hedge", 1), ("vague-quantity", 1)]


@pytest.fixture
def folder(tmp_path):
    word_file(tmp_path / "a.docx", para("Many sellers left soon."))
    return tmp_path


def test_a_folder_with_labels_is_read(folder):
    defect = {"taxonomy": "vague-time", "section": "", "quote": "soon", "detectable": "judgement"}
    trap = {"looks_like": "hedge", "section": "", "quote": "left"}
    labels = {"a.docx": {"defects": [defect], "traps": [trap]}}
    (folder / "labels.json").write_text(json.dumps(labels))
    (document,) = documents_in(folder)
    assert document.defects == (Label("vague-time", ("soon",), by_rule=False),)
    assert document.traps == (Label("hedge", ("left",)),)


def test_decided_reviews_are_labels_accepted_ones_right_and_rejected_ones_wrong(folder):
    def entry(quote, decision, **changes):
        return {**a_finding("s", quote, **changes).to_dict(), "decision": decision}

    findings = [
        entry("Many", "accepted"),
        entry("soon", "rejected", rule="vague-time"),
        entry("left", "open"),
    ]
    (folder / "a.docx.findings.json").write_text(json.dumps({"findings": findings}))
    (document,) = documents_in(folder)
    assert [label.quotes for label in document.defects] == [("Many",)]
    assert [label.kind for label in document.traps] == ["vague-time"]
    assert not document.complete


def test_a_scripted_brain_says_what_its_file_says_and_is_held_to_the_text(folder):
    path = folder / "said.json"
    path.write_text(
        json.dumps({"d": [{"quote": "Many", "category": "x"}, {"quote": "invented", "category": "y"}]})
    )
    brain = brain_named("scripted", findings=path, stack=None)
    assert [one.grounded for one in brain(Labelled("d", READ, (), ())).findings] == [True, False]
