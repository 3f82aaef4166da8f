"""The projected index under any order of people's work, plans made anew, days, crashes and lost jobs, on real rows.

While no rebuild is asked for, what is stored is what the oracle says, to the last digit, the snapshot of the day too;
and the sweep brings about that nothing is asked for any more. ``PROJECTION_EXAMPLES`` runs more than every day's few.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, update

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import (
    AssessmentRevision,
    EvaluationCalendar,
    Plan,
    Projection,
    ProjectionRequest,
    Score,
)
from spbe_tasks.rules.evaluation import EvaluationDates
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.succession import SuccessionKind
from spbe_tasks.rules.workflow import OPEN_STATES, Action, CancelKind
from spbe_tasks.services import (
    agencies,
    closing,
    conflicts,
    evaluations,
    governments,
    hand_made,
    plans,
    projection_proofs,
    projection_record,
    projections,
    succession,
)
from spbe_tasks.services.conflicts import Decision
from spbe_tasks.services.governments import Settings
from spbe_tasks.services.hand_made import HandMade
from spbe_tasks.services.succession_order import Order as Succession
from spbe_tasks.work import Work
from tests import factories, oracle
from tests.factories import DUE_ON, SPBE
from tests.integration.services.test_generation_machine import NUMBERS, assessed, levels, policy_values
from tests.projection_world import LAST_DAY, POSSIBLE, Parts, World

EXAMPLES = int(os.environ.get("PROJECTION_EXAMPLES", "20"))
PLACES = range(3)
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


class Projecting(World):
    """Three agencies and three indicators that vary; every step has an equal chance."""

    def __init__(self) -> None:
        super().__init__()
        self.generation = 0
        self.seen: tuple[object, ...] = ()

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
        self.agency_ids = [self.new_agency() for _ in PLACES]
        self.revision_ids = [factories.revision(session, government, dict(first), level=5).id]
        for number, each in zip(NUMBERS, owned, strict=True):
            assert self.set_owners(number, each)
        session.add(
            EvaluationCalendar(government_id=government.id, year=2024, self_assessment_opens_on=opens_on)
        )
        assert self.generate(Policy.simple(Decimal(4), Decimal(goal), DUE_ON), publish=True)
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
            task = self.pick(place, POSSIBLE)
            if task is not None:
                possible = POSSIBLE[task.state]
                self.act(task, possible[choice % len(possible)], given)

    @rule(place=many, reached=levels)
    def an_agency_delivers(self, place: int, reached: Decimal) -> None:
        task = self.pick(place, OPEN_STATES)
        if task is not None:
            self.act(task, Action.START, {})
            self.act(task, Action.SUBMIT, {"note": "bukti"})
            self.act(task, Action.ACCEPT, {"reached_level": reached, "reason": "cukup"})

    @rule(place=many, delay=st.integers(1, 60))
    def more_time_is_granted(self, place: int, delay: int) -> None:
        task = self.pick(place, POSSIBLE)
        if task is not None:
            wanted_on = max(task.due_on, self.now.date()) + timedelta(days=delay)
            self.act(task, Action.ASK_EXTENSION, {"due_on": wanted_on, "reason": "menunggu"})
            self.act(task, Action.GRANT_EXTENSION, {})

    @rule(number=numbers, place=places, level=levels, due_on=days)
    def a_task_is_made_by_hand(self, number: int, place: int, level: Decimal, due_on: date) -> None:
        said = HandMade(number, self.agency_ids[place], level, due_on)
        self.commits(lambda work: hand_made.make(work, self.coordinator, self.plan_id, said, now=self.now))

    # What changes the plan.

    @rule(number=numbers, owned=parts, regenerate=st.booleans())
    def the_matrix_is_edited(self, number: int, owned: Parts, regenerate: bool) -> None:
        self.set_owners(number, owned)
        if regenerate:
            self.generate(None, publish=False)

    @rule(policy=st.none() | policy_with_upkeep, publish=st.booleans())
    def the_plan_is_generated(self, policy: Policy | None, publish: bool) -> None:
        self.generate(policy, publish=publish)

    @rule()
    def the_plan_is_published(self) -> None:
        self.commits(lambda work: plans.publish(work, self.coordinator, self.plan_id, now=self.now))

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
        self.commits(
            lambda work: plans.rebase(work, self.coordinator, self.plan_id, revision_id, now=self.now)
        )

    @rule(place=many, decision=st.sampled_from(Decision))
    def a_conflict_is_decided(self, place: int, decision: Decision) -> None:
        plan = self.plan()
        if plan.is_closed:
            return
        seen = plans.preview_plan(self.session, self.coordinator, plan, now=self.now)
        found = [each.task_id for each in seen.conflicts]
        if found:
            chosen = [found[place % len(found)]]
            self.commits(
                lambda work: conflicts.decide(
                    work, self.coordinator, self.plan_id, chosen, decision, reason="diputuskan", now=self.now
                )
            )

    @rule(source=places, step=st.integers(1, 2))
    def two_agencies_merge(self, source: int, step: int) -> None:
        old, into = self.agency_ids[source], self.agency_ids[(source + step) % len(PLACES)]
        order = Succession(SuccessionKind.MERGE, (old,), into)
        if self.commits(lambda work: succession.carry_out(work, self.coordinator, order, now=self.now)):
            self.agency_ids[source] = self.new_agency()

    @precondition(lambda self: not self.frozen)
    @rule(stays=st.sampled_from((False, False, True)))
    def the_year_is_closed(self, stays: bool) -> None:
        if self.commits(
            lambda work: closing.close(work, self.coordinator, self.plan_id, reason="selesai", now=self.now)
        ):
            oracle.check_stored(self.session, self.stored(), evaluation_on=self.evaluation_on())
            self.frozen = self.figures()
            if not stays:
                self.the_year_is_reopened()

    @precondition(lambda self: self.frozen)
    @rule()
    def the_year_is_reopened(self) -> None:
        if self.commits(
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
        self.commits(lambda work: evaluations.set_dates(work, self.coordinator, 2024, dates, now=self.now))

    @rule(zone=st.sampled_from(ZONES))
    def the_government_moves_its_clocks(self, zone: str) -> None:
        said = Settings("Ketapang", zone, "SPBE", None, time(7), time(16), is_mail_paused=False)
        self.commits(
            lambda work: governments.change_settings(
                work, self.government_id, said, version=None, actor_id=None, now=self.now
            )
        )

    @rule(place=places, name=st.sampled_from(("Diskominfo", "Bappeda", "Inspektorat")))
    def an_agency_is_renamed(self, place: int, name: str) -> None:
        agency_id = self.agency_ids[place]
        self.commits(
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
        self.rebuild(plan_id, self.now - timedelta(hours=late))

    @precondition(lambda self: self.plan_id and self.requests())
    @rule()
    def changes_pour_in(self) -> None:
        """What waits was asked for within the last second, change by change: a rest follows the next run."""
        ago = ProjectionRequest.id % 7 * timedelta(seconds=0.1)
        projections.request(Work(self.session), self.plan_id)
        self.session.flush()
        self.session.execute(update(ProjectionRequest).values(requested_at=func.clock_timestamp() - ago))

    @precondition(lambda self: self.plan_id and self.requests())
    @rule(has_waited=st.booleans())
    def the_sweep_runs(self, has_waited: bool) -> None:
        if has_waited:
            # By the clock of the sweep's transaction, which here is that of the whole run.
            self.session.execute(
                update(ProjectionRequest).values(requested_at=func.now() - 2 * projections.LOST_AFTER)
            )
            self.session.execute(update(Projection).values(rests_until=None))
        self.commits(projections.sweep_lost)
        self.commits(lambda work: projections.sweep_days(work, now=self.now))

    @precondition(lambda self: self.plan_id)
    @rule()
    def the_figures_are_proved(self) -> None:
        """By the job of the night, which may come at any hour."""
        found: list[projection_proofs.Outcome] = []
        self.commits(lambda work: found.append(projection_proofs.prove(work, [self.plan_id], now=self.now)))
        assert not any(each.differing for each in found)

    @precondition(lambda self: self.sent)
    @rule()
    def everything_settles(self) -> None:
        """However much went wrong: one sweep, and the jobs it asks for."""
        self.dies_after = None
        self.the_sweep_runs(has_waited=True)
        for plan_id in self.sent:
            self.rebuild(plan_id, self.now)
        self.sent.clear()
        assert not self.requests()
        assert self.frozen or self.stored().as_of_on == self.today()

    # What must hold.

    @invariant()
    def generations_never_fall_and_figures_change_with_them_only(self) -> None:
        if not self.plan_id:
            return
        figures = self.figures()
        generation = int(str(figures[0])) if figures else 0
        assert generation >= self.generation
        assert generation > self.generation or figures == self.seen
        self.generation, self.seen = generation, figures
        assert self.frozen in (None, figures), "a closed plan has other figures"

    @invariant()
    def what_nobody_asks_to_rebuild_is_what_the_oracle_says(self) -> None:
        if not self.plan_id or self.frozen or self.requests():
            return
        stored = self.stored()
        if stored.as_of_on != self.today():
            return
        oracle.check_stored(self.session, stored, evaluation_on=self.evaluation_on())
        names = projection_record.agency_names(self.session, self.government_id)
        assert all(row.name == names[row.agency_id] for row in projection_record.read(stored).agencies)


@pytest.mark.timeout(300 + 10 * EXAMPLES)
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
