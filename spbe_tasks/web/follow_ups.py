"""The inspectorate's view: every recommendation in one of four statuses, counted by agency, and the same as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks.extensions import db
from spbe_tasks.labels import label
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.follow_up_status import FollowUp
from spbe_tasks.services import follow_ups
from spbe_tasks.services.follow_ups import FollowUpRow
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.csv_files import csv_response
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.paging import page_number

blueprint = Blueprint("follow_ups", __name__, url_prefix="/reports/follow-up")
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the address narrows the rows to."""

    status: FollowUp | None
    agency_id: int | None

    def as_args(self) -> dict[str, str]:
        """The same for a link."""
        named = {"status": self.status, "agency": self.agency_id}
        return {name: str(value) for name, value in named.items() if value is not None}


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def index() -> ResponseReturnValue:
    """How many recommendations have which status, and the rows behind a number."""
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html")
    found, narrowed = follow_ups.read(db.session(), scope(), plan.id), _narrowed()
    rows = found.narrowed(narrowed.status, narrowed.agency_id)
    page = min(page_number(), max(1, -(-len(rows) // PAGE_SIZE)))
    return render_template(
        "follow_ups/index.html",
        plan=plan,
        found=found,
        statuses=list(FollowUp),
        narrowed=narrowed,
        args={"year": str(plan.year), **narrowed.as_args()},
        rows=rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        total=len(rows),
        page=page,
        per_page=PAGE_SIZE,
    )


@blueprint.get("/export.csv")
@requires(Capability.EXPORT_TASKS)
def export() -> ResponseReturnValue:
    """The same rows as one file: comma separated, decimal points, dates as YYYY-MM-DD."""
    plan = selected_plan()
    if plan is None:
        raise NotFoundError("plan.not_found")
    found, narrowed = follow_ups.read(db.session(), scope(), plan.id), _narrowed()
    rows = found.narrowed(narrowed.status, narrowed.agency_id)
    return csv_response(f"tindak-lanjut-{government().slug}-{plan.year}.csv", _heading(), _cells(rows))


def _narrowed() -> Narrowed:
    wanted = request.args.get("status")
    status = next((each for each in FollowUp if each.value == wanted), None)
    return Narrowed(status, request.args.get("agency", type=int))


def _heading() -> tuple[str, ...]:
    return (
        _("Task"),
        _("Indicator"),
        _("Recommendation"),
        _("Agency"),
        _("Status"),
        _("State of the task"),
        _("Starts at"),
        _("Target"),
        _("Reached"),
        _("Criteria met"),
        _("Criteria asked"),
        _("Pieces of evidence"),
        _("Due"),
        _("Reason"),
    )


def _cells(rows: Sequence[FollowUpRow]) -> Iterator[Sequence[object]]:
    locale = current_locale()
    for row in rows:
        yield (
            row.task_id,
            row.indicator.number,
            row.recommendation(locale),
            row.agency_name,
            label(row.status, locale),
            label(row.state, locale),
            row.baseline,
            row.target,
            row.reached,
            row.met,
            row.asked,
            row.evidence,
            row.due_on.isoformat(),
            row.reason,
        )
