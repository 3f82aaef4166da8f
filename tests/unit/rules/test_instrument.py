"""What the values of an instrument answer."""

from decimal import Decimal

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.instrument import LevelScale, PredicateBasis

SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")


def test_indicators_come_in_number_order():
    numbers = [indicator.number for indicator in SPBE.indicators]
    assert numbers == sorted(numbers)


def test_indicator_knows_its_aspect_and_domain():
    assert SPBE.indicator(19).name_en == "Operation of the SPBE coordination team"
    assert SPBE.aspect_of(19).number == 4
    assert SPBE.domain_of(19).number == 2


@pytest.mark.parametrize("lookup", [SPBE.indicator, SPBE.aspect_of, SPBE.domain_of])
def test_unknown_indicator_is_not_found(lookup):
    with pytest.raises(NotFoundError) as caught:
        lookup(48)
    assert caught.value.code == "instrument.indicator_not_found"
    assert caught.value.params == {"instrument": SPBE.id, "number": 48}


@pytest.mark.parametrize(
    ("number", "short"),
    [
        (1, "Kebijakan Arsitektur SPBE"),
        (11, "Arsitektur SPBE"),
        (21, "Penerapan Manajemen Risiko SPBE"),
        (44, "Jaringan Dokumentasi dan Informasi Hukum (JDIH)"),
    ],
)
def test_short_name_drops_the_words_all_indicators_share(number, short):
    assert SPBE.indicator(number).short_name("id") == short


@pytest.mark.parametrize("instrument", [SPBE, PEMDI], ids=lambda instrument: instrument.id)
@pytest.mark.parametrize("locale", ["id", "en"])
def test_short_names_stay_unique(instrument, locale):
    names = [indicator.short_name(locale) for indicator in instrument.indicators]
    assert len(set(names)) == len(names)


def test_names_follow_the_locale():
    indicator = SPBE.indicator(32)
    assert indicator.name("id") == "Tingkat Kematangan Layanan Perencanaan"
    assert indicator.name("en_GB") == "Planning service"
    assert indicator.step(2).name("id") == "Interaksi"
    assert indicator.step(2).criteria[0].text("en") == "Users can search documents."


def test_level_outside_the_scale_has_no_step():
    with pytest.raises(NotFoundError):
        SPBE.indicator(1).step(6)


@pytest.mark.parametrize(
    ("year", "spbe", "pemdi"),
    [(2020, False, False), (2021, True, False), (2025, True, False), (2026, False, True)],
)
def test_each_year_has_its_instrument(year, spbe, pemdi):
    assert SPBE.is_used_in(year) is spbe
    assert PEMDI.is_used_in(year) is pemdi


def test_predicate_basis_of_2023_is_the_rounded_index():
    assert SPBE.basis_for(2023) is PredicateBasis.ROUNDED
    assert SPBE.basis_for(2024) is PredicateBasis.UNROUNDED


@pytest.mark.parametrize(
    ("value", "on_whole_scale", "on_decimal_scale"),
    [
        ("1", True, True),
        ("5.00", True, True),
        ("2.5", False, True),
        ("2.505", False, False),
        ("0.99", False, False),
    ],
)
def test_scale_holds_only_values_that_are_as_coarse_as_it(value, on_whole_scale, on_decimal_scale):
    whole = LevelScale(Decimal(1), Decimal(5), is_integer=True)
    decimals = LevelScale(Decimal(1), Decimal(5), is_integer=False, decimals=2)
    assert whole.holds(Decimal(value)) is on_whole_scale
    assert decimals.holds(Decimal(value)) is on_decimal_scale
