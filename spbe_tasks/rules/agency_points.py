"""What each agency brings to the index, in index points whose sums are the differences between figures."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from spbe_tasks.rules.index import WEIGHT_TOTAL
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.rounds import FigureName, IndicatorTrace, TaskFact
from spbe_tasks.rules.workflow import State, is_open, is_overdue

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class AgencyFigures:
    """One agency's part, in index points, and how many of its tasks are where.

    An agency's part of an indicator is its share divided by the shares of all agencies that count there, so
    the parts are whole again when a task is cancelled as not needed. Per indicator, with the assessment's
    level as baseline, the lowest target of the counting rounds as target, part x weight / 100 times:

    - ``points_at_stake``: target - baseline. Over all agencies: the gap, given-up work included.
    - ``points_secured``: secured level of the indicator - baseline. Over all agencies: the secured index
      minus the baseline index; negative where something was reached below the baseline.
    - ``points_waiting``: the agency's own secured value - secured level of the indicator. Delivered, while
      another agency on the indicator is lower; never negative.
    - ``points_late``: target - the agency's own secured value, of overdue tasks only; at least 0.

    The counts are over all tasks of the agency, earlier rounds included, as a list filtered the same way
    shows them: ``tasks_open`` is ``workflow.is_open`` (planned ones too), ``tasks_overdue`` is
    ``workflow.is_overdue``.
    """

    agency_id: int
    points_at_stake: Fraction
    points_secured: Fraction
    points_waiting: Fraction
    points_late: Fraction
    tasks_open: int
    tasks_overdue: int
    tasks_submitted: int
    tasks_accepted: int

    @property
    def points_undelivered(self) -> Fraction:
        """What the agency itself still has to bring: at stake, less secured and waiting."""
        return self.points_at_stake - self.points_secured - self.points_waiting


@dataclass(frozen=True, slots=True)
class AgencyPart:
    """The points of one counting task, as ``AgencyFigures`` says them; an agency's row is the sum of its parts."""

    task_id: int
    indicator_number: int
    agency_id: int
    at_stake: Fraction
    secured: Fraction
    waiting: Fraction
    late: Fraction

    @property
    def undelivered(self) -> Fraction:
        """What the agency itself still has to bring."""
        return self.at_stake - self.secured - self.waiting


def agency_parts(
    instrument: Instrument, traces: Mapping[int, IndicatorTrace], *, today: date
) -> tuple[AgencyPart, ...]:
    """The part of every counting task, by indicator and agency."""
    return tuple(part for number in sorted(traces) for part in _parts(instrument, traces[number], today))


def agency_figures(
    found: Iterable[AgencyPart], tasks: Iterable[TaskFact], *, today: date
) -> tuple[AgencyFigures, ...]:
    """One row per agency with a task that was not withdrawn; most undelivered points first, then by id."""
    parts: dict[int, list[AgencyPart]] = {}
    for part in found:
        parts.setdefault(part.agency_id, []).append(part)
    standing = [task for task in tasks if task.state is not State.WITHDRAWN]
    opened = Counter(task.agency_id for task in standing if is_open(task.state))
    overdue = Counter(t.agency_id for t in standing if is_overdue(t.state, t.due_on, today))
    by_state = Counter((task.agency_id, task.state) for task in standing)
    rows = [
        AgencyFigures(
            agency_id=agency_id,
            points_at_stake=sum((part.at_stake for part in parts.get(agency_id, ())), _ZERO),
            points_secured=sum((part.secured for part in parts.get(agency_id, ())), _ZERO),
            points_waiting=sum((part.waiting for part in parts.get(agency_id, ())), _ZERO),
            points_late=sum((part.late for part in parts.get(agency_id, ())), _ZERO),
            tasks_open=opened[agency_id],
            tasks_overdue=overdue[agency_id],
            tasks_submitted=by_state[agency_id, State.SUBMITTED],
            tasks_accepted=by_state[agency_id, State.ACCEPTED],
        )
        for agency_id in {task.agency_id for task in standing}
    ]
    return tuple(sorted(rows, key=lambda row: (-row.points_undelivered, row.agency_id)))


def _parts(instrument: Instrument, trace: IndicatorTrace, today: date) -> Iterator[AgencyPart]:
    weight = Fraction(instrument.indicator(trace.indicator_number).weight) / WEIGHT_TOTAL
    baseline = Fraction(trace.baseline or 0)
    target = Fraction(min(counted.task.target for counted in trace.counted))
    level = Fraction(trace.value(FigureName.SECURED))
    all_shares = sum((counted.task.share for counted in trace.counted), _ZERO)
    for counted in trace.counted:
        task = counted.task
        share = task.share / all_shares if all_shares else Fraction(1, len(trace.counted))
        points = share * weight
        own = Fraction(counted.values[FigureName.SECURED])
        is_late = is_overdue(task.state, task.due_on, today)
        yield AgencyPart(
            task_id=task.task_id,
            indicator_number=task.indicator_number,
            agency_id=task.agency_id,
            at_stake=points * (target - baseline),
            secured=points * (level - baseline),
            waiting=points * (own - level),
            late=points * max(target - own, _ZERO) if is_late else _ZERO,
        )
