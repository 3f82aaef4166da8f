"""Who holds the index back: the points of every agency, what makes them up, and the same as a file."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.formatting import points
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import overviews, standings
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.queries import people
from spbe_tasks.services.standings import Standings
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.csv_files import csv_response
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import selected_plan

blueprint = Blueprint("agency_points", __name__, url_prefix="/agency-points")
# What the list of one agency's tasks can be narrowed to, by the figure that was clicked.
FIGURES = ("undelivered", "at_stake", "secured", "waiting", "late")


@blueprint.get("")
@requires(Capability.VIEW_AGENCY_FIGURES)
def index() -> ResponseReturnValue:
    """Every agency, most points still to bring first, and what nobody works on."""
    plan = selected_plan()
    found = _standings(plan) if plan else None
    if plan is None or found is None:
        return redirect(url_for("dashboard.show"))
    seen, overview = found
    return render_template(
        "agency_points/index.html",
        plan=plan,
        seen=seen,
        overview=overview,
        instrument=overview.instrument,
    )


@blueprint.get("/<int:agency_id>")
@requires(Capability.VIEW_AGENCY_FIGURES)
def show(agency_id: int) -> ResponseReturnValue:
    """The tasks that one agency's figures count, all or those behind one figure."""
    agency = people.get_agency(db.session(), scope(), agency_id)
    plan = selected_plan()
    found = _standings(plan) if plan else None
    if plan is None or found is None:
        return redirect(url_for("dashboard.show"))
    seen, overview = found
    wanted = request.args.get("figure")
    figure = wanted if wanted in FIGURES else None
    parts = [part for part in seen.parts_of(agency.id) if figure is None or getattr(part, figure)]
    return render_template(
        "agency_points/show.html",
        plan=plan,
        agency=agency,
        parts=parts,
        figure=figure,
        overview=overview,
        instrument=overview.instrument,
    )


@blueprint.get("/export.csv")
@requires(Capability.VIEW_AGENCY_FIGURES)
def export() -> ResponseReturnValue:
    """The same rows as a table to keep, with exact fractions beside the rounded points."""
    plan = selected_plan()
    found = _standings(plan) if plan else None
    if plan is None or found is None:
        return redirect(url_for("dashboard.show"))
    seen, _overview = found
    heading = (
        _("Agency"),
        _("Still to bring"),
        _("At stake"),
        _("Secured"),
        _("Waiting for others"),
        _("Late"),
        _("Late tasks"),
        _("At stake, exact"),
    )
    name = f"poin-perangkat-daerah-{government().slug}-{plan.year}.csv"
    return csv_response(name, heading, _rows(seen), delimiter=";")


def _standings(plan: Plan) -> tuple[Standings, Overview] | None:
    """What the figures say about the agencies; None until a worker has computed them for the first time."""
    overview = overviews.read(db.session(), scope(), plan.id)
    if overview is None:
        return None
    return standings.read(db.session(), scope(), plan, overview.record, now=clock.now()), overview


def _rows(seen: Standings) -> list[tuple[object, ...]]:
    locale = current_locale()
    rows: list[tuple[object, ...]] = []
    for row in seen.agencies:
        figures = row.figures
        shown = (
            figures.points_undelivered,
            figures.points_at_stake,
            figures.points_secured,
            figures.points_waiting,
            figures.points_late,
        )
        exact = str(figures.points_at_stake)
        rows.append((row.name, *(points(each, locale) for each in shown), figures.tasks_overdue, exact))
    for name, worth in (
        (_("No owner yet"), seen.unowned_points),
        (_("Owned, not in the plan yet"), seen.unplanned_points),
    ):
        if worth:
            shown_worth = points(worth, locale)
            rows.append((name, shown_worth, shown_worth, None, None, None, None, str(worth)))
    return rows
