"""The outbox of a government: every mail, how it stands, and what it says."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import MessageKind, MessageState
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries import outbox as queries
from spbe_tasks.services.queries import people, sending
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.paging import page_number

blueprint = Blueprint("outbox", __name__, url_prefix="/outbox")

# A mail is a document of its own: it may style itself and be framed by us, and nothing else.
MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@blueprint.get("")
@requires(Capability.VIEW_OUTBOX)
def index() -> ResponseReturnValue:
    """The mails, newest first, of one state or of all."""
    state = request.args.get("state", type=MessageState)
    wanted = queries.OutboxFilter(
        request.args.get("kind", type=MessageKind), request.args.get("account", type=int)
    )
    page = page_number()
    counts = queries.count_messages(db.session(), scope(), wanted)
    return render_template(
        "outbox/index.html",
        rows=queries.list_messages(db.session(), scope(), wanted, state=state, page=page),
        wanted=wanted,
        kinds=list(MessageKind),
        people=people.list_accounts(db.session(), scope()),
        asked={name: value for name, value in request.args.items() if value and name != "page"},
        counts=counts,
        **_standing(),
        total=counts.get(state, 0) if state else sum(counts.values()),
        states=list(MessageState),
        state=state,
        page=page,
        per_page=queries.PAGE_SIZE,
    )


@blueprint.get("/<int:message_id>")
@requires(Capability.VIEW_OUTBOX)
def show(message_id: int) -> ResponseReturnValue:
    """One mail as it was sent, how it went, and the reminders it tells."""
    found = queries.get_message(db.session(), scope(), message_id)
    return render_template(
        "outbox/show.html",
        row=found,
        mail=found.message,
        told=queries.list_told(db.session(), scope(), found.message),
        attempts=queries.list_attempts(db.session(), found.message),
        feedback=queries.list_feedback(db.session(), found.message),
        **_standing(),
    )


def _standing() -> dict[str, object]:
    """What holds the government's mail now."""
    today = clock.today(government().timezone)
    return {
        "hold": sending.find_hold(db.session(), scope().government_id, today),
        "stop": sending.find_stop(db.session()),
    }


@blueprint.get("/<int:message_id>/body")
@requires(Capability.VIEW_OUTBOX)
def body(message_id: int) -> ResponseReturnValue:
    """The HTML part alone, for the frame on the mail's page; a script in it would not run."""
    message = queries.get_message(db.session(), scope(), message_id).message
    if message.body_html is None:
        raise NotFoundError("message.not_made")
    response = Response(message.body_html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response
