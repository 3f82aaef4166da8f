"""Days off from a file: its problems by row, or what it changes, and storing that."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem, SpbeError
from spbe_tasks.services import holiday_sheets
from spbe_tasks.services.holiday_sheets import Seen
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.calendars import blueprint
from spbe_tasks.web.errors import answer_form, show_problems
from spbe_tasks.web.forms.holidays import HolidaysFileForm
from spbe_tasks.web.problem_words import row_words

__all__ = ["blueprint"]  # the blueprint of the calendars, with this route added


@blueprint.route("/holidays/import", methods=["GET", "POST"])
@requires(Capability.MANAGE_GOVERNMENT)
def import_holidays() -> ResponseReturnValue:
    """A file of days off: looked at first, then stored as a whole."""
    form = HolidaysFileForm()
    problems: list[dict[str, Any]] = []
    outdated: list[SpbeError] = []

    def page(seen: Seen | None = None) -> str:
        return render_template("governments/holidays_import.html", form=form, seen=seen, problems=problems)

    def tell(_form: object, error: SpbeError) -> None:
        if isinstance(error, InvalidInputError) and any(each.row is not None for each in error.problems):
            problems.extend(_as_row(each) for each in error.problems)
            return
        show_problems(form, error)
        outdated.extend([error] if isinstance(error, ConflictError) else [])

    def look() -> str:
        data = form.data_bytes()
        seen = holiday_sheets.preview(db.session(), scope(), data)
        form.carry(data, seen.fingerprint)
        return page(seen)

    return answer_form(
        form,
        lambda: _store(form) if form.store.data else look(),
        lambda: look() if outdated else page(),
        tell=tell,
    )


def _store(form: HolidaysFileForm) -> ResponseReturnValue:
    with transaction() as work:
        done = holiday_sheets.store(
            work, scope(), form.data_bytes(), seen=form.seen.data or None, now=clock.now()
        )
    flash(_("%(count)s days are in the calendar now.", count=len(done.changes)), "success")
    return redirect(url_for("calendars.local_holidays"))


def _as_row(problem: Problem) -> dict[str, Any]:
    columns = {
        "date": _("Date"),
        "name": _("Name of the day"),
        "kind": _("Kind"),
        "decree": _("Number of the decision"),
    }
    return row_words(problem, columns.get(problem.field or ""))
