"""All rules, in the order in which a reader would want to know of them."""

from core.rules import (
    action_date,
    action_owner,
    blame_language,
    cross_reference,
    date_order,
    duplicate_paragraph,
    hedge,
    long_sentence,
    missing_section,
    number_mismatch,
    percent_sum,
    personal_data,
    placeholder,
    prompt_injection,
    undefined_acronym,
    vague_quantity,
    vague_time,
)
from core.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    personal_data.RULE,
    prompt_injection.RULE,
    missing_section.RULE,
    placeholder.RULE,
    action_owner.RULE,
    action_date.RULE,
    date_order.RULE,
    number_mismatch.RULE,
    percent_sum.RULE,
    vague_quantity.RULE,
    vague_time.RULE,
    hedge.RULE,
    blame_language.RULE,
    cross_reference.RULE,
    duplicate_paragraph.RULE,
    undefined_acronym.RULE,
    long_sentence.RULE,
)
