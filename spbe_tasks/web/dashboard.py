"""The leaders' page: where the index stands, where it is going, who holds it back; and what each figure is made of."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import AssessmentKind
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.calendar import WorkCalendar, local_date
from spbe_tasks.rules.deadlines import Deadlines
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import calendars, crosswalks, forecasts, national, overviews, trends
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.projection_record import StoredAgency
from spbe_tasks.services.queries import dashboard
from spbe_tasks.services.queries.dashboard import Beside
from spbe_tasks.web.access import government, may_here, requires, scope
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import plans_here, selected_plan
from spbe_tasks.web.task_words import title_of

blueprint = Blueprint("dashboard", __name__)
AGENCIES_SHOWN = 8


@blueprint.get("/dashboard")
@requires(Capability.VIEW_DASHBOARD)
def show() -> ResponseReturnValue:
    """One page that a leader reads in a minute."""
    plan = selected_plan()
    if plan is None:
        return render_template("dashboard/start.html")
    overview = overviews.read(db.session(), scope(), plan.id)
    if overview is None:
        return render_template("dashboard/computing.html", plan=plan)
    before = {each.id: each for each in crosswalks.list_before(db.session(), scope(), overview.instrument)}
    today = clock.today(government().timezone)
    beside = dashboard.get_beside(db.session(), scope(), plan, today=today, earlier=before)
    holding, others = _by_holding(overview.agencies(scope()))
    calendar = calendars.from_rows(government(), beside.holidays)
    return render_template(
        "dashboard/show.html",
        overview=overview,
        agencies=(*holding, *others),
        beside=beside,
        title=_title_in(overview.instrument),
        marks=_marks(overview),
        bands=[
            {"name": bound.name(current_locale()), "lower_bound": bound.lower_bound}
            for bound in overview.instrument.predicates
        ],
        trend=trends.points(overview, beside, before, current_locale()),
        trend_links=_trend_links(beside),
        deadlines=Deadlines(calendar, today),
        oldest_days=_oldest_days(beside, calendar, today),
        former=_last_before(overview, beside, before),
        around=national.surroundings(government(), plan.instrument_id, plan.year),
        forecast=forecasts.of_row(overview.kept_forecast, scope()) if overview.kept_forecast else None,
        shown=max(1, min(AGENCIES_SHOWN, len(holding))),
    )


@blueprint.get("/dashboard/figures")
@requires(Capability.VIEW_DASHBOARD)
def figures() -> ResponseReturnValue:
    """What each figure is made of: the level of every indicator, and the tasks behind it."""
    plan = selected_plan()
    overview = overviews.read(db.session(), scope(), plan.id) if plan else None
    if overview is None:
        return redirect(url_for("dashboard.show"))
    return render_template(
        "dashboard/figures.html",
        overview=overview,
        names={row.agency_id: row.name for row in overview.agencies(scope())},
        tasks=dashboard.list_behind(db.session(), scope(), overview.plan.id),
    )


def _marks(overview: Overview) -> list[dict[str, Any]]:
    """The marks on the scale; each leads to what it is made of."""
    figures = url_for("dashboard.figures")
    marks: list[dict[str, Any]] = [
        {"key": mark.key, "label": mark.label, "value": mark.value}
        | ({} if mark.key == "target" else {"href": f"{figures}#{mark.key}"})
        for mark in trends.marks(overview, current_locale())
    ]
    if overview.assessment.kind is not AssessmentKind.OFFICIAL:
        marks[0]["short"] = _("Starting point")  # the name of the kind is too long for a phone
    return marks


def _by_holding(rows: Sequence[StoredAgency]) -> tuple[list[StoredAgency], list[StoredAgency]]:
    """The agencies with points to bring or late tasks, and the others; each in the order they have."""
    holding = [row for row in rows if row.figures.points_undelivered > 0 or row.figures.tasks_overdue]
    return holding, [row for row in rows if row not in holding]


def _trend_links(beside: Beside) -> list[str | None]:
    """Where the results of the trend lead: to the assessment for who may see it, else to the plan made of it."""
    years = {plan.year for plan in plans_here()}

    def link(row: Mapping[str, Any]) -> str | None:
        if may_here(Capability.IMPORT_ASSESSMENTS):
            return url_for("assessments.show", assessment_id=row["assessment_id"])
        return url_for("dashboard.show", year=row["year"]) if row["year"] in years else None

    return [link(row) for row in beside.trend]


def _oldest_days(beside: Beside, calendar: WorkCalendar, today: date) -> int:
    """How many working days the submission that has waited longest waits for its review; 0 when none does."""
    if not beside.waiting:
        return 0
    since = local_date(beside.waiting[0]["state_changed_at"], calendar.zone)
    return calendar.working_days_between(since, today)


def _last_before(
    overview: Overview, beside: Beside, before: Mapping[str, Instrument]
) -> tuple[Instrument, int] | None:
    """The newest result by another instrument in the trend: that instrument and the revision; None without one."""
    rows = [row for row in beside.trend if row["instrument_id"] != overview.instrument.id]
    return (before[rows[-1]["instrument_id"]], rows[-1]["revision_id"]) if rows else None


def _title_in(instrument: Instrument) -> Callable[[Mapping[str, Any]], str]:
    """What a row of one of the plan's tasks is called in the reader's language."""
    locale = current_locale()
    return lambda row: title_of(row["title"], instrument.indicator(row["indicator_number"]), locale)
