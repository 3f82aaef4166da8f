"""Who is told of what, and why it is they."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from spbe_tasks.rules.ladder import Level
from spbe_tasks.rules.preferences import Cadence
from spbe_tasks.rules.workflow import State


class RecipientReason(StrEnum):
    """Why it is this person who is told; the preview shows it."""

    ASSIGNEE = "assignee"
    FOCAL_POINT = "focal_point"
    COORDINATOR = "coordinator"
    AGENCY_HEAD = "agency_head"
    NO_AGENCY_HEAD = "no_agency_head"  # the coordinators, where the agency has nobody to escalate to
    EXECUTIVE = "executive"
    REVIEWER = "reviewer"
    ACTING = "acting"  # stands in for one of these


@dataclass(frozen=True, slots=True)
class Submission:
    """A task as it was handed in last: the how manieth time, on which local day, and everybody who ever did."""

    number: int
    submitted_on: date
    submitter_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OpenTask:
    """What the planner must know of a task. ``due_version`` rises with every change of ``due_on``.

    ``changed_on`` is the local day of its last state change; ``submission`` is needed while it waits for review.
    """

    task_id: int
    due_on: date
    due_version: int
    agency_id: int
    assignee_id: int | None
    state: State
    changed_on: date = date.min
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class ExpiringEvidence:
    """An evidence in use, and the day from which it no longer counts."""

    evidence_id: int
    expires_on: date
    agency_id: int


Recipients = tuple[tuple[int, RecipientReason], ...]


@dataclass(frozen=True, slots=True)
class People:
    """The accounts of one government that can be told something, by account id; all of them may sign in.

    ``assignable`` are those who can be given an agency's tasks, ``focal_points`` and ``agency_heads`` its people of
    that role, all by agency id. ``stand_ins`` leads from an absent person to the acting officer, ``suppressed`` are
    those whose address is not written to, ``cadences`` what they chose for the digest (daily where nothing).
    """

    assignable: Mapping[int, frozenset[int]]
    focal_points: Mapping[int, tuple[int, ...]]
    coordinators: tuple[int, ...]
    suppressed: frozenset[int] = frozenset()
    agency_heads: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    executives: tuple[int, ...] = ()
    reviewers: tuple[int, ...] = ()
    stand_ins: Mapping[int, int] = field(default_factory=dict)
    cadences: Mapping[int, Cadence] = field(default_factory=dict)

    def present(self, account_id: int) -> int:
        """Who does this person's work: an acting officer, or theirs in turn; they themselves where all are absent."""
        seen, found = {account_id}, account_id
        while found in self.stand_ins:
            found = self.stand_ins[found]
            if found in seen:
                return account_id
            seen.add(found)
        return found


def recipients(task: OpenTask, people: People) -> Recipients:
    """Who is reminded of ``task``, and why: the assignee, else the agency's focal points, else coordinators.

    Only active accounts, and an assignee only while they may work on the agency's tasks. By account id, nobody
    twice, acting officers for the absent; empty when the government has none of them.
    """
    if task.assignee_id is not None and task.assignee_id in people.assignable.get(task.agency_id, ()):
        return _present([task.assignee_id], RecipientReason.ASSIGNEE, people)
    return _of_agency(task.agency_id, people)


def of_expiry(evidence: ExpiringEvidence, people: People) -> Recipients:
    """Who is told that evidence runs out: its agency's focal points, else the coordinators."""
    return _of_agency(evidence.agency_id, people)


def of_escalation(agency_id: int, level: Level, people: People) -> Recipients:
    """Whom a late task of the agency is brought before at ``level``.

    The agency's heads, then the coordinators, then the executives. Where an agency has no head, or a government no
    executive, the coordinators are told instead, and that this is why.
    """
    if level is Level.COORDINATOR:
        return _present(people.coordinators, RecipientReason.COORDINATOR, people)
    if level is Level.EXECUTIVE:
        found, because = people.executives, RecipientReason.EXECUTIVE
    else:
        found, because = people.agency_heads.get(agency_id, ()), RecipientReason.AGENCY_HEAD
    if found:
        return _present(found, because, people)
    missing = {
        Level.AGENCY_HEAD: RecipientReason.NO_AGENCY_HEAD,
        Level.EXECUTIVE: RecipientReason.COORDINATOR,
    }
    return _present(people.coordinators, missing[level], people)


def of_review(submission: Submission, people: People) -> Recipients:
    """Who is reminded that a submission waits: the reviewers, else the coordinators; never who handed it in."""
    for found, because in (
        (people.reviewers, RecipientReason.REVIEWER),
        (people.coordinators, RecipientReason.COORDINATOR),
    ):
        may = [each for each in _present(found, because, people) if each[0] not in submission.submitter_ids]
        if may:
            return tuple(may)
    return ()


def _of_agency(agency_id: int, people: People) -> Recipients:
    focal_points = people.focal_points.get(agency_id, ())
    if focal_points:
        return _present(focal_points, RecipientReason.FOCAL_POINT, people)
    return _present(people.coordinators, RecipientReason.COORDINATOR, people)


def _present(account_ids: Iterable[int], because: RecipientReason, people: People) -> Recipients:
    told: dict[int, RecipientReason] = {}
    for account_id in account_ids:
        present = people.present(account_id)
        if present == account_id:
            told[present] = because
        else:
            told.setdefault(present, RecipientReason.ACTING)
    return tuple(sorted(told.items()))
