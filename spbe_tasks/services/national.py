"""A government beside the published results of all others: in memory, nothing here asks the database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from spbe_tasks.models import Government
from spbe_tasks.national import loader
from spbe_tasks.national.loader import INSTRUMENT, PREDICATES
from spbe_tasks.rules import national
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.national import IN_A_PROVINCE, Average, BodyKind, Published, Rank

# (place among all of the kind, result), best first.
Ranked: TypeAlias = Sequence[tuple[int, Published]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one year's results say around a government.

    ``asked_year`` is the year one wanted to compare; ``year`` the published one that is shown for it. ``own`` is None
    when the government is not found in that year: then neither its province nor its rank is known. ``kind`` and
    ``nation`` are means of all bodies of its kind and of all bodies; ``province`` that of the kabupaten and kota of
    its province, None for other kinds.
    """

    asked_year: int
    year: int
    own: Published | None
    rank: Rank | None
    province_name: str | None
    province: Average | None
    kind: Average | None
    nation: Average
    distribution: tuple[tuple[str, int], ...]

    @property
    def is_same_year(self) -> bool:
        """False when the year asked for has not been published, or not yet."""
        return self.year == self.asked_year


def find_own(government: Government, year: int) -> Published | None:
    """The government's published result of a year: by the name chosen in its settings, else by its own; or None."""
    return _find(*_name_of(government), year)


def surroundings(government: Government, instrument_id: str, year: int) -> Surroundings | None:
    """What to compare an assessment of ``year`` with: that year's results, else the latest published.

    None for another instrument than the published one: figures of two instruments cannot be compared.
    """
    if instrument_id != INSTRUMENT:
        return None
    shown = year if year in loader.years() else loader.years()[-1]
    return _around(government, shown, asked_year=year)


def by_year(government: Government) -> tuple[Surroundings, ...]:
    """The surroundings of every published year, oldest first."""
    return tuple(_around(government, year, asked_year=year) for year in loader.years())


def peers(government: Government, year: int, *, text: str = "", province: str = "") -> Ranked:
    """(place, result) of the bodies of its kind in ``year``, best first, narrowed by a part of the name or a province.

    The place is that among all of the kind, however the list is narrowed.
    """
    rows = national.ordered(_of_kind(BodyKind(government.kind.value), year))
    wanted = text.strip().casefold()
    return tuple(
        (place, row)
        for place, row in rows
        if wanted in row.name.casefold() and province in ("", row.province)
    )


def provinces(government: Government, year: int) -> tuple[str, ...]:
    """The provinces that bodies of its kind lie in, by name; nothing for kinds that lie in none."""
    if BodyKind(government.kind.value) not in IN_A_PROVINCE:
        return ()
    return tuple(
        sorted({row.province for row in _of_kind(BodyKind(government.kind.value), year) if row.province})
    )


def names(government: Government) -> tuple[str, ...]:
    """The names in the results that a government of its kind may have, newest spelling of each, by name."""
    newest = {
        row.key: row.name
        for year in loader.years()
        for row in _of_kind(BodyKind(government.kind.value), year)
    }
    return tuple(sorted(newest.values()))


def check_name(government: Government, name: str | None) -> None:
    """Raises InvalidInputError ("national.unknown_name") unless ``name`` is None or one of ``names``."""
    if name is not None and name not in names(government):
        raise InvalidInputError.of("national.unknown_name", "national_name")


def _name_of(government: Government) -> tuple[BodyKind, str]:
    return BodyKind(government.kind.value), national.name_key(government.national_name or government.name)


def _find(kind: BodyKind, key: str, year: int) -> Published | None:
    return next((row for row in loader.of_year(year) if row.kind is kind and row.key == key), None)


def _of_kind(kind: BodyKind, year: int) -> Sequence[Published]:
    return [row for row in loader.of_year(year) if row.kind is kind]


def _around(government: Government, year: int, *, asked_year: int) -> Surroundings:
    return replace(_published(*_name_of(government), year), asked_year=asked_year)


# Published results never change, and adding up hundreds of fractions takes longer than the page that shows them.
@lru_cache(maxsize=1_000)
def _published(kind: BodyKind, key: str, year: int) -> Surroundings:
    results, same_kind = loader.of_year(year), _of_kind(kind, year)
    own, nation = _find(kind, key, year), national.average(results)
    if nation is None:
        raise InvalidInputError.of("national.invalid")
    return Surroundings(
        asked_year=year,
        year=year,
        own=own,
        rank=national.rank(own, results) if own else None,
        province_name=own.province if own and own.kind in IN_A_PROVINCE else None,
        province=national.average(national.neighbours(own, results)) if own else None,
        kind=national.average(same_kind),
        nation=nation,
        distribution=national.distribution(same_kind, PREDICATES),
    )
