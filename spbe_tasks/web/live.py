"""Figures that pages follow: how new they are, what an open page asks for, and what a decision made of the index."""

import re
from datetime import datetime
from fractions import Fraction

from flask import Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.formatting import datetime_long
from spbe_tasks.models import Task
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import freshness
from spbe_tasks.services.freshness import Freshness, StaleReason
from spbe_tasks.services.overviews import Overview
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.dashboard import blueprint
from spbe_tasks.web.formatting import clock_time
from spbe_tasks.web.locale import current_locale

__all__ = ["blueprint"]  # the leaders' page's blueprint, with what follows it added here

# The decisions after which people look what became of the index.
_MOVES_THE_INDEX = frozenset({Action.ACCEPT, Action.REOPEN, Action.CANCEL})
_DECIDED = "decided"
_INDEX = re.compile(r"[0-9]{1,30}(/[1-9][0-9]{0,29})?")


@blueprint.get("/dashboard/<int:plan_id>/generation")
@requires(Capability.VIEW_DASHBOARD)
def generation(plan_id: int) -> ResponseReturnValue:
    """How new a plan's figures are, for a page that is open and shows older ones."""
    pulse = freshness.read(db.session(), scope(), plan_id, now=clock.now())
    at = pulse.freshness.rebuilt_at
    return {
        "generation": pulse.generation,
        "rebuilt_at": at.isoformat() if at else None,
        "is_stale": pulse.freshness.is_stale,
    }


@blueprint.get("/dashboard/<int:plan_id>/change")
@requires(Capability.VIEW_DASHBOARD)
def change(plan_id: int) -> ResponseReturnValue:
    """What became of the secured index since it was ``before``: unfinished until every change up to now is counted."""
    pulse = freshness.read(db.session(), scope(), plan_id, now=clock.now())
    before = _fraction(request.args.get("before", ""))
    if before is None:
        return redirect(url_for("dashboard.show"))
    upto = request.args.get("upto", type=int) or pulse.last_request_id or 0
    found = {
        "address": url_for("dashboard.change", plan_id=plan_id, before=str(before), upto=upto),
        "before": before,
        "after": pulse.secured if pulse.counts(upto) else None,
        "at": pulse.freshness.rebuilt_at,
        "words": _words_of(pulse.freshness),
    }
    return render_template("dashboard/change.html", change=found)


def remember_index(database: Session, action: Action, task: Task) -> None:
    """Have the next page follow what becomes of the index, now that ``action`` was done and is not counted yet."""
    if action not in _MOVES_THE_INDEX:
        return
    pulse = freshness.read(database, scope(), task.plan_id, now=clock.now())
    if pulse.secured is not None:
        session[_DECIDED] = {"plan_id": task.plan_id, "before": str(pulse.secured)}


def _decided() -> dict[str, object] | None:
    """What the person has just decided, once: where the page asks what became of the index, and what it was."""
    found = session.pop(_DECIDED, None)
    return found and {
        "address": url_for("dashboard.change", **found),
        "before": Fraction(found["before"]),
    }


def _stale_words(overview: Overview) -> str | None:
    """What readers of figures that may be out of date are told."""
    return _words_of(overview.freshness(clock.now()))


def _words_of(found: Freshness) -> str | None:
    if found.reason is None or found.rebuilt_at is None:
        return None
    at = _when(found.rebuilt_at)
    if found.reason is StaleReason.SILENT:
        return _(
            "Figures of %(at)s: background work is not running, so later changes are not counted yet.", at=at
        )
    return _("Figures of %(at)s: later changes still wait to be counted.", at=at)


def _when(at: datetime) -> str:
    """The time of day, with the date only where it is not today's."""
    zone = government().timezone
    if local_date(at, zone) == clock.today(zone):
        return clock_time(at)
    return datetime_long(at, current_locale(), zone)


def _fraction(text: str) -> Fraction | None:
    """The exact index in an address of ours; None for anything else."""
    return Fraction(text) if _INDEX.fullmatch(text) else None


def init_app(app: Flask) -> None:
    """Give the frame its notice of old figures, and what the person has just decided."""
    app.jinja_env.globals.update({"stale_words": _stale_words, "decided": _decided})
