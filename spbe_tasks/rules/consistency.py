"""What does not fit together in a plan: facts in, findings out. Each finding is about one thing a person can mend.

A task always has an agency (the database sees to it), so "without agency" is one whose agency is closed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from spbe_tasks.rules.index import Level, counted
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.ownership import Part, part_problems
from spbe_tasks.rules.requirements import asked_places
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State, is_open

# An evaluator rarely follows more than one level in a year.
LARGEST_JUMP = Decimal(1)


class Kind(StrEnum):
    """What is wrong, in the order in which it is told: what falsifies figures and stops work first."""

    FIGURES_DIFFER = "figures_differ"  # stored, and computed anew just now
    PROOF_DIFFERS = "proof_differs"  # stored, and computed anew by the last nightly proof
    UNOWNED = "unowned"
    UNPLANNED = "unplanned"
    SHARES_NOT_ONE = "shares_not_one"
    AGENCY_CLOSED = "agency_closed"
    NO_FOCAL_POINT = "no_focal_point"
    ACCEPTED_WITHOUT_EVIDENCE = "accepted_without_evidence"
    EVIDENCE_EXPIRED = "evidence_expired"
    PROOF_DIFFERED = "proof_differed"  # a rebuild has mended it since
    ADDRESS_BLOCKED = "address_blocked"
    TASK_SHARES_NOT_ONE = "task_shares_not_one"
    NO_EVALUATION_DATES = "no_evaluation_dates"
    DUE_AFTER_EVALUATION = "due_after_evaluation"
    EVIDENCE_EXPIRES = "evidence_expires"
    LEVEL_JUMP = "level_jump"


# What is wrong today; the rest may turn out so.
ERRORS = frozenset(list(Kind)[: list(Kind).index(Kind.PROOF_DIFFERED)])


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with the ids of what it is about; ``words`` hold levels, days and names to tell it."""

    kind: Kind
    number: int | None = None
    agency_id: int | None = None
    task_id: int | None = None
    evidence_id: int | None = None
    words: tuple[object, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it is wrong today."""
        return self.kind in ERRORS


@dataclass(frozen=True, slots=True)
class CheckedTask:
    """A task as the checks see it; ``evidence`` counts what is attached and was not removed."""

    id: int
    number: int
    agency_id: int
    round: int
    state: State
    kind: TaskKind
    baseline: Decimal
    target: Decimal
    reached: Decimal | None
    due_on: date
    share: Fraction
    evidence: int


@dataclass(frozen=True, slots=True)
class CheckedAgency:
    """An agency with how many active focal points it has, and the names of those whose address is blocked."""

    id: int
    name: str
    is_active: bool
    focal_points: int
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedEvidence:
    """Evidence that counts until the day before ``expires_on``, and one of the tasks it is attached to."""

    id: int
    title: str
    task_id: int
    number: int
    agency_id: int
    expires_on: date


@dataclass(frozen=True, slots=True)
class Dates:
    """Today and the evaluation's days, all the government's own; None is not known."""

    today: date
    opens_on: date | None = None
    closes_on: date | None = None

    @property
    def judged_on(self) -> date | None:
        """The last known day on which evidence still has to count."""
        return self.closes_on or self.opens_on


def check_matrix(
    low: Collection[int],
    owners: Mapping[int, Mapping[int, Part]],
    open_agencies: Collection[int],
    tasks: Collection[CheckedTask],
) -> Iterator[Finding]:
    """Low indicators that nobody answers for or has a task for, and shares that are not 1 together.

    ``owners`` are all cells of the matrix by indicator and agency. An indicator on which every task was cancelled is
    decided; only withdrawn ones leave it open.
    """
    decided = {task.number for task in tasks if task.state is not State.WITHDRAWN}
    for number in sorted(low):
        if not any(each in open_agencies for each in owners.get(number, ())):
            yield Finding(Kind.UNOWNED, number)
        elif number not in decided:
            yield Finding(Kind.UNPLANNED, number)
    for number, parts in sorted(owners.items()):
        if any(part_problems(number, parts)):
            yield Finding(Kind.SHARES_NOT_ONE, number)


def check_tasks(
    instrument: Instrument, levels: Mapping[int, Level], tasks: Collection[CheckedTask], dates: Dates
) -> Iterator[Finding]:
    """Due dates, evidence, jumps and shares of a plan's tasks; ``levels`` are those the plan starts from."""
    if dates.opens_on is None:
        yield Finding(Kind.NO_EVALUATION_DATES)
    for task in tasks:
        if is_open(task.state) and dates.opens_on is not None and task.due_on > dates.opens_on:
            yield _about(task, Kind.DUE_AFTER_EVALUATION, task.due_on, dates.opens_on)
        if _lacks_evidence(instrument, task):
            yield _about(task, Kind.ACCEPTED_WITHOUT_EVIDENCE)
    for task in _latest(tasks):
        start, end = counted(levels.get(task.number)), task.target if task.reached is None else task.reached
        if task.state is not State.CANCELLED and end - start > LARGEST_JUMP:
            yield _about(task, Kind.LEVEL_JUMP, start, end)
    yield from _shares(tasks)


def check_agencies(tasks: Iterable[CheckedTask], agencies: Mapping[int, CheckedAgency]) -> Iterator[Finding]:
    """Agencies with open tasks that are closed, have no active focal point, or one who gets no mail."""
    for agency_id, them in groupby(
        sorted((task for task in tasks if is_open(task.state)), key=lambda task: task.agency_id),
        key=lambda task: task.agency_id,
    ):
        agency, count = agencies[agency_id], len(list(them))
        if not agency.is_active:
            yield Finding(Kind.AGENCY_CLOSED, agency_id=agency_id, words=(count,))
        elif not agency.focal_points:
            yield Finding(Kind.NO_FOCAL_POINT, agency_id=agency_id, words=(count,))
        for name in agency.blocked if agency.is_active else ():
            yield Finding(Kind.ADDRESS_BLOCKED, agency_id=agency_id, words=(name,))


def check_evidence(evidence: Iterable[CheckedEvidence], dates: Dates) -> Iterator[Finding]:
    """Evidence in use that no longer counts, or will not when it is judged; each once, the soonest first."""
    for each in sorted(evidence, key=lambda each: (each.expires_on, each.id)):
        if each.expires_on <= dates.today:
            kind = Kind.EVIDENCE_EXPIRED
        elif dates.judged_on is not None and each.expires_on <= dates.judged_on:
            kind = Kind.EVIDENCE_EXPIRES
        else:
            continue
        words = (each.title, each.expires_on)
        yield Finding(kind, each.number, each.agency_id, each.task_id, each.id, words)


def in_order(findings: Iterable[Finding]) -> dict[Kind, tuple[Finding, ...]]:
    """The findings by kind, in the order of ``Kind``; kinds without one are left out."""
    found: dict[Kind, list[Finding]] = {kind: [] for kind in Kind}
    for each in findings:
        found[each.kind].append(each)
    return {kind: tuple(them) for kind, them in found.items() if them}


def _about(task: CheckedTask, kind: Kind, *words: object) -> Finding:
    return Finding(kind, task.number, task.agency_id, task.id, words=words)


def _lacks_evidence(instrument: Instrument, task: CheckedTask) -> bool:
    """Accepted for a level it climbed or kept, and nothing shows it. Without criteria nothing is asked."""
    if task.reached is None or task.evidence:
        return False
    if task.reached <= task.baseline and task.kind is not TaskKind.UPKEEP:
        return False
    indicator = instrument.indicator(task.number)
    return bool(asked_places(indicator, baseline=task.baseline, target=task.reached))


def _latest(tasks: Iterable[CheckedTask]) -> list[CheckedTask]:
    """The latest round of each agency on each indicator that was not withdrawn."""
    standing = [task for task in tasks if task.state is not State.WITHDRAWN]
    latest = {(task.number, task.agency_id): task for task in sorted(standing, key=lambda task: task.round)}
    return sorted(latest.values(), key=lambda task: (task.number, task.agency_id))


def _shares(tasks: Iterable[CheckedTask]) -> Iterator[Finding]:
    """Indicators whose generated tasks divide more or less than the whole; what was made by hand stands beside them."""
    generated = _latest(task for task in tasks if task.kind is TaskKind.GAP)
    for number, them in groupby(generated, key=lambda task: task.number):
        total = sum((task.share for task in them), Fraction(0))
        if total != 1:
            yield Finding(Kind.TASK_SHARES_NOT_ONE, number, words=(total,))
