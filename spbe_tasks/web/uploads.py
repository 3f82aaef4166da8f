"""How a script sends a file of evidence: announce, pieces, finish. A broken connection goes on where it stopped.

Everything answers JSON. Without the script the plain form of ``web/evidence.py`` does the same in one go.
"""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from spbe_tasks import clock, uploading
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.evidence import PIECE_BYTES
from spbe_tasks.services import uploads
from spbe_tasks.services.queries import uploads as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.evidence_words import largest, places_of

blueprint = Blueprint("uploads", __name__, url_prefix="/evidence/uploads")


@blueprint.post("")
@requires(Capability.WORK_ON_TASKS)
def begin() -> ResponseReturnValue:
    """Announce a file: ``agency``, ``name``, ``size`` in bytes. What is hopeless is refused before it is sent."""
    with transaction() as work:
        upload = uploads.begin(
            work,
            scope(),
            agency_id=_number("agency"),
            name=request.form.get("name", ""),
            size_bytes=_number("size"),
            largest=largest(),
            now=clock.now(),
        )
        upload_id = upload.id
    return _state(upload_id, 0)


@blueprint.get("/<int:upload_id>")
@requires(Capability.WORK_ON_TASKS)
def show(upload_id: int) -> ResponseReturnValue:
    """How many bytes have arrived: where to go on after a broken connection."""
    return _state(upload_id, queries.get_upload(db.session(), scope(), upload_id).received_bytes)


@blueprint.post("/<int:upload_id>/pieces")
@requires(Capability.WORK_ON_TASKS)
def append(upload_id: int) -> ResponseReturnValue:
    """The next piece, as the body, beginning at byte ``offset``. 409 when it lies beyond what has arrived."""
    offset = request.args.get("offset", type=int)
    piece = request.get_data(cache=False)
    # A line that broke ends the body early, and the web server does not say so.
    is_whole = len(piece) == request.content_length
    if offset is None or offset < 0 or not is_whole or len(piece) > PIECE_BYTES:
        raise InvalidInputError.of("upload.wrong_piece")
    appended = uploading.append(scope(), upload_id, offset=offset, piece=piece, now=clock.now())
    return _state(upload_id, appended.received), 200 if appended.is_taken else 409


@blueprint.post("/<int:upload_id>/finish")
@requires(Capability.WORK_ON_TASKS)
def finish(upload_id: int) -> ResponseReturnValue:
    """Make evidence of it: the newer version of ``evidence``, or something new to show ``criterion`` of ``task``."""
    form = request.form
    target = uploads.Target(
        title=form.get("title", ""),
        evidence_id=form.get("evidence", type=int),
        task_id=form.get("task", type=int),
        places=places_of(form.getlist("criterion")),
    )
    added = uploading.finish(scope(), upload_id, target, now=clock.now())
    item = added.item
    return {
        "id": item.id,
        "title": item.title,
        "address": url_for("evidence.show", evidence_id=item.id),
        "is_new": added.is_new,
    }


@blueprint.post("/<int:upload_id>/abandon")
@requires(Capability.WORK_ON_TASKS)
def abandon(upload_id: int) -> ResponseReturnValue:
    """Forget a file that is not wanted any more."""
    with transaction() as work:
        uploads.abandon(work, scope(), upload_id)
    return {}


def _number(name: str) -> int:
    value = request.form.get(name, type=int)
    if value is None:
        raise InvalidInputError.of("field.required", name)
    return value


def _state(upload_id: int, received: int) -> dict[str, Any]:
    return {
        "address": url_for("uploads.show", upload_id=upload_id),
        "received": received,
        "piece": PIECE_BYTES,
    }
