"""One's own profile: name, language, password."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import passwords, people
from spbe_tasks.services.queries import people as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import person, requires, scope
from spbe_tasks.web.auth import enter
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.auth import ChangePasswordForm
from spbe_tasks.web.forms.people import ProfileForm

blueprint = Blueprint("profile", __name__, url_prefix="/profile")


@blueprint.route("", methods=["GET", "POST"])
@requires(Capability.OWN_PROFILE, needs_government=False)
def show() -> ResponseReturnValue:
    """Name and language."""
    form = ProfileForm(obj=person())
    return answer_form(form, lambda: _store(form), lambda: _show(form))


def _show(form: ProfileForm) -> str:
    me = person()
    form.carry(me.version)
    agency = queries.get_agency(db.session(), scope(), me.agency_id) if me.agency_id else None
    return render_template("profile/show.html", form=form, agency=agency)


def _store(form: ProfileForm) -> ResponseReturnValue:
    with transaction() as work:
        people.edit_profile(
            work, person().id, form.name.data, form.locale.data, version=form.version.data, now=clock.now()
        )
    refresh()  # what is said now is said in the language just chosen
    flash(_("Your profile is stored."), "success")
    return redirect(url_for("profile.show"))


@blueprint.route("/password", methods=["GET", "POST"])
@requires(Capability.OWN_PROFILE, needs_government=False)
def password() -> ResponseReturnValue:
    """Change the password; every other browser is signed out."""
    form = ChangePasswordForm()
    return answer_form(
        form, lambda: _change(form), lambda: render_template("profile/password.html", form=form)
    )


def _change(form: ChangePasswordForm) -> ResponseReturnValue:
    with transaction() as work:
        account = passwords.change(
            work, person().id, form.old_password.data, form.password.data, now=clock.now()
        )
        target = enter(account, url_for("profile.show"))
    flash(_("Your password is changed. Other browsers are signed out."), "success")
    return redirect(target)
