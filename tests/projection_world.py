"""What a state machine does everything with: one plan, its people, the queue, and processes that die.

Everything happens in one transaction that is rolled back; what is a transaction in the product is a savepoint here.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from fractions import Fraction

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import EvaluationCalendar, Government, Plan, Projection, ProjectionRequest, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import SpbeError
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import ownership, plans, projections, tasks
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE

# What each agency owns of an indicator: nothing, or so many parts of the whole.
Parts = list[int | None]
LAST_DAY = NOW + timedelta(days=200)
# What the agency does; the rest is the coordinator's.
AGENCYS = {
    Action.START,
    Action.SUBMIT,
    Action.BLOCK,
    Action.UNBLOCK,
    Action.RECALL,
    Action.ASK_EXTENSION,
}
# What can be done in a state, so that a step seldom is refused.
POSSIBLE = {
    State.PLANNED: (Action.RESCHEDULE, Action.CANCEL),
    State.ASSIGNED: (
        Action.START,
        Action.RESCHEDULE,
        Action.CANCEL,
        Action.ASK_EXTENSION,
        Action.GRANT_EXTENSION,
    ),
    State.IN_PROGRESS: (
        Action.SUBMIT,
        Action.BLOCK,
        Action.RESCHEDULE,
        Action.ASK_EXTENSION,
        Action.GRANT_EXTENSION,
    ),
    State.BLOCKED: (Action.UNBLOCK, Action.CANCEL, Action.GRANT_EXTENSION),
    State.SUBMITTED: (Action.ACCEPT, Action.ACCEPT, Action.RETURN, Action.RECALL),
    State.RETURNED: (Action.START, Action.SUBMIT, Action.CANCEL),
    State.ACCEPTED: (Action.REOPEN,),
    State.CANCELLED: (Action.REOPEN,),
}


class DiedError(Exception):
    """The process is gone; what it had not committed is, too."""


class World(RuleBasedStateMachine):
    """One plan of 2024. ``sent`` are the jobs that wait on the queue, ``frozen`` the figures of a closed year."""

    def __init__(self) -> None:
        super().__init__()
        self.session: Session = db.session()
        self.now = NOW
        self.sent: list[int] = []
        self.dies_after: int | None = None
        self.frozen: tuple[object, ...] | None = None
        self.plan_id = 0
        self.government_id = 0
        self.coordinator: Scope
        self.focals: dict[int, Scope] = {}
        self.agency_ids: list[int] = []
        self.revision_ids: list[int] = []

    def commits(self, do: Callable[[Work], object]) -> bool:
        """One transaction of a process: all or nothing, and its jobs are sent once it is stored."""
        work = Work(self.session)
        after, self.dies_after = self.dies_after, None
        try:
            with self.session.begin_nested(), _dying(self.session, after):
                do(work)
                self.session.flush()
        except (SpbeError, DiedError):
            self.session.expire_all()
            return False
        self.session.expire_all()
        self.sent += [int(args[0]) for job, args in work.jobs if job is Job.REBUILD_PROJECTION]
        return True

    def rebuild(self, plan_id: int, now: datetime) -> None:
        self.commits(lambda work: projections.answer(work, plan_id, now=now))

    def set_owners(self, number: int, owned: Parts) -> bool:
        by_agency = {a: n for a, n in zip(self.agency_ids, owned, strict=True) if n}
        whole = sum(by_agency.values())
        owners = list(by_agency)
        return self.commits(
            lambda work: ownership.set_row(
                work,
                self.coordinator,
                instrument_id=SPBE,
                indicator_number=number,
                lead_id=owners[0] if owners else None,
                contributor_ids=owners[1:],
                shares={agency_id: Fraction(n, whole) for agency_id, n in by_agency.items()},
                now=self.now,
            )
        )

    def generate(self, policy: Policy | None, *, publish: bool) -> bool:
        order = Order(SPBE, 2024, policy=policy)
        return self.commits(
            lambda work: plans.generate(work, self.coordinator, order, publish=publish, now=self.now)
        )

    def act(self, task: Task, action: Action, given: dict[str, object]) -> None:
        scope = self.focals[task.agency_id] if action in AGENCYS else self.coordinator
        self.commits(lambda work: tasks.act(work, scope, task.id, action, given, version=None, now=self.now))

    def new_agency(self) -> int:
        government = self.session.get_one(Government, self.government_id)
        agency = factories.agency(self.session, government)
        person = factories.account(self.session, government, Role.FOCAL_POINT, agency)
        self.focals[agency.id] = factories.scope(person)
        return agency.id

    def pick(self, place: int, states: Collection[State]) -> Task | None:
        wanted = select(Task).where(Task.plan_id == self.plan_id, Task.state.in_(states)).order_by(Task.id)
        found = self.session.scalars(wanted).all()
        return found[place % len(found)] if found else None

    def plan(self) -> Plan:
        return self.session.get_one(Plan, self.plan_id)

    def stored(self) -> Projection:
        return self.session.get_one(Projection, self.plan_id, populate_existing=True)

    def figures(self) -> tuple[object, ...]:
        row = self.session.execute(
            select(Projection.generation, Projection.as_of_on, Projection.secured, Projection.details).where(
                Projection.plan_id == self.plan_id
            )
        ).one_or_none()
        return tuple(row) if row else ()

    def requests(self) -> int:
        asked = select(func.count()).where(ProjectionRequest.plan_id == self.plan_id)
        return self.session.scalar(asked) or 0

    def today(self) -> date:
        return local_date(self.now, self.session.get_one(Government, self.government_id).timezone)

    def evaluation_on(self) -> date | None:
        return self.session.scalar(
            select(EvaluationCalendar.self_assessment_opens_on).where(
                EvaluationCalendar.government_id == self.government_id, EvaluationCalendar.year == 2024
            )
        )


@contextmanager
def _dying(session: Session, after: int | None) -> Iterator[None]:
    """Raise ``DiedError`` after so many statements, at the latest at the end; None: live."""
    if after is None:
        yield
        return
    left = after

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise DiedError

    connection = session.connection()
    event.listen(connection, "after_cursor_execute", count)
    try:
        yield
        session.flush()
        raise DiedError
    finally:
        event.remove(connection, "after_cursor_execute", count)
