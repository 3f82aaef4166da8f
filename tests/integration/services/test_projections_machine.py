"""The projected index under any order of people's work, plans made anew, days, crashes and lost jobs, on real rows.

While no rebuild is asked for, what is stored is what the oracle says, to the last digit, the snapshot of the day too;
and the sweep brings about that nothing is asked for any more. ``PROJECTION_EXAMPLES`` runs more than every day's few.
"""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    AssessmentRevision,
    EvaluationCalendar,
    Government,
    Plan,
    Projection,
    ProjectionRequest,
    Score,
    Task,
)
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import SpbeError
from spbe_tasks.rules.evaluation import EvaluationDates
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.succession import SuccessionKind
from spbe_tasks.rules.workflow import OPEN_STATES, Action, CancelKind, State
from spbe_tasks.services import (
    agencies,
    closing,
    conflicts,
    evaluations,
    governments,
    hand_made,
    ownership,
    plans,
    projection_record,
    projections,
    succession,
    tasks,
)
from spbe_tasks.services.conflicts import Decision
from spbe_tasks.services.governments import Settings
from spbe_tasks.services.hand_made import HandMade
from spbe_tasks.services.orders import Order
from spbe_tasks.services.succession_order import Order as Succession
from spbe_tasks.work import Work
from tests import factories, oracle
from tests.factories import DUE_ON, NOW, SPBE
from tests.integration.services.test_generation_machine import NUMBERS, assessed, levels, policy_values

EXAMPLES = int(os.environ.get("PROJECTION_EXAMPLES", "20"))
PLACES = range(3)
# What each agency owns of an indicator: nothing, or so many parts of the whole.
Parts = list[int | None]
LAST_DAY = NOW + timedelta(days=200)
ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")

days = st.integers(0, 240).map(lambda number: date(2025, 3, 1) + timedelta(days=number))
places = st.sampled_from(PLACES)
numbers = st.sampled_from(NUMBERS)
many = st.integers(0, 50)
statements = st.integers(1, 12)
policy_with_upkeep = st.builds(
    lambda policy, has_upkeep: replace(policy, has_upkeep=has_upkeep), policy_values(), st.booleans()
)
low = st.fixed_dictionaries({number: st.none() | st.integers(1, 3).map(Decimal) for number in NUMBERS})
parts = st.lists(st.none() | st.integers(1, 4), min_size=3, max_size=3)
# Whatever an action may ask for; it ignores the rest.
given = st.fixed_dictionaries(
    {
        "reached_level": levels,
        "due_on": days,
        "cancel_kind": st.sampled_from(CancelKind),
        "reason": st.just("alasan"),
        "note": st.just("bukti terlampir"),
    }
)
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


