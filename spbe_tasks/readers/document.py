"""What every reader makes of a file: the rows of indicators as they were written, and what was printed around them."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from spbe_tasks.rules.printed import Printed

__all__ = ["Document", "Format", "Place", "Printed", "Row"]


class Format(StrEnum):
    """What a set of levels was read from."""

    PDF = "pdf"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    PASTED = "pasted"
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stood: the page of a PDF, or sheet and row (counted from 1) of a table.

    ``column`` is the letter of a spreadsheet's column, None in a PDF.
    """

    page: int | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator as written. Nothing is judged here: ``check`` says what is wrong with it.

    ``previous`` is the level of the year before where the file prints one; ``note`` what further columns said.
    """

    number: str
    level: str
    place: Place
    name: str = ""
    previous: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read. ``instrument_id``, ``year`` and ``body`` are what it says of itself, None where it is silent."""

    format: Format
    rows: tuple[Row, ...]
    instrument_id: str | None = None
    year: int | None = None
    previous_year: int | None = None
    body: str | None = None
    printed: Printed = field(default_factory=Printed)

    @property
    def unclaimed(self) -> "Document":
        """The same file, silent about its instrument and year: for where a person has said what it is."""
        return replace(self, instrument_id=None, year=None)
