"""The lists of tasks: everything one may see, one's own desk, and the list as a file."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.deadlines import Deadlines
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import calendars, desk, instruments
from spbe_tasks.services.queries import people, saved_views, task_lists
from spbe_tasks.web import task_filters
from spbe_tasks.web.access import government, person, requires, scope
from spbe_tasks.web.bulk import bar_actions
from spbe_tasks.web.csv_files import csv_response
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.paging import keyset_pager
from spbe_tasks.web.task_filters import ListAddress, read_cursor
from spbe_tasks.web.task_list_words import (
    COLUMNS,
    SORT_OF,
    SORTS,
    file_cells,
    file_heading,
    row_title,
    spoken,
)

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def index() -> ResponseReturnValue:
    """The tasks of the chosen year, narrowed by filters, in the order and with the columns asked for, 25 to a page."""
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html")
    if not request.args and person().default_view_id is not None:
        return redirect(_default_address(person().default_view_id))
    instrument, address = _address(plan)
    wanted = address.as_filter(instrument, plan_id=plan.id, me=scope().person_ids)
    today, cursor = _today(), read_cursor(request.args, address.order)
    rows = task_lists.list_page(
        db.session(), scope(), wanted, today=today, order=address.order, cursor=cursor
    )
    around = task_lists.list_surroundings(
        db.session(), scope(), wanted, today=today, order=address.order, cursor=cursor
    )
    deadlines = Deadlines(calendars.from_rows(government(), around.holidays), today)
    return render_template(
        "tasks/index.html",
        plan=plan,
        instrument=instrument,
        address=address,
        args={"year": str(plan.year), **address.as_args()},
        rows=[(row, row_title(row, instrument), deadlines.of(row.state, row.due_on)) for row in rows],
        pager=keyset_pager(rows, total=around.total, beyond=around.beyond, cursor=cursor),
        around=around,
        today=today,
        column_words=spoken(COLUMNS),
        sort_words=spoken(SORTS),
        sort_of=SORT_OF,
        bulk_actions=bar_actions(),
    )


@blueprint.get("/export.csv")
@requires(Capability.EXPORT_TASKS)
def export() -> ResponseReturnValue:
    """The same list with the same filters as one file: comma separated, decimal points, dates as YYYY-MM-DD."""
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html"), 404
    instrument, address = _address(plan)
    wanted = address.as_filter(instrument, plan_id=plan.id, me=scope().person_ids)
    rows = task_lists.list_all_tasks(db.session(), scope(), wanted, today=_today(), order=address.order)
    name = f"tugas-{government().slug}-{plan.year}.csv"
    return csv_response(name, file_heading(), file_cells(rows, instrument))


@blueprint.get("/mine")
@requires(Capability.WORK_ON_TASKS)
def mine() -> ResponseReturnValue:
    """What is on this person's desk, by what to look at first; where people of an agency land."""
    today = _today()
    groups = desk.read(db.session(), scope(), government(), today=today)
    contacts = [] if groups else people.list_coordinators(db.session(), scope())
    return render_template(
        "tasks/mine.html",
        groups=groups,
        contacts=contacts,
        today=today,
        title=_title_by_plan(),
        bulk_actions=bar_actions(),
    )


def _default_address(view_id: int | None) -> str:
    """Where the list opens: with the person's view, or with everything where they no longer see it."""
    view = saved_views.find_visible(db.session(), scope(), view_id) if view_id else None
    said = view.query if view else {}
    return url_for("tasks.index", **said, view=view.id if view else 0)


def _address(plan: Plan) -> tuple[Instrument, ListAddress]:
    instrument = instruments.of(db.session(), plan)
    return instrument, task_filters.read(request.args, instrument)


def _today() -> date:
    return clock.today(government().timezone)


def _title_by_plan() -> Callable[[Row[Any]], str]:
    instrument_of = instruments.finder(db.session(), government().id)
    return lambda row: row_title(row, instrument_of(row.instrument_id))