class Projecting(RuleBasedStateMachine):
    """One plan of three agencies; three indicators vary. ``sent`` are the jobs that wait on the queue."""

    def __init__(self) -> None:
        super().__init__()
        self.session: Session = db.session()
        self.now = NOW
        self.sent: list[int] = []
        self.dies_after: int | None = None
        self.generation = 0
        self.frozen: tuple[object, ...] | None = None
        self.plan_id = 0

    @initialize(
        first=low, goal=st.integers(4, 5), opens_on=st.none() | days, owned=st.tuples(parts, parts, parts)
    )
    def open_the_plan(
        self, first: dict[int, Decimal | None], goal: int, opens_on: date | None, owned: Sequence[Parts]
    ) -> None:
        session = self.session
        government = factories.government(session)
        self.government_id = government.id
        self.coordinator = factories.scope(factories.account(session, government))
        self.focals: dict[int, Scope] = {}
        self.agency_ids = [self._new_agency() for _ in PLACES]
        self.revision_ids = [factories.revision(session, government, dict(first), level=5).id]
        for number, each in zip(NUMBERS, owned, strict=True):
            assert self._set_owners(number, each)
        session.add(
            EvaluationCalendar(government_id=government.id, year=2024, self_assessment_opens_on=opens_on)
        )
        assert self._generate(Policy.simple(Decimal(4), Decimal(goal), DUE_ON), publish=True)
        self.plan_id = session.scalars(select(Plan.id).where(Plan.government_id == government.id)).one()

    def teardown(self) -> None:
        try:
            if self.plan_id:
                self.everything_settles()
        finally:
            self.session.rollback()
            self.session.expunge_all()

    # What people do to the tasks.

    @rule(steps=st.lists(st.tuples(many, many, given), min_size=1, max_size=4))
    def people_act(self, steps: Sequence[tuple[int, int, dict[str, object]]]) -> None:
        for place, choice, given in steps:
            task = self._pick(place, POSSIBLE)
            if task is not None:
                possible = POSSIBLE[task.state]
                self._act(task, possible[choice % len(possible)], given)

    @rule(place=many, reached=levels)
    def an_agency_delivers(self, place: int, reached: Decimal) -> None:
        task = self._pick(place, OPEN_STATES)
        if task is not None:
            self._act(task, Action.START, {})
            self._act(task, Action.SUBMIT, {"note": "bukti"})
            self._act(task, Action.ACCEPT, {"reached_level": reached, "reason": "cukup"})

    @rule(place=many, delay=st.integers(1, 60))
    def more_time_is_granted(self, place: int, delay: int) -> None:
        task = self._pick(place, POSSIBLE)
        if task is not None:
            wanted_on = max(task.due_on, self.now.date()) + timedelta(days=delay)
            self._act(task, Action.ASK_EXTENSION, {"due_on": wanted_on, "reason": "menunggu"})
            self._act(task, Action.GRANT_EXTENSION, {})

    @rule(number=numbers, place=places, level=levels, due_on=days)
    def a_task_is_made_by_hand(self, number: int, place: int, level: Decimal, due_on: date) -> None:
        said = HandMade(number, self.agency_ids[place], level, due_on)
        self._commits(lambda work: hand_made.make(work, self.coordinator, self.plan_id, said, now=self.now))

    # What changes the plan.

    @rule(number=numbers, owned=parts, regenerate=st.booleans())
    def the_matrix_is_edited(self, number: int, owned: Parts, regenerate: bool) -> None:
        self._set_owners(number, owned)
        if regenerate:
            self._generate(None, publish=False)

    @rule(policy=st.none() | policy_with_upkeep, publish=st.booleans())
    def the_plan_is_generated(self, policy: Policy | None, publish: bool) -> None:
        self._generate(policy, publish=publish)

    @rule()
    def the_plan_is_published(self) -> None:
        self._commits(lambda work: plans.publish(work, self.coordinator, self.plan_id, now=self.now))

    @rule(new=assessed)
    def a_corrected_assessment_is_imported(self, new: dict[int, Decimal | None]) -> None:
        first = self.session.get_one(AssessmentRevision, self.revision_ids[0])
        number = len(self.revision_ids) + 1
        row = AssessmentRevision(
            government_id=first.government_id,
            assessment_id=first.assessment_id,
            number=number,
            file_name="baru.csv",
            file_sha256=f"{number:064d}",
            imported_at=self.now,
            index_value=Decimal(3),
        )
        self.session.add(row)
        self.session.flush()
        self.session.add_all(
            Score(
                revision_id=row.id,
                government_id=row.government_id,
                indicator_number=each.number,
                level=new.get(each.number, Decimal(5)),
            )
            for each in get_instrument(SPBE).indicators
        )
        self.revision_ids.append(row.id)
        self.the_plan_is_rebased(number - 1)

    @rule(place=many)
    def the_plan_is_rebased(self, place: int) -> None:
        revision_id = self.revision_ids[place % len(self.revision_ids)]
        self._commits(
            lambda work: plans.rebase(work, self.coordinator, self.plan_id, revision_id, now=self.now)
        )

    @rule(place=many, decision=st.sampled_from(Decision))
    def a_conflict_is_decided(self, place: int, decision: Decision) -> None:
        plan = self._plan()
        if plan.is_closed:
            return
        seen = plans.preview_plan(self.session, self.coordinator, plan, now=self.now)
        found = [each.task_id for each in seen.conflicts]
        if found:
            chosen = [found[place % len(found)]]
            self._commits(
                lambda work: conflicts.decide(
                    work, self.coordinator, self.plan_id, chosen, decision, reason="diputuskan", now=self.now
                )
            )

    @rule(source=places, step=st.integers(1, 2))
    def two_agencies_merge(self, source: int, step: int) -> None:
        old, into = self.agency_ids[source], self.agency_ids[(source + step) % len(PLACES)]
        order = Succession(SuccessionKind.MERGE, (old,), into)
        if self._commits(lambda work: succession.carry_out(work, self.coordinator, order, now=self.now)):
            self.agency_ids[source] = self._new_agency()

    @precondition(lambda self: not self.frozen)
    @rule(stays=st.sampled_from((False, False, True)))
    def the_year_is_closed(self, stays: bool) -> None:
        if self._commits(
            lambda work: closing.close(work, self.coordinator, self.plan_id, reason="selesai", now=self.now)
        ):
            oracle.check_stored(self.session, self._stored(), evaluation_on=self._evaluation_on())
            self.frozen = self._figures()
            if not stays:
                self.the_year_is_reopened()

    @precondition(lambda self: self.frozen)
    @rule()
    def the_year_is_reopened(self) -> None:
        if self._commits(
            lambda work: closing.reopen(work, self.coordinator, self.plan_id, reason="keliru", now=self.now)
        ):
            self.frozen = None

    # What changes around it.

    @rule(hours=st.integers(1, 120))
    def time_passes(self, hours: int) -> None:
        self.now = min(self.now + timedelta(hours=hours), LAST_DAY)

    @rule(opens_on=st.none() | days)
    def the_evaluation_date_is_moved(self, opens_on: date | None) -> None:
        dates = EvaluationDates(self_assessment_opens_on=opens_on)
        self._commits(lambda work: evaluations.set_dates(work, self.coordinator, 2024, dates, now=self.now))

    @rule(zone=st.sampled_from(ZONES))
    def the_government_moves_its_clocks(self, zone: str) -> None:
        said = Settings("Ketapang", zone, "SPBE", None, time(7), time(16), is_mail_paused=False)
        self._commits(
            lambda work: governments.change_settings(
                work, self.government_id, said, version=None, actor_id=None, now=self.now
            )
        )

    @rule(place=places, name=st.sampled_from(("Diskominfo", "Bappeda", "Inspektorat")))
    def an_agency_is_renamed(self, place: int, name: str) -> None:
        agency_id = self.agency_ids[place]
        self._commits(
            lambda work: agencies.edit(
                work, self.coordinator, agency_id, name=name, short_name=name, version=None, now=self.now
            )
        )

    # What goes wrong, and what mends it.

    @rule(after=statements)
    def the_next_process_dies(self, after: int) -> None:
        """After so many statements, or just before it commits when it has fewer."""
        self.dies_after = after

    @precondition(lambda self: self.sent)
    @rule()
    def the_queue_is_lost(self) -> None:
        self.sent.clear()

    @precondition(lambda self: self.sent)
    @rule(place=many, again=st.booleans(), late=st.integers(0, 30), dies_after=st.none() | statements)
    def a_job_runs(self, place: int, again: bool, late: int, dies_after: int | None) -> None:
        """In any order, perhaps twice, perhaps with the hour in which it began to wait; it may die under way."""
        self.dies_after = dies_after
        plan_id = self.sent[place % len(self.sent)]
        if not again:
            self.sent.remove(plan_id)
        self._rebuild(plan_id, self.now - timedelta(hours=late))

    @precondition(lambda self: self.plan_id and self._requests())
    @rule()
    def changes_pour_in(self) -> None:
        """What waits was asked for within the last second, change by change: a rest follows the next run."""
        ago = ProjectionRequest.id % 7 * timedelta(seconds=0.1)
        projections.request(Work(self.session), self.plan_id)
        self.session.flush()
        self.session.execute(update(ProjectionRequest).values(requested_at=func.clock_timestamp() - ago))

    @precondition(lambda self: self.plan_id and self._requests())
    @rule(has_waited=st.booleans())
    def the_sweep_runs(self, has_waited: bool) -> None:
        if has_waited:
            waited = ProjectionRequest.requested_at - 2 * projections.LOST_AFTER
            self.session.execute(update(ProjectionRequest).values(requested_at=waited))
            self.session.execute(update(Projection).values(rests_until=None))
        self._commits(projections.sweep_lost)
        self._commits(lambda work: projections.sweep_days(work, now=self.now))

    @precondition(lambda self: self.sent)
    @rule()
    def everything_settles(self) -> None:
        """However much went wrong: one sweep, and the jobs it asks for."""
        self.dies_after = None
        self.the_sweep_runs(has_waited=True)
        for plan_id in self.sent:
            self._rebuild(plan_id, self.now)
        self.sent.clear()
        assert not self._requests()
        assert self.frozen or self._stored().as_of_on == self._today()

    # What must hold.

    @invariant()
    def generations_never_fall_and_figures_change_with_them_only(self) -> None:
        if not self.plan_id:
            return
        figures = self._figures()
        generation = int(str(figures[0])) if figures else 0
        assert generation >= self.generation
        assert generation > self.generation or figures == getattr(self, "seen", ())
        self.generation, self.seen = generation, figures
        assert self.frozen in (None, figures), "a closed plan has other figures"

    @invariant()
    def what_nobody_asks_to_rebuild_is_what_the_oracle_says(self) -> None:
        if not self.plan_id or self.frozen or self._requests():
            return
        stored = self._stored()
        if stored.as_of_on != self._today():
            return
        oracle.check_stored(self.session, stored, evaluation_on=self._evaluation_on())
        names = projection_record.agency_names(self.session, self.government_id)
        assert all(row.name == names[row.agency_id] for row in projection_record.read(stored).agencies)

    # How it is done.

    def _commits(self, do: Callable[[Work], object]) -> bool:
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

    def _rebuild(self, plan_id: int, now: datetime) -> None:
        self._commits(lambda work: projections.answer(work, plan_id, now=now))

    def _set_owners(self, number: int, owned: Parts) -> bool:
        by_agency = {a: n for a, n in zip(self.agency_ids, owned, strict=True) if n}
        whole = sum(by_agency.values())
        owners = list(by_agency)
        return self._commits(
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

    def _generate(self, policy: Policy | None, *, publish: bool) -> bool:
        order = Order(SPBE, 2024, policy=policy)
        return self._commits(
            lambda work: plans.generate(work, self.coordinator, order, publish=publish, now=self.now)
        )

    def _act(self, task: Task, action: Action, given: dict[str, object]) -> None:
        scope = self.focals[task.agency_id] if action in AGENCYS else self.coordinator
        self._commits(lambda work: tasks.act(work, scope, task.id, action, given, version=None, now=self.now))

    def _new_agency(self) -> int:
        government = self.session.get_one(Government, self.government_id)
        agency = factories.agency(self.session, government)
        person = factories.account(self.session, government, Role.FOCAL_POINT, agency)
        self.focals[agency.id] = factories.scope(person)
        return agency.id

    def _pick(self, place: int, states: Collection[State]) -> Task | None:
        wanted = select(Task).where(Task.plan_id == self.plan_id, Task.state.in_(states)).order_by(Task.id)
        found = self.session.scalars(wanted).all()
        return found[place % len(found)] if found else None

    def _plan(self) -> Plan:
        return self.session.get_one(Plan, self.plan_id)

    def _stored(self) -> Projection:
        return self.session.get_one(Projection, self.plan_id, populate_existing=True)

    def _figures(self) -> tuple[object, ...]:
        row = self.session.execute(
            select(Projection.generation, Projection.as_of_on, Projection.secured, Projection.details).where(
                Projection.plan_id == self.plan_id
            )
        ).one_or_none()
        return tuple(row) if row else ()

    def _requests(self) -> int:
        asked = select(func.count()).where(ProjectionRequest.plan_id == self.plan_id)
        return self.session.scalar(asked) or 0

    def _today(self) -> date:
        return local_date(self.now, self.session.get_one(Government, self.government_id).timezone)

    def _evaluation_on(self) -> date | None:
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


def test_what_is_stored_ends_as_the_oracle_says_whatever_happens(app: Flask) -> None:
    run_state_machine_as_test(
        Projecting,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
