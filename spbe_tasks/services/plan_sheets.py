"""What the workbook of a plan holds: its figures, its tasks, and how far each of their criteria is shown."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.criterion_evidence import CriterionEvidence, Piece, criterion_evidence
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.instrument import Criterion, Indicator, Instrument, Place
from spbe_tasks.rules.requirements import asked_places, asks_for
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State, is_overdue
from spbe_tasks.services import overviews
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.projection_record import StoredAgency
from spbe_tasks.services.queries import governments, plan_sheets
from spbe_tasks.services.task_titles import title_of


@dataclass(frozen=True, slots=True)
class SheetTask:
    """One task as a row. ``days_late`` counts calendar days, None while it is not late."""

    id: int
    indicator: Indicator
    stored_title: str
    kind: TaskKind
    agency_id: int
    agency_name: str
    assignee_name: str | None
    state: State
    round: int
    baseline: Decimal
    target: Decimal
    reached: Decimal | None
    points: Decimal
    due_on: date
    days_late: int | None
    met: int
    asked: int
    evidence: int
    note: str | None

    def title(self, locale: str) -> str:
        """Its title in the reader's language."""
        return title_of(self.stored_title, self.indicator, locale)


@dataclass(frozen=True, slots=True)
class SheetCriterion:
    """One criterion a task asks for, with what is attached to it."""

    task: SheetTask
    level: int
    criterion: Criterion
    is_met: bool
    pieces: tuple[Piece, ...]
    status: CriterionEvidence


@dataclass(frozen=True, slots=True)
class PlanSheets:
    """A plan on the government's ``today`` through one person's eyes; figures are as of their last rebuild.

    ``agencies`` are those whose figures the person may see, ``claimed`` and ``pieces`` what stands at criteria by task.
    """

    government: Government
    overview: Overview
    agencies: Sequence[StoredAgency]
    tasks: Sequence[SheetTask]
    claimed: Mapping[int, frozenset[Place]]
    pieces: Mapping[int, Mapping[Place, tuple[Piece, ...]]]
    today: date
    is_stale: bool

    def criteria(self) -> Iterator[SheetCriterion]:
        """The criteria of every task that was not cancelled, lowest level first; made one at a time."""
        for task in self.tasks:
            if task.state is not State.CANCELLED:
                yield from self._criteria_of(task)

    def _criteria_of(self, task: SheetTask) -> Iterator[SheetCriterion]:
        claimed, attached = self.claimed.get(task.id, frozenset()), self.pieces.get(task.id, {})
        for step in task.indicator.levels:
            if not asks_for(step.level, baseline=task.baseline, target=task.target):
                continue
            for criterion in step.criteria:
                place = (step.level, criterion.letter)
                is_met, pieces = place in claimed, attached.get(place, ())
                status = criterion_evidence(pieces, is_met=is_met, today=self.today)
                yield SheetCriterion(task, step.level, criterion, is_met, pieces, status)

    def by_agency(self) -> Mapping[tuple[str, int], Sequence[SheetTask]]:
        """The tasks of each agency, by (name, id), in the order of names."""
        found: defaultdict[tuple[str, int], list[SheetTask]] = defaultdict(list)
        for task in self.tasks:
            found[task.agency_name, task.agency_id].append(task)
        return {key: found[key] for key in sorted(found)}


def read(session: Session, scope: Scope, plan_id: int, *, now: datetime) -> PlanSheets:
    """Everything at once, in as many statements for five tasks as for five thousand.

    Raises NotFoundError for a plan of another government ("plan.not_found") or one whose figures have not been computed
    yet ("plan.no_figures").
    """
    overview = overviews.read(session, scope, plan_id)
    if overview is None:
        raise NotFoundError("plan.no_figures")
    government = governments.get_government(session, scope.government_id)
    today = local_date(now, government.timezone)
    rows = plan_sheets.list_tasks(session, scope, plan_id)
    return PlanSheets(
        government=government,
        overview=overview,
        agencies=overview.agencies(scope),
        tasks=[_task(row, overview.instrument, today) for row in rows],
        claimed=_claimed(plan_sheets.list_met(session, scope, plan_id)),
        pieces=_pieces(plan_sheets.list_pieces(session, scope, plan_id)),
        today=today,
        is_stale=overview.freshness(now).is_stale,
    )


def _task(row: Row[Any], instrument: Instrument, today: date) -> SheetTask:
    indicator = instrument.indicator(row.indicator_number)
    is_late = is_overdue(row.state, row.due_on, today)
    return SheetTask(
        id=row.id,
        indicator=indicator,
        stored_title=row.title,
        kind=row.kind,
        agency_id=row.agency_id,
        agency_name=row.agency_name,
        assignee_name=row.assignee_name,
        state=row.state,
        round=row.round,
        baseline=row.baseline_level,
        target=row.target_level,
        reached=row.reached_level,
        points=row.points,
        due_on=row.due_on,
        days_late=(today - row.due_on).days if is_late else None,
        met=row.met,
        asked=len(asked_places(indicator, baseline=row.baseline_level, target=row.target_level)),
        evidence=row.evidence,
        note=row.state_note,
    )


def _claimed(rows: Sequence[Row[Any]]) -> Mapping[int, frozenset[Place]]:
    found: defaultdict[int, set[Place]] = defaultdict(set)
    for row in rows:
        found[row.task_id].add((row.level, row.letter))
    return {task_id: frozenset(places) for task_id, places in found.items()}


def _pieces(rows: Sequence[Row[Any]]) -> Mapping[int, Mapping[Place, tuple[Piece, ...]]]:
    found: defaultdict[int, dict[Place, tuple[Piece, ...]]] = defaultdict(dict)
    for row in rows:
        places, at = found[row.task_id], (row.level, row.letter)
        places[at] = (*places.get(at, ()), Piece(row.title, row.expires_on, row.is_infected))
    return found
