from datetime import date

import pytest

from spbe_tasks.rules.evaluation import EvaluationDates, check_dates

IN_ORDER = EvaluationDates(date(2025, 6, 1), date(2025, 8, 31), date(2025, 9, 15), date(2026, 1, 20))


@pytest.mark.parametrize(
    "dates",
    [
        IN_ORDER,
        EvaluationDates(),
        EvaluationDates(result_on=date(2025, 1, 1)),
        EvaluationDates(*[date(2025, 6, 1)] * 4),
    ],
)
def test_dates_in_order_fit_whatever_is_not_known_yet(dates: EvaluationDates) -> None:
    assert check_dates(dates, year=2024) == ()


def test_each_date_before_the_known_one_above_it_is_told() -> None:
    dates = EvaluationDates(date(2025, 9, 1), None, date(2025, 8, 1), date(2025, 7, 1))
    assert [(each.code, each.field) for each in check_dates(dates, year=2024)] == [
        ("evaluation.out_of_order", "interviews_on"),
        ("evaluation.out_of_order", "result_on"),
    ]


def test_a_date_before_the_assessment_is_told() -> None:
    problems = check_dates(EvaluationDates(date(2023, 6, 1)), year=2024)
    assert [(each.code, each.field) for each in problems] == [
        ("evaluation.before_assessment", "self_assessment_opens_on")
    ]


@pytest.mark.parametrize("year", [0, 2017, 2101, 20240])
def test_a_year_far_off_is_refused(year: int) -> None:
    assert [each.code for each in check_dates(IN_ORDER, year=year)] == ["evaluation.bad_year"]
