"""The webhook of a mail provider: signed statements about our mails, each taken in once."""

import hashlib
import hmac
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from spbe_tasks import clock, feedback
from spbe_tasks.config import Settings
from spbe_tasks.extensions import csrf
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.feedback import FeedbackKind, Report, find_status, kind_of_status
from spbe_tasks.web import limits
from spbe_tasks.web.access import public
from spbe_tasks.web.forms.fields import one_line

blueprint = Blueprint("mail_feedback", __name__)

TIMESTAMP, SIGNATURE = "X-Feedback-Timestamp", "X-Feedback-Signature"
# How far the sender's clock may be from ours; an older statement is not believed even if its signature is right.
TOLERANCE_SECONDS = 300
LONGEST_BODY = 20_000
LONGEST_TEXT = 300


@blueprint.post("/hooks/mail-feedback")
@csrf.exempt  # the signature is the permission: there is no session
@public
@limits.of_one_address("600/minute")
def take() -> ResponseReturnValue:
    """One statement as a JSON object: ``address``, ``status``, ``message_id``, ``detail``, ``kind``.

    202 when it is taken in, 200 when it was before. Told about neither mail nor address of ours, it is only noted.
    """
    body = _signed_body()
    report = _report(_object())
    is_new = feedback.take(f"hook:{hashlib.sha256(body).hexdigest()}", report, is_signed=True)
    return {"taken": is_new}, 202 if is_new else 200


def _signed_body() -> bytes:
    """Timestamp and body as they were signed. Raises NotFoundError without a secret, ForbiddenError when forged."""
    settings: Settings = current_app.extensions["settings"]
    secret = settings.webhook_secret
    if secret is None:
        raise NotFoundError("feedback.not_set_up")
    if (request.content_length or 0) > LONGEST_BODY:
        raise InvalidInputError.of("feedback.too_long")
    stamp, given = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    content = f"{stamp}.".encode() + request.get_data()
    wanted = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.removeprefix("sha256=").encode()):
        raise ForbiddenError("feedback.bad_signature")
    if (
        not stamp.isascii()
        or not stamp.isdigit()
        or abs(clock.now().timestamp() - int(stamp)) > TOLERANCE_SECONDS
    ):
        raise ForbiddenError("feedback.too_old")
    return content


def _object() -> dict[str, Any]:
    found = request.get_json(silent=True, force=True)
    if not isinstance(found, dict):
        raise InvalidInputError.of("feedback.no_object")
    return found


def _report(given: dict[str, Any]) -> Report:
    """Raises InvalidInputError naming the field that cannot be used."""
    texts = {name: _text(given, name) for name in ("address", "status", "message_id", "detail", "kind")}
    status = find_status(texts["status"])
    if texts["status"] and status is None:
        raise InvalidInputError.of("feedback.bad_status", "status")
    if texts["kind"] and texts["kind"] not in tuple(FeedbackKind):
        raise InvalidInputError.of("feedback.bad_kind", "kind", choices=", ".join(FeedbackKind))
    if not status and not texts["kind"]:
        raise InvalidInputError.of("feedback.says_nothing", "status")
    kind = FeedbackKind(texts["kind"]) if texts["kind"] else kind_of_status(status or "")
    name = texts["message_id"].strip("<> ")
    return Report(
        kind,
        address=texts["address"].strip().lower() or None,
        status=status,
        detail=texts["detail"],
        message_ids=(f"<{name}>",) if name else (),
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise InvalidInputError.of("feedback.bad_text", name, longest=LONGEST_TEXT)
    return one_line(value)
