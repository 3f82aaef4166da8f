"""Indicators: the table of a year's, and the page of one with all that is known about it."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import AssessmentKind, Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.deadlines import Deadlines
from spbe_tasks.services import indicator_pages, instruments, national, overviews
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.queries import indicators as queries
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.navigation import selected_plan

blueprint = Blueprint("indicators", __name__, url_prefix="/indicators")


@blueprint.get("/<instrument_id>")
@requires(Capability.VIEW_DASHBOARD)
def index(instrument_id: str) -> ResponseReturnValue:
    """All indicators of the instrument with their levels and their gap; or straight to the one asked for."""
    instrument = instruments.get(db.session(), government().id, instrument_id)
    wanted = request.args.get("number", type=int)
    if wanted is not None and instrument.has(wanted):
        year = request.args.get("year", type=int)
        return redirect(url_for("indicators.show", instrument_id=instrument_id, number=wanted, year=year))
    plan, year = _plan_and_year(instrument_id)
    shown = year or queries.find_newest_year(db.session(), scope(), instrument_id)
    rows = indicator_pages.table(db.session(), scope(), instrument, shown) if shown else ()
    kinds = [kind for kind in AssessmentKind if any(kind in row.levels for row in rows)]
    return render_template(
        "indicators/index.html",
        instrument=instrument,
        year=shown,
        rows={row.indicator.number: row for row in rows},
        kinds=kinds,
        overview=_overview(plan),
    )


@blueprint.get("/<instrument_id>/<int:number>")
@requires(Capability.VIEW_DASHBOARD)
def show(instrument_id: str, number: int) -> ResponseReturnValue:
    """Levels by kind and year, criteria and evidence, agencies and their tasks, and what the plan makes of it."""
    instrument = instruments.get(db.session(), government().id, instrument_id)
    plan, year = _plan_and_year(instrument_id)
    sheet = indicator_pages.read(
        db.session(),
        scope(),
        government(),
        instrument,
        number=number,
        year=year,
        plan_id=plan.id if plan else None,
    )
    around = national.surroundings(government(), instrument_id, sheet.year) if sheet.year else None
    return render_template(
        "indicators/show.html",
        sheet=sheet,
        plan=plan,
        overview=_overview(plan),
        around=around,
        deadlines=Deadlines(sheet.calendar, clock.today(government().timezone)),
        kinds=[kind for kind in AssessmentKind if any(each.kind is kind for each in sheet.ladder)],
    )


def _plan_and_year(instrument_id: str) -> tuple[Plan | None, int | None]:
    """The chosen plan, if it is of this instrument, and the year to show: the one asked for, else the plan's."""
    asked, plan = request.args.get("year", type=int), selected_plan()
    if plan is None or plan.instrument_id != instrument_id or asked not in (None, plan.year):
        return None, asked
    return plan, plan.year


def _overview(plan: Plan | None) -> Overview | None:
    """The stored figures of the plan; None before they are computed."""
    return overviews.read(db.session(), scope(), plan.id) if plan else None
