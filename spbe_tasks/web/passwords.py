"""Choosing a password by a link from a mail, and asking for such a link."""

from flask import Blueprint, current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock, tokens
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.models import Account
from spbe_tasks.services import passwords
from spbe_tasks.tokens import Claim, Purpose
from spbe_tasks.transaction import transaction
from spbe_tasks.web import limits
from spbe_tasks.web.access import public
from spbe_tasks.web.auth import enter
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.auth import ForgottenForm, NewPasswordForm

blueprint = Blueprint("passwords", __name__)


@blueprint.route("/forgot-password", methods=["GET", "POST"])
@public
@limits.of_one_recipient("5/hour")
@limits.of_one_address("30/minute;200/hour")
def forgot() -> ResponseReturnValue:
    """Ask for a link to a new password; the answer is the same whether the address is known or not."""
    form = ForgottenForm()
    return answer_form(form, lambda: _ask(form), lambda: render_template("auth/forgot.html", form=form))


def _ask(form: ForgottenForm) -> ResponseReturnValue:
    with transaction() as work:
        passwords.request_reset(work, form.email.data, now=clock.now())
    return render_template("auth/forgot_sent.html", email=form.email.data)


@blueprint.route("/activate/<token>", methods=["GET", "POST"])
@public
@limits.of_one_address("60/minute")
def activate(token: str) -> ResponseReturnValue:
    """Choose the first password of an account one was invited to."""
    return _choose(Purpose.ACTIVATE, token)


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@public
@limits.of_one_address("60/minute")
def reset(token: str) -> ResponseReturnValue:
    """Choose a new password."""
    return _choose(Purpose.RESET, token)


def _choose(purpose: Purpose, token: str) -> ResponseReturnValue:
    settings: Settings = current_app.extensions["settings"]
    claim = tokens.read(settings.secret_key.get_secret_value(), purpose, token, now=clock.now())
    account = passwords.find_claimed(db.session(), claim)
    if claim is None or account is None:
        return render_template("auth/link_dead.html"), 410
    form = NewPasswordForm()
    return answer_form(form, lambda: _store(form, claim), lambda: _show(form, purpose, account))


def _show(form: NewPasswordForm, purpose: Purpose, account: Account) -> str:
    return render_template("auth/choose_password.html", form=form, purpose=purpose, account=account)


def _store(form: NewPasswordForm, claim: Claim) -> ResponseReturnValue:
    with transaction() as work:
        account = passwords.choose(work, claim, form.password.data, now=clock.now())
        target = enter(account)
    flash(_("Your password is stored and you are signed in."), "success")
    return redirect(target)
