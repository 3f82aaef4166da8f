"""The health of the installation, for administrators."""

from importlib.metadata import version

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.schema import newest_migration
from spbe_tasks.services import system
from spbe_tasks.services.queries import people, sending
from spbe_tasks.services.queries import system as queries
from spbe_tasks.web import health
from spbe_tasks.web.access import requires

blueprint = Blueprint("system", __name__)


@blueprint.get("/system")
@requires(Capability.VIEW_SYSTEM, needs_government=False)
def show() -> ResponseReturnValue:
    """What is well, what waits, who administers, which version runs."""
    session = db.session()
    seen_at = system.last_heartbeat(session)
    return render_template(
        "system/show.html",
        parts=health.parts(),
        stop=sending.find_stop(session),
        seen_at=seen_at,
        now=clock.now(),
        counts=queries.count_all(session),
        administrators=people.list_administrators(session),
        version=version("spbe-tasks"),
        schema=newest_migration(),
    )
