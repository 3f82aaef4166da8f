"""Agencies merge or divide: a form, a preview of everything that follows, and carrying it out in one go."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import ConflictError, SpbeError
from spbe_tasks.services import instruments, succession
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries import succession as queries
from spbe_tasks.services.succession import Seen
from spbe_tasks.services.succession_order import Order, mover_field, taker_field
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import person, requires, scope
from spbe_tasks.web.auth import enter
from spbe_tasks.web.errors import answer_form, show_problems
from spbe_tasks.web.forms.succession import DivideForm, MergeForm

blueprint = Blueprint("succession", __name__, url_prefix="/succession")
Form = MergeForm | DivideForm


@blueprint.route("/merge", methods=["GET", "POST"])
@requires(Capability.MANAGE_OWNERSHIP)
def merge() -> ResponseReturnValue:
    """Several agencies become one, or one goes into another."""
    agencies = people.list_agencies(db.session(), scope(), active_only=True)
    form = MergeForm.of(agencies, request.args.get("source", type=int))

    def show(seen: Seen | None = None) -> str:
        return _page("succession/merge.html", form, seen)

    return _answer(form, form.order, show)


@blueprint.route("/<int:agency_id>/divide", methods=["GET", "POST"])
@requires(Capability.MANAGE_OWNERSHIP)
def divide(agency_id: int) -> ResponseReturnValue:
    """One agency's indicators and people go to several others; what is kept stays."""
    agency = people.get_agency(db.session(), scope(), agency_id)
    held = [place for place, _id in succession.holdings(db.session(), scope(), [agency.id])]
    staff = queries.list_people(db.session(), scope(), [agency.id])
    form = DivideForm.of(agency, people.list_agencies(db.session(), scope(), active_only=True))

    def show(seen: Seen | None = None) -> str:
        instrument_of = instruments.finder(db.session(), scope().government_id)
        rows = [(instrument_of(name), number, taker_field(name, number)) for name, number in held]
        movers = [(each, mover_field(each.id)) for each in staff]
        return _page("succession/divide.html", form, seen, agency=agency, rows=rows, movers=movers)

    return _answer(form, lambda: form.order(agency, held, staff), show)


def _answer(form: Form, order: Callable[[], Order], show: Callable[..., str]) -> ResponseReturnValue:
    """Show the form; its preview when asked, and again when the confirmed one no longer holds; or carry it out."""
    refused: list[SpbeError] = []

    def tell(_form: object, error: SpbeError) -> None:
        refused.append(error)
        show_problems(form, error)

    def store() -> ResponseReturnValue:
        return _carry_out(form, order()) if form.store.data else show(_preview(order()))

    def again() -> str:
        is_outdated = bool(refused) and isinstance(refused[-1], ConflictError)
        return show(_preview(order()) if is_outdated else None)

    return answer_form(form, store, again, tell=tell)


def _preview(order: Order) -> Seen:
    return succession.preview(db.session(), scope(), order, now=clock.now())


def _carry_out(form: Form, order: Order) -> ResponseReturnValue:
    mine, here = person().id, scope()
    with transaction() as work:
        done, successor_id = succession.carry_out(work, here, order, seen=form.seen.data, now=clock.now())
        has_moved = any(each.id == mine for each, _agency_id in done.people)
        names = ", ".join(done.names[each] for each in order.source_ids)
    if has_moved:
        enter(people.get_account(db.session(), here, mine))  # a new agency ends sessions, but not this one
    if successor_id is not None:
        flash(_("%(names)s: everything has gone over to the successor.", names=names), "success")
        return redirect(url_for("agencies.edit", agency_id=successor_id))
    flash(_("%(names)s: what was chosen has gone over.", names=names), "success")
    return redirect(url_for("agencies.edit", agency_id=order.source_ids[0]))


def _page(template: str, form: Form, seen: Seen | None, **given: object) -> str:
    if seen is not None:
        form.carry(seen)
    instrument_of = instruments.finder(db.session(), scope().government_id)
    return render_template(template, form=form, seen=seen, instrument_of=instrument_of, **given)
