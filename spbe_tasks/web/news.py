"""What a person is told: the number at the bell, the page behind it, and marking as seen."""

from typing import Any

from flask import Blueprint, Flask, Response, after_this_request, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Row

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import instruments, news
from spbe_tasks.services.queries import news as queries
from spbe_tasks.services.queries.news import MOST_COUNTED
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.paging import page_number
from spbe_tasks.web.task_words import title_of

blueprint = Blueprint("news", __name__, url_prefix="/news")


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def index() -> ResponseReturnValue:
    """What the person was told: what they have not seen yet, then the rest, newest first."""
    page = page_number()
    see_task(_NO_TASK)  # what is about no task has no other page to be seen on
    rows = queries.list_news(db.session(), scope(), page=page)
    titles = {row.News.id: _title(row) for row in rows if row.News.task_id is not None}
    return render_template(
        "news/index.html",
        rows=rows,
        titles=titles,
        total=queries.count_news(db.session(), scope()),
        page=page,
    )


@blueprint.post("/seen")
@requires(Capability.VIEW_TASKS)
def see_all() -> ResponseReturnValue:
    """Mark everything as seen."""
    with transaction() as work:
        news.mark_seen(work, scope(), now=clock.now())
    flash(_("All news are marked as seen."), "success")
    return redirect(url_for("news.index"))


def see_task(task_id: int) -> None:
    """Whoever opens a task has seen its news: the bell of this page counts them no more; costs nothing without any.

    They are marked once the page is written, because storing makes the session forget what the page shows.
    """
    if task_id in _unseen():
        g.unseen_news = [each for each in _unseen() if each != task_id]
        after_this_request(lambda response: _mark(response, task_id))


def _mark(response: Response, task_id: int) -> Response:
    with transaction() as work:
        news.mark_seen(work, scope(), now=clock.now(), task_id=task_id)
    return response


# How ``queries.news.unseen_of`` tells news of no task.
_NO_TASK = 0


def _unseen() -> list[int]:
    """The tasks of the person's unseen news, as read with the person."""
    found: list[int] = g.get("unseen_news", [])
    return found


def _title(row: Row[Any]) -> str:
    instrument = instruments.get(db.session(), government().id, row.instrument_id)
    return title_of(row.title, instrument.indicator(row.indicator_number), current_locale())


def _bell() -> dict[str, Any]:
    """How many news the bell shows; the exact number up to ``MOST_COUNTED``."""
    number = len(_unseen())
    return {"unseen_news": f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number or "")}


def init_app(app: Flask) -> None:
    """Give every page its bell."""
    app.context_processor(_bell)
