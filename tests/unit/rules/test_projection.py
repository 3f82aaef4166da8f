"""Secured, expected and potential: the reference rows, prerequisites, points of agencies, and properties."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.rules.index import Level, compute
from spbe_tasks.rules.projection import AgencyFigures, FigureName, Projection, TaskFact, project
from spbe_tasks.rules.workflow import CancelKind, State
from tests.unit.rules.sample_instrument import REFUSING, SAMPLE, WEIGHTS

TODAY = date(2026, 11, 24)
EVALUATION = date(2026, 12, 31)
A, B, C = 1, 2, 3
HALF = Fraction(1, 2)


def fact(state: str, agency: int = A, **changes: object) -> TaskFact:
    """A task on indicator 1 (weight 2.75) from level 2 to 4, due before the evaluation."""
    task = TaskFact(
        task_id=agency * 100,
        indicator_number=1,
        agency_id=agency,
        round=1,
        state=State(state),
        baseline=Decimal(2),
        target=Decimal(4),
        due_on=TODAY + timedelta(days=7),
        share=Fraction(1),
        reached=Decimal(4) if state == "accepted" else None,
        cancel_kind=CancelKind.GIVEN_UP if state == "cancelled" else None,
    )
    return replace(task, **changes)  # type: ignore[arg-type]


def accepted(level: int, agency: int = A, **changes: object) -> TaskFact:
    return fact("accepted", agency, reached=Decimal(level), **changes)


def not_needed(agency: int = A, **changes: object) -> TaskFact:
    return fact("cancelled", agency, cancel_kind=CancelKind.NOT_NEEDED, **changes)


def on(number: int, task: TaskFact, **changes: object) -> TaskFact:
    return replace(task, indicator_number=number, task_id=task.task_id + number, **changes)  # type: ignore[arg-type]


def second(task: TaskFact, **changes: object) -> TaskFact:
    return replace(task, round=2, task_id=task.task_id + 50, **changes)  # type: ignore[arg-type]


def baseline(**by_number: int | None) -> dict[int, Level]:
    """Every indicator at 2 but those named, as ``i12=1``."""
    levels: dict[int, Level] = dict.fromkeys(WEIGHTS, Decimal(2))
    return levels | {int(k[1:]): None if v is None else Decimal(v) for k, v in by_number.items()}


def projected(
    tasks: Iterable[TaskFact], evaluation_on: date | None = EVALUATION, **levels: int | None
) -> Projection:
    return project(SAMPLE, baseline(**levels), tasks, today=TODAY, evaluation_on=evaluation_on)


def levels_of(projection: Projection, number: int = 1) -> tuple[object, ...]:
    return tuple(f.levels[number] for f in (projection.secured, projection.expected, projection.potential))


@pytest.mark.parametrize(
    ("tasks", "secured", "potential"),
    [
        pytest.param([accepted(4, A), fact("in_progress", B)], 2, 4, id="A accepted 4, B in progress"),
        pytest.param([accepted(4, A), fact("cancelled", B)], 2, 2, id="B given up"),
        pytest.param([accepted(4, A), not_needed(B)], 4, 4, id="B cancelled as not needed"),
        pytest.param(
            [accepted(3, A), second(fact("assigned"), baseline=Decimal(3))],
            3,
            4,
            id="A alone, accepted 3 of target 4, round 2 open",
        ),
        pytest.param(
            [fact("in_progress", A), second(fact("withdrawn"), baseline=Decimal(3))],
            2,
            4,
            id="A alone, reopened",
        ),
        pytest.param(
            [accepted(1, A), second(fact("assigned"), baseline=Decimal(1))], 1, 4, id="A alone, reached 1"
        ),
    ],
)
def test_the_reference_rows_hold(tasks: list[TaskFact], secured: int, potential: int) -> None:
    projection = projected(tasks)
    assert projection.secured.levels[1] == secured
    assert projection.potential.levels[1] == potential
    rise = Fraction(secured - 2) * Fraction("2.75") / 100
    assert projection.secured.index - projection.baseline.index == rise


def test_without_a_task_every_figure_is_the_baseline() -> None:
    projection = projected([])
    assert projection.baseline.index == 2
    assert projection.secured == projection.expected == projection.potential == projection.baseline
    assert (projection.gap, projection.agencies, projection.traces) == (0, (), {})


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("planned", (2, 2, 4)),
        ("assigned", (2, 2, 4)),
        ("in_progress", (2, 4, 4)),
        ("blocked", (2, 2, 4)),
        ("submitted", (2, 4, 4)),
        ("returned", (2, 2, 4)),
        ("accepted", (4, 4, 4)),
        ("cancelled", (2, 2, 2)),
        ("withdrawn", (2, 2, 2)),
    ],
)
def test_every_state_is_worth_what_the_definitions_say(state: str, expected: tuple[int, int, int]) -> None:
    assert levels_of(projected([fact(state)])) == expected


@pytest.mark.parametrize(
    ("due_on", "evaluation_on", "expected"),
    [
        (EVALUATION, EVALUATION, 4),
        (EVALUATION + timedelta(days=1), EVALUATION, 2),
        (TODAY, EVALUATION, 4),
        (TODAY - timedelta(days=1), EVALUATION, 2),
        (TODAY, TODAY - timedelta(days=1), 2),
        (TODAY, None, 2),
        (None, EVALUATION, 2),
    ],
)
def test_work_in_progress_is_expected_only_in_time_for_a_known_evaluation(
    due_on: date | None, evaluation_on: date | None, expected: int
) -> None:
    projection = projected([fact("in_progress", due_on=due_on)], evaluation_on)
    assert projection.expected.levels[1] == expected


def test_submitted_work_is_expected_whatever_the_dates() -> None:
    late = fact("submitted", due_on=TODAY - timedelta(days=90))
    assert levels_of(projected([late], None)) == (2, 4, 4)


def test_a_given_up_next_round_counts_as_the_level_already_reached() -> None:
    rows = [accepted(3), second(fact("cancelled"), baseline=Decimal(3))]
    assert levels_of(projected(rows)) == (3, 3, 3)


def test_a_next_round_that_is_not_needed_leaves_the_round_before_it() -> None:
    rows = [accepted(3), second(not_needed(), baseline=Decimal(3))]
    assert levels_of(projected(rows)) == (3, 3, 3)


def test_the_lowest_agency_decides_each_figure_and_the_trace_says_what_each_is_worth() -> None:
    trace = projected([accepted(5, A), fact("submitted", B), fact("assigned", C)]).traces[1]
    assert [counted.task.agency_id for counted in trace.counted] == [A, B, C]
    worth = {figure: [counted.values[figure] for counted in trace.counted] for figure in FigureName}
    assert worth == {
        FigureName.SECURED: [5, 2, 2],
        FigureName.EXPECTED: [5, 4, 2],
        FigureName.POTENTIAL: [5, 4, 4],
    }
    assert [trace.value(figure) for figure in FigureName] == [2, 2, 4]


def test_an_indicator_that_was_not_assessed_stays_so_until_something_is_accepted() -> None:
    projection = projected([fact("submitted", baseline=Decimal(0))], i1=None)
    assert projection.secured.levels[1] is None
    assert projection.expected.levels[1] == 4
    assert projection.expected.index - projection.secured.index == Fraction(11, 100)


def test_levels_that_cannot_be_counted_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        project(REFUSING, baseline(i1=None), [], today=TODAY, evaluation_on=None)


def test_a_task_on_an_unknown_indicator_is_refused() -> None:
    with pytest.raises(NotFoundError):
        projected([on(99, fact("assigned"))])


def test_an_accepted_task_without_a_level_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="reached level"):
        fact("accepted", reached=None)


# Indicator 21 at level 2 or more needs indicator 12 at level 2 or more.


def raised(number: int, state: str = "submitted", **changes: object) -> TaskFact:
    return on(number, fact(state, baseline=Decimal(1)), **changes)


def test_a_planned_raise_is_void_while_what_it_needs_is_too_low() -> None:
    projection = projected([raised(21)], i12=1, i21=1)
    assert levels_of(projection, 21) == (1, 1, 1)
    assert [
        (void.figure.value, void.indicator_number, void.needs_indicator) for void in projection.voided
    ] == [
        ("expected", 21, 12),
        ("potential", 21, 12),
    ]


def test_a_raise_counts_in_the_figures_where_what_it_needs_is_raised_too() -> None:
    projection = projected([raised(21), raised(12, "assigned")], i12=1, i21=1)
    assert levels_of(projection, 21) == (1, 1, 4)
    assert [void.figure.value for void in projection.voided] == ["expected"]


def test_what_was_accepted_counts_though_a_prerequisite_is_missing() -> None:
    projection = projected([raised(21, "accepted", reached=Decimal(3))], i12=1, i21=1)
    assert levels_of(projection, 21) == (3, 3, 3)
    assert projection.voided == ()


def test_a_baseline_already_above_is_grandfathered_and_may_rise() -> None:
    projection = projected([raised(21, baseline=Decimal(2))], i12=1, i21=2)
    assert levels_of(projection, 21) == (2, 4, 4)
    assert projection.voided == ()


def test_a_raise_that_stays_below_the_level_is_not_bound() -> None:
    projection = projected([raised(21, baseline=Decimal(0), target=Decimal(1))], i12=1, i21=None)
    assert levels_of(projection, 21) == (None, 1, 1)


def test_a_raise_may_be_void_because_what_it_needs_is_itself_void() -> None:
    first, *_ = SAMPLE.prerequisites
    chain = replace(
        SAMPLE, prerequisites=(first, replace(first, indicators=frozenset({12}), needs_indicator=2))
    )
    tasks = [raised(12), raised(21)]
    levels = baseline(i2=1, i12=1, i21=1)
    projection = project(chain, levels, tasks, today=TODAY, evaluation_on=EVALUATION)
    assert projection.potential.index == projection.baseline.index
    assert {void.indicator_number for void in projection.voided} == {12, 21}


def row_of(projection: Projection, agency: int) -> AgencyFigures:
    return next(row for row in projection.agencies if row.agency_id == agency)


def test_the_points_of_an_agency_that_delivered_wait_for_the_other() -> None:
    late = fact("in_progress", B, share=HALF, due_on=TODAY - timedelta(days=1))
    projection = projected([accepted(4, A, share=HALF), late])
    mine, theirs = row_of(projection, A), row_of(projection, B)
    half = Fraction("0.0275")
    assert (mine.points_at_stake, mine.points_secured, mine.points_waiting, mine.points_late) == (
        half,
        0,
        half,
        0,
    )
    assert (theirs.points_at_stake, theirs.points_secured, theirs.points_waiting) == (half, 0, 0)
    assert theirs.points_late == half
    assert (mine.points_undelivered, theirs.points_undelivered) == (0, half)
    assert [row.agency_id for row in projection.agencies] == [B, A]


def test_the_remaining_agencies_carry_the_whole_when_one_is_not_needed() -> None:
    projection = projected([accepted(4, A, share=HALF), not_needed(B, share=HALF)])
    assert row_of(projection, A).points_secured == Fraction("0.055")
    assert row_of(projection, B).points_at_stake == 0


def test_work_given_up_stays_in_the_gap() -> None:
    projection = projected([fact("cancelled")])
    assert projection.gap == Fraction("0.055")
    assert row_of(projection, A).points_undelivered == Fraction("0.055")


def test_the_late_points_of_a_next_round_are_only_what_is_still_missing() -> None:
    overdue = second(fact("blocked", due_on=TODAY - timedelta(days=1)), baseline=Decimal(3))
    mine = row_of(projected([accepted(3), overdue]), A)
    assert (mine.points_at_stake, mine.points_secured, mine.points_late) == (
        Fraction("0.055"),
        Fraction("0.0275"),
        Fraction("0.0275"),
    )


def test_counts_are_those_of_a_list_of_all_tasks() -> None:
    past = TODAY - timedelta(days=1)
    rows = [
        accepted(3),
        second(fact("assigned", due_on=past), baseline=Decimal(3)),
        on(2, fact("submitted", due_on=past)),
        on(12, fact("planned", due_on=past)),
        on(21, fact("withdrawn")),
        on(22, not_needed()),
    ]
    mine = row_of(projected(rows), A)
    assert (mine.tasks_open, mine.tasks_overdue, mine.tasks_submitted, mine.tasks_accepted) == (3, 1, 1, 1)


level_values = st.integers(1, 5).map(Decimal)
baselines = st.fixed_dictionaries({number: st.none() | level_values for number in WEIGHTS})


@st.composite
def facts(draw: st.DrawFn, levels: dict[int, Level]) -> list[TaskFact]:
    """Tasks as a plan can hold them: the first round starts from the assessment, the next from what was reached."""
    tasks: list[TaskFact] = []
    for number, agency in draw(
        st.lists(st.tuples(st.sampled_from(sorted(WEIGHTS)), st.integers(1, 3)), unique=True)
    ):
        start = levels[number] or Decimal(0)
        for round_number in range(1, draw(st.integers(1, 2)) + 1):
            state = draw(st.sampled_from(State))
            task = TaskFact(
                task_id=len(tasks) + 1,
                indicator_number=number,
                agency_id=agency,
                round=round_number,
                state=state,
                baseline=start,
                target=Decimal(draw(st.integers(max(1, int(start)), 5))),
                due_on=TODAY + timedelta(days=draw(st.integers(-2, 60))),
                share=Fraction(1, draw(st.integers(1, 4))),
                reached=draw(level_values) if state is State.ACCEPTED else None,
                cancel_kind=draw(st.sampled_from(CancelKind)) if state is State.CANCELLED else None,
            )
            tasks.append(task)
            start = start if task.reached is None else task.reached
    return tasks


situations = baselines.flatmap(lambda levels: st.tuples(st.just(levels), facts(levels)))


def of(situation: tuple[dict[int, Level], list[TaskFact]]) -> Projection:
    levels, tasks = situation
    return project(SAMPLE, levels, tasks, today=TODAY, evaluation_on=EVALUATION)


@given(situations)
def test_figures_rise_and_never_fall_below_the_baseline_unless_something_was_reached_below_it(
    situation: tuple[dict[int, Level], list[TaskFact]],
) -> None:
    projection = of(situation)
    assert projection.secured.index <= projection.expected.index <= projection.potential.index
    if not any(task.reached is not None and task.reached < task.baseline for task in situation[1]):
        assert projection.baseline.index <= projection.secured.index


@given(situations.flatmap(lambda s: st.tuples(st.just(s), st.permutations(s[1]))))
def test_the_order_of_the_tasks_does_not_matter(
    both: tuple[tuple[dict[int, Level], list[TaskFact]], list[TaskFact]],
) -> None:
    situation, shuffled = both
    assert of(situation) == of((situation[0], shuffled))


@given(situations)
def test_the_points_of_the_agencies_add_up_to_the_differences_of_the_index(
    situation: tuple[dict[int, Level], list[TaskFact]],
) -> None:
    projection = of(situation)
    rows = projection.agencies
    base = projection.baseline.index
    assert sum(row.points_secured for row in rows) == projection.secured.index - base
    targets = {n: min(c.task.target for c in trace.counted) for n, trace in projection.traces.items()}
    at_target = compute(SAMPLE, {**situation[0], **targets}).index
    assert projection.gap == sum(row.points_at_stake for row in rows) == at_target - base
    assert all(row.points_waiting >= 0 and row.points_late >= 0 for row in rows)
    for row in rows:
        assert row.points_at_stake == row.points_secured + row.points_waiting + row.points_undelivered


@given(situations)
def test_each_secured_level_is_the_lowest_of_independently_valued_agencies(
    situation: tuple[dict[int, Level], list[TaskFact]],
) -> None:
    levels, tasks = situation
    projection = of(situation)
    for number, level in levels.items():
        values = []
        for agency in range(1, 4):
            rounds = [t for t in tasks if (t.indicator_number, t.agency_id) == (number, agency)]
            for task in reversed(rounds):
                if task.state.value == "withdrawn" or task.cancel_kind == "not_needed":
                    continue
                values.append(task.reached if task.state.value == "accepted" else task.baseline)
                break
        lowest = min((value or 0 for value in values), default=level or 0)
        assert (projection.secured.levels[number] or 0) == lowest
