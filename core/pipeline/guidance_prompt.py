"""The team's guidance in a prompt: its lines as data, and the rules whose findings nobody wants.

The mark around the lines is made of the text, as in guideline_prompt: the block belongs to the stable
beginning.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache
from string import Template

from core.models.exchange import ModelRequest, fingerprint_of
from core.pipeline.prompt_words import version_of, words
from core.pipeline.section_text import clean
from core.review.finding import Finding
from core.review.guidance import GuidanceUsed

PROMPT = "guidance/v1"
_FILE = "section.md"
_MARK_CHARS = 16


@cache
def guidance_version() -> str:
    return version_of(PROMPT, (_FILE,))


def with_guidance(request: ModelRequest, used: GuidanceUsed | None) -> ModelRequest:
    """The request with the guidance after the checklist; it becomes part of prompt version and fingerprint."""
    if used is None:
        return request
    block = guidance_block(used)
    return replace(
        request,
        system=(*request.system, block),
        prompt_version=f"{request.prompt_version}+{guidance_version()}-{used.sha256[:8]}",
        fingerprint=fingerprint_of(request.fingerprint, guidance_version(), block),
    )


def guidance_block(used: GuidanceUsed) -> str:
    text = "\n".join(f"- {clean(line)}" for line in used.lines)
    mark = hashlib.sha256(text.encode()).hexdigest()[:_MARK_CHARS]
    listed = ", ".join(f"`{rule}`" for rule in used.rules_off)
    off = f" Give no findings with the rules {listed}: they are switched off." if listed else ""
    head = Template(words(PROMPT, _FILE)).substitute(mark=mark, off=off)
    return f"{head}\n\n<<<guidance {mark}>>>\n{text}\n<<<end {mark}>>>"


def without_switched_off(findings: Iterable[Finding], rules_off: Collection[str]) -> list[Finding]:
    """Drops findings of rules that the team has switched off, whoever reported them.

    A model may leave out the rule and name the kind instead: "Vague quantity".
    """
    return [finding for finding in findings if _kind(finding) not in rules_off]


def _kind(finding: Finding) -> str:
    return finding.rule or "-".join(finding.category.lower().split())
