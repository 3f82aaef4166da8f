"""The evaluation calendar of a government: one row of dates per year of assessment."""

from dataclasses import asdict
from datetime import datetime

from spbe_tasks.models import EvaluationCalendar
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.evaluation import EvaluationDates, check_dates
from spbe_tasks.services import projections, trail
from spbe_tasks.services.people_trail import changes
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.work import Work


def dates_of(row: EvaluationCalendar | None) -> EvaluationDates:
    """The dates a row holds; none when there is no row."""
    if row is None:
        return EvaluationDates()
    return EvaluationDates(
        row.self_assessment_opens_on, row.self_assessment_closes_on, row.interviews_on, row.result_on
    )


def set_dates(
    work: Work, scope: Scope, year: int, dates: EvaluationDates, *, now: datetime
) -> EvaluationCalendar:
    """Store the dates of the cycle after the assessment of ``year``; the expected index depends on them.

    Raises InvalidInputError with every date that is out of order.
    """
    problems = check_dates(dates, year=year)
    if problems:
        raise InvalidInputError(problems)
    row = queries.find_evaluation(work.session, scope.government_id, year)
    changed = changes(asdict(dates_of(row)), asdict(dates))
    if row is None:
        row = EvaluationCalendar(government_id=scope.government_id, year=year)
        work.session.add(row)
    for name, day in asdict(dates).items():
        setattr(row, name, day)
    work.session.flush()
    if changed:
        projections.request_all(work, scope.government_id)
        trail.record_by(
            work,
            scope,
            "set_evaluation_dates",
            ("evaluation_calendar", row.id),
            now=now,
            data={"year": year, **changed},
        )
    return row
