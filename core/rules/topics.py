"""What a section is about, told from its heading: the parts a write-up is expected to have, and a few more."""

import re
from enum import StrEnum

from core.rules.lexicon import topic_phrases


class Topic(StrEnum):
    SUMMARY = "summary"
    TIMELINE = "timeline"
    IMPACT = "impact"
    ROOT_CAUSE = "root cause"
    RESOLVING = "resolving actions"
    PREVENTIVE = "preventative actions"
    RECOMMENDATIONS = "recommendations"
    CONCLUSION = "conclusion"
    BACKGROUND = "background"
    INVESTIGATION = "investigation"
    CLASSIFICATION = "classification"
    APPENDIX = "appendix"
    GLOSSARY = "glossary"


EXPECTED = (
    Topic.SUMMARY,
    Topic.TIMELINE,
    Topic.IMPACT,
    Topic.ROOT_CAUSE,
    Topic.RESOLVING,
    Topic.PREVENTIVE,
)
ACTIONS = frozenset({Topic.RESOLVING, Topic.PREVENTIVE, Topic.RECOMMENDATIONS, Topic.CONCLUSION})

_PATTERNS = {Topic[key.upper()]: re.compile(said, re.IGNORECASE) for key, said in topic_phrases().items()}
_PLAIN_ACTIONS = re.compile(r"^(?:actions?(?: items?| list| plan)?|measures|next steps)$", re.IGNORECASE)
_NUMBER = re.compile(
    r"^\s*(?:(?:section|part|chapter)\s+)?[\dIVX]{0,5}(?:[.\d]*)[.):]?\s+(?=\D)", re.IGNORECASE
)


def topics_of(heading: str) -> frozenset[Topic]:
    """The topics a heading names; none for one that says nothing known, several for a shared one."""
    name = _NUMBER.sub("", " " + heading).strip(" .:–-\t")
    found = {topic for topic, pattern in _PATTERNS.items() if pattern.search(name)}
    if _PLAIN_ACTIONS.match(name):
        # "Actions" alone may hold both kinds: the benefit of the doubt.
        found |= {Topic.RESOLVING, Topic.PREVENTIVE}
    if Topic.APPENDIX in found:
        # "Appendix B: interview findings" adds material; it is not the part itself.
        found = {Topic.APPENDIX} | (found & {Topic.GLOSSARY})
    return frozenset(found)
