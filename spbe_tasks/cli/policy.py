"""``spbe-tasks plan policy``: show and set the rules of a plan as YAML (docs/plan.md)."""

from pathlib import Path

import click
import yaml

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import read_limited
from spbe_tasks.instruments.tree import MAX_BYTES
from spbe_tasks.readers.policy_file import read_policy
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.policy_settings import settings_of
from spbe_tasks.services import assessments, instruments, plans, policies
from spbe_tasks.services.orders import Order
from spbe_tasks.services.policies import Version
from spbe_tasks.transaction import transaction

Document = dict[str, object]
year_option = click.option(
    "--year", type=int, required=True, help="The year of the assessment that the plan follows."
)
instrument_option = click.option(
    "--instrument", help="Id of the instrument (default: the one used in that year)."
)


@click.group("policy")
def policy_group() -> None:
    """The rules of a plan, in numbered versions."""


@policy_group.command("show")
@government_option
@year_option
@instrument_option
@click.option("--number", type=int, help="The version (default: the newest of that year, else of all).")
@as_json
@with_app
def show_command(*, slug: str, year: int, instrument: str | None, number: int | None, as_json: bool) -> None:
    """Print a version as YAML that `set` takes."""
    scope = operator_scope(db.session(), slug)
    instrument_id = instrument or assessments.instrument_for(year).id
    found = (
        policies.standing(db.session(), scope, instrument_id, year)
        if number is None
        else policies.get_numbered(db.session(), scope, instrument_id, number)
    )
    if found is None:
        raise NotFoundError("policy.none_yet", year=year)
    document = _document(found)
    show(document, as_json=as_json, text=lambda: _text(document))


@policy_group.command("set")
@click.argument("file", type=click.Path(path_type=Path))
@government_option
@year_option
@instrument_option
@click.option("--note", default="", help="Why the policy changes; kept with the version.")
@as_json
@with_app
def set_command(
    *, file: Path, slug: str, year: int, instrument: str | None, note: str, as_json: bool
) -> None:
    """Store FILE as the next version, without generating by it; the same policy again makes none."""
    scope = operator_scope(db.session(), slug)
    wanted = instruments.get(
        db.session(), scope.government_id, instrument or assessments.instrument_for(year).id
    )
    policy = read_policy(read_limited(file, MAX_BYTES), wanted)
    before = policies.standing(db.session(), scope, wanted.id, year)
    with transaction() as work:
        order = Order(wanted.id, year, policy=policy, note=note)
        stored = plans.store_policy(work, scope, order, now=clock.now())
        document = _document(stored)
    is_new = before is None or before.row.id != stored.row.id
    words = "Stored as" if is_new else "Nothing changed: it is"
    show(
        {**document, "is_new": is_new},
        as_json=as_json,
        text=lambda: (
            f"{words} version {document['number']} of the policy, for the plan of {document['year']}"
        ),
    )


def _document(version: Version) -> Document:
    row = version.row
    return {
        "number": row.number,
        "year": row.year,
        "made_at": row.made_at.isoformat(),
        "note": row.note,
        "settings": settings_of(version.policy),  # in the order of the form; the database keeps none
    }


def _text(document: Document) -> str:
    settings = yaml.safe_dump(document["settings"], allow_unicode=True, sort_keys=False)
    head = f"# Version {document['number']}, for the plan of {document['year']}, {document['made_at']}"
    note = f"\n# {document['note']}" if document["note"] else ""
    return f"{head}{note}\n{settings}".rstrip()
