"""Assessments: the list, one with levels and revisions, and the import in two steps: check and compare, then store."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.messages import describe
from spbe_tasks.models import AssessmentKind
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import InvalidInputError, Problem, SpbeError
from spbe_tasks.services import assessment_sheets, assessments
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries import plans
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.csv_files import csv_response
from spbe_tasks.web.errors import answer_form, show_problems
from spbe_tasks.web.forms.assessments import ImportForm, StoreForm, UploadForm
from spbe_tasks.web.locale import current_locale

blueprint = Blueprint("assessments", __name__, url_prefix="/assessments")


@blueprint.get("")
@requires(Capability.IMPORT_ASSESSMENTS)
def index() -> ResponseReturnValue:
    """All assessments of the government, newest year first."""
    instruments = {each.id: each for each in list_instruments()}
    rows = [
        (row, assessment_sheets.read_predicate(row.Assessment, row.AssessmentRevision))
        for row in queries.list_assessments(db.session(), scope())
    ]
    return render_template("assessments/index.html", rows=rows, instruments=instruments)


@blueprint.get("/<int:assessment_id>")
@requires(Capability.IMPORT_ASSESSMENTS)
def show(assessment_id: int) -> ResponseReturnValue:
    """One assessment: figures, levels and history, of its newest revision or the one in the address."""
    number = request.args.get("revision", type=int)
    sheet = assessment_sheets.open_sheet(db.session(), scope(), assessment_id, number)
    instrument_id, year = sheet.assessment.instrument_id, sheet.assessment.year
    plan = plans.find_plan(db.session(), scope().government_id, instrument_id, year)
    return render_template("assessments/show.html", sheet=sheet, plan=plan)


@blueprint.get("/template/<instrument_id>.csv")
@requires(Capability.IMPORT_ASSESSMENTS)
def template(instrument_id: str) -> ResponseReturnValue:
    """An empty table to fill in: separated by semicolons, as spreadsheets set to Indonesian expect."""
    instrument, locale = get_instrument(instrument_id), current_locale()
    rows = ((each.number, None, each.short_name(locale)) for each in instrument.indicators)
    return csv_response(f"{instrument.id}.csv", (_("number"), _("level"), _("name")), rows, delimiter=";")


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Capability.IMPORT_ASSESSMENTS)
def upload() -> ResponseReturnValue:
    """The first step: give a table, see its problems or what it would change."""
    form = UploadForm(**_usual())
    problems: list[dict[str, Any]] = []
    return answer_form(
        form,
        lambda: _compare(form),
        lambda: render_template("assessments/upload.html", form=form, problems=problems),
        tell=lambda _form, error: _tell(form, error, problems),
    )


@blueprint.post("/store")
@requires(Capability.IMPORT_ASSESSMENTS)
def store() -> ResponseReturnValue:
    """The last step: read the same table again and keep it as a revision."""
    form = StoreForm()
    return answer_form(form, lambda: _store(form), lambda: _start_again(form))


def _usual() -> dict[str, Any]:
    """What most imports are: the result of last year's evaluation."""
    year = clock.now().year - 1
    used = [each.id for each in list_instruments() if each.is_used_in(year)]
    return {"year": year, "kind": AssessmentKind.OFFICIAL.value, "instrument_id": next(iter(used), None)}


def _compare(form: UploadForm) -> ResponseReturnValue:
    file_name, data = form.table()
    form.offer_mending(data)
    seen = _preview(form, file_name, data)
    plan = plans.find_plan(db.session(), scope().government_id, seen.instrument.id, seen.year)
    confirmation = StoreForm(formdata=None, **form.wanted())
    confirmation.carry(seen.file_name, data)
    return render_template("assessments/compare.html", seen=seen, form=confirmation, plan=plan)


def _preview(form: ImportForm, file_name: str, data: bytes) -> assessments.Preview:
    return assessments.preview(
        db.session(), scope(), **form.wanted(), file_name=file_name, data=data, now=clock.now()
    )


def _store(form: StoreForm) -> ResponseReturnValue:
    file_name, data = form.table()
    with transaction() as work:
        seen = assessments.preview(
            work.session, scope(), **form.wanted(), file_name=file_name, data=data, now=clock.now()
        )
        revision = assessments.store(work, scope(), seen, now=clock.now())
        assessment_id, number = revision.assessment_id, revision.number
    if seen.is_repeat:
        flash(_("This file is revision %(number)s already; nothing was changed.", number=number), "info")
    else:
        flash(_("Revision %(number)s is stored.", number=number), "success")
    return redirect(url_for("assessments.show", assessment_id=assessment_id))


def _start_again(form: StoreForm) -> str:
    """A confirmation that cannot be taken leads back to the first step, with what was chosen."""
    upload_form = UploadForm(
        formdata=None, **{name: form[name].data for name in ("instrument_id", "year", "kind")}
    )
    return render_template("assessments/upload.html", form=upload_form, problems=[])


def _tell(form: UploadForm, error: SpbeError, problems: list[dict[str, Any]]) -> None:
    """Problems of the table go into the list by row; those of the other fields beside them."""
    if not isinstance(error, InvalidInputError):
        show_problems(form, error)
        return
    beside = [each for each in error.problems if each.field in form.data]
    show_problems(form, InvalidInputError(beside, error.code))
    problems.extend(_as_row(each) for each in error.problems if each not in beside)


def _as_row(problem: Problem) -> dict[str, Any]:
    """A problem for ``problem_table``: its sentences say first what is wrong, then what to do."""
    wrong, _dot, remedy = describe(problem, current_locale()).partition(". ")
    return {
        "row": problem.row,
        "column": _column(problem.field),
        "value": problem.value,
        "wrong": wrong + ("." if remedy else ""),
        "remedy": remedy,
    }


def _column(field: str | None) -> str | None:
    return {"number": _("number"), "level": _("level")}.get(field or "")
