"""What each agency brings to the index, in index points whose sums are the differences between figures."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import lcm

from spbe_tasks.rules.index import WEIGHT_TOTAL
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.rounds import CountedTask, FigureName, IndicatorTrace, TaskFact
from spbe_tasks.rules.workflow import State, is_open, is_overdue

_ZERO = Fraction(0)
_NO_LEVEL = Decimal(0)
_COLUMNS = ("points_at_stake", "points_secured", "points_waiting", "points_late")


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
    def points(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """At stake, secured, waiting, late."""
        return self.at_stake, self.secured, self.waiting, self.late

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
    found = tuple(found)
    points = _Points.of(found)
    standing = [task for task in tasks if task.state is not State.WITHDRAWN]
    opened = Counter(task.agency_id for task in standing if is_open(task.state))
    overdue = Counter(t.agency_id for t in standing if is_overdue(t.state, t.due_on, today))
    by_state = Counter((task.agency_id, task.state) for task in standing)
    rows = [
        AgencyFigures(
            agency_id=agency_id,
            **points.of_agency(agency_id),
            tasks_open=opened[agency_id],
            tasks_overdue=overdue[agency_id],
            tasks_submitted=by_state[agency_id, State.SUBMITTED],
            tasks_accepted=by_state[agency_id, State.ACCEPTED],
        )
        for agency_id in {task.agency_id for task in standing}
    ]
    return tuple(sorted(rows, key=lambda row: (-points.undelivered(row.agency_id), row.agency_id)))


@dataclass(frozen=True, slots=True)
class _Points:
    """Sums per agency as whole numbers of 1/``denominator``: exact, and no fraction is made for a term."""

    denominator: int
    sums: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, found: Sequence[AgencyPart]) -> "_Points":
        denominator = lcm(*(each.denominator for part in found for each in part.points))
        sums: dict[int, list[int]] = {}
        for part in found:
            row = sums.setdefault(part.agency_id, [0] * len(_COLUMNS))
            for place, each in enumerate(part.points):
                row[place] += each.numerator * (denominator // each.denominator)
        return cls(denominator, sums)

    def of_agency(self, agency_id: int) -> dict[str, Fraction]:
        row = self.sums.get(agency_id)
        if row is None:
            return dict.fromkeys(_COLUMNS, _ZERO)
        return {
            name: Fraction(each, self.denominator) if each else _ZERO
            for name, each in zip(_COLUMNS, row, strict=True)
        }

    def undelivered(self, agency_id: int) -> int:
        at_stake, secured, waiting, _ = self.sums.get(agency_id, (0, 0, 0, 0))
        return at_stake - secured - waiting


def _parts(instrument: Instrument, trace: IndicatorTrace, today: date) -> Iterator[AgencyPart]:
    whole = instrument.whole_weights
    weight = whole.indicators[instrument.indicator(trace.indicator_number).number]
    baseline = trace.baseline or _NO_LEVEL
    target = min(counted.task.target for counted in trace.counted)
    level = trace.value(FigureName.SECURED)
    shares, all_shares = _shares(trace.counted)
    for counted, share in zip(trace.counted, shares, strict=True):
        task, own = counted.task, counted.values[FigureName.SECURED]
        points = partial(_points, share * weight, all_shares * whole.parts * WEIGHT_TOTAL)
        is_late = is_overdue(task.state, task.due_on, today) and target > own
        yield AgencyPart(
            task_id=task.task_id,
            indicator_number=task.indicator_number,
            agency_id=task.agency_id,
            at_stake=points(target - baseline),
            secured=points(level - baseline),
            waiting=points(own - level),
            late=points(target - own) if is_late else _ZERO,
        )


def _shares(counted: Sequence[CountedTask]) -> tuple[Sequence[int], int]:
    """The parts of those that count, as whole numbers of their sum: equal ones where nobody has a share."""
    shares = [each.task.share for each in counted]
    common = lcm(*(share.denominator for share in shares))
    whole = [share.numerator * (common // share.denominator) for share in shares]
    total = sum(whole)
    return (whole, total) if total else ([1] * len(shares), len(shares))


def _points(numerator: int, denominator: int, levels: Decimal) -> Fraction:
    if not levels:
        return _ZERO
    climbed, of = levels.as_integer_ratio()
    return Fraction(numerator * climbed, denominator * of)
