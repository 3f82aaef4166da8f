"""``spbe-tasks assessment``: bring levels in from a file, and out as a table."""

from pathlib import Path

import click

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import read_limited
from spbe_tasks.models import AssessmentKind
from spbe_tasks.readers import reading
from spbe_tasks.rules.index import display
from spbe_tasks.services import assessment_sheets, assessments, instruments, score_tables
from spbe_tasks.services.assessment_revisions import Source
from spbe_tasks.services.assessments import Preview
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.readouts import Wanted
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction
from spbe_tasks.workbooks.csv_table import write_csv
from spbe_tasks.workbooks.levels import Contents, write_levels

Document = dict[str, object]
_WRITABLE = (".csv", ".xlsx")

kind_option = click.option(
    "--kind", type=click.Choice([each.value for each in AssessmentKind]), required=True
)
year_option = click.option("--year", type=int, required=True, help="The year that was assessed.")
instrument_option = click.option(
    "--instrument", help="Id of the instrument (default: the one used in that year)."
)


@click.group("assessment")
def assessment_group() -> None:
    """Assessments of a government."""


@assessment_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@government_option
@year_option
@kind_option
@instrument_option
@click.option("--dry-run", is_flag=True, help="Check and compare, store nothing.")
@as_json
@with_app
def import_command(
    *, file: Path, slug: str, year: int, kind: str, instrument: str | None, dry_run: bool, as_json: bool
) -> None:
    """Import FILE (PDF, XLSX, XLS, ODS or CSV) as a new revision; the same file again changes nothing."""
    scope = operator_scope(db.session(), slug)
    data = read_limited(file, reading.MAX_BYTES)
    known = instruments.list_all(db.session(), scope.government_id)
    read = reading.read_document(data, file.name, known)
    wanted = Wanted(instrument or assessments.instrument_for(year).id, year, AssessmentKind(kind))
    key = None if dry_run else storage().put(data)
    source = Source.read(assessments.clean_name(file.name), assessments.digest_of(data), read, key=key)
    if dry_run:
        seen, number = assessments.preview(db.session(), scope, wanted, source, read, now=clock.now()), None
    else:
        with transaction() as work:
            seen = assessments.preview(work.session, scope, wanted, source, read, now=clock.now())
            number = assessments.store(work, scope, seen, now=clock.now()).number
    document = _document(seen, number)
    show(document, as_json=as_json, text=lambda: _text(document))


@assessment_group.command("export")
@government_option
@year_option
@kind_option
@instrument_option
@click.option("--revision", type=int, help="Its number (default: the newest).")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A .csv or .xlsx file.")
@with_app
def export_command(
    *, slug: str, year: int, kind: str, instrument: str | None, revision: int | None, output: Path | None
) -> None:
    """Write a revision as a table that can be imported again; without --output as CSV on the terminal."""
    if output is not None and output.suffix.lower() not in _WRITABLE:
        raise click.BadParameter(f"{output.name} is neither a .csv nor an .xlsx file.", param_hint="--output")
    scope = operator_scope(db.session(), slug)
    instrument_id = instrument or assessments.instrument_for(year).id
    found = queries.get_by_kind(db.session(), scope, instrument_id, year, AssessmentKind(kind))
    sheet = assessment_sheets.open_sheet(db.session(), scope, found.id, revision)
    if output is not None and output.suffix.lower() == ".xlsx":
        contents = Contents(levels=sheet.levels, notes=sheet.notes)
        output.write_bytes(write_levels(sheet.instrument, "id", year=year, contents=contents))
        return
    rows = score_tables.rows(sheet.instrument, sheet.levels, sheet.notes, "id")
    text = write_csv(score_tables.heading("id"), rows, delimiter=";")
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, newline="")


def _document(seen: Preview, number: int | None) -> Document:
    """What was found; ``revision`` is None in a dry run."""
    return {
        "instrument": seen.instrument.id,
        "year": seen.year,
        "kind": seen.kind.value,
        "format": seen.source.format,
        "revision": number,
        "is_new": number is not None and not seen.is_repeat,
        "index": str(display(seen.result.index)),
        "predicate": seen.predicate.name_id,
        "not_assessed": list(seen.not_assessed),
        "former_revision": seen.former_number,
        "pinned": [
            {"number": each.number, "level": _level(each.level), "read": _level(each.read_level)}
            for each in seen.kept
        ],
        "changes": [
            {"number": each.number, "before": _level(each.before), "after": _level(each.after)}
            for each in seen.changes
        ],
    }


def _level(value: object) -> str | None:
    return None if value is None else f"{value:f}"


def _text(document: Document) -> str:
    title = f"{document['kind']} {document['year']} ({document['instrument']})"
    lines = [f"{title}: index {document['index']}, {document['predicate']}"]
    if document["not_assessed"]:
        lines.append(f"Not assessed, counted as 0: {document['not_assessed']}")
    pins = document["pinned"]
    assert isinstance(pins, list)
    lines += [
        f"Pinned: {p['number']} kept at {p['level'] or '-'}; the file says {p['read'] or '-'}" for p in pins
    ]
    if document["former_revision"]:
        changes = document["changes"]
        assert isinstance(changes, list)
        lines.append(f"{len(changes)} levels differ from revision {document['former_revision']}")
        lines += [f"  {c['number']:>3}  {c['before'] or '-'} -> {c['after'] or '-'}" for c in changes]
    if document["revision"] is None:
        lines.append("Dry run: nothing was stored")
    elif document["is_new"]:
        lines.append(f"Stored as revision {document['revision']}")
    else:
        lines.append(f"This file is revision {document['revision']} already; nothing was changed")
    return "\n".join(lines)
