"""What became of the recommendations of a plan, in the inspectorate's four statuses: rows, counts, completion."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.follow_up_status import FollowUp, FollowUpFacts, completion, follow_up_status
from spbe_tasks.rules.instrument import Indicator, Instrument
from spbe_tasks.rules.requirements import CancelKind, asked_places
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import instruments
from spbe_tasks.services.queries import follow_ups, plans
from spbe_tasks.services.task_titles import title_of

# A reason is asked for with these; of other states the note is nobody's answer to the inspectorate.
_WITH_REASON = frozenset({State.BLOCKED, State.RETURNED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """One recommendation: an indicator that one agency is to raise, in its latest round.

    ``met`` of ``asked`` criteria are claimed as met; ``evidence`` counts the pieces that show any.
    """

    task_id: int
    indicator: Indicator
    title: str
    agency_id: int
    agency_name: str
    status: FollowUp
    state: State
    baseline: Decimal
    target: Decimal
    reached: Decimal | None
    cancel_kind: CancelKind | None
    reason: str | None
    due_on: date
    met: int
    asked: int
    evidence: int

    def recommendation(self, locale: str) -> str:
        """What is recommended, in the reader's language."""
        return title_of(self.title, self.indicator, locale)


@dataclass(frozen=True, slots=True)
class AgencyCounts:
    """How many recommendations of one agency have which status."""

    agency_id: int
    name: str
    counts: Mapping[FollowUp, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def completion(self) -> Fraction | None:
        """The share that conforms, 0 to 1."""
        return completion(self.counts)


@dataclass(frozen=True)
class FollowUps:
    """All recommendations of a plan that a scope sees, by indicator and agency."""

    plan: Plan
    instrument: Instrument
    rows: Sequence[FollowUpRow]

    @cached_property
    def counts(self) -> Mapping[FollowUp, int]:
        """How many have which status; every status is there."""
        return _counted(self.rows)

    @property
    def completion(self) -> Fraction | None:
        """The share that conforms, 0 to 1; None without recommendations."""
        return completion(self.counts)

    @cached_property
    def agencies(self) -> tuple[AgencyCounts, ...]:
        """The same by agency, in the order of their names."""
        by_agency: dict[tuple[str, int], list[FollowUpRow]] = {}
        for row in self.rows:
            by_agency.setdefault((row.agency_name, row.agency_id), []).append(row)
        return tuple(AgencyCounts(key[1], key[0], _counted(by_agency[key])) for key in sorted(by_agency))

    def narrowed(self, status: FollowUp | None, agency_id: int | None) -> Sequence[FollowUpRow]:
        """The rows of one status, of one agency, or of both; all of them without either."""
        return [
            row
            for row in self.rows
            if (status is None or row.status is status) and (agency_id is None or row.agency_id == agency_id)
        ]


def read(session: Session, scope: Scope, plan_id: int) -> FollowUps:
    """The recommendations of a plan, in two statements. Raises NotFoundError for a plan of another government."""
    plan = plans.get_plan(session, scope, plan_id)
    instrument = instruments.of(session, plan)
    rows = follow_ups.list_latest(session, scope, plan.id)
    return FollowUps(plan, instrument, tuple(_rows(rows, instrument)))


def _counted(rows: Sequence[FollowUpRow]) -> Mapping[FollowUp, int]:
    found = Counter(row.status for row in rows)
    return {status: found[status] for status in FollowUp}


def _rows(rows: Sequence[Row[Any]], instrument: Instrument) -> Iterator[FollowUpRow]:
    for row in rows:
        indicator = instrument.indicator(row.indicator_number)
        has_answer = bool(row.met or row.evidence or row.has_accepted_earlier)
        facts = FollowUpFacts(row.state, row.target_level, row.reached_level, has_answer)
        yield FollowUpRow(
            task_id=row.id,
            indicator=indicator,
            title=row.title,
            agency_id=row.agency_id,
            agency_name=row.agency_name,
            status=follow_up_status(facts),
            state=row.state,
            baseline=row.baseline_level,
            target=row.target_level,
            reached=row.reached_level,
            cancel_kind=row.cancel_kind,
            reason=row.state_note if row.state in _WITH_REASON else None,
            due_on=row.due_on,
            met=row.met,
            asked=len(asked_places(indicator, baseline=row.baseline_level, target=row.target_level)),
            evidence=row.evidence,
        )
