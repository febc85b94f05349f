"""Everything stored about one review, joined: which findings it has, where they stand, what was decided on them.

A section shows the findings of its finished task; until then the instant ones of the rules. Nothing of this is
stored: it follows from the outline, the task results and the decisions at each read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.documents.model import Block, Section
from core.queueing.results import TaskRecord, TaskStatus
from core.review.decision import Decision, Standing, join
from core.review.finding import Finding
from core.review.merging import merge
from core.review.session import DOCUMENT_SECTION, ReviewSession
from core.review.versions import Version


@dataclass(frozen=True)
class ReviewParts:
    """Everything stored about one review, and what follows from it.

    rules: the instant findings. decisions: by finding id. records: by task id; a task that was asked for and never
    accepted has none. version: of a review of a later version of a document.
    """

    session: ReviewSession
    blocks: Sequence[Block]
    rules: Sequence[Finding]
    decisions: Mapping[str, Decision]
    records: Mapping[str, TaskRecord] = field(default_factory=dict)
    version: Version | None = None

    def record_of(self, section_id: str) -> TaskRecord | None:
        return self.records.get(self.session.tasks.get(section_id, ""))

    def answer_of(self, section_id: str) -> TaskRecord | None:
        """The record of the section's latest answer: while it is reviewed again, or if that fails, the one before."""
        former = self.records.get(self.session.answered.get(section_id, ""))
        records = (self.record_of(section_id), former)
        return next((record for record in records if has_succeeded(record)), None)

    def section_of(self, finding: Finding) -> str:
        """A finding belongs to the section that holds its block now: cutting the outline anew loses none."""
        at = self._at(finding)
        return (self._owners[at] if at is not None else "") or finding.section_id

    def reviewed_in(self, finding: Finding) -> str:
        """The section, present or retired, in whose answer the finding's words were reviewed last; "": in none."""
        at = self._at(finding)
        return self._reviewed_in[at] if at is not None else ""

    def is_set_aside(self, standing: Standing) -> bool:
        """Whether it is in a section that is skipped, and nobody has said anything about it."""
        section = self.session.section(self.section_of(standing.finding))
        return section is not None and section.skipped and not standing.decision.touched

    def section_at(self, block_id: str) -> str | None:
        """The section that holds the block; None: there is no such block."""
        return self._owners[self._index[block_id]] or None if block_id in self._index else None

    def place(self, finding: Finding) -> tuple[int, int, str]:
        """A sort key for reading order. Findings without words stand before the first words of their section."""
        if finding.anchor is not None and finding.anchor.block_id in self._index:
            return self._index[finding.anchor.block_id], finding.anchor.start, finding.id
        at = self._at(finding)
        return -1 if at is None else at, -1, finding.id

    def block(self, block_id: str) -> Block | None:
        return self.blocks[self._index[block_id]] if block_id in self._index else None

    @cached_property
    def standings(self) -> list[Standing]:
        """Every finding once with its decision, those that are set aside included; not in reading order.

        A finding that the pass over the whole document has made too is folded into the section's.
        """
        found, whole = list(_present_findings(self)), list(_found_in(DOCUMENT_SECTION, self))
        return join(merge(found, whole) if whole else found, self.decisions)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {block.id: number for number, block in enumerate(self.blocks)}

    @cached_property
    def _owners(self) -> list[str]:
        """The section of each block."""
        return self._spread(self.session.sections)

    @cached_property
    def _reviewed_in(self) -> list[str]:
        spoken = (*self.session.retired, *self.session.sections)
        return self._spread([section for section in spoken if self.answer_of(section.id)])

    def _spread(self, sections: Sequence[Section]) -> list[str]:
        """For each block, the id of the last of `sections` that holds it; "" where none does."""
        holders = [""] * len(self.blocks)
        for section in sections:
            holders[section.first : section.last + 1] = [section.id] * (section.last + 1 - section.first)
        return holders[: len(self.blocks)]

    def _at(self, finding: Finding) -> int | None:
        """Index of the finding's block, or of its section's first block where it is about no words."""
        if finding.anchor is not None and finding.anchor.block_id in self._index:
            return self._index[finding.anchor.block_id]
        known = (*self.session.sections, *self.session.retired)
        return next((section.first for section in known if section.id == finding.section_id), None)


def standings(parts: ReviewParts) -> list[Standing]:
    """Every finding of the review once, with its decision, in reading order; without what is set aside."""
    return _in_reading_order(parts, [one for one in parts.standings if not parts.is_set_aside(one)])


def set_aside(parts: ReviewParts) -> list[Standing]:
    """What `standings` leaves out, in reading order: undecided, in a section that is skipped."""
    return _in_reading_order(parts, [one for one in parts.standings if parts.is_set_aside(one)])


def _in_reading_order(parts: ReviewParts, found: Sequence[Standing]) -> list[Standing]:
    return sorted(found, key=lambda standing: parts.place(standing.finding))


def _present_findings(parts: ReviewParts) -> Iterable[Finding]:
    """The findings of every section's answer, of retired sections where no present section has an answer about the
    same words, and the instant ones of rules where no answer has come yet.
    """
    for section in parts.session.sections:
        yield from _found_in(section.id, parts)
    for section in parts.session.retired:
        yield from (one for one in _found_in(section.id, parts) if parts.reviewed_in(one) == section.id)
    whole = parts.answer_of(DOCUMENT_SECTION)
    for finding in parts.rules:
        is_of_the_whole = parts.section_of(finding) == DOCUMENT_SECTION
        if not (whole if is_of_the_whole else parts.reviewed_in(finding)):
            yield finding


def _found_in(section_id: str, parts: ReviewParts) -> Iterable[Finding]:
    record = parts.answer_of(section_id)
    if record is not None:
        yield from (Finding.from_dict(item) for item in (record.result or {}).get("feedback", ()))


def has_succeeded(record: TaskRecord | None) -> bool:
    return record is not None and record.status is TaskStatus.SUCCESS
