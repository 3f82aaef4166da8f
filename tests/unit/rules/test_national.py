"""Averages, ranks and names among published results."""

from fractions import Fraction

import pytest

from spbe_tasks.models import GovernmentKind
from spbe_tasks.rules.national import (
    BodyKind,
    Published,
    above,
    average,
    distribution,
    name_key,
    neighbours,
    ordered,
    rank,
)


def body(
    name: str, index: str, *, kind: BodyKind = BodyKind.REGENCY, province: str = "Bali", year: int = 2024
) -> Published:
    figure = Fraction(index)
    return Published(year, kind, province, name, figure, {1: figure, 2: Fraction(1)}, "Baik")


A, B, C = body("A", "3.00"), body("B", "2.00"), body("C", "2.00")
CITY = body("Kota D", "4.00", kind=BodyKind.CITY)
PROVINCE = body("Prov", "1.00", kind=BodyKind.PROVINCE)
FAR = body("E", "1.50", province="Riau")
EARLIER = body("A", "1.00", year=2023)
ALL = (A, B, C, CITY, PROVINCE, FAR, EARLIER)


def test_an_average_is_exact_and_counts_every_body_once() -> None:
    mean = average((A, B, C))
    assert mean is not None
    assert (mean.bodies, mean.index, mean.domains) == (3, Fraction(7, 3), {1: Fraction(7, 3), 2: Fraction(1)})
    assert average(()) is None


def test_an_own_figure_counts_with_the_two_decimals_it_is_published_with() -> None:
    mean = Fraction("2.965")
    assert above(Fraction("3.0625"), mean) == above(Fraction("3.06"), mean) == Fraction("0.095")
    assert above(Fraction("2.50"), mean) == Fraction("-0.465")


def test_neighbours_are_the_regencies_and_cities_of_the_province_and_year() -> None:
    assert neighbours(A, ALL) == (A, B, C, CITY)
    assert neighbours(PROVINCE, ALL) == ()


def test_equal_indexes_share_the_better_place() -> None:
    assert [(rank(row, ALL).place, rank(row, ALL).bodies) for row in (A, B, C, FAR)] == [
        (1, 4),
        (2, 4),
        (2, 4),
        (4, 4),
    ]
    assert rank(B, ALL).better_than == Fraction(1, 3)
    assert rank(CITY, ALL).better_than == 1
    assert [(place, row.name) for place, row in ordered((C, FAR, A, B))] == [
        (1, "A"),
        (2, "B"),
        (2, "C"),
        (4, "E"),
    ]


def test_a_distribution_names_also_what_nobody_has() -> None:
    assert distribution((A, B), ("Sangat Baik", "Baik")) == (("Sangat Baik", 0), ("Baik", 2))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Pemerintah Kabupaten Ketapang", "Pemerintah Kab. Ketapang"),
        ("Pemerintah Daerah Kabupaten Bogor", "Pemerintah Kab. Bogor"),
        ("Kabupaten Fakfak", "Pemerintah Kab. Fak-Fak"),
        ("Pemkot Kotamobagu", "Pemerintah Kota KotaMobagu"),
        ("Pemerintah Provinsi Aceh", "Pemerintah Aceh"),
        ("Pemerintah Daerah Istimewa Yogyakarta", "Pemerintah D.I. Yogyakarta"),
        ("Pemerintah Daerah Khusus Ibukota Jakarta", "Pemerintah Provinsi DKI Jakarta"),
        ("Pemerintah Provinsi Nusa Tenggara Barat", "Pemerintah Provinsi NTB"),
        ("Ombudsman", "Sekretariat Jenderal Ombudsman"),
    ],
)
def test_one_key_stands_for_all_spellings_of_a_name(ours: str, theirs: str) -> None:
    assert name_key(ours) == name_key(theirs)


def test_names_that_differ_keep_different_keys() -> None:
    assert name_key("Pemerintah Kab. Kotawaringin Barat") != name_key("Pemerintah Kab. Kotawaringin Timur")
    assert name_key("Pemerintah Kab. Limapuluh Kota") == "limapuluhkota"


def test_kinds_of_bodies_are_the_kinds_of_governments() -> None:
    assert {kind.value for kind in BodyKind} == {kind.value for kind in GovernmentKind}
