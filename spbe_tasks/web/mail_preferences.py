"""What a person wants mailed: their own page, and ending a kind of mail from the mail itself."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock, tokens
from spbe_tasks.config import Settings
from spbe_tasks.extensions import csrf, db
from spbe_tasks.rules.access import Capability, Role
from spbe_tasks.rules.preferences import Preference
from spbe_tasks.rules.reminder_policy import DEFAULT_POLICY
from spbe_tasks.services import mail_preferences, reminder_policies, suppressions
from spbe_tasks.tokens import MailList
from spbe_tasks.transaction import transaction
from spbe_tasks.web import limits
from spbe_tasks.web.access import person, public, requires
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.mail_preferences import MailPreferencesForm

blueprint = Blueprint("mail_preferences", __name__)
# Who is sent the brief of the month, and so asked about it; also whoever stood in for one of them and ended it.
LEADERS = frozenset({Role.COORDINATOR, Role.EXECUTIVE})


@blueprint.route("/profile/mail", methods=["GET", "POST"])
@requires(Capability.OWN_PROFILE, needs_government=False)
def show() -> ResponseReturnValue:
    """How often the digest, which news where, and for leaders whether the brief of the month."""
    at_once = _at_once()
    former = mail_preferences.get(db.session(), person().id)
    form = MailPreferencesForm.of(former, at_once)
    if person().role not in LEADERS and former.wants_monthly:
        del form.wants_monthly
    return answer_form(form, lambda: _store(form.preference(at_once, former=former)), lambda: _show(form))


def _at_once() -> frozenset[str]:
    owner = person().government_id
    policy = reminder_policies.current(db.session(), owner) if owner else DEFAULT_POLICY
    return policy.news_at_once


def _show(form: MailPreferencesForm) -> str:
    return render_template(
        "mail_preferences/show.html",
        form=form,
        is_suppressed=suppressions.is_standing(db.session(), person().email),
    )


def _store(preference: Preference) -> ResponseReturnValue:
    with transaction() as work:
        mail_preferences.store(work, person().id, preference, now=clock.now())
    flash(_("Your choice is stored. It counts from the next mail on."), "success")
    return redirect(url_for("mail_preferences.show"))


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@csrf.exempt  # the signed token in the address is the permission: mail programs post without a session (RFC 8058)
@public
@limits.of_one_address("60/minute")
def unsubscribe(token: str) -> ResponseReturnValue:
    """What the link would end, and the button that does: whoever only follows links, as scanners do, ends nothing."""
    claim = tokens.read_unsubscribe(_secret_key(), token)
    if claim is None:
        return _dead()
    if request.method == "GET":
        return render_template("mail_preferences/unsubscribe.html", mail_list=claim[1], token=token)
    return _take_back(token, *claim) if "undo" in request.form else _end(token, *claim)


def _end(token: str, account_id: int, mail_list: MailList) -> ResponseReturnValue:
    """End the list. The page can take it back, which a second post of a mail program leaves as it is."""
    with transaction() as work:
        former = mail_preferences.unsubscribe(work, account_id, mail_list, now=clock.now())
    undo = tokens.undo(_secret_key(), account_id, former.to_settings()) if former else None
    return render_template("mail_preferences/ended.html", mail_list=mail_list, token=token, undo=undo)


def _take_back(token: str, account_id: int, mail_list: MailList) -> ResponseReturnValue:
    former = tokens.read_undo(_secret_key(), request.form["undo"], account_id)
    if former is None:
        return _dead()
    with transaction() as work:
        mail_preferences.store(work, account_id, Preference.from_settings(former), now=clock.now())
    return render_template("mail_preferences/restored.html", mail_list=mail_list, token=token)


def _dead() -> ResponseReturnValue:
    return render_template("mail_preferences/link_dead.html"), 404


def _secret_key() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.secret_key.get_secret_value()
