"""The review queue: what waits, one submission beside the decision about it, and on to the next."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Row

from spbe_tasks import clock, page_pictures
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError, Problem
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import instruments, tasks
from spbe_tasks.services import review as service
from spbe_tasks.services.queries.review import QueueFilter
from spbe_tasks.services.review import Case
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.bulk import bar_actions
from spbe_tasks.web.comments import blueprint
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.review import return_form
from spbe_tasks.web.forms.tasks import AcceptForm, ActionForm
from spbe_tasks.web.live import remember_index
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.news import see_task
from spbe_tasks.web.paging import page_number
from spbe_tasks.web.task_words import DONE, title_of

__all__ = ["blueprint"]  # the lists' blueprint, with the review's routes added here


@dataclass(frozen=True, slots=True)
class QueueAddress:
    """What the queue's address says: kept from page to page, so that "next" is the next of the same."""

    instrument: Instrument | None
    agency: int | None = None
    aspect: int | None = None
    indicator: int | None = None

    @property
    def wanted(self) -> QueueFilter:
        """As the select takes it; an indicator is narrower than an aspect."""
        if self.instrument is None or not (self.aspect or self.indicator):
            return QueueFilter(self.agency)
        chosen = [each for each in self.instrument.aspects if each.number == self.aspect]
        numbers = {each.number for aspect in chosen for each in aspect.indicators}
        return QueueFilter(
            self.agency, self.instrument.id, frozenset({self.indicator} if self.indicator else numbers)
        )

    @property
    def args(self) -> dict[str, Any]:
        """What links carry on."""
        told = {"agency": self.agency, "aspect": self.aspect, "indicator": self.indicator}
        return {name: value for name, value in told.items() if value}


@blueprint.get("/review")
@requires(Capability.REVIEW_TASKS)
def review() -> ResponseReturnValue:
    """What waits for review, longest first."""
    address, page = _address(), page_number()
    waiting, around = service.read(
        db.session(),
        scope(),
        government(),
        today=clock.today(government().timezone),
        wanted=address.wanted,
        page=page,
    )
    instrument_of = instruments.finder(db.session(), government().id)

    def title(row: Row[Any]) -> str:
        indicator = instrument_of(row.instrument_id).indicator(row.indicator_number)
        return title_of(row.title, indicator, current_locale())

    return render_template(
        "review/index.html",
        waiting=waiting,
        around=around,
        page=page,
        address=address,
        title=title,
        bulk_actions=bar_actions(),
    )


@blueprint.get("/review/<int:task_id>")
@requires(Capability.REVIEW_TASKS)
def review_task(task_id: int) -> ResponseReturnValue:
    """Claims and evidence on one side, the decision on the other. What does not wait is shown on its own page."""
    case = _case(task_id)
    if case.sheet.task.state is not State.SUBMITTED:
        flash(_("This task does not wait for review any more."), "info")
        return redirect(url_for("tasks.show", task_id=task_id))
    see_task(task_id)
    return _page(case)


@blueprint.post("/review/<int:task_id>/<action>")
@requires(Capability.REVIEW_TASKS)
def decide(task_id: int, action: str) -> ResponseReturnValue:
    """Accept or return, then on to the next of the queue."""
    if action not in (Action.ACCEPT, Action.RETURN):
        raise NotFoundError
    case = _case(task_id)
    form = AcceptForm(Action.ACCEPT) if action == Action.ACCEPT else return_form(case.sheet)
    return answer_form(form, lambda: _decide(form, case), lambda: _page(_case(task_id), typed=form))


def _decide(form: ActionForm, case: Case) -> ResponseReturnValue:
    task_id = case.sheet.task.id
    with transaction() as work:
        task = tasks.act(
            work, scope(), task_id, form.action, form.given, version=form.version.data, now=clock.now()
        )
        remember_index(work.session, form.action, task)
    flash(str(DONE[form.action]), "success")
    args = _address().args
    if case.place.next_id:
        return redirect(url_for("tasks.review_task", task_id=case.place.next_id, **args))
    return redirect(url_for("tasks.review", **args))


def _address() -> QueueAddress:
    """What is not known there is left out."""
    plan = selected_plan()
    instrument = instruments.of(db.session(), plan) if plan else None
    asked = {name: request.args.get(name, type=int) for name in ("agency", "aspect", "indicator")}
    if instrument is None or asked["aspect"] not in {each.number for each in instrument.aspects}:
        asked["aspect"] = None
    if instrument is None or asked["indicator"] not in {each.number for each in instrument.indicators}:
        asked["indicator"] = None
    return QueueAddress(instrument, **asked)


def _case(task_id: int) -> Case:
    today = clock.today(government().timezone)
    return service.read_case(
        db.session(), scope(), government(), task_id, today=today, wanted=_address().wanted
    )


def _page(case: Case, *, typed: ActionForm | None = None) -> str:
    """The case with both forms; with a refused one, that one as it was typed."""
    sheet = case.sheet
    is_stale = typed is not None and typed.version.data != sheet.task.version
    accept = typed if isinstance(typed, AcceptForm) else AcceptForm(Action.ACCEPT, formdata=None)
    send_back = typed if typed and typed.action is Action.RETURN else return_form(sheet, formdata=None)
    for form in (accept, send_back):
        form.offer(sheet)
    return render_template(
        "review/show.html",
        case=case,
        sheet=sheet,
        title=title_of(sheet.task.title, sheet.indicator, current_locale()),
        accept=accept,
        send_back=send_back,
        refused=typed,
        is_stale=is_stale,
        obstacles={action: _obstacle(case, action) for action in (Action.ACCEPT, Action.RETURN)},
        args=_address().args,
        drawn=page_pictures.DRAWN,
        today=clock.today(government().timezone),
    )


def _obstacle(case: Case, action: Action) -> str | None:
    """Why this person cannot do it, in words; None when they can."""
    legal = case.action(action)
    if legal is None:
        return describe(Problem("task.action_forbidden"), current_locale())
    return describe(Problem(legal.obstacle_code), current_locale()) if legal.obstacle_code else None
