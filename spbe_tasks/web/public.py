"""What a government shows to everybody: the same page for all, so that caches may keep it; no session, no cookie."""

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import LOCALES
from spbe_tasks.services import public_pages, trends
from spbe_tasks.services.queries import public_pages as queries
from spbe_tasks.web import limits
from spbe_tasks.web.access import public
from spbe_tasks.web.file_answers import picture
from spbe_tasks.web.locale import DEFAULT_LOCALE

blueprint = Blueprint("public", __name__, url_prefix="/public")
KEPT_SECONDS = 300
# Where it stands and where it is to go; what may become of open work is for those who know it.
SHOWN = ("baseline", "secured", "target")


@blueprint.get("/<slug>")
@public
@limits.reads_of_one_address("120/minute")
def show(slug: str) -> ResponseReturnValue:
    """Index, target and progress by domain; in the language of the address."""
    asked = request.args.get("lang")
    g.locale = locale = asked if asked in LOCALES else DEFAULT_LOCALE
    g.is_for_everybody = True  # the frame of a person would make the page theirs
    page = public_pages.read(db.session(), slug)
    g.government, overview = page.government, page.overview
    response = Response(
        render_template(
            "public/show.html",
            page=page,
            overview=overview,
            freshness=overview.freshness(clock.now()) if overview else None,
            marks=[mark for mark in trends.marks(overview, locale) if mark.key in SHOWN] if overview else [],
            predicates=overview.instrument.predicates if overview else (),
            locale=locale,
        )
    )
    response.cache_control.public = True
    response.cache_control.max_age = KEPT_SECONDS
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/<slug>/logo")
@public
@limits.reads_of_one_address("120/minute")
def logo(slug: str) -> ResponseReturnValue:
    """The logo that stands at the top of it."""
    return picture(queries.get_government(db.session(), slug).logo_key, is_public=True, max_age=KEPT_SECONDS)
