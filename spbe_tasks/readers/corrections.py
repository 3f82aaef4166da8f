"""What a person types over a file that was read: the document as it stands then, for the check to judge anew."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from spbe_tasks.readers.document import Document, Place, Row
from spbe_tasks.readers.written import read_number
from spbe_tasks.rules.instrument import Instrument


@dataclass(frozen=True, slots=True)
class Corrections:
    """Levels as typed, by indicator number; ``leaves_out_unknown`` drops the rows that are of no indicator."""

    levels: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    leaves_out_unknown: bool = False


def correct(document: Document, instrument: Instrument, corrections: Corrections) -> Document:
    """The document with the typed levels in their places.

    A typed level stands in for every row of its indicator, so it also settles which of two rows counts, and
    makes the row of an indicator that has none. Levels typed for numbers outside the instrument are ignored.
    """
    typed = {str(number): text for number, text in corrections.levels.items() if instrument.has(number)}
    placed: set[str] = set()
    rows: list[Row] = []
    for row in document.rows:
        number = str(read_number(row.number))
        if number not in typed:
            if not corrections.leaves_out_unknown or is_of(row, instrument):
                rows.append(row)
        elif number not in placed:
            rows.append(replace(row, level=typed[number]))
            placed.add(number)
    rows += [Row(number, text, Place()) for number, text in typed.items() if number not in placed]
    return replace(document, rows=tuple(rows))


def rows_by_number(document: Document, instrument: Instrument) -> Mapping[int, tuple[Row, ...]]:
    """The rows of each indicator of the instrument that the document has, in the document's order."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in document.rows:
        number = read_number(row.number)
        if number is not None and instrument.has(number):
            found[number].append(row)
    return {number: tuple(rows) for number, rows in found.items()}


def unknown_rows(document: Document, instrument: Instrument) -> tuple[Row, ...]:
    """The rows that are of no indicator of the instrument, in the document's order."""
    return tuple(row for row in document.rows if not is_of(row, instrument))


def is_of(row: Row, instrument: Instrument) -> bool:
    """Whether the row is of an indicator of the instrument."""
    number = read_number(row.number)
    return number is not None and instrument.has(number)
