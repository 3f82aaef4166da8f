"""What changed between two submissions of a task, so that a reviewer looks at what is new and not at everything."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from spbe_tasks.rules.instrument import Place


@dataclass(frozen=True, slots=True)
class Shown:
    """An evidence as it was handed in: the ``version`` that stood then."""

    version: int
    title: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the agency said about one criterion; ``evidence`` by its id."""

    is_met: bool = False
    explanation: str = ""
    evidence: Mapping[int, Shown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """What it wrote about one level: the facts, and what follows from them."""

    facts: str = ""
    analysis: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """A checklist as it was handed in: claims by (level, letter), texts by level."""

    claims: Mapping[Place, Said] = field(default_factory=dict)
    texts: Mapping[int, Words] = field(default_factory=dict)


class ChangeKind(StrEnum):
    """What is different."""

    TICKED = "ticked"
    UNTICKED = "unticked"
    EXPLANATION = "explanation"
    EVIDENCE_ADDED = "evidence_added"
    EVIDENCE_RENEWED = "evidence_renewed"  # the same evidence in another version
    EVIDENCE_REMOVED = "evidence_removed"
    FACTS = "facts"
    ANALYSIS = "analysis"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, in texts or titles ``before`` and ``after``; without ``letter`` about the level's texts."""

    kind: ChangeKind
    level: int
    letter: str | None = None
    before: str = ""
    after: str = ""
    evidence_id: int | None = None


def changes(previous: Contents, now: Contents) -> tuple[Change, ...]:
    """What ``now`` has that ``previous`` had not, or otherwise: by level and letter, a level's texts after its letters.

    What is named in neither, or in one of them without saying anything, is no change.
    """
    found = [
        change
        for place in sorted(previous.claims.keys() | now.claims.keys())
        for change in _of_claim(place, previous.claims.get(place, Said()), now.claims.get(place, Said()))
    ]
    found += [
        change
        for level in previous.texts.keys() | now.texts.keys()
        for change in _of_text(level, previous.texts.get(level, Words()), now.texts.get(level, Words()))
    ]
    return tuple(sorted(found, key=lambda each: (each.level, each.letter is None, each.letter or "")))


def _of_claim(place: Place, before: Said, after: Said) -> Iterator[Change]:
    if before.is_met != after.is_met:
        yield Change(ChangeKind.TICKED if after.is_met else ChangeKind.UNTICKED, *place)
    if before.explanation != after.explanation:
        yield Change(ChangeKind.EXPLANATION, *place, before.explanation, after.explanation)
    for evidence_id in sorted(before.evidence.keys() | after.evidence.keys()):
        old, new = before.evidence.get(evidence_id), after.evidence.get(evidence_id)
        kind = _evidence_kind(old, new)
        if kind is not None:
            titles = old.title if old else "", new.title if new else ""
            yield Change(kind, *place, *titles, evidence_id)


def _evidence_kind(old: Shown | None, new: Shown | None) -> ChangeKind | None:
    if old is None:
        return ChangeKind.EVIDENCE_ADDED
    if new is None:
        return ChangeKind.EVIDENCE_REMOVED
    return ChangeKind.EVIDENCE_RENEWED if old.version != new.version else None


def _of_text(level: int, before: Words, after: Words) -> Iterator[Change]:
    for kind in (ChangeKind.FACTS, ChangeKind.ANALYSIS):
        old, new = getattr(before, kind), getattr(after, kind)
        if old != new:
            yield Change(kind, level, None, old, new)
