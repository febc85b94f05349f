"""Nobody can keep a worker busy with a text: whatever stands in it costs about what prose of its length costs.

Measured in time of the processor, as a share of what prose costs here and now, so that a slow or busy machine makes
no difference. A pattern that tries again at every place costs a hundred times as much and more.
"""

import time
import tomllib
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from itertools import count

import pytest

from core.review.finding import Finding
from core.rules.catalogue import RULES
from core.rules.engine import findings
from core.rules.rule import Scope
from core.rules.view import View, view_of
from tests.unit.rules.samples import document

LENGTH = 3_000
"""The longest stretch that rules look at as one sentence."""
BLOCK = 5_000
"""Of a block that some read as a whole."""
MOST_TIMES_PROSE = 12
LINES = 150
MOST_GROWTH = 9
"""Of four times the length: in proportion is 4, each with each is 16."""
TRIES = 3
ENOUGH_S = 0.05
"""Less is noise."""
PROSE = (
    "The depot in Alden received {n} parcels that evening, and the clerk on duty scanned them one after the other. "
    "The gateway refused the last file, because its footer named {n} rows. Ada Ferro, Claims, compared both lists. "
)
NUMBERS = count(100)
READ_WHOLE = [rule for rule in RULES if rule.slug in ("placeholder", "pii", "date-order")]
"""Their patterns see blocks, not sentences."""
REPEATED = [
    *["a", "A", "0", ".", "(", "[", "{", "<", "_", "#", "?", "-", "*", '"', "“", "'", ":", "€", "é"],
    " ",
    "\t",
    "\u00a0",
    *("1, ", "1.", "a ", "A ", "a-", "a.", "Ab Cd ", "(a", "[a", "<a ", "AB (", "ab@", "a@b.", "+1 ", "10% "),
    *("__ / ", "../", "1 January ", "12:00 ", "EUR ", "EUR 1.12 million ", "123 orders ", "section 1, "),
    *(
        "the ",
        "no ",
        "as a ",
        "of the ",
        "was not ",
        "when the ",
        "would have ",
        "orders number ",
        "the orders of ",
    ),
    *(
        "customers in the ",
        "customers have begun to ",
        "clerks like a ",
        "Ada Ferro, Claims, ",
        "to be ",
        "TBD ",
    ),
    *("ignore all ", "dear model, ", "it is not a ", "more and more ", "a few of the "),
]
LIKE_LINES: list[Callable[[int], str]] = [
    lambda n: f"The team counted {10_000 + n} parcels in the depot.",
    lambda n: f"The team sent {n % 97 + 3} letters to sellers in spring.",
    lambda n: f"The depot lost {1_234 + n % 50 * 11} parcels worth EUR {n % 9 + 1}.{n % 90 + 10} million.",
    lambda n: f"See section {n % 99}, Appendix {chr(65 + n % 26)} and E-{n % 999}.",
    lambda n: f"The {10 + n % 80} customers wrote, and {10 + n * 7 % 80} of our customers called.",
    lambda n: f"- {n % 28 + 1} May 2025: the team called the bank about case {n}.",
    lambda n: f"The team called the bank and the bank called the team again on that day {n % 7}.",
]


def half_matches(slug: str) -> str:
    """The first halves of all that a rule finds, with nothing that ends a sentence."""
    examples = (files("core.rules") / "examples" / f"{slug}.toml").read_text(encoding="utf-8")
    texts = [
        case["text"].translate(str.maketrans("\n.!?", "    ")) for case in tomllib.loads(examples)["finds"]
    ]
    return " ".join(text[: len(text) // 2] for text in texts) + " "


def view(text: str) -> View:
    blocks, sections = document(f"# Root cause\n{text}")
    return view_of(blocks, sections)


def cost_s(look: Callable[[], object]) -> float:
    started = time.process_time()
    look()
    return time.process_time() - started


def cost_of_text_s(text: str) -> float:
    return cost_s(lambda: findings(view(text), RULES, session_id="t"))


def prose() -> str:
    return "".join(PROSE.format(n=next(NUMBERS)) for _ in range(LENGTH // len(PROSE)))


def filled(part: str, length: int = LENGTH) -> str:
    return (part * (length // len(part) + 1))[:length]


def costs_about_prose(text: str) -> bool:
    """In one of a few tries, each beside prose, which nobody has seen before: what was seen is remembered."""
    cost_of_text_s(text[:200] + PROSE)
    return any(
        cost_of_text_s(f"{at} {text}") < MOST_TIMES_PROSE * cost_of_text_s(prose()) for at in range(TRIES)
    )


def grows_in_proportion(look: Callable[[View], object], text: Callable[[int], str], length: int) -> bool:
    """In one of a few tries, each with texts of its own: what was seen before is remembered."""

    def cost(times: int, at: int) -> float:
        seen = view(f"{at} {text(times * length)}")
        return cost_s(partial(look, seen))

    return any(cost(4, at) < max(MOST_GROWTH * cost(1, at), ENOUGH_S) for at in range(TRIES))


@pytest.mark.parametrize("part", REPEATED)
def test_a_text_of_one_thing_costs_about_what_prose_costs(part):
    assert costs_about_prose(filled(part))


@pytest.mark.parametrize("slug", [rule.slug for rule in RULES])
def test_a_text_of_half_matches_costs_about_what_prose_costs(slug):
    assert costs_about_prose(filled(half_matches(slug)))


@pytest.mark.parametrize("part", REPEATED)
def test_a_block_is_read_in_proportion_to_its_length(part):
    def read(text: View) -> list[Finding]:
        again = view_of(text.blocks, text.sections)
        return findings(again, READ_WHOLE, session_id="t")

    assert grows_in_proportion(read, partial(filled, part), BLOCK)


@pytest.mark.parametrize("line", LIKE_LINES)
@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.scope is Scope.DOCUMENT], ids=lambda one: one.slug
)
def test_like_lines_are_not_each_compared_with_each(rule, line):
    def find(text: View) -> list[Finding]:
        return findings(text, [rule], session_id="t")

    assert grows_in_proportion(find, lambda lines: "\n".join(map(line, range(lines))), LINES)
