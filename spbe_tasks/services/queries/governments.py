"""Selects about governments, their evaluation dates and holidays."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, true
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, EvaluationCalendar, Government, IndexTarget, LocalHoliday
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect

PAGE_SIZE = 25


def find_government(session: Session, government_id: int) -> Government | None:
    """The government, or None."""
    return session.get(Government, government_id)


def get_government(session: Session, government_id: int) -> Government:
    """The government. Raises NotFoundError."""
    found = session.get(Government, government_id)
    if found is None:
        raise NotFoundError("government.not_found")
    return found


def get_by_slug(session: Session, slug: str) -> Government:
    """The government with this slug. Raises NotFoundError."""
    found = session.scalar(select(Government).where(Government.slug == slug))
    if found is None:
        raise NotFoundError("government.not_found", slug=slug)
    return found


def list_government_rows(session: Session, text: str = "", *, page: int = 1) -> Sequence[Row[Any]]:
    """One page of governments as (Government, agencies, people), by name; ``text`` is looked for in name and slug."""
    agencies = (
        select(func.count())
        .where(Agency.government_id == Government.id, Agency.is_active)
        .scalar_subquery()
        .label("agencies")
    )
    people = (
        select(func.count())
        .where(Account.government_id == Government.id, Account.is_active)
        .scalar_subquery()
        .label("people")
    )
    return session.execute(
        select(Government, agencies, people)
        .where(_matches(text))
        .order_by(Government.name, Government.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()


def count_matching(session: Session, text: str = "") -> int:
    """How many governments the list of ``text`` has; all of the installation's without one."""
    return session.scalar(select(func.count()).select_from(Government).where(_matches(text))) or 0


def _matches(text: str) -> ColumnElement[bool]:
    wanted = Government.name.icontains(text, autoescape=True) | Government.slug.icontains(
        text, autoescape=True
    )
    return wanted if text else true()


def is_illustrative(session: Session, slug: str) -> bool:
    """Whether there is a government with this slug and it is an invented one."""
    found = select(Government.is_illustrative).where(Government.slug == slug)
    return bool(session.scalar(found))


def list_governments(session: Session) -> Sequence[Government]:
    """All governments of the installation, by name; for administrators only."""
    return session.scalars(select(Government).order_by(Government.name)).all()


def find_evaluation(session: Session, government_id: int, year: int) -> EvaluationCalendar | None:
    """The evaluation dates of the cycle after the assessment of ``year``, or None when not entered."""
    return session.scalar(
        select(EvaluationCalendar).where(
            EvaluationCalendar.government_id == government_id, EvaluationCalendar.year == year
        )
    )


def list_holidays(session: Session, government_id: int) -> Sequence[LocalHoliday]:
    """The government's own holidays and working-day overrides, by date."""
    return session.scalars(
        select(LocalHoliday).where(LocalHoliday.government_id == government_id).order_by(LocalHoliday.on)
    ).all()


def local_holidays(government_id: int) -> AnySelect:
    """The select of ``list_holidays`` as plain columns (on, name, kind), for a bundle."""
    return (
        select(LocalHoliday.on, LocalHoliday.name, LocalHoliday.kind)
        .where(LocalHoliday.government_id == government_id)
        .order_by(LocalHoliday.on)
    )


def get_holiday(session: Session, scope: Scope, holiday_id: int) -> LocalHoliday:
    """A local holiday of the scope's government. Raises NotFoundError for any other."""
    found = session.scalar(
        select(LocalHoliday).where(
            LocalHoliday.id == holiday_id, LocalHoliday.government_id == scope.government_id
        )
    )
    if found is None:
        raise NotFoundError("holiday.not_found")
    return found


def list_evaluations(session: Session, scope: Scope) -> Sequence[EvaluationCalendar]:
    """The evaluation dates of all years, newest first."""
    return session.scalars(
        select(EvaluationCalendar)
        .where(EvaluationCalendar.government_id == scope.government_id)
        .order_by(EvaluationCalendar.year.desc())
    ).all()


def list_index_targets(session: Session, scope: Scope) -> Sequence[IndexTarget]:
    """The index targets of all years, earliest first."""
    rows = select(IndexTarget).where(IndexTarget.government_id == scope.government_id)
    return session.scalars(rows.order_by(IndexTarget.year)).all()


def find_index_target(session: Session, government_id: int, year: int) -> IndexTarget | None:
    """The target of the assessment of ``year``, or None when none was set."""
    return session.scalar(
        select(IndexTarget).where(IndexTarget.government_id == government_id, IndexTarget.year == year)
    )


def get_index_target(session: Session, scope: Scope, target_id: int) -> IndexTarget:
    """An index target of the scope's government. Raises NotFoundError for any other."""
    found = session.scalar(
        select(IndexTarget).where(
            IndexTarget.id == target_id, IndexTarget.government_id == scope.government_id
        )
    )
    if found is None:
        raise NotFoundError("index_target.not_found")
    return found
