"""Instruments: which there are, what is in one, and bringing along one's own."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import is_shipped
from spbe_tasks.messages import describe
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import InvalidInputError, SpbeError
from spbe_tasks.services import instruments, own_instruments
from spbe_tasks.services.own_instruments import Offered
from spbe_tasks.services.queries import instruments as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form, show_problems
from spbe_tasks.web.file_answers import attachment
from spbe_tasks.web.forms.instruments import InstrumentForm
from spbe_tasks.web.forms.plans import ConfirmForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.problem_words import row_words

blueprint = Blueprint("instruments", __name__, url_prefix="/instruments")


@blueprint.get("")
@requires(Capability.IMPORT_ASSESSMENTS)
def index() -> ResponseReturnValue:
    """The shipped instruments and the government's own."""
    return render_template(
        "instruments/index.html",
        instruments=instruments.list_all(db.session(), scope().government_id),
        assessments=queries.count_assessments(db.session(), scope()),
        is_shipped=is_shipped,
    )


@blueprint.get("/<instrument_id>")
@requires(Capability.IMPORT_ASSESSMENTS)
def show(instrument_id: str) -> ResponseReturnValue:
    """Everything in one instrument."""
    return render_template(
        "instruments/show.html",
        instrument=instruments.get(db.session(), scope().government_id, instrument_id),
        uses=own_instruments.uses(db.session(), scope(), instrument_id),
        is_own=not is_shipped(instrument_id),
        form=ConfirmForm(),
    )


@blueprint.get("/<instrument_id>/file.yaml")
@requires(Capability.IMPORT_ASSESSMENTS)
def file(instrument_id: str) -> ResponseReturnValue:
    """The file of an instrument, as it is kept."""
    content = instruments.read_file(db.session(), scope().government_id, instrument_id)
    return attachment(content, f"{instrument_id}.yaml", "application/yaml")


@blueprint.route("/own/upload", methods=["GET", "POST"])
@requires(Capability.IMPORT_ASSESSMENTS)
def upload() -> ResponseReturnValue:
    """An own instrument: its mistakes by line, or what was understood, and storing that."""
    form = InstrumentForm()
    problems: list[dict[str, Any]] = []

    def page(offered: Offered | None = None) -> str:
        return render_template("instruments/upload.html", form=form, offered=offered, problems=problems)

    def tell(_form: object, error: SpbeError) -> None:
        if isinstance(error, InvalidInputError) and any(each.row or each.value for each in error.problems):
            problems.extend(row_words(each, each.field) for each in error.problems)
        elif isinstance(error, InvalidInputError):
            form.file.errors = [describe(each, current_locale()) for each in error.problems]
        else:
            show_problems(form, error)

    return answer_form(
        form,
        lambda: (
            _store(form)
            if form.store.data
            else page(own_instruments.look_at(db.session(), scope(), form.data_bytes()))
        ),
        page,
        tell=tell,
    )


@blueprint.post("/<instrument_id>/remove")
@requires(Capability.IMPORT_ASSESSMENTS)
def remove(instrument_id: str) -> ResponseReturnValue:
    """Take away an own instrument that nothing uses."""
    with transaction() as work:
        own_instruments.remove(work, scope(), instrument_id, now=clock.now())
    flash(_("The instrument “%(id)s” is gone.", id=instrument_id), "success")
    return redirect(url_for("instruments.index"))


def _store(form: InstrumentForm) -> ResponseReturnValue:
    data = form.data_bytes()
    with transaction() as work:
        offered = own_instruments.store(work, scope(), data, now=clock.now())
    if offered.is_repeat:
        flash(_("This very instrument is kept already; there was nothing to do."), "info")
    else:
        flash(_("The instrument “%(id)s” is stored and can be used.", id=offered.instrument.id), "success")
    return redirect(url_for("instruments.show", instrument_id=offered.instrument.id))
