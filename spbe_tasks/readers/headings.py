"""Which column of a table is which, by its heading in Indonesian or English."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# The surest first: a column "indikator" often holds the name.
_NUMBER = (
    *("nomor indikator", "no indikator", "indicator number", "indicator no", "nomor", "no", "number", "nr"),
    *("indikator", "indicator"),
)
_LEVEL = (
    *("tingkat kematangan indikator", "nilai tingkat kematangan", "tingkat kematangan", "level kematangan"),
    *("maturity level", "tingkat", "level", "nilai indikator", "nilai", "value", "skor", "score", "capaian"),
)
_NAME = (
    "nama indikator",
    "indicator name",
    "nama",
    "name",
    "indikator",
    "indicator",
    "uraian",
    "description",
)
_PREVIOUS = re.compile(r"\b(?:sebelum(?:nya)?|previous|tahun lalu|last year)\b")
# Columns of our own workbooks and of the regulation's tables that say nothing about this assessment.
_SILENT = frozenset(
    {"aspek", "aspect", "domain", "bobot", "weight", "baris", "row", "lembar", "sheet", "halaman", "page"}
)
# Their text is the note itself; any other further column is a note with its heading in front.
_NOTE = frozenset({"catatan", "note", "notes"})

_YEAR = re.compile(r"\b(20\d\d)\b", re.ASCII)
_MARKS = re.compile(r"[.:*()\[\]/]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions counted from 0. ``notes`` are further columns with what stands in front of their text."""

    number: int
    level: int
    previous: int | None = None
    name: int | None = None
    notes: Sequence[tuple[int, str]] = field(default=())
    year: int | None = None
    previous_year: int | None = None

    @property
    def last(self) -> int:
        """The rightmost column that has a meaning."""
        further = [position for position, _ in self.notes]
        return max(self.number, self.level, self.previous or 0, self.name or 0, *further)


def is_number_heading(text: str) -> bool:
    """Whether this heads a column of indicator numbers: a heading that a page break repeats."""
    return _plain(text) in _NUMBER


def recognise(cells: Sequence[str]) -> Columns | None:
    """The columns that these headings name; None unless there are a number and a level among them.

    Where several columns are levels of years, the latest year is the level and the one before it the previous.
    """
    plain = [_plain(cell) for cell in cells]
    years = [_year(cell) for cell in cells]
    number = _first(plain, _NUMBER)
    levels = [n for n, text in enumerate(plain) if text in _LEVEL and n != number]
    if number is None or not levels:
        return None
    level, previous = _order(levels, plain, years)
    if previous is None:
        previous = next((n for n, text in enumerate(plain) if _PREVIOUS.search(text) and n != level), None)
    name = _first(plain, _NAME, without={number})
    taken = {number, level, previous, name}
    notes = [
        (n, "" if plain[n] in _NOTE else f"{' '.join(cells[n].split())}: ")
        for n in range(len(cells))
        if plain[n] and n not in taken and plain[n] not in _SILENT
    ]
    previous_year = years[previous] if previous is not None else None
    return Columns(number, level, previous, name, notes, years[level], previous_year)


def _order(
    levels: Sequence[int], plain: Sequence[str], years: Sequence[int | None]
) -> tuple[int, int | None]:
    """The column of the levels and that of the year before, if headings of years tell them apart."""
    dated = sorted(((year, n) for n in levels if (year := years[n]) is not None), reverse=True)
    if len(dated) > 1:
        return dated[0][1], dated[1][1]
    return min(levels, key=lambda n: _LEVEL.index(plain[n])), None


def _first(plain: Sequence[str], names: Iterable[str], without: Iterable[int] = ()) -> int | None:
    free = {text: n for n, text in reversed(list(enumerate(plain))) if n not in without}
    return next((free[name] for name in names if name in free), None)


def _plain(text: str) -> str:
    """A heading without case, marks and year."""
    return " ".join(_MARKS.sub(" ", _YEAR.sub(" ", text.casefold())).split())


def _year(text: str) -> int | None:
    match = _YEAR.search(text)
    return int(match[1]) if match else None
