"""``spbe-tasks government`` and ``spbe-tasks agency``: open them and list them."""

from pathlib import Path

import click

from spbe_tasks import clock
from spbe_tasks.building import government_archive
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.models import Agency, Government, GovernmentKind
from spbe_tasks.rules.calendar import ZONE_LABELS
from spbe_tasks.services import agencies, governments
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.services.queries import people
from spbe_tasks.transaction import transaction


@click.group("government")
def government_group() -> None:
    """The governments of this installation."""


@government_group.command("add")
@click.option("--name", required=True, help="As on letters.")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in GovernmentKind]))
@click.option("--timezone", default="Asia/Jakarta", show_default=True, type=click.Choice(sorted(ZONE_LABELS)))
@click.option("--slug", default="", help="Made from the name when left out.")
@as_json
@with_app
def add_government(*, name: str, kind: str, timezone: str, slug: str, as_json: bool) -> None:
    """Open a government."""
    with transaction() as work:
        government = governments.create(
            work,
            name.strip(),
            GovernmentKind(kind),
            timezone=timezone,
            slug=slug,
            actor_id=None,
            now=clock.now(),
        )
        document = _government(government)
    show(document, as_json=as_json, text=lambda: _line(document))


@government_group.command("list")
@as_json
@with_app
def list_governments(as_json: bool) -> None:
    """List all governments."""
    documents = [_government(each) for each in queries.list_governments(db.session())]
    show(documents, as_json=as_json, text=lambda: "\n".join(map(_line, documents)) or "None yet.")


@government_group.command("archive")
@government_option
@click.option(
    "--to",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write. It holds everything, personal data too: keep it safe.",
)
@with_app
def archive_government(*, slug: str, path: Path) -> None:
    """Write everything a government has into a ZIP: rows, files, instruments, trail.

    A government is deleted by two administrators in the browser and not here: a shell does not know people apart.
    """
    government_id = operator_scope(db.session(), slug).government_id
    government_archive.write(db.engine, government_id, path, made_by=None, now=clock.now())
    click.echo(f"{path}: {path.stat().st_size:,} bytes")


@click.group("agency")
def agency_group() -> None:
    """The agencies of a government."""


@agency_group.command("add")
@government_option
@click.option("--name", required=True, help="The full name.")
@click.option("--short-name", required=True, help="Used in lists, for example Diskominfo.")
@click.option("--slug", "agency_slug", default="", help="Made from the short name when left out.")
@as_json
@with_app
def add_agency(*, slug: str, name: str, short_name: str, agency_slug: str, as_json: bool) -> None:
    """Open an agency."""
    with transaction() as work:
        scope = operator_scope(work.session, slug)
        agency = agencies.create(
            work, scope, name.strip(), short_name.strip(), slug=agency_slug, now=clock.now()
        )
        document = _agency(agency)
    show(document, as_json=as_json, text=lambda: _line(document))


@agency_group.command("list")
@government_option
@as_json
@with_app
def list_agencies(slug: str, as_json: bool) -> None:
    """List the agencies of a government."""
    session = db.session()
    documents = [_agency(each) for each in people.list_agencies(session, operator_scope(session, slug))]
    show(documents, as_json=as_json, text=lambda: "\n".join(map(_line, documents)) or "None yet.")


def _government(government: Government) -> dict[str, object]:
    return {
        "id": government.id,
        "slug": government.slug,
        "name": government.name,
        "kind": government.kind.value,
        "timezone": government.timezone,
    }


def _agency(agency: Agency) -> dict[str, object]:
    return {
        "id": agency.id,
        "slug": agency.slug,
        "name": agency.name,
        "short_name": agency.short_name,
        "is_active": agency.is_active,
    }


def _line(document: dict[str, object]) -> str:
    return f"{document['slug']}  {document['name']}"
