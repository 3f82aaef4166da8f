"""Forecasts on histories whose truth is known, and what must hold for every history."""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spbe_tasks.rules.forecast import (
    ENOUGH,
    Forecast,
    LeadTime,
    OpenWork,
    Question,
    Span,
    Standing,
    forecast,
)

TWO, THREE, FOUR = Fraction(2), Fraction(3), Fraction(4)
# Ten indicators of ten points each.
WEIGHTS = {number: Fraction(10) for number in range(1, 11)}
Draw = Callable[[Random, float], float]
DISTRIBUTIONS: Mapping[str, Draw] = {
    "exponential": lambda chance, mean: chance.expovariate(1 / mean),
    "weibull": lambda chance, mean: chance.weibullvariate(1.13 * mean, 2),
    "lognormal": lambda chance, mean: chance.lognormvariate(math.log(mean) - 0.32, 0.8),
}


def work(
    number: int, agency_id: int = 1, *, age: int = 0, value: Fraction = TWO, target: Fraction = THREE
) -> OpenWork:
    return OpenWork(100 * agency_id + number, number, agency_id, age, value, target)


def asked(
    tasks: Sequence[OpenWork],
    *,
    history: Sequence[LeadTime] = tuple(LeadTime(1, 30) for _ in range(9)),
    settled: Mapping[int, Sequence[Fraction]] | None = None,
    secured: Fraction = TWO,
    target: Fraction | None = THREE,
    horizon: int | None = 60,
    kept: Fraction | None = None,
) -> Forecast:
    standing = Standing(secured, WEIGHTS, settled or {})
    found = forecast(history, tasks, standing, Question(target, horizon, kept), seed=7)
    assert found is not None
    return found


def simulated(chance: Random, draw: Draw) -> tuple[list[LeadTime], list[OpenWork], list[int]]:
    """Three agencies of different speed, seen today: their history, what is open, and the days it truly still takes."""
    history: list[LeadTime] = []
    tasks: list[OpenWork] = []
    truth: list[int] = []
    for agency_id, mean in ((1, 40.0), (2, 60.0), (3, 80.0)):
        for since in [
            *(chance.uniform(60, 400) for _ in range(12)),
            *(chance.uniform(0, 60) for _ in range(6)),
        ]:
            age, days = int(since), max(1, math.ceil(draw(chance, mean)))
            history.append(LeadTime(agency_id, min(days, age), days <= age))
            if days > age:
                number = len(tasks) + 1
                tasks.append(OpenWork(number, number, agency_id, age, TWO, THREE))
                truth.append(days - age)
    return history, tasks, truth


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_truth_lies_in_the_interval_about_eight_times_of_ten_and_as_often_before_as_after_the_middle(
    name: str,
) -> None:
    """Over 80 histories each, within three standard errors: 80 % and 13.4 points about it, 50 % and 16.8."""
    chance, times = Random(f"forecast/{name}"), 80
    inside = before = Fraction(0)
    for seed in range(times):
        history, tasks, truth = simulated(chance, DISTRIBUTIONS[name])
        weights = {task.indicator_number: Fraction(100, len(tasks)) for task in tasks}
        wanted = math.ceil(Fraction(7, 10) * len(tasks))
        question = Question(target=TWO + Fraction(wanted, len(tasks)))
        found = forecast(history, tasks, Standing(TWO, weights, {}), question, seed=seed)
        assert found is not None
        span, day = found.accepted.reached, sorted(truth)[wanted - 1]
        assert span is not None
        early, middle, late = (
            math.inf if each is None else each for each in (span.early, span.middle, span.late)
        )
        inside += early <= day <= late
        before += Fraction(1, 2) if day == middle else day < middle
    assert abs(inside / times - Fraction(8, 10)) <= Fraction(134, 1_000)
    assert abs(before / times - Fraction(1, 2)) <= Fraction(168, 1_000)


def test_without_doubt_the_answer_is_what_the_history_says() -> None:
    history = [LeadTime(1, 30) for _ in range(500)]
    found = asked([work(1)], history=history, target=Fraction(21, 10))
    assert found.accepted.reached is not None
    assert (found.accepted.reached.early, found.accepted.reached.late) == (30, 30)


def test_a_target_that_stands_is_reached_today_and_needs_no_history() -> None:
    assert asked([work(1)], target=TWO).accepted.reached == Span(0, 0, 0)
    assert asked([], history=(), target=TWO).accepted.reached == Span(0, 0, 0)


def test_a_target_beyond_all_work_is_never_reached_and_the_ceiling_says_why() -> None:
    found = asked([work(1), work(2)])
    assert found.accepted.reached == Span(None, None, None)
    assert found.accepted.ceiling == TWO + Fraction(2, 10)
    assert found.accepted.by_horizon == 0


def test_an_indicator_rises_only_when_the_last_of_its_agencies_has_finished() -> None:
    history = [*(LeadTime(1, 5) for _ in range(9)), *(LeadTime(2, 200) for _ in range(9))]
    both = asked([work(1, 1), work(1, 2)], history=history, target=Fraction(21, 10))
    quick = asked([work(1, 1)], history=history, target=Fraction(21, 10), settled={1: [THREE]})
    assert both.accepted.reached is not None
    assert quick.accepted.reached is not None
    assert both.accepted.reached.early is not None
    assert quick.accepted.reached.middle is not None
    assert both.accepted.reached.early > quick.accepted.reached.middle
    assert both.agencies[0].agency_id == 2
    assert both.agencies[0].holds > Fraction(9, 10)


