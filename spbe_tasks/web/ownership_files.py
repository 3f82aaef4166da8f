"""The ownership matrix as a workbook: kept, changed, looked at and stored again."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem, SpbeError
from spbe_tasks.services import instruments, ownership, ownership_sheets
from spbe_tasks.services.ownership_sheets import Seen
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form, show_problems
from spbe_tasks.web.file_answers import workbook
from spbe_tasks.web.forms.ownership import OwnersFileForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.ownership import blueprint
from spbe_tasks.web.problem_words import row_words
from spbe_tasks.workbooks.owners import write_owners

__all__ = ["blueprint"]  # the matrix's blueprint, with these routes added


@blueprint.get("/<instrument_id>/owners.xlsx")
@requires(Capability.MANAGE_OWNERSHIP)
def export(instrument_id: str) -> ResponseReturnValue:
    """The whole matrix, in rows that can be imported again."""
    matrix, locale = ownership.matrix(db.session(), scope(), instrument_id), current_locale()
    title = matrix.instrument.title(locale)
    content = write_owners(title, ownership_sheets.rows(matrix, locale), locale)
    return workbook(content, f"matriks-{instrument_id}.xlsx")


@blueprint.route("/<instrument_id>/import", methods=["GET", "POST"])
@requires(Capability.MANAGE_OWNERSHIP)
def import_owners(instrument_id: str) -> ResponseReturnValue:
    """A workbook of owners: its problems by row, or what it changes, and storing that."""
    instrument = instruments.get(db.session(), scope().government_id, instrument_id)
    form = OwnersFileForm()
    problems: list[dict[str, Any]] = []
    outdated: list[SpbeError] = []

    def page(seen: Seen | None = None) -> str:
        return render_template(
            "ownership/import.html", instrument=instrument, form=form, seen=seen, problems=problems
        )

    def tell(_form: object, error: SpbeError) -> None:
        if isinstance(error, InvalidInputError) and any(each.row is not None for each in error.problems):
            problems.extend(_as_row(each) for each in error.problems)
            return
        show_problems(form, error)
        outdated.extend([error] if isinstance(error, ConflictError) else [])

    def look() -> str:
        data = form.data_bytes()
        seen = ownership_sheets.preview(db.session(), scope(), instrument_id, data)
        form.carry(data, seen.fingerprint)
        return page(seen)

    return answer_form(
        form,
        lambda: _store(form, instrument_id) if form.store.data else look(),
        lambda: look() if outdated else page(),
        tell=tell,
    )


def _store(form: OwnersFileForm, instrument_id: str) -> ResponseReturnValue:
    data = form.data_bytes()
    with transaction() as work:
        done = ownership_sheets.store(
            work, scope(), instrument_id, data, seen=form.seen.data, now=clock.now()
        )
    flash(_("%(count)s indicators have new owners or shares.", count=len(done.changes)), "success")
    return redirect(url_for("ownership.show", instrument=instrument_id))


def _as_row(problem: Problem) -> dict[str, Any]:
    columns = {"number": _("Indicator"), "agency": _("Agency"), "role": _("Role"), "share": _("Share")}
    return row_words(problem, columns.get(problem.field or ""))
