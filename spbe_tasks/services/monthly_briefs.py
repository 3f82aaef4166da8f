"""The brief of the month: where the index stands, to every leader who wants to be told by mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.index import display
from spbe_tasks.rules.monthly import is_monthly_due, month_before
from spbe_tasks.services import forecasts, freshness, overviews, trends
from spbe_tasks.services.forecast_record import StoredForecast
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.queries import dashboard, governments
from spbe_tasks.services.queries import monthly_briefs as queries
from spbe_tasks.services.reminder_facts import Ground

AGENCIES_TOLD = 3
HEADLINE = ("baseline", "secured", "expected", "target")


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """One index with what it is called and the predicate it earns, in the reader's language."""

    key: str
    label: str
    value: Fraction
    predicate: str


@dataclass(frozen=True, slots=True)
class ToldAgency:
    """An agency and the index points it still has to bring."""

    name: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Change:
    """How far the secured index, as shown, is above the one of ``since``; below is negative."""

    since: date
    index: Fraction


@dataclass(frozen=True, slots=True)
class MonthlyBrief:
    """What the brief says on the local day ``today``, of the figures as of ``rebuilt_at``.

    ``figures`` are what the plan starts from, secured, expected and, if it is set, the target; ``change`` is None for a
    plan younger than a month. ``agencies`` are those with most points still to bring. ``forecast`` is None for a plan
    without a target, and before the first was made.
    """

    today: date
    figures: Sequence[ToldFigure]
    change: Change | None
    agencies: Sequence[ToldAgency]
    overdue: int
    waiting: int
    blocked: int
    rebuilt_at: datetime
    is_stale: bool
    forecast: StoredForecast | None = None

    def find(self, key: str) -> ToldFigure | None:
        """A figure by its key."""
        return next((each for each in self.figures if each.key == key), None)


def readers_today(session: Session, ground: Ground, day: int | None) -> Sequence[int]:
    """Whom a brief of the month is to be made for now, by account id; ``day`` is the government's choice.

    From that day's first working day on, everybody of ``readers`` who had none this month; nobody while the newest open
    plan has no figures.
    """
    today = ground.day.today
    if not is_monthly_due(day, today, ground.day.calendar):
        return ()
    briefed = queries.list_briefed(session, ground.government_id, today.replace(day=1), today)
    wanted = readers(ground) - ground.people.suppressed - briefed
    if not wanted or queries.find_plan_id(session, ground.government_id) is None:
        return ()
    return sorted(wanted)


def readers(ground: Ground) -> frozenset[int]:
    """Executives and coordinators, acting officers for the absent, but those who want no such mail."""
    people = ground.people
    present = {people.present(each) for each in (*people.executives, *people.coordinators)}
    return frozenset(each for each in present if ground.preference(each).wants_monthly)


def build(session: Session, account: Account, *, ground: Ground, now: datetime) -> MonthlyBrief | None:
    """The brief as things stand; None for somebody who is not to have one any more, or without figures to tell."""
    government_id, today = ground.government_id, ground.day.today
    is_wanted = governments.get_government(session, government_id).monthly_brief_day is not None
    plan_id = queries.find_plan_id(session, government_id)
    if plan_id is None or not is_wanted or account.id not in readers(ground):
        return None
    # Who stands in for a leader reads what the leader would: the figures of the whole government.
    scope = Scope(government_id, account.id, Role.EXECUTIVE)
    overview = overviews.read(session, scope, plan_id)
    if overview is None:
        return None
    beside = dashboard.get_beside(session, scope, overview.plan, today=today)
    return MonthlyBrief(
        today=today,
        figures=_figures(overview, account.locale),
        change=_change(session, overview, today),
        agencies=_agencies(overview, scope),
        overdue=overview.record.tasks_overdue,
        waiting=beside.waiting_count,
        blocked=beside.blocked_count,
        rebuilt_at=overview.rebuilt_at,
        is_stale=freshness.read(session, scope, plan_id, now=now).freshness.is_stale,
        forecast=None if overview.target is None else forecasts.read(session, scope, plan_id),
    )


def _figures(overview: Overview, locale: str) -> Sequence[ToldFigure]:
    return tuple(
        ToldFigure(mark.key, mark.label, mark.value, overview.predicate(mark.value, locale) or "")
        for mark in trends.marks(overview, locale)
        if mark.key in HEADLINE
    )


def _change(session: Session, overview: Overview, today: date) -> Change | None:
    before = queries.find_secured(session, overview.plan.id, month_before(today))
    if before is None:
        return None
    since, secured = before
    now = display(overview.index("secured"))
    return Change(since, Fraction(now - display(Fraction(secured))))


def _agencies(overview: Overview, scope: Scope) -> Sequence[ToldAgency]:
    most = overview.agencies(scope)[:AGENCIES_TOLD]
    told = (ToldAgency(row.name, row.figures.points_undelivered) for row in most)
    return tuple(each for each in told if each.points > 0)
