"""``spbe-tasks evidence``: what the library of a government holds."""

from typing import Any

import click
from sqlalchemy import Row

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.services.queries import evidence_library as library
from spbe_tasks.services.queries import governments, people
from spbe_tasks.services.queries.evidence_library import LibraryFilter, Shown

_TOLD = (
    "id",
    "agency_name",
    "title",
    "number",
    "file_name",
    "size_bytes",
    "url",
    "dated_on",
    "expires_on",
    "uses",
)


@click.group("evidence")
def evidence_group() -> None:
    """Evidence: the files and links of agencies."""


@evidence_group.command("list")
@government_option
@click.option("--agency", "agency_slug", help="Of one agency only, by its slug.")
@click.option(
    "--show",
    "shown",
    type=click.Choice([each.value for each in Shown]),
    default=Shown.USABLE.value,
    show_default=True,
    help="Which part of the library.",
)
@click.option("--search", default="", help="Words of titles, parts of file names, or an indicator's number.")
@as_json
@with_app
def list_evidence(slug: str, agency_slug: str | None, shown: str, search: str, *, as_json: bool) -> None:
    """Print the evidence of a government, newest first; `--show quarantined` what the scanner refused."""
    session, scope = db.session(), operator_scope(db.session(), slug)
    agency = people.get_agency_by_slug(session, scope, agency_slug) if agency_slug else None
    wanted = LibraryFilter(Shown(shown), agency_id=agency.id if agency else None, text=search)
    today = clock.today(governments.get_government(session, scope.government_id).timezone)
    rows = library.list_all_evidence(session, scope, wanted, today=today)
    show([_told(row) for row in rows], as_json=as_json, text=lambda: "\n".join(map(_line, rows)))


def _told(row: Row[Any]) -> dict[str, Any]:
    names = (*_TOLD, "threat") if row.threat else _TOLD
    return {name: getattr(row, name) for name in names}


def _line(row: Row[Any]) -> str:
    ends = f", until {row.expires_on}" if row.expires_on else ""
    found = f", {row.threat}" if row.threat else ""
    return f"{row.id}  {row.agency_name}  {row.title} ({row.file_name or row.url}{ends}{found}), tasks: {row.uses}"
