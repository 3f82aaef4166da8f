"""Saved views of the task list: keeping the list one looks at, opening it, sharing it, opening the list with it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import saved_views
from spbe_tasks.services.queries import saved_views as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_filters
from spbe_tasks.web.access import person, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.saved_views import ViewForm

blueprint = Blueprint("saved_views", __name__, url_prefix="/tasks/views")

# Of an instrument: parts are kept by number, whatever the year's instrument calls them.
_PARTS = ("domain", "aspect", "indicator")


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def index() -> ResponseReturnValue:
    """One's own views and the shared ones."""
    views = queries.list_visible(db.session(), scope())
    return render_template("saved_views/index.html", views=views, default_id=person().default_view_id)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Capability.VIEW_TASKS)
def create() -> ResponseReturnValue:
    """Keep what the address says about the list under a name."""
    form = ViewForm()
    return answer_form(form, lambda: _create(form), lambda: _page(form))


@blueprint.route("/<int:view_id>", methods=["GET", "POST"])
@requires(Capability.VIEW_TASKS)
def edit(view_id: int) -> ResponseReturnValue:
    """Rename one's own view, share it or not."""
    view = queries.get_own(db.session(), scope(), view_id)
    form = ViewForm(obj=view)
    return answer_form(form, lambda: _change(form, view_id), lambda: _page(form, view_id))


@blueprint.post("/<int:view_id>/remove")
@requires(Capability.VIEW_TASKS)
def remove(view_id: int) -> ResponseReturnValue:
    """Forget one's own view."""
    with transaction() as work:
        saved_views.remove(work, scope(), view_id, now=clock.now())
    flash(_("The view is removed."), "success")
    return redirect(url_for("saved_views.index"))


@blueprint.post("/<int:view_id>/default")
@requires(Capability.VIEW_TASKS)
def set_default(view_id: int) -> ResponseReturnValue:
    """Open the list with this view from now on; with everything again, where it does already."""
    chosen = None if person().default_view_id == view_id else view_id
    with transaction() as work:
        saved_views.set_default(work, scope(), chosen)
    flash(
        _("Your list of tasks opens with this view.") if chosen else _("Your list opens with all tasks."),
        "success",
    )
    return redirect(url_for("saved_views.index"))


def _create(form: ViewForm) -> ResponseReturnValue:
    address = task_filters.read(request.args, None)
    query: dict[str, Any] = address.as_args() | {
        name: request.args[name] for name in _PARTS if request.args.get(name)
    }
    with transaction() as work:
        view_id = saved_views.create(work, scope(), form.words(), query, now=clock.now()).id
    flash(_("The view is saved."), "success")
    return redirect(url_for("tasks.index", **query, view=view_id))


def _change(form: ViewForm, view_id: int) -> ResponseReturnValue:
    with transaction() as work:
        saved_views.change(work, scope(), view_id, form.words(), version=form.version.data, now=clock.now())
    flash(_("The view is saved."), "success")
    return redirect(url_for("saved_views.index"))


def _page(form: ViewForm, view_id: int | None = None) -> str:
    if view_id is not None:
        form.carry(queries.get_own(db.session(), scope(), view_id).version)
    return render_template("saved_views/edit.html", form=form, view_id=view_id)
