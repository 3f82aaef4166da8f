"""Predicted against official: how far a plan's accepted levels were confirmed by the next official result."""

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks.extensions import db
from spbe_tasks.formatting import date_long, decimal2, level
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.calibration import AGREES_WITHIN, LEAST_COUNT, CutOffReason, Lean
from spbe_tasks.services import calibrations
from spbe_tasks.services.calibrations import Calibration, Judged, Row
from spbe_tasks.services.queries import assessments, plans
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.csv_files import csv_response
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import selected_plan

blueprint = Blueprint("calibrations", __name__, url_prefix="/calibration")
CsvRows = tuple[Sequence[str], Sequence[Sequence[object]]]


@blueprint.get("")
@requires(Capability.VIEW_AGENCY_FIGURES)
def index() -> ResponseReturnValue:
    """The newest plan that can be compared; else what there will be, and when."""
    judged = calibrations.list_judged(db.session(), scope())
    newest = next((each for each in judged if each.prediction is not None), None)
    plan = newest.plan if newest else selected_plan()
    return _page(plan, judged) if plan else render_template("calibrations/start.html")


@blueprint.get("/<int:plan_id>")
@requires(Capability.VIEW_AGENCY_FIGURES)
def show(plan_id: int) -> ResponseReturnValue:
    """One plan against the result that followed it, by indicator, agency and reviewer."""
    plan = plans.get_plan(db.session(), scope(), plan_id)
    return _page(plan, calibrations.list_judged(db.session(), scope()))


@blueprint.get("/<int:plan_id>/export.csv")
@requires(Capability.VIEW_AGENCY_FIGURES)
def export(plan_id: int) -> ResponseReturnValue:
    """One of the tables to keep: by indicator, agency or reviewer (``by``)."""
    plan = plans.get_plan(db.session(), scope(), plan_id)
    found = calibrations.read(db.session(), scope(), plan, calibrations.list_judged(db.session(), scope()))
    if found is None:
        return redirect(url_for("calibrations.show", plan_id=plan.id))
    by = request.args.get("by", "")
    table = _TABLES.get(by, _indicator_table)
    name = f"calibration-{plan.year}-{by if by in _TABLES else 'indicators'}.csv"
    return csv_response(name, *table(found), delimiter=";")


def _page(plan: Plan, judged: Sequence[Judged]) -> str:
    session = db.session()
    found = calibrations.read(session, scope(), plan, judged)
    if found is not None:
        return render_template(
            "calibrations/show.html",
            plan=plan,
            found=found,
            others=[each.plan for each in judged if each.plan.id != plan.id and each.prediction],
            until=_cut_off_words(found.judged),
            Lean=Lean,
            least=LEAST_COUNT,
            agrees_within=AGREES_WITHIN,
        )
    own = next((each for each in judged if each.plan.id == plan.id), None)
    other = None if own else calibrations.find_other_instrument(session, scope(), plan)
    return render_template(
        "calibrations/nothing.html",
        plan=plan,
        own=own,
        until=_cut_off_words(own) if own else None,
        other=other,
        other_revision=assessments.find_newest_revision(session, other.id) if other else None,
        others=[each.plan for each in judged if each.prediction],
    )


def _cut_off_words(judged: Judged) -> str:
    """Which day ends the prediction, and why that one."""
    day = date_long(judged.cut_off.on, current_locale())
    return {
        CutOffReason.CLOSED: _("%(day)s, when the self-assessment closed", day=day),
        CutOffReason.OPENED: _("%(day)s, when the self-assessment opened", day=day),
        CutOffReason.IMPORTED: _("%(day)s, the day before the official result was imported", day=day),
    }[judged.cut_off.reason]


def _indicator_table(found: Calibration) -> CsvRows:
    locale = current_locale()
    heading = (
        _("No."),
        _("Indicator"),
        _("Starting point"),
        _("Accepted"),
        _("Official result"),
        _("Difference"),
        _("Accepted of"),
    )
    rows = [
        (
            each.number,
            found.instrument.indicator(each.number).short_name(locale),
            level(each.baseline, locale),
            level(each.predicted, locale),
            level(each.official, locale),
            level(each.difference, locale),
            ", ".join(
                found.agency_names[verdict.agency_id] for verdict in found.verdicts.get(each.number, ())
            ),
        )
        for each in found.compared
    ]
    return heading, rows


def _agency_table(found: Calibration) -> CsvRows:
    return _tallies(_("Agency"), found.agencies)


def _reviewer_table(found: Calibration) -> CsvRows:
    return _tallies(_("Reviewer"), found.reviewers)


def _tallies(who: str, rows: Sequence[Row]) -> CsvRows:
    heading = (who, _("Accepted tasks"), _("Confirmed"), _("Mean difference"), _("Mean difference, exact"))
    locale = current_locale()
    return heading, [
        (
            row.name,
            row.tally.count,
            row.tally.confirmed,
            decimal2(row.tally.mean, locale),
            str(row.tally.mean),
        )
        for row in rows
    ]


_TABLES: Mapping[str, Callable[[Calibration], CsvRows]] = {
    "agencies": _agency_table,
    "reviewers": _reviewer_table,
}
