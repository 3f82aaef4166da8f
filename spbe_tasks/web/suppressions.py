"""Addresses that mail is not sent to: the list, letting one go, blocking one by hand."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import suppressions
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries import suppressions as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.suppressions import SuppressForm

blueprint = Blueprint("suppressions", __name__, url_prefix="/reminders/addresses")


@blueprint.route("", methods=["GET", "POST"])
@requires(Capability.MANAGE_PEOPLE)
def index() -> ResponseReturnValue:
    """Whose address is blocked and why, whose was, and blocking one."""
    form = SuppressForm()
    form.offer(people.list_accounts(db.session(), scope()))
    return answer_form(form, lambda: _suppress(form), lambda: _show(form))


def _show(form: SuppressForm) -> str:
    return render_template(
        "suppressions/index.html",
        form=form,
        rows=queries.list_suppressed(db.session(), scope()),
        released=queries.list_suppressed(db.session(), scope(), released=True),
    )


def _suppress(form: SuppressForm) -> ResponseReturnValue:
    with transaction() as work:
        account = suppressions.suppress_by_hand(
            work, scope(), form.account_id.data, form.detail.data, now=clock.now()
        )
    flash(_("%(name)s gets no mail any more.", name=account.name), "success")
    return redirect(url_for("suppressions.index"))


@blueprint.post("/<int:suppression_id>/release")
@requires(Capability.MANAGE_PEOPLE)
def release(suppression_id: int) -> ResponseReturnValue:
    """Send mail to an address again."""
    with transaction() as work:
        address = suppressions.release(work, scope(), suppression_id, now=clock.now()).address
    flash(_("Mail is sent to %(address)s again, from the next planning on.", address=address), "success")
    return redirect(url_for("suppressions.index"))
