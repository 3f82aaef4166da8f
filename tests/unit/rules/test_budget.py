from decimal import Decimal

import pytest

from spbe_tasks.rules.budget import code_of, problems_of


def problems(**changes: object) -> list[tuple[str, str | None]]:
    line = {"code": "2.16.03.2.01", "name": "SPBE", "amount": Decimal(1), "year": 2025} | changes
    return [(each.code, each.field) for each in problems_of(**line, plan_year=2024)]  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["2.16", "2.16.03.2.01", "2.16.03.2.01.0012", "2431.EBA.994", "059.WA.2431"])
def test_codes_of_regions_and_ministries_are_taken(code: str) -> None:
    assert problems(code=code) == []


@pytest.mark.parametrize(
    "code", ["", "2", "2..16", ".2.16", "2.16.", "DUA.ENAM", "2.16.x", "2,16", "1.2.3.4.5.6.7.8.9"]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    assert problems(code=code) == [("budget.code_unreadable", "code")]


def test_a_code_is_stored_without_blanks_in_capitals_and_without_its_last_dot() -> None:
    assert code_of(" 2431 .eba.994. ") == "2431.EBA.994"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "budget.amount_out_of_range"),
        ("-1", "budget.amount_out_of_range"),
        ("NaN", "budget.amount_out_of_range"),
        ("Infinity", "budget.amount_out_of_range"),
        ("100000000000000", "budget.amount_out_of_range"),
        ("0.001", "budget.amount_too_fine"),
    ],
)
def test_an_amount_is_above_zero_storable_and_in_whole_sen(amount: str, code: str) -> None:
    assert problems(amount=Decimal(amount)) == [(code, "amount")]


def test_the_smallest_and_the_largest_amount_are_taken() -> None:
    assert problems(amount=Decimal("0.01")) == problems(amount=Decimal("99999999999999.99")) == []


@pytest.mark.parametrize(("year", "is_fine"), [(2023, False), (2024, True), (2029, True), (2030, False)])
def test_the_fiscal_year_lies_in_the_years_of_work(year: int, is_fine: bool) -> None:
    assert problems(year=year) == ([] if is_fine else [("budget.year_out_of_range", "year")])


def test_everything_wrong_is_told_at_once() -> None:
    assert problems(code="x", name=" ", amount=Decimal(0), year=1) == [
        ("budget.code_unreadable", "code"),
        ("field.required", "name"),
        ("budget.amount_out_of_range", "amount"),
        ("budget.year_out_of_range", "year"),
    ]
