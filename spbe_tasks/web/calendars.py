"""The government's calendars: evaluation dates and index targets by year, and its own holidays."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.calendar import Holiday, HolidayKind, national_holidays, zone_label
from spbe_tasks.services import evaluations, holidays
from spbe_tasks.services import index_targets as index_targets_service
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.governments import EvaluationForm, HolidayForm, IndexTargetForm

blueprint = Blueprint("calendars", __name__, url_prefix="/settings")


@blueprint.get("/evaluation")
@requires(Capability.MANAGE_GOVERNMENT)
def evaluation_years() -> ResponseReturnValue:
    """The dates of every year entered so far."""
    year = request.args.get("open", type=int)
    if year is not None:
        return redirect(url_for("calendars.evaluation", year=year))
    return render_template(
        "governments/evaluation_years.html",
        rows=queries.list_evaluations(db.session(), scope()),
        proposed=_this_year() - 1,
    )


@blueprint.route("/evaluation/<int:year>", methods=["GET", "POST"])
@requires(Capability.MANAGE_GOVERNMENT)
def evaluation(year: int) -> ResponseReturnValue:
    """The dates of the cycle after the assessment of ``year``."""
    row = queries.find_evaluation(db.session(), government().id, year)
    form = EvaluationForm(obj=evaluations.dates_of(row))
    return answer_form(
        form,
        lambda: _store_dates(form, year),
        lambda: render_template("governments/evaluation.html", form=form, year=year),
    )


def _store_dates(form: EvaluationForm, year: int) -> ResponseReturnValue:
    with transaction() as work:
        evaluations.set_dates(work, scope(), year, form.dates, now=clock.now())
    flash(_("The dates of the evaluation are stored."), "success")
    return redirect(url_for("calendars.evaluation_years"))


@blueprint.route("/targets", methods=["GET", "POST"])
@requires(Capability.MANAGE_GOVERNMENT)
def index_targets() -> ResponseReturnValue:
    """The index each year is to reach; the year in the address is there to be changed."""
    row = queries.find_index_target(db.session(), government().id, request.args.get("change", 0, type=int))
    form = IndexTargetForm(obj=row)
    return answer_form(
        form,
        lambda: _set_target(form),
        lambda: render_template(
            "governments/index_targets.html",
            form=form,
            rows=queries.list_index_targets(db.session(), scope()),
        ),
    )


def _set_target(form: IndexTargetForm) -> ResponseReturnValue:
    year, value, source = form.year.data, form.value.data, form.source.data
    with transaction() as work:
        index_targets_service.set_target(work, scope(), year, value, source, now=clock.now())
    flash(_("The target of %(year)s is stored.", year=year), "success")
    return redirect(url_for("calendars.index_targets"))


@blueprint.post("/targets/<int:target_id>/remove")
@requires(Capability.MANAGE_GOVERNMENT)
def remove_index_target(target_id: int) -> ResponseReturnValue:
    """Take the target of a year away."""
    with transaction() as work:
        year = index_targets_service.remove(work, scope(), target_id, now=clock.now())
    flash(_("The target of %(year)s is removed.", year=year), "success")
    return redirect(url_for("calendars.index_targets"))


@blueprint.route("/holidays", methods=["GET", "POST"])
@requires(Capability.MANAGE_GOVERNMENT)
def local_holidays() -> ResponseReturnValue:
    """Days the government adds to the national calendar, and the national days of a year beside them."""
    form = HolidayForm()
    return answer_form(form, lambda: _add_holiday(form), lambda: _show_holidays(form))


def _show_holidays(form: HolidayForm) -> str:
    year = request.args.get("calendar", _this_year(), type=int)
    rows = queries.list_holidays(db.session(), government().id)
    return render_template(
        "governments/holidays.html",
        form=form,
        rows=[(row, holidays.national_name(row.on, government().timezone)) for row in rows],
        calendar_year=year,
        national=national_holidays(year),
        zone=zone_label(government().timezone),
    )


def _add_holiday(form: HolidayForm) -> ResponseReturnValue:
    holiday = Holiday(form.on.data, form.name.data, HolidayKind(form.kind.data))
    with transaction() as work:
        holidays.add(work, scope(), holiday, decree=form.decree.data, now=clock.now())
    flash(_("%(name)s is in the calendar.", name=holiday.name), "success")
    return redirect(url_for("calendars.local_holidays"))


@blueprint.post("/holidays/<int:holiday_id>/remove")
@requires(Capability.MANAGE_GOVERNMENT)
def remove_holiday(holiday_id: int) -> ResponseReturnValue:
    """Take a day from the government's own table."""
    with transaction() as work:
        name = holidays.remove(work, scope(), holiday_id, now=clock.now()).name
    flash(_("%(name)s is no longer in the calendar.", name=name), "success")
    return redirect(url_for("calendars.local_holidays"))


def _this_year() -> int:
    return clock.today(government().timezone).year
