"""What holds mail and lets it go: a day's most messages of a government, the stop of the installation; and a test."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import brakes, outbox
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, person, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.closing import ReasonForm

blueprint = Blueprint("mail_brakes", __name__)


@blueprint.post("/outbox/release")
@requires(Capability.VIEW_OUTBOX)
def release() -> ResponseReturnValue:
    """Let the government's mail go on today although its most messages have left."""
    with transaction() as work:
        brakes.release(work, scope(), clock.today(government().timezone), now=clock.now())
    flash(_("The mail goes on. What waits leaves in a moment."), "success")
    return redirect(url_for("outbox.index"))


@blueprint.post("/outbox/test")
@requires(Capability.VIEW_OUTBOX)
def test() -> ResponseReturnValue:
    """A test to oneself, whose way the outbox shows."""
    with transaction() as work:
        asked = outbox.ask_for_test(work, person().id, scope().government_id, now=clock.now())
        message_id, address = asked.id, asked.to_address
    flash(
        _("A test goes to %(address)s. Here you see what the mail server answers.", address=address),
        "success",
    )
    return redirect(url_for("outbox.show", message_id=message_id))


@blueprint.route("/system/mail", methods=["GET", "POST"])
@requires(Capability.VIEW_SYSTEM, needs_government=False)
def system() -> ResponseReturnValue:
    """Whether the mail of the whole installation is stopped, and stopping it."""
    form = ReasonForm()
    return answer_form(
        form,
        lambda: _stop(form),
        lambda: render_template("mail_brakes/system.html", form=form, stop=queries.find_stop(db.session())),
    )


def _stop(form: ReasonForm) -> ResponseReturnValue:
    with transaction() as work:
        brakes.stop_all(work, form.reason.data or "", actor_id=person().id, now=clock.now())
    flash(_("No mail leaves any more until you let it go on."), "success")
    return redirect(url_for("mail_brakes.system"))


@blueprint.post("/system/mail/go-on")
@requires(Capability.VIEW_SYSTEM, needs_government=False)
def go_on() -> ResponseReturnValue:
    """Let the mail of the installation go on."""
    with transaction() as work:
        brakes.go_on(work, actor_id=person().id, now=clock.now())
    flash(_("The mail goes on. What waits leaves in a moment."), "success")
    return redirect(url_for("mail_brakes.system"))
