"""``spbe-tasks pack``: the self-assessment of a year: begin it, see what is missing, write its upload package."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.building import evidence_package
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.models import Pack
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import assessments, packages, packs
from spbe_tasks.services.pack_sheets import EntrySheet
from spbe_tasks.services.queries import packs as queries
from spbe_tasks.services.queries import plans
from spbe_tasks.transaction import transaction

year_option = click.option("--year", type=int, required=True, help="The year of the self-assessment.")
instrument_option = click.option(
    "--instrument", help="Id of the instrument (default: the one of the plan before)."
)


@click.group("pack")
def pack_group() -> None:
    """The self-assessment: claims, evidence, facts and analysis of all indicators."""


@pack_group.command("begin")
@government_option
@year_option
@instrument_option
@with_app
def begin(slug: str, year: int, instrument: str | None) -> None:
    """Begin the self-assessment that judges the work of the plan of the year before; twice is once."""
    scope = operator_scope(db.session(), slug)
    instrument_id = instrument or assessments.instrument_for(year - 1).id
    plan = plans.find_plan(db.session(), scope.government_id, instrument_id, year - 1)
    if plan is None:
        raise NotFoundError("plan.not_found")
    plan_id = plan.id
    db.session.rollback()
    with transaction() as work:
        packs.begin(work, scope, plan_id, now=clock.now())
    click.echo(f"The self-assessment {year} of {slug} is begun.")


@pack_group.command("show")
@government_option
@year_option
@instrument_option
@as_json
@with_app
def show_pack(slug: str, year: int, instrument: str | None, *, as_json: bool) -> None:
    """Print what is claimed for every indicator, and what is missing until upload day."""
    session, scope = db.session(), operator_scope(db.session(), slug)
    sheet = packs.read(session, scope, _find(session, scope, year, instrument))
    document = {
        "year": year,
        "indicators": len(sheet.entries),
        "with_evidence": sheet.with_evidence,
        "ready": sheet.ready,
        "entries": [_row(each) for each in sheet.entries],
    }
    lines = [f"With evidence: {sheet.with_evidence} of {len(sheet.entries)}, ready: {sheet.ready}."]
    lines += [_line(each) for each in sheet.entries]
    show(document, as_json=as_json, text=lambda: "\n".join(lines))


@pack_group.command("package")
@government_option
@year_option
@instrument_option
@click.option("--indicator", type=int, help="Of one indicator only.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to (default: here)."
)
@with_app
def package(slug: str, year: int, instrument: str | None, indicator: int | None, output: Path | None) -> None:
    """Write the upload package: evidence files by the ministry's names, and an index beside them."""
    session, scope = db.session(), operator_scope(db.session(), slug)
    found = packages.collect(session, scope, _find(session, scope, year, instrument).id, indicator)
    path = output or Path(evidence_package.file_name(found))
    evidence_package.write(found, path, "id")
    click.echo(f"{path}: {len(found.files)} files of {len(found.documents)} documents.")


def _find(session: Session, scope: Scope, year: int, instrument: str | None) -> Pack:
    instrument_id = instrument or assessments.instrument_for(year - 1).id
    pack = queries.find_pack(session, scope, instrument_id, year)
    if pack is None:
        raise NotFoundError("pack.not_found")
    return pack


def _row(entry: EntrySheet) -> dict[str, object]:
    step = entry.claimed.own_step
    return {
        "number": entry.indicator.number,
        "claimed_level": entry.claimed.level,
        "is_typed": entry.claimed.is_typed,
        "unmet": [f"{level}.{letter}" for level, letter in entry.claimed.unmet],
        "criteria_with_evidence": step.shown if step else 0,
        "criteria": len(step.lines) if step else 0,
        "has_texts": entry.has_texts,
        "is_ready": entry.is_ready,
    }


def _line(entry: EntrySheet) -> str:
    row = _row(entry)
    evidence = f"evidence {row['criteria_with_evidence']}/{row['criteria']}"
    texts = "texts" if entry.has_texts else "no texts"
    ready = "ready" if entry.is_ready else "not ready"
    return f"{entry.indicator.number:>3}  level {entry.claimed.level or '-'}  {evidence}, {texts}, {ready}"
