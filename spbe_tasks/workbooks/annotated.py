"""The workbook that shows what is wrong with an import: the rows as read, with the problems where they are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from spbe_tasks.messages import describe, translate
from spbe_tasks.readers.document import Document, Row
from spbe_tasks.readers.written import read_number
from spbe_tasks.rules.errors import Problem
from spbe_tasks.workbooks.book import Book, Sheet


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


# Where each field of a problem stands, with heading and width. The first sheet can be mended and imported again.
_FIELDS = ("page", "sheet", "row", "number", "name", "level", "previous", "note")
_HEADINGS = (
    (_("Page"), 8),
    (_("Sheet"), 16),
    (_("Row"), 8),
    (_("Number"), 12),
    (_("Indicator name"), 62),
    (_("Level"), 14),
    (_("Previous level"), 14),
    (_("Notes"), 50),
)
_NAMES = {field: heading for field, (heading, _width) in zip(_FIELDS, _HEADINGS, strict=True)}
_LIST = (
    (_("Page"), 8),
    (_("Sheet"), 16),
    (_("Row"), 8),
    (_("Column"), 10),
    (_("Value"), 24),
    (_("What to do"), 110),
)
_LONGEST_COMMENT = 1_000

Cell = tuple[int, str]


def write_annotated(
    document: Document, problems: Sequence[Problem], warnings: Sequence[Problem], locale: str
) -> bytes:
    """The rows as read, wrong cells red and doubtful ones yellow with a comment, and a sheet that lists them all."""
    book = Book()
    _write_rows(book.add_sheet(translate(_("Table"), locale)), document, problems, warnings, locale)
    _write_list(book.add_sheet(translate(_("Problems"), locale)), [*problems, *warnings], locale)
    return book.close()


def _write_rows(
    sheet: Sheet, document: Document, problems: Sequence[Problem], warnings: Sequence[Problem], locale: str
) -> None:
    sheet.headings(0, [(translate(text, locale), width) for text, width in _HEADINGS])
    wrong, doubtful = (_by_cell(document, each, locale) for each in (problems, warnings))
    for position, row in enumerate(document.rows):
        for column, (field, text) in enumerate(zip(_FIELDS, _texts(row), strict=True)):
            cell = (position, field)
            sentences = [*wrong.get(cell, ()), *doubtful.get(cell, ())]
            look = "wrong" if cell in wrong else "doubtful" if cell in doubtful else "text"
            sheet.text(position + 1, column, text, look)
            if sentences:
                comment = "\n".join(sentences)[:_LONGEST_COMMENT]
                sheet.raw.write_comment(position + 1, column, comment, {"x_scale": 2.5, "y_scale": 1.2})
    if document.rows:
        last = len(document.rows)
        sheet.raw.ignore_errors({"number_stored_as_text": f"A2:H{last + 1}"})


def _texts(row: Row) -> tuple[str, ...]:
    place = row.place
    where = (str(value) if value is not None else "" for value in (place.page, place.sheet, place.row))
    return (*where, row.number, row.name, row.level, row.previous, row.note)


def _by_cell(document: Document, problems: Sequence[Problem], locale: str) -> Mapping[Cell, list[str]]:
    """The sentences about each cell of a row; what is about the whole table stands only in the list."""
    positions: dict[tuple[object, ...], int] = {}
    for position, row in enumerate(document.rows):
        positions[_place(row)] = position
    found: dict[Cell, list[str]] = defaultdict(list)
    for problem in problems:
        params = problem.params
        number = None if problem.row is not None else params.get("number")
        place = positions.get((params.get("page"), params.get("sheet"), problem.row, number))
        if place is not None and problem.field in _FIELDS:
            found[place, problem.field].append(describe(problem, locale))
    return found


def _place(row: Row) -> tuple[object, ...]:
    """What tells a row from the others: its row in the file, or in a report the page and its number."""
    place = row.place
    return (place.page, place.sheet, place.row, None if place.row is not None else read_number(row.number))


def _write_list(sheet: Sheet, problems: Sequence[Problem], locale: str) -> None:
    sheet.headings(0, [(translate(text, locale), width) for text, width in _LIST])
    for position, problem in enumerate(problems, start=1):
        params = problem.params
        column = params.get("column") or _field_name(problem.field, locale)
        where = (params.get("page"), params.get("sheet"), problem.row, column, problem.value)
        for cell, text in enumerate(where):
            sheet.text(position, cell, "" if text is None else str(text))
        sheet.text(position, len(where), describe(problem, locale))
    if problems:
        sheet.raw.ignore_errors({"number_stored_as_text": f"A2:E{len(problems) + 1}"})


def _field_name(field: str | None, locale: str) -> str:
    return translate(_NAMES[field], locale) if field in _NAMES else ""
