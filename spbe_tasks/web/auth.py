"""Signing in and out, and the language switch."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from spbe_tasks import clock
from spbe_tasks.demo import ketapang
from spbe_tasks.demo.content import read_ketapang
from spbe_tasks.extensions import db
from spbe_tasks.labels import label
from spbe_tasks.messages import LOCALES
from spbe_tasks.models import Account
from spbe_tasks.rules.access import Role
from spbe_tasks.services import people, suppressions, system
from spbe_tasks.transaction import transaction
from spbe_tasks.web import limits
from spbe_tasks.web.access import ACTING_FOR, person, public, role, signed_in
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.auth import LoginForm
from spbe_tasks.web.locale import SESSION_KEY, current_locale

blueprint = Blueprint("auth", __name__)
LANDING = {
    Role.FOCAL_POINT: "tasks.mine",
    Role.REVIEWER: "tasks.review",
    Role.ADMINISTRATOR: "governments.index",
}


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Everybody's first page: set-up while nobody exists, sign-in, or where the person's work is."""
    if current_user.is_authenticated:
        return redirect(url_for(landing(role())))
    if not people.has_administrator(db.session()):
        return redirect(url_for("setup.administrator"))
    return redirect(url_for("auth.login"))


def landing(role: Role) -> str:
    """The endpoint somebody in this role starts at."""
    return LANDING.get(role, "dashboard.show")


@blueprint.route("/login", methods=["GET", "POST"])
@public
@limits.of_one_account("10/minute;60/hour")
@limits.of_one_address("100/minute;1000/hour")
def login() -> ResponseReturnValue:
    """Sign in; a link in a mail that needed it is followed afterwards."""
    form = LoginForm()
    return answer_form(form, lambda: _sign_in(form), lambda: _show(form))


def _show(form: LoginForm) -> str:
    return render_template(
        "auth/login.html",
        form=form,
        forgot_url=url_for("passwords.forgot"),
        demo_accounts=_demo_accounts(),
    )


def _demo_accounts() -> dict[str, Any] | None:
    """The password, and (role, address) of one person per role, where the demo is loaded and these may sign in."""
    if not current_app.extensions["settings"].is_local or not ketapang.is_loaded(db.session()):
        return None
    content = read_ketapang()
    first = {person.role: person for person in reversed(content.people)}
    people = [(label(role, current_locale()), first[role].email) for role in Role if role in first]
    return {"password": content.password, "people": people}


def _sign_in(form: LoginForm) -> ResponseReturnValue:
    with transaction() as work:
        is_local = current_app.extensions["settings"].is_local
        account = people.authenticate(
            work, form.email.data, form.password.data, is_local=is_local, now=clock.now()
        )
        target = enter(account, safe_target(request.args.get("next")))
        is_blocked = suppressions.is_standing(work.session, account.email)
        is_silent = account.role is Role.ADMINISTRATOR and not system.is_background_alive(
            system.last_heartbeat(work.session), clock.now()
        )
    if is_silent:
        flash(_("No reminder is planned and no mail sent: worker and beat are silent. Start them."), "danger")
    if is_blocked:
        flash(_("Mail to your address does not arrive. Tell the coordinator your right address."), "warning")
    return redirect(target)


def enter(account: Account, target: str | None = None) -> str:
    """Sign the account in to this browser; returns where it goes: ``target``, else the role's own first page."""
    session.permanent = True
    session.pop(ACTING_FOR, None)
    login_user(account, remember=False)
    return target or url_for(landing(account.role))


def safe_target(target: str | None) -> str | None:
    """``target`` when it is a path of ours, else None: a link must not send people to another site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


@blueprint.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """Sign out and forget the session."""
    logout_user()
    session.clear()
    flash(_("You are signed out."), "success")
    return redirect(url_for("auth.login"))


@blueprint.post("/locale")
@public
def set_locale() -> ResponseReturnValue:
    """Change the language: of the person when signed in, else of this visit."""
    locale = request.form.get("locale")
    if locale in LOCALES:
        session[SESSION_KEY] = locale
        if current_user.is_authenticated:
            with transaction() as work:
                people.choose_locale(work, person().id, locale)
    return redirect(safe_target(request.form.get("next")) or url_for("auth.home"))