def test_given_up_work_keeps_its_indicator_down() -> None:
    assert asked([work(1)], settled={1: [TWO]}).accepted.ceiling == TWO


def test_a_level_between_is_gained_before_the_rest() -> None:
    tasks = [work(1, 1, target=FOUR), work(1, 2, target=FOUR, value=THREE)]
    found = asked(tasks, target=Fraction(21, 10))
    alone = asked(tasks, target=Fraction(22, 10))
    assert found.accepted.ceiling == Fraction(22, 10)
    assert found.accepted.reached is not None
    assert alone.accepted.reached is not None
    assert found.accepted.by_horizon is not None
    assert alone.accepted.by_horizon is not None
    assert found.accepted.by_horizon > alone.accepted.by_horizon


def test_upkeep_raises_nothing_and_yet_has_to_be_finished() -> None:
    found = asked([work(1, target=TWO)], horizon=1)
    assert found.accepted.ceiling == TWO
    assert found.late is not None
    assert found.late.middle == 1


def test_a_discount_lowers_gains_and_never_what_stands() -> None:
    tasks = [work(number) for number in WEIGHTS]
    found = asked(tasks, target=Fraction(25, 10), kept=Fraction(1, 2))
    assert found.recognised is not None
    assert found.accepted.ceiling == THREE
    assert found.recognised.ceiling == Fraction(25, 10)
    nothing = asked(tasks, target=Fraction(25, 10), kept=Fraction(0))
    assert nothing.recognised is not None
    assert nothing.recognised.reached == Span(None, None, None)


def test_an_agency_with_little_history_goes_by_that_of_all() -> None:
    history = [*(LeadTime(1, 40) for _ in range(ENOUGH)), LeadTime(2, 3)]
    first, second = sorted(
        asked([work(1), work(2, 2)], history=history).agencies, key=lambda row: row.agency_id
    )
    assert (first.is_own, first.days.middle) == (True, 40)
    assert (second.is_own, second.days.middle, second.finished) == (False, 40, 1)


def test_too_little_history_says_nothing() -> None:
    history = [LeadTime(1, 30) for _ in range(ENOUGH - 1)]
    assert forecast(history, [work(1)], Standing(TWO, WEIGHTS, {}), Question(), seed=1) is None


def test_the_oldest_open_work_is_named_and_late_work_adds_up() -> None:
    found = asked([work(1, age=5), work(2, age=90), work(3, 2)], horizon=10)
    rows = {row.agency_id: row for row in found.agencies}
    assert (rows[1].open, rows[1].oldest, rows[1].oldest_id) == (2, 90, 102)
    assert sum(row.holds for row in found.agencies) == 1


histories = st.lists(
    st.builds(LeadTime, st.integers(1, 3), st.integers(0, 300), st.booleans()), min_size=1, max_size=25
)
tasks_of = st.lists(
    st.builds(
        work,
        st.integers(1, 10),
        st.integers(1, 4),
        age=st.integers(0, 400),
        value=st.sampled_from((TWO, THREE)),
        target=st.sampled_from((TWO, THREE, FOUR)),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda each: each.task_id,
)


@settings(max_examples=25, deadline=None)
@given(histories, tasks_of, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    history: list[LeadTime], tasks: list[OpenWork], chance: Random
) -> None:
    standing, question = Standing(TWO, WEIGHTS, {}), Question(Fraction(22, 10), 60, Fraction(3, 4))
    first = forecast(history, tasks, standing, question, seed=3)
    chance.shuffle(history)
    chance.shuffle(tasks)
    assert forecast(history, tasks, standing, question, seed=3) == first


@settings(max_examples=25, deadline=None)
@given(tasks_of, st.data())
def test_more_finished_work_never_makes_the_target_less_likely(
    tasks: list[OpenWork], data: st.DataObject
) -> None:
    done = data.draw(st.sampled_from(tasks))
    history = [LeadTime(agency_id, days) for agency_id in (1, 2) for days in range(10, 100, 15)]
    rest = [task for task in tasks if task is not done]
    before = [task.value for task in tasks if task.indicator_number == done.indicator_number]
    reached = max(done.value, done.target)
    after = [*(task.value for task in rest if task.indicator_number == done.indicator_number), reached]
    climbed = (min(after) - min(before)) * WEIGHTS[done.indicator_number] / 100
    question = Question(Fraction(22, 10), 60)
    first = forecast(history, tasks, Standing(TWO, WEIGHTS, {}), question, seed=3)
    second = forecast(
        history, rest, Standing(TWO + climbed, WEIGHTS, {done.indicator_number: [reached]}), question, seed=3
    )
    assert first is not None
    assert second is not None
    assert first.accepted.by_horizon is not None
    assert second.accepted.by_horizon is not None
    assert second.accepted.by_horizon >= first.accepted.by_horizon
    assert second.accepted.ceiling == first.accepted.ceiling
    assert first.accepted.index is not None
    assert second.accepted.index is not None
    assert second.accepted.index.middle >= first.accepted.index.middle
