"""Index targets by year, as a government's development plan (RPJMD) sets them; a new plan proposes its year's."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import IndexTarget
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.evaluation import year_problem
from spbe_tasks.rules.policy_check import is_figure
from spbe_tasks.services import instruments, trail
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.work import Work


def set_target(
    work: Work, scope: Scope, year: int, value: Decimal, source: str, *, now: datetime
) -> IndexTarget:
    """Keep the index that the assessment of ``year`` is to show, and where that is written; replaces an earlier one.

    Raises InvalidInputError for a year out of range, a missing source, and an index that is on the scale of no
    instrument in use that year or has more than two decimals.
    """
    problems = tuple(_problems(work.session, scope, year, value, source))
    if problems:
        raise InvalidInputError(problems)
    row = queries.find_index_target(work.session, scope.government_id, year)
    if row is None:
        row = IndexTarget(government_id=scope.government_id, year=year)
        work.session.add(row)
    if (row.value, row.source) != (value, source):
        row.value, row.source = value, source
        work.session.flush()
        _record(work, scope, row, "set_index_target", now=now)
    return row


def remove(work: Work, scope: Scope, target_id: int, *, now: datetime) -> int:
    """Take a target away; returns its year. Raises NotFoundError."""
    row = queries.get_index_target(work.session, scope, target_id)
    _record(work, scope, row, "remove_index_target", now=now)
    work.session.delete(row)
    return row.year


def _problems(session: Session, scope: Scope, year: int, value: Decimal, source: str) -> Iterator[Problem]:
    mistake = year_problem(year)
    if mistake is not None:
        yield mistake
    known = instruments.list_all(session, scope.government_id)
    scales = [each.scale for each in known if each.is_used_in(year)] or [each.scale for each in known]
    if not any(is_figure(value, scale) for scale in scales):
        limits = {
            "minimum": min(scale.minimum for scale in scales),
            "maximum": max(scale.maximum for scale in scales),
        }
        yield Problem("plan.target_index_off_scale", "value", value=str(value), params=limits)
    if not source.strip():
        yield Problem("field.required", "source")


def _record(work: Work, scope: Scope, row: IndexTarget, action: str, *, now: datetime) -> None:
    trail.record_by(
        work,
        scope,
        action,
        ("index_target", row.id),
        now=now,
        data={"year": row.year, "value": str(row.value), "source": row.source},
    )
