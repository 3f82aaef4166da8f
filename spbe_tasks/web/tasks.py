"""The lists of tasks: everything one may see, one's own desk, the review queue, and the list as a file."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Row

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.labels import label
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.deadlines import Deadlines
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import calendars, desk, instruments
from spbe_tasks.services import review as review_queue
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.web import task_filters
from spbe_tasks.web.access import government, person, requires, scope
from spbe_tasks.web.csv_files import csv_response
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.paging import page_number
from spbe_tasks.web.task_filters import ListAddress
from spbe_tasks.web.task_words import title_of

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def index() -> ResponseReturnValue:
    """The tasks of the chosen year, narrowed by filters, 25 to a page."""
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html")
    instrument, address = _address(plan)
    wanted = address.as_filter(instrument, plan_id=plan.id, me=person().id)
    today, page = _today(), page_number()
    rows = queries.list_tasks(db.session(), scope(), wanted, today=today, page=page)
    around = queries.list_surroundings(db.session(), scope(), wanted, today=today)
    deadlines = Deadlines(calendars.from_rows(government(), around.holidays), today)
    return render_template(
        "tasks/index.html",
        plan=plan,
        instrument=instrument,
        address=address,
        args={"year": str(plan.year), **address.as_args()},
        rows=[(row, _title(row, instrument), deadlines.of(row.state, row.due_on)) for row in rows],
        total=around.total,
        page=page,
        agencies=around.agencies,
        today=today,
    )


@blueprint.get("/export.csv")
@requires(Capability.EXPORT_TASKS)
def export() -> ResponseReturnValue:
    """The same list with the same filters as one file: comma separated, decimal points, dates as YYYY-MM-DD."""
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html"), 404
    instrument, address = _address(plan)
    wanted = address.as_filter(instrument, plan_id=plan.id, me=person().id)
    rows = queries.list_all_tasks(db.session(), scope(), wanted, today=_today())
    return csv_response(f"tugas-{government().slug}-{plan.year}.csv", _heading(), _cells(rows, instrument))


@blueprint.get("/mine")
@requires(Capability.WORK_ON_TASKS)
def mine() -> ResponseReturnValue:
    """What is on this person's desk, by what to look at first; where people of an agency land."""
    today = _today()
    groups = desk.read(db.session(), scope(), government(), today=today)
    contacts = [] if groups else people.list_coordinators(db.session(), scope())
    return render_template(
        "tasks/mine.html", groups=groups, contacts=contacts, today=today, title=_title_by_plan()
    )


@blueprint.get("/review")
@requires(Capability.REVIEW_TASKS)
def review() -> ResponseReturnValue:
    """What waits for review, longest first."""
    page = page_number()
    waiting, total = review_queue.read(db.session(), scope(), government(), today=_today(), page=page)
    return render_template(
        "tasks/review.html", waiting=waiting, total=total, page=page, title=_title_by_plan()
    )


def _address(plan: Plan) -> tuple[Instrument, ListAddress]:
    instrument = instruments.of(db.session(), plan)
    return instrument, task_filters.read(request.args, instrument)


def _today() -> date:
    return clock.today(government().timezone)


def _title(row: Row[Any], instrument: Instrument) -> str:
    return title_of(row.title, instrument.indicator(row.indicator_number), current_locale())


def _title_by_plan() -> Callable[[Row[Any]], str]:
    instrument_of = instruments.finder(db.session(), government().id)
    return lambda row: _title(row, instrument_of(row.instrument_id))


def _heading() -> list[str]:
    return [
        _("Task"),
        _("Indicator"),
        _("Title"),
        _("Agency"),
        _("State"),
        _("Round"),
        _("Starts at"),
        _("Target"),
        _("Reached"),
        _("Due"),
        _("Person in charge"),
        _("Points"),
        _("Latest reason"),
        _("Kind"),
        _("Earlier tasks"),
    ]


def _cells(rows: Sequence[Row[Any]], instrument: Instrument) -> Iterator[Sequence[object]]:
    locale = current_locale()
    for row in rows:
        yield (
            row.id,
            row.indicator_number,
            _title(row, instrument),
            row.agency_name,
            label(row.state, locale),
            row.round,
            row.baseline_level,
            row.target_level,
            row.reached_level,
            row.due_on.isoformat(),
            row.assignee_name,
            f"{row.points.normalize():f}",
            row.state_note,
            label(row.kind, locale),
            label(row.lineage, locale) if row.lineage else None,
        )
