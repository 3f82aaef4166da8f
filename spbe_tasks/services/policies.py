"""The policy of a plan: what the coordinator asked for, completed by what the plan has and by defaults."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import AssessmentKind, Plan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.gaps import Policy
from spbe_tasks.rules.index import DISPLAY_DECIMALS
from spbe_tasks.rules.instrument import Instrument, LevelScale
from spbe_tasks.rules.requirements import due_date_problem
from spbe_tasks.services import calendars
from spbe_tasks.services.queries import governments

# Our own figures: room for reading the evidence before the self-assessment opens, and a quarter where no date is known.
BEFORE_SELF_ASSESSMENT = timedelta(days=15)
WITHOUT_DATES = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Order:
    """What a coordinator asks of a plan. None: as the plan has it, else the default.

    ``threshold`` and ``target_level`` are levels of the instrument's scale, ``target_index`` an index.
    ``baseline_kind`` says which assessment a new plan starts from; a plan that stands keeps its baseline.
    """

    instrument_id: str
    year: int
    threshold: Decimal
    target_level: Decimal | None = None
    target_index: Decimal | None = None
    due_on: date | None = None
    baseline_kind: AssessmentKind | None = None


def settle(session: Session, scope: Scope, plan: Plan | None, order: Order, *, now: datetime) -> Policy:
    """The complete policy; its due date is a working day of the government.

    The target level is the one asked for, else the plan's, but never below what the threshold asks for. The due
    date is the one asked for, else the plan's while it is still to come, else ``default_due_on``.

    Raises InvalidInputError with every figure that is off the scale, and a due date that has passed or lies outside
    the plan's years (``requirements.due_date_problem``).
    """
    government = governments.get_government(session, scope.government_id)
    today = now.astimezone(ZoneInfo(government.timezone)).date()
    instrument = get_instrument(order.instrument_id)
    problems = tuple(_problems(instrument.scale, order, today))
    if problems:
        raise InvalidInputError(problems)
    calendar = calendars.load(session, government)
    if order.due_on is not None:
        due_on = calendar.next_working_day(order.due_on)
    elif plan is not None and plan.due_on >= today:
        due_on = plan.due_on
    else:
        evaluation = governments.find_evaluation(session, government.id, order.year)
        opens_on = evaluation.self_assessment_opens_on if evaluation else None
        due_on = default_due_on(calendar, opens_on, today)
    return Policy(order.threshold, _target(instrument, plan, order), due_on)


def target_for(instrument: Instrument, threshold: Decimal) -> Decimal:
    """The level that low indicators are to reach when none is said: the lowest one that is not low."""
    return threshold.to_integral_value(ROUND_CEILING) if instrument.scale.is_integer else threshold


def default_due_on(calendar: WorkCalendar, opens_on: date | None, today: date) -> date:
    """Two weeks before the last day ahead of the self-assessment while that is to come, else in a quarter."""
    if opens_on is not None:
        due_on = calendar.previous_working_day(opens_on - BEFORE_SELF_ASSESSMENT)
        if due_on > today:
            return due_on
    return calendar.next_working_day(today + WITHOUT_DATES)


def target_index_problems(scale: LevelScale, value: Decimal) -> Iterator[Problem]:
    """Why this cannot be a target index; empty when it can. Levels and their means live on one scale."""
    if not _is_figure(value, scale):
        limits = {"minimum": scale.minimum, "maximum": scale.maximum}
        yield Problem("plan.target_index_off_scale", "target_index", value=str(value), params=limits)


def _target(instrument: Instrument, plan: Plan | None, order: Order) -> Decimal:
    if order.target_level is not None:
        return order.target_level
    target = target_for(instrument, order.threshold)
    return max(target, plan.target_level) if plan else target


def _problems(scale: LevelScale, order: Order, today: date) -> Iterator[Problem]:
    limits = {"minimum": scale.minimum, "maximum": scale.maximum}
    if not _is_figure(order.threshold, scale):
        yield Problem("plan.threshold_off_scale", "threshold", value=str(order.threshold), params=limits)
    if order.target_index is not None:
        yield from target_index_problems(scale, order.target_index)
    if order.due_on is not None:
        problem = due_date_problem(order.due_on, order.year)
        if problem is None and order.due_on < today:
            problem = Problem("plan.due_in_past", "due_on", value=order.due_on.isoformat())
        if problem is not None:
            yield problem


def _is_figure(value: Decimal, scale: LevelScale) -> bool:
    is_inside = value.is_finite() and scale.minimum <= value <= scale.maximum
    return is_inside and value % Decimal(1).scaleb(-DISPLAY_DECIMALS) == 0
