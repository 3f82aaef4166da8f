"""By when the target is reached: the answer in a sentence, its interval, who holds it back, and the method."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.forecast import ENOUGH, FUTURES, LIMIT, Outcome, Span
from spbe_tasks.services import forecasts, overviews
from spbe_tasks.services.forecast_record import StoredForecast
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.navigation import selected_plan

blueprint = Blueprint("forecasts", __name__, url_prefix="/forecast")
# The line of days is at least so wide, and a little wider than what it shows.
LEAST_DAYS, MARGIN = 30, 1.1
AGENCIES_SHOWN = 10


@blueprint.get("")
@requires(Capability.VIEW_DASHBOARD)
def show() -> ResponseReturnValue:
    """The forecast of the chosen plan, as a worker last made it."""
    plan = selected_plan()
    overview = overviews.read(db.session(), scope(), plan.id) if plan else None
    if plan is None or overview is None:
        return redirect(url_for("dashboard.show"))
    forecast = forecasts.read(db.session(), scope(), plan.id)
    if forecast is None:
        return render_template("forecasts/computing.html")
    spans = _spans(forecast)
    return render_template(
        "forecasts/show.html",
        plan=plan,
        overview=overview,
        forecast=forecast,
        spans=spans,
        outcomes=_outcomes(forecast),
        window_days=_window_days(forecast),
        scale=_scale(forecast, [span for _label, span in spans]),
        shown=AGENCIES_SHOWN,
        enough=ENOUGH,
        futures=FUTURES,
    )


def _spans(forecast: StoredForecast) -> list[tuple[str, Span]]:
    """What is shown on the line of days."""
    said = forecast.forecast
    if said is None:
        return []
    rows = [(_("All open tasks finished"), said.closing)]
    if said.recognised is not None and said.recognised.reached is not None:
        rows.insert(0, (_("Target reached, with the discount"), said.recognised.reached))
    if said.accepted.reached is not None:
        rows.insert(0, (_("Target reached"), said.accepted.reached))
    return rows


def _outcomes(forecast: StoredForecast) -> list[tuple[str, Outcome]]:
    said = forecast.forecast
    if said is None:
        return []
    rows = [(_("As accepted, without the discount"), said.accepted)]
    return rows if said.recognised is None else [*rows, (_("With the discount"), said.recognised)]


def _window_days(forecast: StoredForecast) -> int | None:
    """In how many days the self-assessment opens; None when that is past or not known."""
    if forecast.window_on is None or forecast.is_window_past:
        return None
    return (forecast.window_on - forecast.as_of_on).days


def _scale(forecast: StoredForecast, spans: list[Span]) -> int:
    """How many days the line is wide."""
    ends = [day for span in spans for day in (span.early, span.middle, span.late) if day is not None]
    widest = max([*ends, _window_days(forecast) or 0, LEAST_DAYS])
    return min(int(widest * MARGIN), LIMIT)
