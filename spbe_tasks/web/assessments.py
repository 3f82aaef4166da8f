"""Assessments: the years with their kinds side by side, one with levels and history, and two compared."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from spbe_tasks.extensions import db
from spbe_tasks.models import Assessment, AssessmentKind, AssessmentRevision
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import assessment_comparisons, assessment_sheets, crosswalks
from spbe_tasks.services.assessment_sheets import Sheet
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries import plans
from spbe_tasks.web.access import requires, scope

blueprint = Blueprint("assessments", __name__, url_prefix="/assessments")


@blueprint.get("")
@requires(Capability.IMPORT_ASSESSMENTS)
def index() -> ResponseReturnValue:
    """All assessments of the government, newest year first, and the imports under way."""
    return render_template(
        "assessments/index.html",
        years=assessment_sheets.list_years(db.session(), scope()),
        drafts=queries.list_drafts(db.session(), scope()),
        kinds=AssessmentKind,
    )


@blueprint.get("/<int:assessment_id>")
@requires(Capability.IMPORT_ASSESSMENTS)
def show(assessment_id: int) -> ResponseReturnValue:
    """One assessment: figures, levels and history, of its newest revision or the one in the address."""
    sheet = shown_sheet(assessment_id)
    instrument_id, year = sheet.assessment.instrument_id, sheet.assessment.year
    plan = plans.find_plan(db.session(), scope().government_id, instrument_id, year)
    judged = plans.find_plan(db.session(), scope().government_id, instrument_id, year - 1)
    return render_template("assessments/show.html", sheet=sheet, plan=plan, judged=judged)


@blueprint.get("/<int:assessment_id>/compare")
@requires(Capability.IMPORT_ASSESSMENTS)
def compare_with(assessment_id: int) -> ResponseReturnValue:
    """This revision beside another one (``other``, an id): of another kind, year or instrument, or an earlier one."""
    session, sheet = db.session(), shown_sheet(assessment_id)
    here = sheet.revision.id
    others = assessment_comparisons.list_others(session, scope(), sheet.assessment, sheet.revision)
    other = request.args.get("other", others[0].AssessmentRevision.id if others else None, type=int)
    is_alike = other in {here, *(row.AssessmentRevision.id for row in others if _is_alike(row, sheet))}
    seen = assessment_comparisons.compare(session, scope(), other, here) if other and is_alike else None
    walked = crosswalks.compare(session, scope(), other, here) if other and not is_alike else None
    return render_template(
        "assessments/compare_with.html",
        sheet=sheet,
        others=[row for row in others if _is_alike(row, sheet)],
        across=[row for row in others if not _is_alike(row, sheet)],
        other=other,
        seen=seen,
        walked=walked,
    )


def _is_alike(row: "Row[AssessmentRevision, Assessment]", sheet: Sheet) -> bool:
    """Whether it was made by the same instrument, so that levels can be taken from each other."""
    return row.Assessment.instrument_id == sheet.assessment.instrument_id


def shown_sheet(assessment_id: int) -> Sheet:
    """The revision in the address, else the newest."""
    number = request.args.get("revision", type=int)
    return assessment_sheets.open_sheet(db.session(), scope(), assessment_id, number)
