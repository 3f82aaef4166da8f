"""A person's keys for programs: making one, which is shown this once, and ending it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import api_keys
from spbe_tasks.services.queries import api_keys as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.api_keys import ApiKeyForm

blueprint = Blueprint("api_keys", __name__, url_prefix="/profile/keys")


@blueprint.route("", methods=["GET", "POST"])
@requires(Capability.VIEW_TASKS)
def manage() -> ResponseReturnValue:
    """The person's keys; a post makes another one."""
    form = ApiKeyForm()
    return answer_form(form, lambda: _give(form), lambda: _page(form))


@blueprint.post("/<int:key_id>/end")
@requires(Capability.VIEW_TASKS)
def end(key_id: int) -> ResponseReturnValue:
    """End one key."""
    with transaction() as work:
        api_keys.end(work, scope(), key_id, now=clock.now())
    flash(_("The key opens nothing any more."), "success")
    return redirect(url_for("api_keys.manage"))


def _give(form: ApiKeyForm) -> ResponseReturnValue:
    with transaction() as work:
        secret = api_keys.give(work, scope(), form.name.data, now=clock.now())
    return _page(ApiKeyForm(formdata=None), secret=secret)


def _page(form: ApiKeyForm, secret: str | None = None) -> str:
    rows = queries.list_own(db.session(), scope())
    return render_template("profile/keys.html", form=form, rows=rows, secret=secret)
