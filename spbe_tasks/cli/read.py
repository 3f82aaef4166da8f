"""``spbe-tasks read``: what a file with levels says, page by page or cell by cell, and what is wrong with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from spbe_tasks.cli.context import as_json, show
from spbe_tasks.cli.instrument import find_instrument
from spbe_tasks.instruments.loader import list_instruments, read_limited
from spbe_tasks.messages import describe
from spbe_tasks.readers.check import Checked, check
from spbe_tasks.readers.document import Document, Place
from spbe_tasks.readers.document_json import encode
from spbe_tasks.readers.reading import MAX_BYTES, read_document
from spbe_tasks.readers.written import read_number
from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.printed import PrintedDifference, compare_printed

LOCALE = "en"

Facts = dict[str, Any]


@click.command("read")
@click.option(
    "--instrument", "wanted", help="Id of a shipped instrument, or an instrument file, to check against."
)
@click.argument("file", type=click.Path(path_type=Path))
@as_json
def read_command(wanted: str | None, file: Path, as_json: bool) -> None:
    """Print what FILE says: an evaluation report (PDF), a workbook (XLSX, XLS, ODS) or a text table (CSV).

    Without --instrument, the file is checked against the instrument that it names or whose numbers it has.
    """
    known = list_instruments()
    chosen = find_instrument(wanted) if wanted else None
    document = read_document(
        read_limited(file, MAX_BYTES), file.name, [*known, *([chosen] if chosen else [])]
    )
    instrument = chosen or _likeliest(document, known)
    facts = _facts(document, instrument, known)
    show(facts, as_json=as_json, text=lambda: "\n".join(_lines(facts)))


def _likeliest(document: Document, known: Sequence[Instrument]) -> Instrument | None:
    """The instrument that the file names, else the one whose numbers it has most exactly."""
    named = next((each for each in known if each.id == document.instrument_id), None)
    if named is not None or not document.rows:
        return named
    numbers = {read_number(row.number) for row in document.rows}
    return min(known, key=lambda each: len(numbers ^ {one.number for one in each.indicators}))


def _facts(document: Document, instrument: Instrument | None, known: Sequence[Instrument]) -> Facts:
    facts: Facts = encode(document)
    checked = check(document, instrument, known) if instrument else None
    facts["checked_against"] = instrument.id if instrument else None
    facts["problems"] = [_problem(each) for each in checked.problems] if checked else []
    facts["warnings"] = [_problem(each) for each in checked.warnings] if checked else []
    facts["differences"] = [_difference(each) for each in _differences(document, instrument, checked)]
    return facts


def _differences(
    document: Document, instrument: Instrument | None, checked: Checked | None
) -> Sequence[PrintedDifference]:
    if instrument is None or checked is None or checked.problems:
        return ()
    basis = instrument.basis_for(document.year) if document.year else None
    return compare_printed(instrument, checked.levels, document.printed, basis=basis)


def _problem(problem: Problem) -> Facts:
    return {
        "code": problem.code,
        "page": problem.params.get("page"),
        "sheet": problem.params.get("sheet"),
        "row": problem.row,
        "column": problem.params.get("column"),
        "field": problem.field,
        "value": problem.value,
        "message": describe(problem, LOCALE),
    }


def _difference(difference: PrintedDifference) -> Facts:
    return {
        "figure": difference.figure.value,
        "number": difference.number,
        "printed": str(difference.printed),
        "recomputed": str(difference.recomputed),
        "is_tolerable": difference.is_tolerable,
    }


def _lines(facts: Facts) -> list[str]:
    """The same for people: one line per indicator, then the problems."""
    printed = facts["printed"]
    lines = [
        f"Format      {facts['format']}",
        f"Body        {facts['body'] or '-'}",
        f"Year        {facts['year'] or '-'}",
        f"Instrument  {facts['instrument_id'] or 'not named'}; checked against {facts['checked_against'] or 'none'}",
    ]
    if printed["index"] is not None:
        lines.append(f"Printed     index {printed['index']}, {printed['predicate'] or 'no predicate'}")
    lines += [_row_line(row) for row in facts["rows"]]
    for title, key in (("Problems", "problems"), ("Warnings", "warnings")):
        if facts[key]:
            lines += [title, *(f"  {_where(each)}{each['message']}" for each in facts[key])]
    for each in facts["differences"]:
        figure = f"{each['figure']} {each['number'] or ''}".strip()
        lines.append(f"Printed {figure} is {each['printed']}, the levels come to {each['recomputed']}")
    if facts["checked_against"] and not facts["problems"]:
        lines.append("No problems")
    return lines


def _row_line(row: Facts) -> str:
    place = _where(row["place"])
    return f"{row['number']:>4}  {row['level'] or '-':>6}  {place}{' '.join(row['name'].split())}".rstrip(
        " :"
    )


def _where(place: Facts) -> str:
    """``sheet Nilai, row 7, column D: ``."""
    names = Place.__dataclass_fields__
    parts = [f"{name} {place[name]}" for name in names if place.get(name) is not None]
    return f"{', '.join(parts)}: " if parts else ""
