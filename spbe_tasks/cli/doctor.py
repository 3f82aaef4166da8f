"""``spbe-tasks doctor``: what works and what does not, and what to do about it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import click
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from spbe_tasks import clock
from spbe_tasks.adapters import broker, mail
from spbe_tasks.adapters.clamd import Clamd, ScannerError
from spbe_tasks.adapters.storage import StorageError
from spbe_tasks.cli.context import as_json, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.schema import newest_migration
from spbe_tasks.services import system
from spbe_tasks.stored_files import storage


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    is_well: bool
    words: str


def _database() -> str:
    with db.engine.connect() as connection:
        return str(connection.scalar(text("SELECT 'PostgreSQL ' || current_setting('server_version')")))


def _schema() -> str:
    found = system.schema(db.session(), newest_migration() or "")
    if not found.is_current:
        raise LookupError(f"at {found.found}, wanted {found.wanted}: run `spbe-tasks db upgrade`")
    return found.wanted


def _broker() -> str:
    broker.ping(current_app.extensions["broker"])
    return "answers"


def _background() -> str:
    seen_at = system.last_heartbeat(db.session())
    if not system.is_background_alive(seen_at, clock.now()):
        raise LookupError(f"last heard {seen_at or 'never'}: start the worker and beat")
    return f"heard {seen_at}"


def _mail() -> str:
    return mail.check(current_app.extensions["settings"])


def _storage() -> str:
    storage().put(b"spbe-tasks doctor")  # forgotten by the next sweep but one
    return "keeps files"


def _scanner() -> str:
    address = current_app.extensions["settings"].clamd_address
    if not address:
        return "none is set up: evidence is not scanned"
    Clamd(address).ping()
    return "answers"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "schema": _schema,
    "broker": _broker,
    "worker and beat": _background,
    "mail server": _mail,
    "storage": _storage,
    "virus scanner": _scanner,
}


@click.command("doctor")
@as_json
@with_app
def doctor_command(as_json: bool) -> None:
    """Check database, schema, broker, background, mail server, storage and scanner; exit code 1 when one is unwell."""
    findings = [_look(name, check) for name, check in CHECKS.items()]
    show([asdict(each) for each in findings], as_json=as_json, text=lambda: "\n".join(map(_line, findings)))
    if not all(each.is_well for each in findings):
        raise SystemExit(1)


def _look(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except SQLAlchemyError as error:
        return Finding(name, False, str(error).splitlines()[0])
    except (LookupError, OSError, broker.BrokerError, StorageError, ScannerError) as error:
        return Finding(name, False, str(error))


def _line(finding: Finding) -> str:
    return f"{'ok  ' if finding.is_well else 'FAIL'} {finding.name}: {finding.words}"
