"""Evidence to look at: its pages as pictures that were drawn anew, never the file itself."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from spbe_tasks import page_pictures
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe_all
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.locale import current_locale

blueprint = Blueprint("evidence_pages", __name__, url_prefix="/evidence")

# Raise it when pages come to look otherwise: browsers that remember the older picture then ask again.
_DRAWING = 1


@blueprint.get("/<int:evidence_id>/versions/<int:number>/pages")
@requires(Capability.VIEW_TASKS)
def show(evidence_id: int, number: int) -> ResponseReturnValue:
    """All pages below one another; where none can be drawn, why not, and the file to keep."""
    row = queries.get_evidence(db.session(), scope(), evidence_id)
    version = queries.get_file(db.session(), row.id, number)
    pages, problems = 0, []
    try:
        pages = page_pictures.count(version.file_key or "", version.media_type or "")
    except (InvalidInputError, NotFoundError) as error:
        problems = describe_all(error, current_locale())
    return render_template(
        "evidence_pages/show.html",
        row=row,
        version=version,
        pages=pages,
        most=page_pictures.MOST_PAGES,
        problems=problems,
    )


@blueprint.get("/<int:evidence_id>/versions/<int:number>/pages/<int:page>")
@requires(Capability.VIEW_TASKS)
def picture(evidence_id: int, number: int, page: int) -> ResponseReturnValue:
    """One page as a picture. The browser may keep it, but asks each time whether it still may show it."""
    row = queries.get_evidence(db.session(), scope(), evidence_id)
    version = queries.get_file(db.session(), row.id, number)
    answer = Response(mimetype=page_pictures.MEDIA_TYPE)
    answer.set_etag(f"{version.file_key}-{page}-{_DRAWING}")
    answer.headers["Cache-Control"] = "private, no-cache"
    if answer.make_conditional(request).status_code != 304:
        answer.set_data(page_pictures.draw(version.file_key or "", version.media_type or "", page))
    return answer
