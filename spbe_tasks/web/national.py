"""National context: the government among all that were evaluated, by year, and those most like it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.national.loader import INSTRUMENT
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.national import Published
from spbe_tasks.services import national
from spbe_tasks.services.national import Ranked
from spbe_tasks.web.access import government, requires
from spbe_tasks.web.paging import page_number

blueprint = Blueprint("national", __name__)
PAGE_SIZE = 25


@blueprint.get("/national")
@requires(Capability.VIEW_DASHBOARD)
def show() -> ResponseReturnValue:
    """Averages, rank and predicates by year; below, the governments of its kind, opened where it stands itself."""
    years = national.by_year(government())
    asked = request.args.get("of", type=int)
    chosen = next((each for each in years if each.year == asked), years[-1])
    text, province = request.args.get("name", "").strip(), request.args.get("province", "")
    rows = national.peers(government(), chosen.year, text=text, province=province)
    page = page_number() if "page" in request.args else _page_of(chosen.own, rows)
    return render_template(
        "national/show.html",
        years=years,
        year=chosen.year,
        instrument=get_instrument(INSTRUMENT),
        rows=rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        total=len(rows),
        page=page,
        per_page=PAGE_SIZE,
        text=text,
        province=province,
        provinces=national.provinces(government(), chosen.year),
    )


def _page_of(own: Published | None, rows: Ranked) -> int:
    """The page on which the government itself stands; the first when it does not."""
    at = next((at for at, (_place, row) in enumerate(rows) if row is own), 0)
    return at // PAGE_SIZE + 1
