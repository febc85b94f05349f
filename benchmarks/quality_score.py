"""How well findings meet the labels of a document: each label and each finding counts once, best pairs first."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.quality_labels import Label, Labelled
from core.review.finding import Finding

MISSING = "missing-section"
_LEAST_SHARE = 0.6
_MARKS = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"}
)


@dataclass
class Score:
    """found: labels met by place. typed: met with the right kind as well. By kind, and "rule" for those of rules.

    repeats: a second finding on a met label. trapped: on a look-alike. wrong: on neither. unjudged: on neither,
    where not every defect is labelled. grounded: findings whose quote stands in the text, or that need none.
    """

    labels: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    typed: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    findings: int = 0
    repeats: int = 0
    trapped: int = 0
    wrong: int = 0
    unjudged: int = 0
    grounded: int = 0
    control: int = 0
    notes: list[str] = field(default_factory=list)

    def precision(self, kind: str | None = None) -> float:
        """1.0 without findings: nothing said is nothing wrong."""
        right = self.matched[kind] if kind else sum(self.matched.values())
        bad = self.bad[kind] if kind else sum(self.bad.values())
        return right / (right + bad) if right + bad else 1.0

    def recall(self, kind: str) -> float:
        return self.typed[kind] / self.labels[kind] if self.labels[kind] else 1.0


def score(document: Labelled, findings: Sequence[Finding], into: Score) -> None:
    """Adds what `findings` are worth to `into`."""
    met = _pairs(findings, document.defects)
    for at, label in enumerate(document.defects):
        pair = next((i for i, j in met.items() if j == at), None)
        typed = pair is not None and kind_of(findings[pair]) == label.kind
        for key in (label.kind, "rule" if label.by_rule else "judgement"):
            into.labels[key] += 1
            into.found[key] += pair is not None
            into.typed[key] += typed
        if pair is None:
            into.notes.append(f"missed  {document.name}  {label.kind}  {label.quotes or label.keywords}")
    into.findings += len(findings)
    into.grounded += sum(finding.grounded for finding in findings)
    into.control += 0 if document.defects else len(findings)
    for at, finding in enumerate(findings):
        _count(document, finding, into, met=at in met)


def _count(document: Labelled, finding: Finding, into: Score, *, met: bool) -> None:
    kind = kind_of(finding)
    if met:
        into.matched[kind] += 1
    elif not _was_rejected(document, finding) and any(
        closeness(finding, label) for label in document.defects
    ):
        into.repeats += 1
    elif any(closeness(finding, trap) for trap in document.traps):
        into.trapped += 1
        into.bad[kind] += 1
        into.notes.append(f"trapped {document.name}  {kind}  {finding.quote}")
    elif document.complete:
        into.wrong += 1
        into.bad[kind] += 1
        into.notes.append(f"wrong   {document.name}  {kind}  {finding.quote or finding.description}")
    else:
        into.unjudged += 1


def _was_rejected(document: Labelled, finding: Finding) -> bool:
    """By people who decided on it: right beside it they may have accepted another."""
    return not document.complete and any(closeness(finding, trap) > 1.0 for trap in document.traps)


def _pairs(findings: Sequence[Finding], labels: Sequence[Label]) -> dict[int, int]:
    """Index of finding -> index of the label that it meets."""
    near = [
        (closeness(finding, label), i, j)
        for i, finding in enumerate(findings)
        for j, label in enumerate(labels)
    ]
    pairs: dict[int, int] = {}
    for value, i, j in sorted(near, key=lambda one: -one[0]):
        if value and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def kind_of(finding: Finding) -> str:
    return finding.rule or finding.category


def closeness(finding: Finding, label: Label) -> float:
    """0: another matter. Above 1: the same place and the same kind."""
    same_kind = kind_of(finding) == label.kind
    if not label.quotes:
        said = _folded(f"{finding.description} {finding.category}")
        return 2.0 if same_kind and any(_folded(word) in said for word in label.keywords) else 0.0
    if not finding.quote or kind_of(finding) == MISSING:
        return 0.0
    place = max(_overlap(_folded(finding.quote), _folded(quote)) for quote in label.quotes)
    return place + (1.0 if same_kind else 0.0) if place else 0.0


def _overlap(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    if _within(one, other) or _within(other, one):
        return 1.0
    first, second = one.split(), other.split()
    shorter = min(len(first), len(second))
    share = _longest_run(first, second) / shorter
    return share if share >= _LEAST_SHARE and shorter >= 3 else 0.0


def _within(part: str, whole: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", whole) is not None


def _longest_run(one: Sequence[str], other: Sequence[str]) -> int:
    best, before = 0, [0] * (len(other) + 1)
    for word in one:
        row = [0, *(before[at] + 1 if word == second else 0 for at, second in enumerate(other))]
        best, before = max(best, *row), row
    return best


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_MARKS).casefold()
    return " ".join(plain.split()).strip(" .")
