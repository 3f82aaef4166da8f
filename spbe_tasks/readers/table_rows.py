"""The document that a found table is: its rows, without titles and totals, and what the cells above it say."""

import re
from collections.abc import Iterator, Sequence

from spbe_tasks.readers.columns import Table
from spbe_tasks.readers.document import Document, Format, Place, Row
from spbe_tasks.readers.grid import Line, column_letter
from spbe_tasks.readers.headings import is_number_heading
from spbe_tasks.readers.written import read_number
from spbe_tasks.rules.instrument import Instrument

# Rows between and below the indicators: averages of domains, totals. Whatever they say is computed anew.
_SUMMARIES = frozenset(
    {"jumlah", "total", "rata", "rata-rata", "rerata", "indeks", "index", "average", "mean", "predikat"}
    | {"predicate", "domain", "aspek", "aspect", "nilai"}
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_COLUMN_COUNT = re.compile(r"\(?(\d{1,2})\)?", re.ASCII)
# Not the year of a regulation: "Nomor 59 Tahun 2020".
_LABELLED_YEAR = re.compile(r"(?<!\d )\b(?:tahun|year)\b[^\d]{0,40}(20\d\d)\b", re.ASCII | re.IGNORECASE)
_BODY_LABEL = r"(?:nama )?(?:instansi(?: pusat/pemerintah daerah)?|pemerintah daerah|pemda|government)"
_LABELLED_BODY = re.compile(rf"\b{_BODY_LABEL}\s*:\s*(.+)", re.IGNORECASE)
_BODY_LABEL_ALONE = re.compile(rf"{_BODY_LABEL}\s*:?", re.IGNORECASE)


def make_document(table: Table, form: Format, instruments: Sequence[Instrument]) -> Document:
    """The rows of the table as a document, with the instrument, year and body that the cells above it state."""
    said = [" ".join(cell for cell in line.cells if cell)[:500] for line in table.above]
    return Document(
        format=form,
        rows=tuple(_rows(table)),
        instrument_id=_instrument_id(said, instruments),
        year=table.columns.year or _year(said),
        previous_year=table.columns.previous_year,
        body=next(filter(None, map(_body, table.above)), None),
    )


def _rows(table: Table) -> Iterator[Row]:
    columns, sheet = table.columns, table.grid.sheet
    for position, line in enumerate(table.body):
        number, level = line.cell(columns.number), line.cell(columns.level)
        if _is_beside(line, table, is_first=position == 0):
            continue
        has_level_cell = columns.level < len(line.cells)
        if columns.level == columns.last and len(line.cells) > columns.level + 1:
            # A level with a decimal comma that a table with commas did not quote.
            level = ",".join([level, *line.cells[columns.level + 1 :]]).rstrip(",")
        yield Row(
            number=number,
            level=level,
            place=Place(
                sheet=sheet, row=line.row, column=column_letter(columns.level) if has_level_cell else None
            ),
            name=line.cell(columns.name),
            previous=line.cell(columns.previous),
            note=_note(line, table),
        )


def _note(line: Line, table: Table) -> str:
    notes = ((prefix, line.cell(position)) for position, prefix in table.columns.notes)
    return "; ".join(prefix + text for prefix, text in notes if text)


def _is_beside(line: Line, table: Table, *, is_first: bool) -> bool:
    """Whether a row is about no indicator: a title, a total, a repeated heading, the count of the columns."""
    columns = table.columns
    number, level = line.cell(columns.number), line.cell(columns.level)
    if is_first and _counts_columns(line):
        return True
    if read_number(number) is not None:
        return False
    is_summary = any(_first_word(text) in _SUMMARIES for text in (number, line.cell(columns.name)) if text)
    return not level or is_summary or is_number_heading(number)


def _counts_columns(line: Line) -> bool:
    """``(1) (2) (3)`` below the heading."""
    cells = [cell for cell in line.cells if cell]
    counted = [_COLUMN_COUNT.fullmatch(cell) for cell in cells]
    found = [int(match[1]) for match in counted if match]
    return len(cells) >= 3 and found == list(range(1, len(cells) + 1)) and "(" in cells[0] + cells[1]


def _first_word(text: str) -> str:
    match = _WORD.search(text)
    return match[0].casefold() if match and not text[: match.start()].strip() else ""


def _instrument_id(said: Sequence[str], instruments: Sequence[Instrument]) -> str | None:
    """The one instrument that is named by its id."""
    named = {each.id for each in instruments for text in said if each.id in text.casefold().split()}
    return named.pop() if len(named) == 1 else None


def _body(line: Line) -> str | None:
    """The body that a row names, behind a label in the same cell or the one before."""
    cells = [cell for cell in line.cells if cell]
    for label, beside in zip(cells, [*cells[1:], ""], strict=True):
        match = _LABELLED_BODY.search(label[:500])
        if match:
            return match[1].strip()
        if beside and _BODY_LABEL_ALONE.fullmatch(label):
            return beside[:200].removeprefix(":").strip()
    return None


def _year(said: Sequence[str]) -> int | None:
    years = {int(match[1]) for text in said if (match := _LABELLED_YEAR.search(text))}
    return years.pop() if len(years) == 1 else None
