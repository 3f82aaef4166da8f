"""What programs may read, with a person's key: plans and their figures as JSON. Described in ``docs/api.md``."""

from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import api_keys, figure_documents, overviews
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.queries import plans
from spbe_tasks.transaction import transaction
from spbe_tasks.web import limits
from spbe_tasks.web.access import government, requires_key, scope
from spbe_tasks.web.locale import current_locale

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/plans")
@requires_key(Capability.VIEW_DASHBOARD)
@limits.reads_of_one_address("120/minute")
def list_plans() -> ResponseReturnValue:
    """The plans of the key's government, newest year first."""
    rows = plans.list_plans(db.session(), scope())
    return {
        "government": {"slug": government().slug, "name": government().name},
        "plans": [figure_documents.plan(row) for row in rows],
    }


@blueprint.get("/plans/<int:plan_id>/figures")
@requires_key(Capability.VIEW_DASHBOARD)
@limits.reads_of_one_address("120/minute")
def figures(plan_id: int) -> ResponseReturnValue:
    """Where the index stands."""
    return figure_documents.figures(_overview(plan_id), current_locale())


@blueprint.get("/plans/<int:plan_id>/indicators")
@requires_key(Capability.VIEW_DASHBOARD)
@limits.reads_of_one_address("120/minute")
def indicators(plan_id: int) -> ResponseReturnValue:
    """The level of every indicator in each figure."""
    overview = _overview(plan_id)
    return _stamped(overview, indicators=figure_documents.indicators(overview, current_locale()))


@blueprint.get("/plans/<int:plan_id>/agencies")
@requires_key(Capability.VIEW_DASHBOARD)
@limits.reads_of_one_address("120/minute")
def agencies(plan_id: int) -> ResponseReturnValue:
    """The points of every agency, or only of the person's own."""
    overview = _overview(plan_id)
    return _stamped(overview, agencies=figure_documents.agencies(overview, scope()))


def _overview(plan_id: int) -> Overview:
    found = overviews.read(db.session(), scope(), plan_id)
    if found is None:
        raise NotFoundError("projection.not_computed")
    return found


def _stamped(overview: Overview, **rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "plan_id": overview.plan.id,
        "rebuilt_at": overview.rebuilt_at.isoformat(),
        "generation": overview.generation,
        **rows,
    }


@blueprint.before_request
def _note_use() -> None:
    """Runs once the key has let the program in: its person sees the day it was last used."""
    today = clock.today(government().timezone)
    if g.api_key_used_on != today:
        with transaction() as work:
            api_keys.note_use(work, g.api_key_id, today=today)
