"""The ownership matrix: the whole of it on a wide screen, one indicator at a time on a phone or for many changes."""

from fractions import Fraction

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import instruments, matrix_help, matrix_load, ownership
from spbe_tasks.services.matrix_load import Loads
from spbe_tasks.services.ownership import Cell, Matrix
from spbe_tasks.services.queries.ownership import CHANGES_PER_PAGE
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.ownership import AspectLeadForm, OwnersForm, share_field
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.paging import page_number

blueprint = Blueprint("ownership", __name__, url_prefix="/ownership")


@blueprint.get("")
@requires(Capability.MANAGE_OWNERSHIP)
def show() -> ResponseReturnValue:
    """The matrix of the instrument in the address, else of the chosen year's."""
    wanted = request.args.get("instrument")
    return _page(
        instruments.get(db.session(), scope().government_id, wanted) if wanted else _usual_instrument()
    )


@blueprint.post("/<instrument_id>/cell")
@requires(Capability.MANAGE_OWNERSHIP)
def set_cell(instrument_id: str) -> ResponseReturnValue:
    """Give one cell the value its button carried, and go back to that very cell."""
    number, agency_id, cell = _parse(request.form.get("cell", ""))
    with transaction() as work:
        ownership.set_cell(
            work,
            scope(),
            instrument_id=instrument_id,
            indicator_number=number,
            agency_id=agency_id,
            cell=cell,
            now=clock.now(),
        )
    return redirect(_address(instrument_id, f"c{number}-{agency_id}"))


@blueprint.post("/<instrument_id>/aspect")
@requires(Capability.MANAGE_OWNERSHIP)
def lead_aspect(instrument_id: str) -> ResponseReturnValue:
    """Make one agency the lead of a whole aspect."""
    matrix = ownership.matrix(db.session(), scope(), instrument_id)
    form = AspectLeadForm.of(matrix, current_locale())
    return answer_form(
        form, lambda: _lead_aspect(form, instrument_id), lambda: _page(matrix.instrument, form)
    )


@blueprint.route("/<instrument_id>/<int:number>", methods=["GET", "POST"])
@requires(Capability.MANAGE_OWNERSHIP)
def edit(instrument_id: str, number: int) -> ResponseReturnValue:
    """The owners of one indicator: a lead and contributors."""
    matrix = ownership.matrix(db.session(), scope(), instrument_id)
    indicator = matrix.instrument.indicator(number)
    form = OwnersForm.of(matrix, matrix.rows[number])
    return answer_form(
        form,
        lambda: _store_row(form, instrument_id, number),
        lambda: render_template(
            "ownership/edit.html",
            matrix=matrix,
            indicator=indicator,
            form=form,
            share_field=share_field,
            before=_neighbour(matrix.instrument, number, -1),
            after=_neighbour(matrix.instrument, number, +1),
        ),
    )


@blueprint.post("/<instrument_id>/suggestions")
@requires(Capability.MANAGE_OWNERSHIP)
def accept(instrument_id: str) -> ResponseReturnValue:
    """Take over what the instrument suggests, for one indicator or for all that have no owner."""
    number = request.form.get("number", type=int)
    with transaction() as work:
        count = matrix_help.accept(
            work, scope(), instrument_id, None if number is None else (number,), now=clock.now()
        )
    flash(
        _("%(count)s indicators have got their suggested owners.", count=count),
        "success" if count else "info",
    )
    return redirect(_address(instrument_id, "suggestions"))


@blueprint.get("/<instrument_id>/history")
@requires(Capability.MANAGE_OWNERSHIP)
def history(instrument_id: str) -> ResponseReturnValue:
    """Who changed what in the matrix, when."""
    instrument = instruments.get(db.session(), scope().government_id, instrument_id)
    page = page_number()
    changes, total = matrix_help.history(db.session(), scope(), instrument_id, page=page)
    return render_template(
        "ownership/history.html",
        instrument=instrument,
        changes=changes,
        total=total,
        page=page,
        per_page=CHANGES_PER_PAGE,
    )


def _page(instrument: Instrument, form: AspectLeadForm | None = None) -> str:
    matrix = ownership.matrix(db.session(), scope(), instrument.id)
    return render_template(
        "ownership/show.html",
        matrix=matrix,
        names={each.id: each.short_name for each in matrix.agencies},
        loads=(loads := matrix_load.read(db.session(), scope(), instrument.id, now=clock.now())),
        gaps=_by_points(matrix, loads),
        suggestions=matrix_help.suggestions(matrix),
        instruments=instruments.list_all(db.session(), scope().government_id),
        form=form or AspectLeadForm.of(matrix, current_locale()),
        Cell=Cell,
    )


def _by_points(matrix: Matrix, loads: Loads | None) -> list[int]:
    """The indicators without a lead: low ones first, most points first."""
    low = loads.low if loads else {}
    return sorted(matrix.gaps, key=lambda number: (-low.get(number, Fraction(0)), number))


def _usual_instrument() -> Instrument:
    plan = selected_plan()
    if plan is not None:
        return instruments.of(db.session(), plan)
    known = instruments.list_all(db.session(), scope().government_id)
    return instruments.usual(known, clock.now().year - 1)


def _parse(value: str) -> tuple[int, int, Cell]:
    """Indicator, agency and wanted cell of a button's value; whoever sends something else asks for no page of ours."""
    number, _dash, rest = value.partition("-")
    agency, _dash, cell = rest.partition("-")
    if not (number.isdecimal() and agency.isdecimal() and cell in set(Cell)):
        raise NotFoundError
    return int(number), int(agency), Cell(cell)


def _lead_aspect(form: AspectLeadForm, instrument_id: str) -> ResponseReturnValue:
    with transaction() as work:
        count = ownership.set_aspect_lead(
            work,
            scope(),
            instrument_id=instrument_id,
            aspect_number=form.aspect.data,
            agency_id=form.agency_id.data,
            now=clock.now(),
        )
    flash(_("%(count)s indicators have that agency as lead.", count=count), "success")
    return redirect(_address(instrument_id, f"a{form.aspect.data}"))


def _store_row(form: OwnersForm, instrument_id: str, number: int) -> ResponseReturnValue:
    with transaction() as work:
        ownership.set_row(
            work,
            scope(),
            instrument_id=instrument_id,
            indicator_number=number,
            lead_id=form.lead_id.data or None,
            contributor_ids=form.contributor_ids.data or (),
            shares=form.shares(),
            now=clock.now(),
        )
    flash(_("The owners of indicator %(number)s are stored.", number=number), "success")
    following = (
        _neighbour(instruments.get(db.session(), scope().government_id, instrument_id), number, +1)
        if form.store_and_next.data
        else None
    )
    if following is not None:
        return redirect(url_for("ownership.edit", instrument_id=instrument_id, number=following))
    return redirect(_address(instrument_id, f"i{number}"))


def _neighbour(instrument: Instrument, number: int, step: int) -> int | None:
    """The indicator before (-1) or after (+1) that one; None at the end."""
    numbers = [each.number for each in instrument.indicators]
    position = numbers.index(number) + step
    return numbers[position] if 0 <= position < len(numbers) else None


def _address(instrument_id: str, place: str) -> str:
    return url_for("ownership.show", instrument=instrument_id, _anchor=place)
