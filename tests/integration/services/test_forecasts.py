"""The forecast from rows: lead times over all plans, what is open, who may read it, and when it is made anew."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select

from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    Account,
    Agency,
    EvaluationCalendar,
    Government,
    Plan,
    PlanForecast,
    Projection,
    Task,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import CancelKind, State
from spbe_tasks.services import forecasts, projections
from spbe_tasks.services.forecast_record import StoredForecast
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW


class Scene:
    """Five indicators of the former year took the agency 10 to 50 days; 33 and 34 of this year are open."""

    def __init__(self, work: Work) -> None:
        self.work, session = work, work.session
        self.government: Government = factories.government(session)
        self.agency: Agency = factories.agency(session, self.government)
        self.person: Account = factories.account(session, self.government)
        self.plan: Plan = factories.plan(session, self.government, target_index=Decimal("2.02"))
        self.old: Plan = factories.plan(
            session,
            self.government,
            year=2023,
            baseline=factories.revision(session, self.government, year=2023),
        )
        for number, days in enumerate((10, 20, 30, 40, 50), start=1):
            self.finished(number, days)
        for number in (33, 34):
            factories.task(session, self.plan, self.agency, number, published_at=NOW - timedelta(days=8))

    def finished(self, number: int, days: int, **values: object) -> None:
        since = NOW - timedelta(days=400)
        done: dict[str, object] = {
            "state": State.ACCEPTED,
            "reached_level": Decimal(3),
            "published_at": since,
            "state_changed_at": since + timedelta(days=days),
        }
        factories.task(self.work.session, self.old, self.agency, number, **done | values)

    def made(self) -> StoredForecast:
        projections.rebuild(self.work, self.plan.id, now=NOW, is_forced=True)
        assert forecasts.make(self.work, self.plan.id, now=NOW)
        self.work.session.expire_all()
        found = forecasts.read(self.work.session, factories.scope(self.person), self.plan.id)
        assert found is not None
        return found


@pytest.fixture
def scene(work: Work) -> Scene:
    return Scene(work)


def test_lead_times_are_those_of_all_plans_and_open_work_that_of_this_one(scene: Scene) -> None:
    found = scene.made()
    assert (found.finished, found.open) == (5, 2)
    assert found.forecast is not None
    (row,) = found.agencies
    assert (row.finished, row.open, row.oldest) == (5, 2, 8)
    assert row.is_own
    # Seven are at risk: the two that are open count as such until their age of eight days.
    assert (row.days.early, row.days.middle, row.days.late) == (10, 30, 50)
    assert found.forecast.accepted.reached is not None
    assert found.forecast.accepted.ceiling == 2 + Fraction(550, 10_000)
    assert found.on(1) == NOW.date() + timedelta(days=1)


def test_an_acceptance_below_the_target_is_no_finished_work(scene: Scene) -> None:
    scene.finished(6, 5, target_level=Decimal(4))
    assert scene.made().finished == 5


def test_work_is_counted_from_its_first_round_to_the_acceptance_at_its_target(scene: Scene) -> None:
    since = NOW - timedelta(days=400)
    scene.finished(6, 5, target_level=Decimal(4))
    scene.finished(
        6,
        90,
        target_level=Decimal(4),
        reached_level=Decimal(4),
        round=2,
        published_at=since + timedelta(days=5),
    )
    found = scene.made()
    assert found.finished == 6
    assert found.agencies[0].days.late == 90


def test_what_was_given_up_or_left_open_in_a_closed_year_is_not_finished(scene: Scene) -> None:
    scene.finished(6, 5, state=State.CANCELLED, cancel_kind=CancelKind.GIVEN_UP, reached_level=None)
    scene.finished(7, 5, state=State.IN_PROGRESS, reached_level=None)
    scene.old.closed_at, scene.old.closing_reason = NOW - timedelta(days=300), "selesai"
    scene.work.session.flush()
    assert scene.made().finished == 5


def test_with_fewer_than_five_finished_nothing_is_forecast(scene: Scene) -> None:
    first = scene.work.session.scalars(select(Task).where(Task.plan_id == scene.old.id).limit(1)).one()
    first.state, first.reached_level = State.IN_PROGRESS, None
    found = scene.made()
    assert found.forecast is None
    assert found.finished == 4
    assert found.late == 0


def test_work_that_ends_after_the_self_assessment_opens_is_told(scene: Scene) -> None:
    opens_on = NOW.date() + timedelta(days=1)
    scene.work.session.add(
        EvaluationCalendar(
            government_id=scene.government.id, year=scene.plan.year, self_assessment_opens_on=opens_on
        )
    )
    found = scene.made()
    assert found.window_on == opens_on
    assert found.late == 2
    assert found.agencies[0].late is not None
    assert found.agencies[0].holds == 1


def test_after_the_window_opened_nothing_is_called_late(scene: Scene) -> None:
    scene.work.session.add(
        EvaluationCalendar(
            government_id=scene.government.id, year=scene.plan.year, self_assessment_opens_on=date(2025, 2, 1)
        )
    )
    found = scene.made()
    assert found.is_window_past
    assert found.late == 0


def test_a_focal_point_sees_the_totals_and_the_own_agency_only(scene: Scene) -> None:
    other = factories.agency(scene.work.session, scene.government)
    factories.task(scene.work.session, scene.plan, other, 35)
    focal = factories.account(scene.work.session, scene.government, Role.FOCAL_POINT, scene.agency)
    assert {row.agency_id for row in scene.made().agencies} == {scene.agency.id, other.id}
    found = forecasts.read(scene.work.session, factories.scope(focal), scene.plan.id)
    assert found is not None
    assert found.open == 3
    assert [row.agency_id for row in found.agencies] == [scene.agency.id]
    assert set(found.names) == {scene.agency.id}


def test_another_government_finds_no_forecast(scene: Scene) -> None:
    scene.made()
    stranger = factories.account(scene.work.session, factories.government(scene.work.session))
    assert forecasts.read(scene.work.session, factories.scope(stranger), scene.plan.id) is None


def test_made_twice_it_is_the_same_and_an_older_one_never_replaces_a_newer(scene: Scene) -> None:
    scene.made()
    row = scene.work.session.get_one(PlanForecast, scene.plan.id)
    first, generation = row.details, row.generation
    assert forecasts.make(scene.work, scene.plan.id, now=NOW)
    scene.work.session.refresh(row)
    assert row.details == first
    row.generation = generation + 5
    scene.work.session.flush()
    assert forecasts.make(scene.work, scene.plan.id, now=NOW + timedelta(hours=1))
    scene.work.session.refresh(row)
    assert (row.generation, row.made_at) == (generation + 5, NOW)


def test_a_sweep_asks_once_figures_changed_and_not_again(scene: Scene) -> None:
    scene.made()
    before = Work(scene.work.session)
    forecasts.sweep(before)
    assert (Job.MAKE_FORECAST, (scene.plan.id,)) not in list(before.jobs)
    scene.work.session.get_one(Projection, scene.plan.id).generation += 1
    scene.work.session.flush()
    after = Work(scene.work.session)
    forecasts.sweep(after)
    assert (Job.MAKE_FORECAST, (scene.plan.id,)) in list(after.jobs)


def test_a_closed_year_keeps_its_forecast(scene: Scene) -> None:
    scene.made()
    scene.plan.closed_at, scene.plan.closing_reason = NOW, "selesai"
    scene.work.session.flush()
    assert not forecasts.make(scene.work, scene.plan.id, now=NOW)
