"""Words about reminders where there is no template, in exports: those of the pages."""

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup

from spbe_tasks.models import Message
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services.queries.mail_proof import Proof

MAILS, REMINDERS = "outbox/_words.html", "reminders/_words.html"


def ending_words(state: IntentState) -> str:
    """Where a reminder stands or how it ended."""
    return _say(REMINDERS, "ending_words", state)


def cancel_words(reason: str) -> str:
    """Why a reminder was cancelled."""
    return _say(REMINDERS, "cancel_words", reason)


def message_words(message: Message | None) -> str:
    """How the mail ended, what the server said, and why it ended so or waits: one that was taken may have come back."""
    if message is None:
        return ""
    state = _say(MAILS, "message_state", message.state)
    said = [message.server_answer or "", _say(MAILS, "reason_words", message.reason)]
    return ": ".join([state, " – ".join(filter(None, said))]) if any(said) else state


def rung_words(row: Proof) -> str:
    """On which step of which ladder it was told, and of which due date when that was moved."""
    words = _say(MAILS, "rung_words", row.rung) if row.rung else row.intent.rung
    moved = row.intent.due_version
    return f"{words}, {_('date no. %(number)s', number=moved)}" if moved > 1 else words


def seal_words(position: int | None, is_proved: bool | None) -> str:
    """Where the end of the mail stands in the trail; said aloud when the row is not as it stands there."""
    if is_proved is None:
        return ""
    if not is_proved:
        return _("differs from the trail")
    return f"#{position}" if position else _("not sealed yet")


def _say(template: str, macro: str, value: object) -> str:
    words: Markup = getattr(current_app.jinja_env.get_template(template).module, macro)(value)
    return words.unescape().strip()
