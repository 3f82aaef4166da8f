"""Acting officers (Plt/Plh): appointing and ending them, and taking a position and leaving it again."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import acting
from spbe_tasks.services.queries import acting as queries
from spbe_tasks.services.queries import people
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import ACTING_FOR, government, person, positions, requires, scope, signed_in
from spbe_tasks.web.auth import landing
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.acting import ActingForm

blueprint = Blueprint("acting", __name__, url_prefix="/acting")


@blueprint.route("", methods=["GET", "POST"])
@requires(Capability.MANAGE_PEOPLE)
def index() -> ResponseReturnValue:
    """Who stands in for whom, and one more."""
    today = clock.today(government().timezone)
    form = ActingForm(people.list_accounts(db.session(), scope()), data={"from_on": today})
    return answer_form(
        form,
        lambda: _add(form),
        lambda: render_template(
            "acting/index.html", form=form, rows=queries.list_all(db.session(), scope()), today=today
        ),
    )


@blueprint.post("/<int:acting_officer_id>/end")
@requires(Capability.MANAGE_PEOPLE)
def end(acting_officer_id: int) -> ResponseReturnValue:
    """End an appointment at once."""
    with transaction() as work:
        acting.end(work, scope(), acting_officer_id, now=clock.now())
    flash(_("It is ended: nobody stands in any more."), "success")
    return redirect(url_for("acting.index"))


@blueprint.post("/take/<int:account_id>")
@signed_in
def take(account_id: int) -> ResponseReturnValue:
    """From now on do everything in the position of somebody who is absent."""
    wanted = next((each for each in positions() if each.account_id == account_id), None)
    if wanted is None:
        raise NotFoundError("acting.not_yours")
    session[ACTING_FOR] = account_id
    return redirect(url_for(landing(wanted.role)))


@blueprint.post("/leave")
@signed_in
def leave() -> ResponseReturnValue:
    """Back to one's own position."""
    session.pop(ACTING_FOR, None)
    return redirect(url_for(landing(person().role)))


def _add(form: ActingForm) -> ResponseReturnValue:
    with transaction() as work:
        acting.add(work, scope(), form.said, now=clock.now())
    flash(_("The acting officer is appointed. They find the position in their menu."), "success")
    return redirect(url_for("acting.index"))
