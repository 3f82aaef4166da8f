"""Whether stored figures are as new as the facts, for pages that show them and for those that wait for newer ones."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.services.queries import freshness as queries
from spbe_tasks.services.system import is_background_alive


class StaleReason(StrEnum):
    """Why figures may be older than the facts."""

    SILENT = "silent"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Freshness:
    """Figures as of ``rebuilt_at`` (None: never computed) and why they may be out of date; None where they are not."""

    rebuilt_at: datetime | None
    reason: StaleReason | None = None

    @property
    def is_stale(self) -> bool:
        """Whether readers must be told."""
        return self.reason is not None


@dataclass(frozen=True, slots=True)
class Pulse:
    """The little that tells whether a plan's figures are newer than those one has.

    ``generation`` counts rebuilds, 0 before the first; ``secured`` is the exact index. Changes that wait to be counted
    have the request ids from ``first_request_id`` to ``last_request_id``, None when there are none.
    """

    generation: int
    secured: Fraction | None
    freshness: Freshness
    first_request_id: int | None
    last_request_id: int | None

    def counts(self, request_id: int) -> bool:
        """Whether the figures count every change that had been asked to be counted up to this request."""
        return self.first_request_id is None or self.first_request_id > request_id


def judge(
    rebuilt_at: datetime | None,
    *,
    heard_at: datetime | None,
    is_behind: bool,
    is_closed: bool,
    now: datetime,
) -> Freshness:
    """The freshness of figures: a closed plan's never age, and the nearest reason is that nobody counts at all."""
    if is_closed:
        return Freshness(rebuilt_at)
    if not is_background_alive(heard_at, now):
        return Freshness(rebuilt_at, StaleReason.SILENT)
    return Freshness(rebuilt_at, StaleReason.BEHIND if is_behind else None)


def read(session: Session, scope: Scope, plan_id: int, *, now: datetime) -> Pulse:
    """How new a plan's figures are, in one statement. Raises NotFoundError for a plan of another government."""
    row = queries.get_pulse(session, scope, plan_id)
    return Pulse(
        generation=row.generation or 0,
        secured=Fraction(row.secured) if row.secured else None,
        freshness=judge(
            row.rebuilt_at,
            heard_at=row.heard_at,
            is_behind=row.is_behind,
            is_closed=row.closed_at is not None,
            now=now,
        ),
        first_request_id=row.first_request_id,
        last_request_id=row.last_request_id,
    )
