"""The path to the target: what is cheapest, proved, or what keeps it out of reach. Nothing is stored here."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.path import Outcome
from spbe_tasks.services import paths, scenarios
from spbe_tasks.services.paths import Answer
from spbe_tasks.services.scenarios import Ground
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.paths import PathForm, owner_slugs, path_form
from spbe_tasks.web.locale import current_locale

blueprint = Blueprint("paths", __name__, url_prefix="/paths")
# Nobody waits much longer for a page.
SECONDS = 10.0


@blueprint.get("/<instrument_id>/<int:year>")
@requires(Capability.VIEW_AGENCY_FIGURES)
def show(instrument_id: str, year: int) -> ResponseReturnValue:
    """The question in the address, and its answer."""
    found = scenarios.ground(db.session(), scope(), instrument_id, year, now=clock.now())
    form = path_form(found, paths.default_target(db.session(), scope(), found), request.args)
    return answer_form(
        form,
        lambda: _page(form, found, _find(form, found)),
        lambda: _page(form, found, None),
    )


def _find(form: PathForm, found: Ground) -> Answer:
    wish = form.wish()
    if form.until.data is not None:
        wish = paths.until(db.session(), scope(), found, wish, form.until.data, now=clock.now())
    return paths.find(found, wish, seconds=SECONDS)


def _page(form: PathForm, found: Ground, answer: Answer | None) -> str:
    locale = current_locale()
    bands = [
        {"name": each.name(locale), "lower_bound": each.lower_bound} for each in found.instrument.predicates
    ]
    return render_template(
        "paths/show.html",
        form=form,
        found=found,
        answer=answer,
        slugs=owner_slugs(found),
        bands=bands,
        Outcome=Outcome,
    )
