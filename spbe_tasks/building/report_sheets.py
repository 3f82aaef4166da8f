"""How every sheet of a report begins and how its cells look, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from spbe_tasks import formatting
from spbe_tasks.labels import built_file
from spbe_tasks.messages import translate
from spbe_tasks.models import Government
from spbe_tasks.rules.index import Level, as_decimal, display
from spbe_tasks.services.built_files import Order
from spbe_tasks.workbooks.book import Book, Sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Heading and width in characters.
Column = tuple[str, float]
Cell = str | int | date | tuple[str, str | Decimal | int | None] | None


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


@dataclass(frozen=True, slots=True)
class Report:
    """A workbook under way: what all its sheets share. ``as_of`` says of when its figures are."""

    book: Book
    government_name: str
    locale: str
    title: str
    as_of: str

    @classmethod
    def of(cls, path: Path, government: Government, order: Order, moment: datetime) -> "Report":
        """The workbook of an order, with figures of ``moment``."""
        shown = formatting.datetime_long(moment, order.locale, government.timezone)
        return cls(
            Book(path),
            government.name,
            order.locale,
            built_file(order.kind, order.subject, order.locale),
            translate(_("As of %(moment)s"), order.locale, moment=shown),
        )

    def begin(self, name: str, lines: Sequence[str], columns: Sequence[Column]) -> "Table":
        """A sheet with title, government and further lines above a table; ``name`` stands as it is, columns are words
        to translate.
        """
        sheet = self.book.add_sheet(name)
        sheet.text(0, 0, self.title, "title")
        above = (self.government_name, self.as_of, *lines)
        for row, line in enumerate(above, start=1):
            sheet.text(row, 0, line, "hint" if row > 1 else "label")
        head = len(above) + 2
        sheet.headings(head, [(translate(text, self.locale), width) for text, width in columns])
        sheet.margins(f"{self.government_name}: {self.title}", self.as_of)
        return Table(sheet, head + 1)


@dataclass(slots=True)
class Table:
    """A table that grows downwards; ``row`` is the next one."""

    sheet: Sheet
    row: int

    def add(self, *cells: Cell, is_strong: bool = False) -> None:
        """One row. A tuple is a value with its look; nothing in it, or None, is an empty cell. A strong row is what
        others come to.
        """
        for column, cell in enumerate(cells):
            self._write(column, cell, "strong " if is_strong else "")
        self.row += 1

    def across(self, columns: range, text: str, look: str = "text") -> None:
        """A text across several columns of the row that was added last."""
        self.sheet.wide_text(self.row - 1, columns, text, look)

    def section(self, title: str, headings: Sequence[str]) -> None:
        """A further table below, after an empty row."""
        self.sheet.text(self.row + 1, 0, title, "label")
        for column, heading in enumerate(headings):
            self.sheet.text(self.row + 2, column, heading, "heading")
        self.row += 3

    def _write(self, column: int, cell: Cell, kind: str) -> None:
        at = (self.row, column)
        look, value = (
            cell if isinstance(cell, tuple) else ("number" if isinstance(cell, int) else "text", cell)
        )
        if value is None:
            self.sheet.blank(*at, kind + look)
        elif isinstance(value, str):
            self.sheet.text(*at, value, kind + look)
        elif isinstance(value, date):
            self.sheet.date(*at, value)
        else:
            self.sheet.number(*at, value, kind + look)


def level(value: Level) -> Cell:
    """A level as a number."""
    return ("level" if value is not None and value != value.to_integral_value() else "whole level", value)


def index(value: Fraction | None) -> Cell:
    """An index as pages show it: two decimals, rounded half up."""
    return ("index", None if value is None else display(value))


def points(value: Fraction | Decimal | None) -> Cell:
    """Index points as pages show them."""
    return ("points", None if value is None else as_decimal(Fraction(value), formatting.POINT_DECIMALS))


def share(value: Fraction | None) -> Cell:
    """A share of 1, shown in percent with one decimal as pages do."""
    return ("share", None if value is None else as_decimal(value * 100, 1) / 100)
