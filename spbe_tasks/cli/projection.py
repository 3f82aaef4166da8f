"""``spbe-tasks projection``: show, rebuild or prove projected indexes."""

import sys
from typing import Any

import click

from spbe_tasks import clock, proving
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import figure_documents, overviews, projections
from spbe_tasks.services.queries import plans
from spbe_tasks.services.queries import projections as queries
from spbe_tasks.services.queries.governments import get_by_slug
from spbe_tasks.transaction import transaction

LOCALE = "en"
year_option = click.option("--year", required=True, type=int, help="Year of the assessment the plan follows.")


@click.group("projection")
def projection_group() -> None:
    """The projected index: secured, expected, potential."""


@projection_group.command("show")
@government_option
@year_option
@as_json
@with_app
def show_command(slug: str, year: int, as_json: bool) -> None:
    """Print the figures as a worker last computed them."""
    _print(slug, year, as_json=as_json)


@projection_group.command("rebuild")
@government_option
@year_option
@as_json
@with_app
def rebuild_command(slug: str, year: int, as_json: bool) -> None:
    """Compute the figures from facts now, in this process, and print them."""
    plan_id = _plan(slug, year).id
    with transaction() as work:
        projections.rebuild(work, plan_id, now=clock.now(), is_forced=True)
    _print(slug, year, as_json=as_json)


@projection_group.command("prove")
@click.option("--government", "slug", help="Only this government's plans, by its slug; all without it.")
@as_json
@with_app
def prove_command(slug: str | None, as_json: bool) -> None:
    """Compute the figures of all open plans anew and hold them against what is stored; exit with 1 when any differ.

    What differs is rebuilt by a worker afterwards.
    """
    session = db.session()
    government_id = get_by_slug(session, slug).id if slug else None
    outcome = proving.prove(queries.list_open(session, government_id), now=clock.now())
    named = queries.list_named(db.session(), outcome.differing.keys())
    document = {
        "agreeing": len(outcome.agreeing),
        "waiting": len(outcome.waiting),
        "differing": [
            {
                "government": each.slug,
                "year": each.year,
                "plan": each.id,
                "difference": outcome.differing[each.id],
            }
            for each in named
        ],
    }
    show(document, as_json=as_json, text=lambda: _proof_text(document))
    if outcome.differing:
        sys.exit(1)


def _proof_text(document: dict[str, Any]) -> str:
    lines = [
        f"{each['government']} {each['year']}: {name}: {_said(pair)}"
        for each in document["differing"]
        for name, pair in each["difference"].items()
    ]
    waiting = f", {document['waiting']} wait to be counted" if document["waiting"] else ""
    return "\n".join(
        [*lines, f"{document['agreeing']} plans agree, {len(document['differing'])} differ{waiting}"]
    )


def _said(pair: Any) -> str:
    is_pair = isinstance(pair, dict)
    return f"stored {pair['stored']}, computed {pair['computed']}" if is_pair else str(pair)


def _plan(slug: str, year: int) -> Plan:
    found = [
        each
        for each in plans.list_plans(db.session(), operator_scope(db.session(), slug))
        if each.year == year
    ]
    if not found:
        raise NotFoundError("plan.not_found_for_year", year=year)
    return found[0]


def _print(slug: str, year: int, *, as_json: bool) -> None:
    session = db.session()
    plan_id = _plan(slug, year).id
    overview = overviews.read(session, operator_scope(session, slug), plan_id)
    if overview is None:
        raise NotFoundError("projection.not_computed")
    document = figure_documents.figures(overview, LOCALE)
    show(document, as_json=as_json, text=lambda: _text(document))


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['instrument']} {document['year']}, figures of {document['rebuilt_at']}"]
    for name, figure in document["figures"].items():
        lines.append(f"{name:<10} {figure['index']}  {figure['predicate']}  (exactly {figure['exact']})")
    if document["target_index"] is not None:
        lines.append(f"{'target':<10} {document['target_index']}")
    return "\n".join(lines)
