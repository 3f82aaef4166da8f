"""Words about reminders where there is no template: in exports."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _

from spbe_tasks.models import Message, MessageState
from spbe_tasks.rules.ladder import PUBLISHED, LadderName, Level, Rung
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services.queries.mail_proof import Proof


def ending_words(state: IntentState) -> str:
    """Where a reminder stands or how it ended."""
    return {
        IntentState.OPEN: _("waits"),
        IntentState.CARRIED: _("being handed over"),
        IntentState.SENT: _("told"),
        IntentState.SUPERSEDED: _("replaced by a later one"),
        IntentState.CANCELLED: _("no longer needed"),
        IntentState.SUPPRESSED: _("address blocked"),
        IntentState.FAILED: _("not proven to be told"),
    }[state]


def cancel_words(reason: str) -> str:
    """Why a reminder was cancelled, in the words of the pages."""
    words: Any = current_app.jinja_env.get_template("reminders/_words.html").module
    return str(words.cancel_words(reason)).strip()


def message_words(message: Message | None) -> str:
    """How the mail ended, and what the server said."""
    if message is None:
        return ""
    state = {
        MessageState.PENDING: _("Waiting"),
        MessageState.HANDING_OVER: _("Being handed over"),
        MessageState.SENT: _("Sent"),
        MessageState.UNCERTAIN: _("Uncertain"),
        MessageState.CANCELLED: _("Cancelled"),
        MessageState.FAILED: _("Failed"),
    }[message.state]
    return f"{state}: {message.server_answer}" if message.server_answer else state


def rung_words(row: Proof) -> str:
    """On which step of which ladder it was told, and of which due date when that was moved."""
    moved = row.intent.due_version
    words = _step(row)
    return f"{words}, {_('date no. %(number)s', number=moved)}" if moved > 1 else words


def _step(row: Proof) -> str:
    rung = row.rung
    if rung is None:
        return row.intent.rung
    match rung.ladder:
        case LadderName.ESCALATION:
            return {
                Level.AGENCY_HEAD: _("escalated to the agency head"),
                Level.COORDINATOR: _("escalated to the coordinator"),
                Level.EXECUTIVE: _("escalated to the leaders"),
            }[Level(rung.step)]
        case LadderName.REVIEW:
            return _("working days in review: %(days)s", days=rung.step)
        case LadderName.EXPIRY:
            return _("days until evidence ends: %(days)s", days=-rung.step)
        case LadderName.DUE:
            return _around_due_date(rung)


def _around_due_date(rung: Rung) -> str:
    if rung == PUBLISHED:
        return _("new task")
    if rung.step < 0:
        return _("days before: %(days)s", days=-rung.step)
    return _("days after: %(days)s", days=rung.step) if rung.step else _("on the day")


def seal_words(position: int | None, is_proved: bool | None) -> str:
    """Where the end of the mail stands in the trail; said aloud when the row is not as it stands there."""
    if is_proved is None:
        return ""
    if not is_proved:
        return _("differs from the trail")
    return f"#{position}" if position else _("not sealed yet")
