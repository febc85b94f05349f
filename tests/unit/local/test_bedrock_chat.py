"""The rules brain asked a question, or given guidelines: passages and sentences as they stand, and it says so."""

from dataclasses import replace
from typing import Any

import pytest

from infra.local.bedrock.catalogue import resolve
from infra.local.bedrock.conversation import Conversation
from infra.local.bedrock.guideline_rules import rules_of
from infra.local.bedrock.passages import terms
from infra.local.bedrock.rules_brain import RulesBrain

MODEL = resolve("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
LINES = [
    "[b1 heading] Monitoring of alerts",
    "[b2] Alerts are reviewed within five working days by the first line.",
    "[b3] The backlog grew to 412 cases in March.",
    "[b4 heading] Action plan",
    "[b5] Anna Kovacs owns the remediation and reports to the committee every month.",
    "[b6 cell 2,3] Backlog cleared by 30 June",
    "[b7] " + "Nothing of interest is said here. " * 12 + "Escalations go to the regulator at once.",
]
DOCUMENT = "<<<document 9f3a>>>\n" + "\n".join(LINES) + "\n<<<end 9f3a>>>"
CHAT = {"type": "object", "properties": {"answer": {"type": "string"}, "citations": {"type": "array"}}}
RULES = {"type": "object", "properties": {"rules": {"type": "array"}}}


def question(words: str) -> str:
    return f"<<<question 77>>>\n{words}\n<<<end 77>>>"


def conversation(*texts: str, schema: dict[str, Any], earlier: tuple[str, ...] = ()) -> Conversation:
    return Conversation(
        MODEL, texts, 100, max_tokens=2000, schema=schema, user_texts=(*earlier, *texts), budget_tokens=1024
    )


def chat(words: str, *, document: str = DOCUMENT) -> dict[str, Any]:
    content = RulesBrain().answer(conversation(document, question(words), schema=CHAT)).content
    assert isinstance(content, dict)
    return content


def cited(words: str) -> list[str]:
    return [citation["block_id"] for citation in chat(words)["citations"]]


@pytest.mark.parametrize(
    ("words", "block_id"),
    [
        ("Who owns the remediation?", "b5"),
        ("How large was the backlog in March?", "b3"),
        ("When are alerts reviewed?", "b2"),
        ("What is escalated to the regulator?", "b7"),
    ],
)
def test_the_passage_that_answers_comes_first(words: str, block_id: str) -> None:
    assert cited(words)[0] == block_id


def test_an_answer_says_that_no_model_gave_it_and_quotes_what_it_cites() -> None:
    content = chat("How large is the backlog?")
    assert content["answer"].startswith("No model is configured; these passages")
    for citation in content["citations"]:
        assert citation["quote"] in content["answer"]
        assert any(citation["quote"] in line and f"[{citation['block_id']}" in line for line in LINES)


def test_the_head_of_a_table_is_no_answer_where_a_sentence_is() -> None:
    table = "[b8 cell 0,0] Owner\n[b9 cell 1,0] Anna Kovacs owns the repair of the alert queue"
    document = DOCUMENT.replace("\n<<<end", f"\n{table}\n<<<end")
    quotes = [
        item["quote"] for item in chat("Who is the owner of the repair?", document=document)["citations"]
    ]

    assert "Owner" not in quotes
    assert quotes[0].startswith("Anna Kovacs owns the repair")


def test_at_most_three_passages_are_cited() -> None:
    assert len(cited("alerts backlog remediation committee escalations regulator")) == 3


def test_of_a_long_block_only_the_sentence_that_matches_is_quoted() -> None:
    (first, *_) = chat("Which escalations go to the regulator?")["citations"]
    assert first == {"block_id": "b7", "quote": "Escalations go to the regulator at once."}


def test_a_heading_leads_to_what_stands_under_it() -> None:
    assert set(cited("What is in the action plan?")) <= {"b5", "b6", "b7"}
    assert cited("What is in the action plan?")


def test_nothing_matching_is_said_and_not_invented() -> None:
    content = chat("Is the dragon insured?")
    assert "no passage of the document matches" in content["answer"]
    assert content["citations"] == []


def test_without_a_document_there_is_nothing_to_search() -> None:
    content = RulesBrain().answer(conversation(question("Who?"), schema=CHAT)).content
    assert content == {
        "answer": "No model is configured, and this request has no document text to search.",
        "citations": [],
    }


def test_the_document_may_have_come_with_an_earlier_message() -> None:
    asked = conversation(question("Who owns the remediation?"), schema=CHAT, earlier=(DOCUMENT,))
    content = RulesBrain().answer(asked).content
    assert isinstance(content, dict)
    assert content["citations"][0]["block_id"] == "b5"


def test_a_question_is_known_without_a_schema_too() -> None:
    asked = replace(conversation(DOCUMENT, question("Who owns it?"), schema={}), budget_tokens=0)
    content = RulesBrain().answer(asked).content
    assert isinstance(content, dict)
    assert set(content) == {"answer", "citations"}


def test_words_are_compared_without_their_endings() -> None:
    assert terms("The reviews are reviewed, reviewing policies!") == ["review", "review", "review", "policy"]


GUIDELINES = """# House rules

Our team writes for the committee.
- Every figure has a source and
  a date
- No passive voice
2) One idea per paragraph

Quote the policy by number. The committee meets in May. Findings must name an owner, and
an end date. Please relax.
- No passive voice
"""


def test_guidelines_are_cut_down_to_what_they_demand() -> None:
    assert rules_of(GUIDELINES) == [
        "Every figure has a source and a date",
        "No passive voice",
        "One idea per paragraph",
        "Quote the policy by number.",
        "Findings must name an owner, and an end date.",
    ]


def test_guidelines_of_a_document_lose_their_block_marks() -> None:
    text = "[b1 heading] Must read\n[b2] Reviewers must sign.\n[b3] It rains.\n[b4] - Keep it short"
    assert rules_of(text) == ["Reviewers must sign.", "Keep it short"]


def test_forty_rules_are_enough() -> None:
    assert len(rules_of("\n".join(f"- Rule {number}" for number in range(90)))) == 40


def test_condensed_guidelines_fit_the_answer_and_are_no_models() -> None:
    text = "\n".join(f"- Rule {number} " + "x" * 200 for number in range(40))
    asked = conversation(f"<<<guidelines a1>>>\n{text}\n<<<end a1>>>", schema=RULES)
    given = RulesBrain().answer(replace(asked, max_tokens=1000))
    assert isinstance(given.content, dict)
    assert 0 < len(given.content["rules"]) < 40
    assert all(rule["text"] in text for rule in given.content["rules"])
    assert "No model" in given.thinking
