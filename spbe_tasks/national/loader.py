"""Reads the published results, once per process, and refuses a file that does not hold together."""

import csv
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from importlib import resources

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.national import BodyKind, Published

FILE = "results-2023-2024.csv"
# All results of these years come from evaluations by this instrument.
INSTRUMENT = "permenpanrb-59-2020"
PREDICATES = ("Memuaskan", "Sangat Baik", "Baik", "Cukup", "Kurang")
_DOMAINS = {1: "d1_kebijakan", 2: "d2_tata_kelola", 3: "d3_manajemen", 4: "d4_layanan"}
_MINISTRIES = "Kementerian"
# The groups of the reports that are no province; all their bodies but the ministries are institutions.
_CENTRAL = frozenset(
    {
        _MINISTRIES,
        "Alat Negara",
        "Instansi lainnya",
        "Lembaga Non Struktural (LNS)",
        "Lembaga Pemerintah Lainnya",
        "Lembaga Pemerintah Non Kementerian (LPNK)",
        "Lembaga Penyiaran Publik",
        "Sekretariat Jenderal Lembaga Negara",
        "Sekretariat Kabinet",
    }
)
# One province under the same name in both years; the first is a slip of the printed report.
_PROVINCES = {
    "Nusa Tenggara Tlmur": "Nusa Tenggara Timur",
    "Bangka Belitung": "Kepulauan Bangka Belitung",
    "D.I Yogyakarta": "D.I. Yogyakarta",
}


@cache
def published() -> tuple[Published, ...]:
    """Every published result, in the order of the reports."""
    path = resources.files("spbe_tasks.national").joinpath(FILE)
    return parse(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@cache
def years() -> tuple[int, ...]:
    """The years there are results of, oldest first."""
    return tuple(sorted({row.year for row in published()}))


@cache
def of_year(year: int) -> tuple[Published, ...]:
    """The results of one year; nothing for a year without."""
    return tuple(row for row in published() if row.year == year)


def parse(rows: Iterable[Mapping[str, str]]) -> tuple[Published, ...]:
    """The rows of a results file as values.

    Raises InvalidInputError ("national.invalid") with every row that has a figure outside 0 to 5, an unknown predicate
    or a name that stands twice in one kind and year.
    """
    results: list[Published] = []
    problems: list[Problem] = []
    seen: set[tuple[int, BodyKind, str]] = set()
    for number, row in enumerate(rows, start=2):
        result = _result(row)
        if result is None or (result.year, result.kind, result.key) in seen:
            problems.append(Problem("national.bad_row", row=number, value=row.get("body") or ""))
            continue
        seen.add((result.year, result.kind, result.key))
        results.append(result)
    if problems:
        raise InvalidInputError(problems, "national.invalid")
    return tuple(results)


def _result(row: Mapping[str, str]) -> Published | None:
    """None when the row cannot be meant."""
    try:
        index = Fraction(row["index"])
        domains = {number: Fraction(row[column]) for number, column in _DOMAINS.items()}
        year = int(row["year"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    group, name = row["group"], row["body"]
    figures_hold = all(0 <= figure <= 5 for figure in (index, *domains.values()))
    if not (figures_hold and group and name and row["predicate"] in PREDICATES):
        return None
    province = None if group in _CENTRAL else _PROVINCES.get(group, group)
    return Published(year, _kind(group, name), province, name, index, domains, row["predicate"])


def _kind(group: str, name: str) -> BodyKind:
    if group in _CENTRAL:
        return BodyKind.MINISTRY if group == _MINISTRIES else BodyKind.INSTITUTION
    if name.startswith("Pemerintah Kab."):
        return BodyKind.REGENCY
    return BodyKind.CITY if name.startswith("Pemerintah Kota ") else BodyKind.PROVINCE
