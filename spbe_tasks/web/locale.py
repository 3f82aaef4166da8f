"""The language of a request: the person's choice, else the session's, else the browser's, else Indonesian."""

from babel import negotiate_locale
from flask import g, has_request_context, request, session
from flask_login import current_user

from spbe_tasks.messages import LOCALES

DEFAULT_LOCALE = "id"
SESSION_KEY = "locale"


def current_locale() -> str:
    """``id`` or ``en``."""
    if not has_request_context():
        return DEFAULT_LOCALE
    found: str | None = g.get("locale")
    if found is None:  # asked hundreds of times for one page
        found = g.locale = _find_locale()
    return found


def _find_locale() -> str:
    if current_user and current_user.is_authenticated:
        return str(current_user.locale)
    chosen = session.get(SESSION_KEY)
    if chosen in LOCALES:
        return str(chosen)
    wanted = [tag.replace("-", "_") for tag in request.accept_languages.values()]
    return negotiate_locale(wanted, LOCALES) or DEFAULT_LOCALE
