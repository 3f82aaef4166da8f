"""The first start: the administrator is made in the browser, once."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import people
from spbe_tasks.transaction import transaction
from spbe_tasks.web import limits
from spbe_tasks.web.access import public
from spbe_tasks.web.auth import enter
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.auth import AdministratorForm

blueprint = Blueprint("setup", __name__)


@blueprint.route("/setup", methods=["GET", "POST"])
@public
@limits.of_one_address("30/minute")
def administrator() -> ResponseReturnValue:
    """Make the first administrator; there is no such page once one exists."""
    if people.has_administrator(db.session()):
        raise NotFoundError("setup.done")
    form = AdministratorForm()
    return answer_form(
        form, lambda: _store(form), lambda: render_template("setup/administrator.html", form=form)
    )


def _store(form: AdministratorForm) -> ResponseReturnValue:
    with transaction() as work:
        account = people.set_up(work, form.email.data, form.name.data, form.password.data, now=clock.now())
        target = enter(account, url_for("governments.create"))
    flash(_("Your account is ready. Now enter the government that SPBE Tasks works for."), "success")
    return redirect(target)
