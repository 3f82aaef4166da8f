"""``spbe-tasks assessment``: bring levels in from a file."""

from pathlib import Path
from typing import Any

import click

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import read_limited
from spbe_tasks.models import AssessmentKind
from spbe_tasks.readers.reading import MAX_BYTES
from spbe_tasks.rules.index import display
from spbe_tasks.services import assessments
from spbe_tasks.services.assessments import Preview
from spbe_tasks.transaction import transaction

Document = dict[str, object]


@click.group("assessment")
def assessment_group() -> None:
    """Assessments of a government."""


@assessment_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@government_option
@click.option("--year", type=int, required=True, help="The year that was assessed.")
@click.option("--kind", type=click.Choice([each.value for each in AssessmentKind]), required=True)
@click.option("--instrument", help="Id of the instrument (default: the one used in that year).")
@click.option("--dry-run", is_flag=True, help="Check and compare, store nothing.")
@as_json
@with_app
def import_command(
    *, file: Path, slug: str, year: int, kind: str, instrument: str | None, dry_run: bool, as_json: bool
) -> None:
    """Import FILE (PDF, XLSX, XLS, ODS or CSV) as a new revision; the same file again changes nothing."""
    scope = operator_scope(db.session(), slug)
    given: dict[str, Any] = {
        "instrument_id": instrument or assessments.instrument_for(year).id,
        "year": year,
        "kind": AssessmentKind(kind),
        "file_name": file.name,
        "data": read_limited(file, MAX_BYTES),
        "now": clock.now(),
    }
    if dry_run:
        seen, number = assessments.preview(db.session(), scope, **given), None
    else:
        with transaction() as work:
            seen = assessments.preview(work.session, scope, **given)
            number = assessments.store(work, scope, seen, now=clock.now()).number
    document = _document(seen, number)
    show(document, as_json=as_json, text=lambda: _text(document))


def _document(seen: Preview, number: int | None) -> Document:
    """What was found; ``revision`` is None in a dry run."""
    return {
        "instrument": seen.instrument.id,
        "year": seen.year,
        "kind": seen.kind.value,
        "revision": number,
        "is_new": number is not None and not seen.is_repeat,
        "index": str(display(seen.result.index)),
        "predicate": seen.predicate.name_id,
        "not_assessed": list(seen.not_assessed),
        "former_revision": seen.former_number,
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
