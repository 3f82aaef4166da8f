"""Files that workers build for the person: what is ready, what is under way, what failed."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.models import BuildState, BuiltFile
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError, Problem
from spbe_tasks.services import built_files
from spbe_tasks.services.queries import built_files as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.file_answers import stream
from spbe_tasks.web.locale import current_locale

blueprint = Blueprint("built_files", __name__, url_prefix="/downloads")
UNFINISHED = frozenset({BuildState.WAITING, BuildState.RUNNING})


@dataclass(frozen=True, slots=True)
class Shelf:
    """Files as a page lists them, each with what went wrong in words; ``is_waiting`` while one is not finished."""

    rows: Sequence[tuple[BuiltFile, str]]
    is_waiting: bool


def shelf(files: Sequence[BuiltFile]) -> Shelf:
    """What ``built_files/_list.html`` shows."""
    rows = [(row, describe(Problem(row.problem), current_locale()) if row.problem else "") for row in files]
    return Shelf(rows, is_waiting=any(row.state in UNFINISHED for row in files))


@blueprint.get("")
@requires(Capability.HAVE_FILES_BUILT)
def index() -> ResponseReturnValue:
    """The person's files, newest first."""
    return render_template("built_files/index.html", files=shelf(queries.list_own(db.session(), scope())))


@blueprint.get("/<int:built_id>")
@requires(Capability.HAVE_FILES_BUILT)
def download(built_id: int) -> ResponseReturnValue:
    """One finished file."""
    built = queries.get(db.session(), scope(), built_id)
    if built.file_key is None or built.file_name is None:
        raise NotFoundError("built_file.not_ready")
    return stream(
        built.file_key, built.file_name, media_type=built.media_type or "", size_bytes=built.size_bytes or 0
    )


@blueprint.post("/<int:built_id>/again")
@requires(Capability.HAVE_FILES_BUILT)
def again(built_id: int) -> ResponseReturnValue:
    """Ask anew for a file that could not be built."""
    with transaction() as work:
        built_files.again(work, scope(), built_id, now=clock.now())
    return redirect(url_for(".index"))


@blueprint.post("/<int:built_id>/remove")
@requires(Capability.HAVE_FILES_BUILT)
def remove(built_id: int) -> ResponseReturnValue:
    """Forget a file, or stop waiting for it."""
    with transaction() as work:
        built_files.remove(work, scope(), built_id)
    flash(_("The file was removed."), "success")
    return redirect(url_for(".index"))
