"""The shipped results: complete, in range, and of the same arithmetic as ours."""

from collections import Counter
from fractions import Fraction

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.national import loader
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.index import display, predicate
from spbe_tasks.rules.national import BodyKind, Published

INSTRUMENT = get_instrument(loader.INSTRUMENT)
ROW = {
    "year": "2024",
    "group": "Kalimantan Barat",
    "body": "Pemerintah Kab. Ketapang",
    "d1_kebijakan": "3.50",
    "d2_tata_kelola": "2.50",
    "d3_manajemen": "1.82",
    "d4_layanan": "3.70",
    "index": "3.06",
    "predicate": "Baik",
}


def test_all_bodies_of_both_years_are_there_by_kind() -> None:
    counts = Counter((row.year, row.kind) for row in loader.published())
    assert counts == {
        (2023, BodyKind.MINISTRY): 34,
        (2023, BodyKind.INSTITUTION): 58,
        (2023, BodyKind.PROVINCE): 37,
        (2023, BodyKind.REGENCY): 394,
        (2023, BodyKind.CITY): 92,
        (2024, BodyKind.MINISTRY): 32,
        (2024, BodyKind.INSTITUTION): 58,
        (2024, BodyKind.PROVINCE): 37,
        (2024, BodyKind.REGENCY): 392,
        (2024, BodyKind.CITY): 93,
    }
    assert loader.years() == (2023, 2024)


def test_the_same_province_has_one_name_in_both_years() -> None:
    by_year = {
        year: {row.province for row in loader.of_year(year) if row.province} for year in loader.years()
    }
    assert by_year[2024] - by_year[2023] == {"D.I. Yogyakarta"}  # the report of 2023 does not print it
    assert by_year[2023] <= by_year[2024]
    assert len(by_year[2024]) == 38


def _recomputed(row: Published) -> Fraction:
    """The index from the printed domains: unrounded, but for the rounding of the domains themselves."""
    weights = {domain.number: Fraction(domain.weight) for domain in INSTRUMENT.domains}
    parts = (weights[number] * value for number, value in row.domains.items())
    return sum(parts, Fraction()) / 100


def _predicate(row: Published, index: Fraction) -> str:
    return predicate(INSTRUMENT, index, INSTRUMENT.basis_for(row.year)).name_id


def test_every_predicate_is_ours_by_the_basis_of_the_year() -> None:
    assert [
        row.name for row in loader.published() if _predicate(row, _recomputed(row)) != row.predicate
    ] == []


def test_only_an_index_printed_on_a_bound_hides_on_which_side_of_it_the_exact_one_was() -> None:
    hidden = [row for row in loader.published() if _predicate(row, row.index) != row.predicate]
    assert [(row.year, row.name, str(display(row.index)), row.predicate) for row in hidden] == [
        (2024, "Pemerintah Kab. Nias Barat", "1.80", "Kurang"),
        (2024, "Pemerintah Kab. Pacitan", "3.50", "Baik"),
        (2024, "Pemerintah Kab. Luwu", "2.60", "Cukup"),
    ]
    assert all(_recomputed(row) < row.index for row in hidden)


def test_the_printed_index_is_that_of_the_printed_domains_within_their_rounding() -> None:
    for row in loader.published():
        assert abs(Fraction(display(_recomputed(row))) - row.index) <= Fraction(1, 100), row.name


@pytest.mark.parametrize(
    "change",
    [{"index": "5.01"}, {"d4_layanan": ""}, {"predicate": "Hebat"}, {"body": ""}, {"year": "dua ribu"}],
)
def test_a_row_that_cannot_be_meant_is_refused_by_its_line(change: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        loader.parse([ROW, ROW | {"body": "Pemerintah Kab. Sambas"} | change])
    assert [(each.code, each.row) for each in refused.value.problems] == [("national.bad_row", 3)]


def test_a_body_that_stands_twice_in_a_year_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        loader.parse([ROW, ROW | {"body": "Pemerintah Kab. KETAPANG"}])
    assert len(loader.parse([ROW, ROW | {"year": "2023"}])) == 2
