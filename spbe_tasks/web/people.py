"""The people of a government: the list, inviting, editing, closing and reopening accounts."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Agency
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import accounts, suppressions
from spbe_tasks.services.queries import people as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.people import EditPersonForm, InviteForm

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("")
@requires(Capability.MANAGE_PEOPLE)
def index() -> ResponseReturnValue:
    """Everybody who can or could sign in to this government."""
    return render_template(
        "people/index.html",
        rows=queries.list_accounts(db.session(), scope()),
        blocked=suppressions.standing(db.session(), scope().government_id),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_PEOPLE)
def invite() -> ResponseReturnValue:
    """Invite somebody by mail."""
    agencies = queries.list_agencies(db.session(), scope(), active_only=True)
    form = InviteForm(agencies, agency_id=request.args.get("agency", type=int))
    return answer_form(form, lambda: _invite(form), lambda: render_template("people/invite.html", form=form))


def _invite(form: InviteForm) -> ResponseReturnValue:
    with transaction() as work:
        accounts.invite(work, scope(), form.email.data, form.details, now=clock.now())
    flash(
        _("The invitation to %(email)s is on its way. Its link works for 7 days.", email=form.email.data),
        "success",
    )
    _say_if_paused()
    return redirect(url_for("people.index"))


def _say_if_paused() -> None:
    if government().is_mail_paused:
        flash(_("Mail of this government is paused. The invitation leaves once it is resumed."), "warning")


@blueprint.route("/<int:account_id>", methods=["GET", "POST"])
@requires(Capability.MANAGE_PEOPLE)
def edit(account_id: int) -> ResponseReturnValue:
    """Name, position, role and agency of a person."""
    account = queries.get_account(db.session(), scope(), account_id)
    form = EditPersonForm(_choosable(account), obj=account)
    return answer_form(form, lambda: _store(form, account_id), lambda: _show(form, account))


def _choosable(account: Account) -> list[Agency]:
    """The agencies that are open, and the person's own even if it is closed."""
    agencies = queries.list_agencies(db.session(), scope())
    return [each for each in agencies if each.is_active or each.id == account.agency_id]


def _show(form: EditPersonForm, account: Account) -> str:
    form.carry(account.version)
    return render_template(
        "people/edit.html",
        form=form,
        account=account,
        is_blocked=suppressions.is_standing(db.session(), account.email),
    )


def _store(form: EditPersonForm, account_id: int) -> ResponseReturnValue:
    with transaction() as work:
        accounts.edit(work, scope(), account_id, form.details, version=form.version.data, now=clock.now())
    flash(_("%(name)s is stored.", name=form.name.data), "success")
    return redirect(url_for("people.index"))


@blueprint.post("/<int:account_id>/close")
@requires(Capability.MANAGE_PEOPLE)
def close(account_id: int) -> ResponseReturnValue:
    """Close an account."""
    return _do(accounts.close, account_id, _("The account of %(name)s is closed."))


@blueprint.post("/<int:account_id>/reopen")
@requires(Capability.MANAGE_PEOPLE)
def reopen(account_id: int) -> ResponseReturnValue:
    """Let a closed account in again."""
    return _do(accounts.reopen, account_id, _("The account of %(name)s is open again."))


@blueprint.post("/<int:account_id>/invite")
@requires(Capability.MANAGE_PEOPLE)
def invite_again(account_id: int) -> ResponseReturnValue:
    """Mail the invitation once more."""
    answer = _do(accounts.invite_again, account_id, _("A new invitation to %(name)s is on its way."))
    _say_if_paused()
    return answer


@blueprint.post("/<int:account_id>/reset")
@requires(Capability.MANAGE_PEOPLE)
def send_reset(account_id: int) -> ResponseReturnValue:
    """Mail a link to a new password."""
    return _do(accounts.send_reset, account_id, _("A link to a new password for %(name)s is on its way."))


def _do(service: Callable[..., Account], account_id: int, done: str) -> ResponseReturnValue:
    with transaction() as work:
        name = service(work, scope(), account_id, now=clock.now()).name
    flash(done % {"name": name}, "success")
    return redirect(url_for("people.index"))
