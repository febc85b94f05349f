"""One defect is one finding, whichever rules see it; two defects of one sentence are two."""

import pytest

from core.rules.reviewing import review_document
from tests.unit.rules.samples import document

COPIED = (
    "The harbour wrote to the 17 pilots on 5 May and told them the cause. Eleven of them replied within a day,"
    " and several asked for a second tug."
)


def kinds(text):
    blocks, sections = document(text)
    return sorted(
        one.rule for one in review_document(blocks, sections, session_id="t") if one.rule != "missing-section"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# Recommendations\nAda Ferro will weigh the drums by TBC.", ["placeholder"]),
        ("# Root cause\nThe cause of the incident was the loss of power.", ["root-cause-is-symptom"]),
        (f"# Impact\n{COPIED}\n# Resolution\n{COPIED}", ["duplicate-paragraph", "vague-quantity"]),
    ],
)
def test_what_two_rules_see_is_told_once(text, found):
    assert kinds(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "# Recommendations\nThe drums will be weighed. The clerk lives with case TBC.",
            ["action-without-owner", "placeholder"],
        ),
        ("# Impact\nNumerous drums were lost a while ago.", ["vague-quantity", "vague-time"]),
    ],
)
def test_two_defects_stay_two(text, found):
    assert kinds(text) == found
