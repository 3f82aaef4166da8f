"""The search of the top bar: tasks and indicators of the chosen year, and the way into the evidence library."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.instrument import Indicator, Instrument
from spbe_tasks.services import instruments
from spbe_tasks.services.queries import task_lists
from spbe_tasks.services.queries.task_filter import MAX_NUMBER_DIGITS, TaskFilter
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.task_filters import MAX_TEXT, named
from spbe_tasks.web.task_list_words import row_title

blueprint = Blueprint("search", __name__, url_prefix="/search")

# As many of each kind as fit before one scrolls far; the rest is a link away.
SHOWN = 10


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def show() -> ResponseReturnValue:
    """What is found by words (their stems, the last one as far as it is typed), by number or by name."""
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html")
    text = request.args.get("q", "").replace("\0", "").strip()[:MAX_TEXT]
    instrument = instruments.of(db.session(), plan)
    wanted = TaskFilter(plan_id=plan.id, text=text, named=named(instrument, text))
    today = clock.today(government().timezone)
    rows = task_lists.list_page(db.session(), scope(), wanted, today=today) if text else ()
    return render_template(
        "search/show.html",
        plan=plan,
        text=text,
        instrument=instrument,
        rows=[(row, row_title(row, instrument)) for row in rows[:SHOWN]],
        total=task_lists.count(db.session(), scope(), wanted, today=today) if text else 0,
        indicators=_indicators(instrument, text),
    )


def _indicators(instrument: Instrument, text: str) -> list[Indicator]:
    numbers = set(named(instrument, text))
    if text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_DIGITS:
        numbers.add(int(text))
    return [each for each in instrument.indicators if each.number in numbers]
