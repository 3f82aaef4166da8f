"""The page of a plan that is closed: everything as it stood, nothing to change but to reopen it."""

from collections.abc import Callable
from typing import Any

from flask import render_template

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import baselines, carry_over, closing, instruments
from spbe_tasks.web.access import scope
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.task_words import title_of


def page(plan: Plan, *, without_plan: list[Any]) -> str:
    """The closed plan with its last figures, who closed it and why, and what stayed open."""
    return render_template(
        "closing/show.html",
        plan=plan,
        seen=closing.preview(db.session(), scope(), plan, now=clock.now()),
        baseline=baselines.of_plan(db.session(), scope(), plan),
        carried=carry_over.count(db.session(), scope(), plan),
        State=State,
        title=titles_in(plan),
        without_plan=without_plan,
    )


def titles_in(plan: Plan) -> Callable[[Any], str]:
    """What a row of one of the plan's tasks is called in the reader's language."""
    instrument = instruments.finder(db.session(), plan.government_id)(plan.instrument_id)
    return lambda row: title_of(row.title, instrument.indicator(row.indicator_number), current_locale())
