"""A government among all that were evaluated: averages, rank and peers, from the results the ministry published."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from spbe_tasks.rules.index import display

# Words that open the name of every body of a kind and tell none from another, as pages and reports write them.
_OPENINGS = re.compile(
    r"(pemerintah( daerah(?! istimewa| khusus))?|pemkab|pemkot|pemprov|sekretariat jenderal|sekretariat)?\s*"
    r"(daerah istimewa|daerah khusus ibukota|provinsi|prov|kabupaten|kab|kota)?\s+"
)
_LETTERS = re.compile(r"[^a-z0-9]+")
_SHORTENED = {
    "kep bangka belitung": "kepulauan bangka belitung",
    "bangka belitung": "kepulauan bangka belitung",
    "di yogyakarta": "yogyakarta",
    "d i yogyakarta": "yogyakarta",
    "dki jakarta": "jakarta",
    "ntb": "nusa tenggara barat",
    "ntt": "nusa tenggara timur",
}


class BodyKind(StrEnum):
    """What kinds of bodies are compared with one another; the same values as the kinds of government."""

    REGENCY = "kabupaten"
    CITY = "kota"
    PROVINCE = "provinsi"
    MINISTRY = "kementerian"
    INSTITUTION = "lembaga"


# Kinds that lie in a province, and so have neighbours to be compared with.
IN_A_PROVINCE = frozenset({BodyKind.REGENCY, BodyKind.CITY})


@dataclass(frozen=True, slots=True)
class Published:
    """The result of one body in one year, as printed (two decimals), exact. ``domains`` is keyed by number.

    ``province`` is None for ministries and institutions.
    """

    year: int
    kind: BodyKind
    province: str | None
    name: str
    index: Fraction
    domains: Mapping[int, Fraction]
    predicate: str

    @property
    def key(self) -> str:
        """What tells it from the others of its kind, whatever the spelling."""
        return name_key(self.name)


@dataclass(frozen=True, slots=True)
class Average:
    """The plain mean of ``bodies`` published results, exact; ``domains`` is keyed by number."""

    bodies: int
    index: Fraction
    domains: Mapping[int, Fraction]


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among the bodies of one kind and year. Equal indexes share the better place.

    ``better_than`` is the share of the other bodies, 0 to 1, that have a lower index; 1 for a body alone.
    """

    place: int
    bodies: int
    better_than: Fraction


def name_key(name: str) -> str:
    """What is left of a name without its opening words, marks and spaces: one key for all its spellings.

    "Pemerintah Kabupaten Ketapang" and "Pemerintah Kab. Ketapang" both give "ketapang". Only keys of bodies of one
    kind may be compared: Kabupaten and Kota Bogor have the same.
    """
    words = _LETTERS.sub(" ", name.casefold()).strip()
    opening = _OPENINGS.match(words)
    if opening:
        words = words[opening.end() :]
    return _SHORTENED.get(words, words).replace(" ", "")


def average(results: Iterable[Published]) -> Average | None:
    """The exact mean of the printed figures, every body counting once; None of nothing."""
    rows = tuple(results)
    if not rows:
        return None
    numbers = rows[0].domains
    return Average(
        bodies=len(rows),
        index=_mean(row.index for row in rows),
        domains={number: _mean(row.domains[number] for row in rows) for number in numbers},
    )


def neighbours(own: Published, results: Iterable[Published]) -> tuple[Published, ...]:
    """The kabupaten and kota of its province in its year, itself among them; nothing for other kinds."""
    if own.kind not in IN_A_PROVINCE:
        return ()
    return tuple(
        row
        for row in results
        if row.year == own.year and row.kind in IN_A_PROVINCE and row.province == own.province
    )


def rank(own: Published, results: Iterable[Published]) -> Rank:
    """Its place among the bodies of its kind and year in ``results``, which hold it."""
    peers = [row for row in results if row.year == own.year and row.kind is own.kind]
    higher = sum(row.index > own.index for row in peers)
    lower = sum(row.index < own.index for row in peers)
    others = len(peers) - 1
    return Rank(higher + 1, len(peers), Fraction(lower, others) if others else Fraction(1))


def above(own: Fraction, mean: Fraction) -> Fraction:
    """How far an own figure is above a mean of published ones; below is negative.

    The own figure counts as published, with two decimals, so that an exact one gives the same as the printed one.
    """
    return Fraction(display(own)) - mean


def ordered(results: Iterable[Published]) -> tuple[tuple[int, Published], ...]:
    """(place, result), highest index first; equal ones share the better place and stand by name."""
    rows = sorted(results, key=lambda row: (-row.index, row.name))
    first: dict[Fraction, int] = {}
    for place, row in enumerate(rows, start=1):
        first.setdefault(row.index, place)
    return tuple((first[row.index], row) for row in rows)


def distribution(results: Iterable[Published], predicates: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """(predicate, bodies) in the order of ``predicates``, also those that nobody has."""
    counts = Counter(row.predicate for row in results)
    return tuple((name, counts[name]) for name in predicates)


def _mean(values: Iterable[Fraction]) -> Fraction:
    figures = tuple(values)
    return sum(figures, Fraction()) / len(figures)
