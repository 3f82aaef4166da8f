"""The list of tasks seen in other ways, with the same filters: a board by state, a month, a line of time per agency."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.deadlines import Deadlines
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import boards, calendars, instruments, task_calendars, tasks
from spbe_tasks.services.queries import task_lists
from spbe_tasks.services.queries.task_filter import TaskFilter
from spbe_tasks.services.queries.task_lists import ListSurroundings
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_filters
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.boards import MoveForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.task_filters import ListAddress
from spbe_tasks.web.task_list_words import EVALUATION
from spbe_tasks.web.task_words import DONE, LABELS, title_of

blueprint = Blueprint("boards", __name__, url_prefix="/tasks")

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


@blueprint.get("/board")
@requires(Capability.VIEW_TASKS)
def board() -> ResponseReturnValue:
    """A column per state. What a card may do is a button or a link; dragging presses the one or follows the other."""
    return _board()


@blueprint.post("/board/move")
@requires(Capability.VIEW_TASKS)
def move() -> ResponseReturnValue:
    """Do what a card's button says, and stay on the board; the transition table decides."""
    form = MoveForm()
    return answer_form(form, lambda: _move(form), _board)


@blueprint.get("/calendar")
@requires(Capability.VIEW_TASKS)
def calendar() -> ResponseReturnValue:
    """A month: due dates, milestones, dates of the evaluation, days off."""
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html")
    instrument, address, wanted = _address(plan)
    around, today = _around(wanted), _today()
    month = _month(request.args.get("month", ""), today)
    weeks = task_calendars.read_month(
        db.session(),
        scope(),
        wanted,
        month=month,
        calendar=calendars.from_rows(government(), around.holidays),
        today=today,
        year=plan.year,
    )
    return _page(
        "boards/calendar.html",
        plan,
        address,
        instrument,
        around,
        weeks=weeks,
        month=month,
        months=[each for each in (_shifted(month, -1), _shifted(month, 1))],
        evaluation_words=EVALUATION,
    )


@blueprint.get("/timeline")
@requires(Capability.VIEW_TASKS)
def timeline() -> ResponseReturnValue:
    """Each agency's due dates along the months of the plan."""
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html")
    instrument, address, wanted = _address(plan)
    line = task_calendars.read_timeline(db.session(), scope(), wanted, today=_today(), year=plan.year)
    return _page(
        "boards/timeline.html",
        plan,
        address,
        instrument,
        _around(wanted),
        line=line,
        evaluation_words=EVALUATION,
    )


def _board() -> str:
    plan = selected_plan()
    if plan is None:
        return render_template("tasks/no_plan.html")
    instrument, address, wanted = _address(plan, without_state=True)
    columns = boards.read(db.session(), scope(), instrument, wanted, today=_today())
    around = _around(wanted)
    return _page(
        "boards/board.html",
        plan,
        address,
        instrument,
        around,
        columns=columns,
        deadlines=Deadlines(calendars.from_rows(government(), around.holidays), _today()),
        labels=LABELS,
    )


def _move(form: MoveForm) -> ResponseReturnValue:
    action, task_id = Action(form.action.data), form.task.data
    with transaction() as work:
        tasks.act(work, scope(), task_id, action, {}, version=form.version.data, now=clock.now())
    flash(str(DONE[action]), "success")
    said: dict[str, Any] = task_filters.read(request.args, None).filters() | _parts()
    return redirect(url_for("boards.board", **said, _anchor=f"card-{task_id}"))


def _address(plan: Plan, *, without_state: bool = False) -> tuple[Instrument, ListAddress, TaskFilter]:
    instrument = instruments.of(db.session(), plan)
    address = task_filters.read(request.args, instrument)
    if without_state:
        address = replace(address, state=())  # the columns are the states
    return instrument, address, address.as_filter(instrument, plan_id=plan.id, me=scope().person_ids)


def _around(wanted: TaskFilter) -> ListSurroundings:
    return task_lists.list_surroundings(db.session(), scope(), wanted, today=_today())


def _page(
    template: str,
    plan: Plan,
    address: ListAddress,
    instrument: Instrument,
    around: ListSurroundings,
    **values: Any,
) -> str:
    return render_template(
        template,
        plan=plan,
        instrument=instrument,
        address=address,
        args={"year": str(plan.year), **address.filters()},
        around=around,
        today=_today(),
        title=lambda number, words: title_of(words, instrument.indicator(number), current_locale()),
        **values,
    )


def _parts() -> dict[str, str]:
    """Parts of an instrument that the address names, as they stand there."""
    return {
        name: request.args[name] for name in ("year", "domain", "aspect", "indicator") if name in request.args
    }


def _month(text: str, today: date) -> date:
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        asked = today
    return min(max(asked, EARLIEST), LATEST).replace(day=1)


def _shifted(month: date, by: int) -> date | None:
    number = month.year * 12 + month.month - 1 + by
    shifted = date(number // 12, number % 12 + 1, 1)
    return shifted if EARLIEST <= shifted <= LATEST else None


def _today() -> date:
    return clock.today(government().timezone)
