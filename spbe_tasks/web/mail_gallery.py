"""Every mail the product sends, with invented contents, as the code that sends it writes it."""

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from spbe_tasks import clock, mail_samples, rendering
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.mail_headers import Office
from spbe_tasks.mail_samples import SAMPLES
from spbe_tasks.messages import LOCALES
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import send_round
from spbe_tasks.services.letters import Mail
from spbe_tasks.web.access import government, requires
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.outbox import MAIL_CSP

blueprint = Blueprint("mail_gallery", __name__, url_prefix="/outbox/gallery")


@blueprint.get("")
@requires(Capability.VIEW_OUTBOX)
def show() -> ResponseReturnValue:
    """All of them in frames as wide as a phone, with their subjects and text parts."""
    mails = {name: _mail(name) for name in SAMPLES}
    return render_template("mail_gallery/show.html", mails=mails, language=_language())


@blueprint.get("/body")
@requires(Capability.VIEW_OUTBOX)
def body() -> ResponseReturnValue:
    """The HTML part of one, for its frame; a script in it would not run."""
    name = request.args.get("name", "digest")
    if name not in SAMPLES:
        raise NotFoundError("message.not_found")
    response = Response(_mail(name).kept_html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


def _mail(name: str) -> Mail:
    settings: Settings = current_app.extensions["settings"]
    # Signed with no secret of ours: a sample opens nothing.
    office = Office(settings.public_url, "sample", settings.mail_from)
    now = clock.now()
    sender = send_round.sender_of(db.session(), government())
    today = clock.today(government().timezone)
    return rendering.render(mail_samples.letter(name, sender, _language(), now=now, today=today), office)


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in LOCALES else current_locale()
