"""``spbe-tasks trail``: prove that the events of a government are as they were written."""

from dataclasses import asdict

import click

from spbe_tasks.cli.context import as_json, government_option, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.services import trail
from spbe_tasks.services.queries import governments


@click.group("trail")
def trail_group() -> None:
    """The append-only event trail."""


@trail_group.command("verify")
@government_option
@as_json
@with_app
def verify_command(slug: str, as_json: bool) -> None:
    """Recompute the hash chain; exit code 1 when an event was changed or removed."""
    found = trail.verify(db.session(), governments.get_by_slug(db.session(), slug).id)
    words = "intact" if found.is_intact else f"BROKEN at position {found.broken_at}"
    show(
        {**asdict(found), "is_intact": found.is_intact},
        as_json=as_json,
        text=lambda: (
            f"{words}: {found.sealed} events sealed, {found.unsealed} not sealed yet\nhead {found.head}"
        ),
    )
    if not found.is_intact:
        raise SystemExit(1)
