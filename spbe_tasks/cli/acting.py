"""``spbe-tasks acting``: appoint, end and list acting officers (Plt/Plh)."""

from datetime import datetime

import click

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.cli.plan import DAY
from spbe_tasks.extensions import db
from spbe_tasks.models import ActingKind
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import acting
from spbe_tasks.services.acting import Appointment
from spbe_tasks.services.queries import acting as queries
from spbe_tasks.services.queries import people
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work


@click.group("acting")
def acting_group() -> None:
    """Acting officers: who takes the position of somebody who is away."""


@acting_group.command("add")
@government_option
@click.option("--absent", required=True, help="The e-mail address of whoever is away.")
@click.option("--acting", required=True, help="The e-mail address of whoever takes the position.")
@click.option("--kind", type=click.Choice([each.value for each in ActingKind]), default=ActingKind.PLH.value)
@click.option("--from", "from_on", type=DAY, required=True, help="The first day, as YYYY-MM-DD.")
@click.option("--until", "until_on", type=DAY, help="The last day; without it, until it is ended.")
@click.option("--decree", default="", help="The letter that says so.")
@as_json
@with_app
def add_command(
    *,
    slug: str,
    absent: str,
    acting: str,
    kind: str,
    from_on: datetime,
    until_on: datetime | None,
    decree: str,
    as_json: bool,
) -> None:
    """Appoint an acting officer."""
    with transaction() as work:
        appointment = Appointment(
            _account_id(work, absent),
            _account_id(work, acting),
            ActingKind(kind),
            from_on.date(),
            until_on.date() if until_on else None,
            decree,
        )
        _store(work, slug, appointment, as_json=as_json)


@acting_group.command("end")
@government_option
@click.argument("acting_officer_id", metavar="ID", type=int)
@with_app
def end_command(*, slug: str, acting_officer_id: int) -> None:
    """End the appointment with this id, which ``acting list`` shows, at once."""
    with transaction() as work:
        acting.end(work, operator_scope(work.session, slug), acting_officer_id, now=clock.now())
    click.echo(f"Appointment {acting_officer_id} is ended.")


@acting_group.command("list")
@government_option
@as_json
@with_app
def list_command(*, slug: str, as_json: bool) -> None:
    """List all appointments, newest first."""
    session = db.session()
    document = [
        {
            "id": row.ActingOfficer.id,
            "absent": row.absent_name,
            "acting": row.acting_name,
            "kind": row.ActingOfficer.kind.value,
            "from_on": row.ActingOfficer.from_on,
            "until_on": row.ActingOfficer.until_on,
            "ended_at": row.ActingOfficer.ended_at,
            "decree": row.ActingOfficer.decree,
        }
        for row in queries.list_all(session, operator_scope(session, slug))
    ]
    lines = (
        f"{each['id']:>6}  {each['kind']}  {each['acting']} for {each['absent']}, "
        f"{each['from_on']} to {each['until_on'] or '...'}{', ended' if each['ended_at'] else ''}"
        for each in document
    )
    show(document, as_json=as_json, text=lambda: "\n".join(lines) or "No acting officers.")


def _store(work: Work, slug: str, appointment: Appointment, *, as_json: bool) -> None:
    row = acting.add(work, operator_scope(work.session, slug), appointment, now=clock.now())
    document = {"id": row.id, "from_on": row.from_on, "until_on": row.until_on}
    show(document, as_json=as_json, text=lambda: f"Appointment {row.id} is made.")


def _account_id(work: Work, email: str) -> int:
    account = people.find_by_email(work.session, email)
    if account is None:
        raise NotFoundError("account.not_found_by_email", email=email)
    return account.id
