"""What pages and routes of evidence share: the limit, how a criterion is written in a form, the agencies to choose."""

from collections.abc import Iterable, Sequence

from flask import Flask, current_app

from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.models import Agency
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.evidence import ENDINGS
from spbe_tasks.rules.instrument import Place
from spbe_tasks.services import evidence
from spbe_tasks.services.queries import people


def largest() -> int:
    """How many bytes a file may have here."""
    settings: Settings = current_app.extensions["settings"]
    return settings.evidence_max_bytes


def places_of(written: Iterable[str]) -> tuple[Place, ...]:
    """Criteria as forms write them, "3.a": level and letter. Raises InvalidInputError for anything else."""
    return tuple(_place(each) for each in written)


def _place(written: str) -> Place:
    level, _, letter = written.partition(".")
    if not (level.isdecimal() and len(level) == 1 and letter.isalpha()):
        raise InvalidInputError.of("field.invalid", "criterion", value=written[:20])
    return int(level), letter


def agencies_to_keep(scope: Scope) -> Sequence[Agency]:
    """The open agencies whose evidence this person keeps, by name."""
    rows = people.list_agencies(db.session(), scope, active_only=True)
    return [each for each in rows if evidence.may_change(scope, each.id)]


def init_app(app: Flask) -> None:
    """Give templates what the upload box tells before anything is sent."""
    settings: Settings = app.extensions["settings"]
    app.jinja_env.globals.update(
        evidence_accept=",".join(f".{each}" for each in ENDINGS),
        evidence_endings=", ".join(each.upper() for each in ENDINGS if each != "jpeg"),
        evidence_limit_mb=settings.evidence_max_mb,
    )
