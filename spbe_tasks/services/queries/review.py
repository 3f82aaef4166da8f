"""Selects of the review queue: what waits, and what stands around one submission while it is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, Agency, Plan, Submission, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries import bundle, governments
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.tasks import PAGE_SIZE, ROWS, visible

_SUBMITTER, _EACH = aliased(Account), aliased(Submission)
_LATEST = select(func.max(_EACH.number)).where(_EACH.task_id == Task.id).scalar_subquery()

_ORDER = (Submission.submitted_at, Task.id)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the queue is narrowed to; ``indicators`` are those of ``instrument_id``."""

    agency_id: int | None = None
    instrument_id: str | None = None
    indicators: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class QueueSurroundings:
    """What the queue shows around its rows: their exact number, agencies something waits from, and holidays."""

    total: int
    agencies: JsonRows
    holidays: JsonRows


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where a submission stands in the queue, from 1, and its neighbours; nowhere: it is not in it."""

    place: int = 0
    total: int = 0
    previous_id: int | None = None
    next_id: int | None = None


EVERYTHING = QueueFilter()


def list_submitted(
    session: Session, scope: Scope, wanted: QueueFilter = EVERYTHING, *, page: int = 1
) -> Sequence[Row[Any]]:
    """The review queue, longest waiting first: with the latest submission and whether this person ever submitted."""
    by_them = or_(_EACH.submitted_by_id.in_(scope.person_ids), _EACH.submitted_as_id.in_(scope.person_ids))
    mine = exists().where(_EACH.task_id == Task.id, by_them)
    rows = _queue(
        scope,
        wanted,
        ROWS.add_columns(
            Plan.year,
            Plan.instrument_id,
            Submission.note,
            Submission.number.label("submission_number"),
            Submission.submitted_at,
            _SUBMITTER.name.label("submitter_name"),
            mine.label("is_own_submission"),
        ),
    )
    rows = rows.join(_SUBMITTER, _SUBMITTER.id == Submission.submitted_by_id).order_by(*_ORDER)
    return session.execute(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()


def surroundings(session: Session, scope: Scope, wanted: QueueFilter = EVERYTHING) -> QueueSurroundings:
    """See ``QueueSurroundings``, in one statement."""
    number: AnySelect = select(func.count().label("number")).select_from(Task)
    agencies: AnySelect = (
        select(Agency.id, Agency.short_name).select_from(Task).join(Agency, Agency.id == Task.agency_id)
    )
    found = bundle.fetch(
        session,
        total=_queue(scope, wanted, number),
        agencies=_queue(scope, EVERYTHING, agencies).distinct().order_by(Agency.short_name, Agency.id),
        holidays=governments.local_holidays(scope.government_id),
    )
    return QueueSurroundings(found["total"][0]["number"], found["agencies"], found["holidays"])


def case_file(session: Session, scope: Scope, wanted: QueueFilter, task_id: int) -> Mapping[str, JsonRows]:
    """Around a task that was got through a scope: its two latest ``submissions``, newest first, and its ``place``."""
    submissions = (
        select(
            Submission.number,
            Submission.note,
            Submission.submitted_at,
            Submission.contents,
            _SUBMITTER.name.label("submitter_name"),
        )
        .join(_SUBMITTER, _SUBMITTER.id == Submission.submitted_by_id)
        .where(Submission.task_id == task_id)
        .order_by(Submission.number.desc())
        .limit(2)
    )
    return bundle.fetch(session, submissions=submissions, place=_place(scope, wanted, task_id))


def place_of(rows: JsonRows) -> QueuePlace:
    """The row of ``case_file``."""
    return QueuePlace(**rows[0]) if rows else QueuePlace()


def _place(scope: Scope, wanted: QueueFilter, task_id: int) -> AnySelect:
    queue = _queue(
        scope,
        wanted,
        select(
            Task.id,
            func.row_number().over(order_by=_ORDER).label("place"),
            func.count().over().label("total"),
            func.lag(Task.id).over(order_by=_ORDER).label("previous_id"),
            func.lead(Task.id).over(order_by=_ORDER).label("next_id"),
        ).select_from(Task),
    ).subquery("queue")
    columns = (queue.c.place, queue.c.total, queue.c.previous_id, queue.c.next_id)
    return select(*columns).where(queue.c.id == task_id)


def _queue(scope: Scope, wanted: QueueFilter, rows: AnySelect) -> AnySelect:
    """``rows`` of tasks that wait for review, with their plan and latest submission."""
    latest = and_(Submission.task_id == Task.id, Submission.number == _LATEST)
    return rows.join(Plan, Plan.id == Task.plan_id).join(Submission, latest).where(*_waiting(scope, wanted))


def _waiting(scope: Scope, wanted: QueueFilter) -> Sequence[ColumnElement[bool]]:
    conditions = [visible(scope), Task.state == State.SUBMITTED, ~Plan.is_closed]
    if wanted.agency_id is not None:
        conditions.append(Task.agency_id == wanted.agency_id)
    if wanted.indicators:
        conditions += [
            Plan.instrument_id == wanted.instrument_id,
            Task.indicator_number.in_(wanted.indicators),
        ]
    return conditions
