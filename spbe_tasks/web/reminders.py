"""Reminders: the mails of a day to come, sending now, the rules, and the mail a person would get."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe_all
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.services import (
    calendars,
    official_notes,
    reminder_policies,
    reminder_policy_review,
    reminder_preview,
    reminders,
)
from spbe_tasks.services.queries import people
from spbe_tasks.services.reminder_policy_review import Review
from spbe_tasks.services.reminder_preview import Preview, Recipient
from spbe_tasks.services.reminders import Hold, Outcome
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.reminders import RulesForm
from spbe_tasks.web.locale import current_locale

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")


@blueprint.get("")
@requires(Capability.VIEW_OUTBOX)
def tomorrow() -> ResponseReturnValue:
    """Who gets what on a day, the next working day unless another one is asked for."""
    on = request.args.get("on", _next_working_day(), type=date.fromisoformat)
    agency_id = request.args.get("agency", type=int)
    preview, problem = _preview(on)
    return render_template(
        "reminders/tomorrow.html",
        on=on,
        preview=preview,
        problem=problem,
        recipients=_of_agency(preview, agency_id) if preview else (),
        agencies=people.list_agencies(db.session(), scope(), active_only=True),
        agency_id=agency_id,
        has_note=agency_id is not None
        and official_notes.is_called_for(db.session(), scope(), agency_id, now=clock.now()),
    )


def _next_working_day() -> date:
    day_after = clock.today(government().timezone) + timedelta(days=1)
    return calendars.load(db.session(), government()).next_working_day(day_after)


def _preview(on: date) -> tuple[Preview | None, str | None]:
    try:
        return reminder_preview.preview(db.session(), scope(), on, now=clock.now()), None
    except InvalidInputError as error:
        return None, " ".join(describe_all(error, current_locale()))


def _of_agency(preview: Preview, agency_id: int | None) -> tuple[Recipient, ...]:
    """The mails that tell something of one agency; all of them when none is chosen."""
    if agency_id is None:
        return preview.recipients
    return tuple(
        each
        for each in preview.recipients
        if any(reminder.agency_id == agency_id for reminder in each.reminders)
    )


@blueprint.post("/send")
@requires(Capability.SEND_REMINDERS)
def send() -> ResponseReturnValue:
    """Plan what is due now and have it sent, instead of waiting for the next minute's planning."""
    with transaction() as work:
        outcome = reminders.plan_government(work, government().id, now=clock.now())
    flash(*_sent(outcome))
    return redirect(url_for("reminders.tomorrow"))


def _sent(outcome: Outcome) -> tuple[str, str]:
    holds = {
        Hold.PAUSED: _("Nothing leaves: mail of this government is paused."),
        Hold.DAY_OFF: _("Nothing leaves today: it is a day off."),
        Hold.OUTSIDE_WINDOW: _("Nothing leaves now: it is outside the hours for mail."),
    }
    if outcome.hold:
        return holds[outcome.hold], "warning"
    count = len(outcome.message_ids)
    if not count:
        return _("Everything that is due has been sent or is on its way."), "info"
    words = ngettext(
        "On its way: %(num)s mail. The outbox shows how it ends.",
        "On their way: %(num)s mails. The outbox shows how they end.",
        count,
    )
    return words, "success"


@blueprint.route("/rules", methods=["GET", "POST"])
@requires(Capability.MANAGE_GOVERNMENT)
def rules() -> ResponseReturnValue:
    """The rules in their present version, what others would change tomorrow, and all versions."""
    standing = reminder_policies.standing(db.session(), scope().government_id)
    form = RulesForm.of(standing.policy, standing.number)

    def page(review: Review | None = None) -> str:
        versions = reminder_policies.list_versions(db.session(), scope())
        values: dict[str, Any] = {"form": form, "review": review, "versions": versions, "standing": standing}
        return render_template("reminders/rules.html", **values)

    def look(policy: ReminderPolicy) -> str:
        return page(reminder_policy_review.review(db.session(), scope(), policy, now=clock.now()))

    def store() -> ResponseReturnValue:
        policy = ReminderPolicy.from_settings(form.settings())
        return _store(form, policy) if form.store.data else look(policy)

    return answer_form(form, store, page)


def _store(form: RulesForm, policy: ReminderPolicy) -> ResponseReturnValue:
    with transaction() as work:
        version = reminder_policies.store(
            work,
            scope(),
            policy,
            seen_number=form.seen_number.data or 0,
            note=form.note.data or "",
            now=clock.now(),
        )
    flash(_("The rules are stored as version %(number)s.", number=version.number), "success")
    return redirect(url_for("reminders.rules"))
