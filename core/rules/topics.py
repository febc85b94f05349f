"""What a section is about, told from its heading: the parts a write-up is expected to have, and a few more."""

import re
from enum import StrEnum

from core.rules.lexicon import phrases, topic_phrases


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
BOTH_ACTIONS = frozenset({Topic.RESOLVING, Topic.PREVENTIVE})

_PATTERNS = {Topic[key.upper()]: re.compile(said, re.IGNORECASE) for key, said in topic_phrases().items()}
_PERHAPS_ACTIONS = re.compile(phrases("perhaps_actions"), re.IGNORECASE)
_PERHAPS_IMPACT = re.compile(phrases("perhaps_impact"), re.IGNORECASE)
_NUMBER = re.compile(
    r"^\s*(?:(?:section|part|chapter)\s+)?(?:[\dIVX]{0,5}(?:[.\d]*)[.):]?|\(?[A-Z][.)])\s+(?=\D)",
    re.IGNORECASE,
)


def topics_of(heading: str) -> frozenset[Topic]:
    """The topics a heading names; none for one that says nothing known, several for a shared one."""
    name = _name(heading)
    found = {topic for topic, pattern in _PATTERNS.items() if pattern.search(name)}
    if _PERHAPS_ACTIONS.fullmatch(name):
        # "Actions" alone may hold both kinds: the benefit of the doubt.
        found |= BOTH_ACTIONS
    if Topic.APPENDIX in found:
        # "Appendix B: interview findings" adds material; it is not the part itself.
        found = {Topic.APPENDIX} | (found & {Topic.GLOSSARY})
    return frozenset(found)


def perhaps_topics_of(heading: str) -> frozenset[Topic]:
    """The parts that a heading may stand for which any kind of document can have: "Plan", "Scope"."""
    name = _name(heading)
    if _PERHAPS_ACTIONS.fullmatch(name):
        return BOTH_ACTIONS
    return frozenset({Topic.IMPACT}) if _PERHAPS_IMPACT.fullmatch(name) else frozenset()


def _name(heading: str) -> str:
    return _NUMBER.sub("", " " + heading).strip(" .:?!–-\t")
