"""The page of a plan that is closed: everything as it stood, nothing to change but to reopen it."""

from typing import Any

from flask import render_template

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import baselines, carry_over, closing
from spbe_tasks.web.access import scope


def page(plan: Plan, *, without_plan: list[Any]) -> str:
    """The closed plan with its last figures, who closed it and why, and what stayed open."""
    return render_template(
        "closing/show.html",
        plan=plan,
        seen=closing.preview(db.session(), scope(), plan, now=clock.now()),
        baseline=baselines.of_plan(db.session(), scope(), plan),
        carried=carry_over.count(db.session(), scope(), plan),
        State=State,
        without_plan=without_plan,
    )
