from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import EvaluationCalendar, Event, Government, LocalHoliday
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import Holiday, HolidayKind
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.rules.evaluation import EvaluationDates
from spbe_tasks.services import calendars, evaluations, holidays
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

MONDAY = date(2025, 3, 3)
SATURDAY = date(2025, 3, 8)
LABOUR_DAY = date(2025, 5, 1)
DATES = EvaluationDates(date(2025, 6, 1), date(2025, 8, 31))


@pytest.fixture
def government(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def scope(session: Session, government: Government) -> Scope:
    return factories.scope(factories.account(session, government))


def test_evaluation_dates_are_one_row_per_year_and_move_the_figures(
    work: Work, scope: Scope, government: Government
) -> None:
    plan = factories.plan(work.session, government)
    evaluations.set_dates(work, scope, 2024, DATES, now=NOW)
    evaluations.set_dates(work, scope, 2024, DATES, now=NOW)
    evaluations.set_dates(work, scope, 2024, EvaluationDates(DATES.self_assessment_opens_on), now=NOW)
    row = work.session.scalars(select(EvaluationCalendar)).one()
    assert evaluations.dates_of(row) == EvaluationDates(date(2025, 6, 1))
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (plan.id,))]
    events = work.session.scalars(select(Event).order_by(Event.id)).all()
    assert [event.data["self_assessment_closes_on"] for event in events] == [
        [None, "2025-08-31"],
        ["2025-08-31", None],
    ]


def test_evaluation_dates_out_of_order_are_refused_together(work: Work, scope: Scope) -> None:
    dates = EvaluationDates(date(2025, 9, 1), date(2025, 8, 1), date(2025, 7, 1))
    with pytest.raises(InvalidInputError) as caught:
        evaluations.set_dates(work, scope, 2024, dates, now=NOW)
    assert [each.field for each in caught.value.problems] == ["self_assessment_closes_on", "interviews_on"]
    assert work.session.scalars(select(EvaluationCalendar)).all() == []


def test_a_local_holiday_is_no_working_day_until_it_is_removed(
    work: Work, scope: Scope, government: Government
) -> None:
    holiday = Holiday(MONDAY, "Hari Jadi Ketapang", HolidayKind.LOCAL)
    row = holidays.add(work, scope, holiday, decree="Kep. Bupati 1/2025", now=NOW)
    assert not calendars.load(work.session, government).is_working_day(MONDAY)
    holidays.remove(work, scope, row.id, now=NOW)
    work.session.flush()
    assert calendars.load(work.session, government).is_working_day(MONDAY)
    events = work.session.scalars(select(Event).order_by(Event.id)).all()
    assert [(event.action, event.data["on"]) for event in events] == [
        ("add_holiday", "2025-03-03"),
        ("remove_holiday", "2025-03-03"),
    ]


@pytest.mark.parametrize("day", [SATURDAY, LABOUR_DAY])
def test_a_day_off_becomes_a_working_day(work: Work, scope: Scope, government: Government, day: date) -> None:
    override = Holiday(day, "Hari kerja pengganti", HolidayKind.WORKING_DAY_OVERRIDE)
    assert not calendars.load(work.session, government).is_working_day(day)
    holidays.add(work, scope, override, now=NOW)
    assert calendars.load(work.session, government).is_working_day(day)


def test_a_working_day_needs_no_override(work: Work, scope: Scope) -> None:
    with pytest.raises(InvalidInputError) as caught:
        holidays.add(work, scope, Holiday(MONDAY, "X", HolidayKind.WORKING_DAY_OVERRIDE), now=NOW)
    assert [(each.code, each.field) for each in caught.value.problems] == [("holiday.works_already", "on")]


def test_a_day_is_listed_once_per_government(work: Work, scope: Scope) -> None:
    holiday = Holiday(MONDAY, "X", HolidayKind.LOCAL)
    other = factories.scope(factories.account(work.session, factories.government(work.session)))
    holidays.add(work, scope, holiday, now=NOW)
    foreign = holidays.add(work, other, holiday, now=NOW)
    with pytest.raises(InvalidInputError) as caught:
        holidays.add(work, scope, holiday, now=NOW)
    assert [(each.code, each.field) for each in caught.value.problems] == [("holiday.day_taken", "on")]
    with pytest.raises(NotFoundError):
        holidays.remove(work, scope, foreign.id, now=NOW)
    assert len(work.session.scalars(select(LocalHoliday)).all()) == 2


def test_the_national_calendar_says_what_it_calls_a_day() -> None:
    assert holidays.national_name(LABOUR_DAY, "Asia/Jakarta")
    assert holidays.national_name(MONDAY, "Asia/Jakarta") is None
    assert holidays.national_name(SATURDAY, "Asia/Jakarta") is None
