"""Health for supervisors and monitors: no sign-in, no figures about anybody."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from spbe_tasks import clock
from spbe_tasks.adapters import broker
from spbe_tasks.extensions import db, limiter
from spbe_tasks.schema import newest_migration
from spbe_tasks.services import system
from spbe_tasks.web.access import public

blueprint = Blueprint("health", __name__, url_prefix="/health")
limiter.exempt(blueprint)


@blueprint.get("/live")
@public
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """The database answers and has every migration."""
    state = _database()
    return {"status": "ok" if state == "ok" else "unready", "database": state}, 200 if state == "ok" else 503


@blueprint.get("/system")
@public
def whole_system() -> ResponseReturnValue:
    """Ready, and the broker, a worker and beat are alive too."""
    found = parts()
    is_well = all(state == "ok" for state in found.values())
    return {"status": "ok" if is_well else "unwell", **found}, 200 if is_well else 503


def parts() -> dict[str, str]:
    """Each part of the installation: "ok", or what is the matter."""
    return {"database": _database(), "broker": _broker(), "background": _background()}


def _database() -> str:
    try:
        is_current = system.schema(db.session(), newest_migration() or "").is_current
    except SQLAlchemyError:
        current_app.logger.exception("health: the database does not answer")
        return "unreachable"
    return "ok" if is_current else "schema is not current: run spbe-tasks db upgrade"


def _broker() -> str:
    try:
        broker.ping(current_app.extensions["broker"])
    except broker.BrokerError:
        current_app.logger.exception("health: the broker does not answer")
        return "unreachable"
    return "ok"


def _background() -> str:
    try:
        seen_at = system.last_heartbeat(db.session())
    except SQLAlchemyError:
        return "unknown"
    return (
        "ok"
        if system.is_background_alive(seen_at, clock.now())
        else "silent: is the worker and beat running?"
    )
