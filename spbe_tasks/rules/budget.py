"""What a line of a government's budget must look like: code, amount and fiscal year."""

import re
from decimal import Decimal

from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.requirements import YEARS_OF_WORK

# Groups of digits or capitals between dots, not all of capitals: "2.16.03.2.01" of a region (urusan to sub-kegiatan,
# Permendagri 90/2019), "2431.EBA.994" of a ministry.
_CODE = re.compile(r"(?=.*[0-9])[0-9A-Z]{1,5}(\.[0-9A-Z]{1,5}){1,7}")
CENT = Decimal("0.01")
MAXIMUM = Decimal("99999999999999.99")


def code_of(typed: str) -> str:
    """The code as it is stored: without blanks, in capitals, without a dot at its end."""
    return "".join(typed.split()).upper().rstrip(".")


def problems_of(*, code: str, name: str, amount: Decimal, year: int, plan_year: int) -> tuple[Problem, ...]:
    """Everything wrong with a line; empty when all is well.

    ``amount`` in rupiah, above 0, at most two decimals; ``year`` the fiscal year, from the plan's (the assessment's)
    to ``YEARS_OF_WORK`` years later.
    """
    found = []
    if not _CODE.fullmatch(code):
        found.append(Problem("budget.code_unreadable", "code", value=code))
    if not name.strip():
        found.append(Problem("field.required", "name"))
    if not amount.is_finite() or not 0 < amount <= MAXIMUM:
        found.append(Problem("budget.amount_out_of_range", "amount", value=str(amount)))
    elif amount != amount.quantize(CENT):
        found.append(Problem("budget.amount_too_fine", "amount", value=str(amount)))
    if not plan_year <= year <= plan_year + YEARS_OF_WORK:
        limits = {"earliest": plan_year, "latest": plan_year + YEARS_OF_WORK}
        found.append(Problem("budget.year_out_of_range", "year", value=str(year), params=limits))
    return tuple(found)
