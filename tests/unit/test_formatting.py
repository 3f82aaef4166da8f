"""How figures look in both languages."""

from fractions import Fraction

import pytest

from spbe_tasks.formatting import percent


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (Fraction(1, 3), "33,3%", "33.3%"),
        (Fraction(2, 3), "66,7%", "66.7%"),
        (Fraction(1, 2000), "0,1%", "0.1%"),  # half a tenth is rounded up
        (Fraction(1), "100%", "100%"),
        (Fraction(0), "0%", "0%"),
        (None, "–", "–"),
    ],
)
def test_a_share_is_told_in_percent_with_one_decimal(
    value: Fraction | None, indonesian: str, english: str
) -> None:
    assert (percent(value, "id"), percent(value, "en")) == (indonesian, english)
