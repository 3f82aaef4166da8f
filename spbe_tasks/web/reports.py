"""Reports: which there are for a person, having one built for the chosen plan, and those built already."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import BuildKind
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import built_files
from spbe_tasks.services.build_terms import REPORTS, reports_for
from spbe_tasks.services.queries import built_files as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.built_files import shelf
from spbe_tasks.web.navigation import selected_plan

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
# What each report is for, in a sentence; every report has one.
ABOUT: Mapping[BuildKind, Any] = {
    BuildKind.MEETING_REPORT: _l(
        "What leaders read before a meeting: where the index stands, who holds it back, what is due. To print on A4."
    ),
    BuildKind.PLAN_WORKBOOK: _l(
        "Figures, every task with its evidence, a sheet for each agency, and the levels of all indicators."
    ),
    BuildKind.FOLLOW_UP_SHEET: _l(
        "Every recommendation in the inspectorate’s four statuses, and how many of each agency."
    ),
    BuildKind.GOVERNMENT_ARCHIVE: _l(
        "Everything of this government: the rows of every table, all files, the instruments and the sealed trail."
    ),
}


@blueprint.get("")
@requires(Capability.HAVE_FILES_BUILT)
def index() -> ResponseReturnValue:
    """The reports to choose from, and the person's own that are ready or under way."""
    files = queries.list_own(db.session(), scope(), kinds=REPORTS)
    return render_template(
        "reports/index.html",
        plan=selected_plan(),
        reports=[(kind, terms, ABOUT[kind]) for kind, terms in reports_for(scope()).items()],
        files=shelf(files),
    )


@blueprint.post("/<kind>")
@requires(Capability.HAVE_FILES_BUILT)
def build(kind: str) -> ResponseReturnValue:
    """Have a report built for the plan of the year in the address."""
    wanted = next((each for each in REPORTS if each.value == kind), None)
    if wanted is None:
        raise NotFoundError
    subject = _plan_subject() if REPORTS[wanted].of_plan else {}
    with transaction() as work:
        built_files.ask(work, scope(), wanted, subject, now=clock.now())
    return redirect(url_for(".index"))


def _plan_subject() -> Mapping[str, object]:
    plan = selected_plan()
    if plan is None:
        raise NotFoundError("plan.not_found")
    return {"plan_id": plan.id, "year": plan.year}
