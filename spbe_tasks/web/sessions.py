"""Who is signed in: loading the person of a session, and sending strangers to the sign-in page."""

from flask import Flask, Response, flash, g, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue

from spbe_tasks.extensions import db, login_manager
from spbe_tasks.messages import describe
from spbe_tasks.models import Account
from spbe_tasks.rules.errors import SpbeError
from spbe_tasks.services.queries import people
from spbe_tasks.web.locale import current_locale


class _Sessions(SecureCookieSessionInterface):
    """Sessions that end some time after the person did something last: a page that asks by itself is not a person."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return session.modified or (not asked_by_page() and super().should_set_cookie(app, session))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not g.get("is_for_everybody"):  # such an answer depends on nobody's cookie, and says so to caches
            super().save_session(app, session, response)


def asked_by_page() -> bool:
    """Whether a script of an open page sent this request by itself, and not whoever sits before it."""
    return request.headers.get("X-Asked-By") == "page"


def init_app(app: Flask) -> None:
    """Teach Flask-Login our accounts, and Flask which requests prolong a session."""
    app.session_interface = _Sessions()
    app.jinja_env.globals["asked_by_page"] = asked_by_page
    login_manager.user_loader(_load)
    login_manager.unauthorized_handler(_turn_away)


def _load(session_id: str) -> Account | None:
    """The active account of "id:session version"; a changed password ends all older sessions."""
    account_id, _, version = session_id.partition(":")
    if not (account_id.isdigit() and version.isdigit()):
        return None
    found = people.find_visitor(db.session(), int(account_id), int(version))
    if found is None:
        return None
    g.unseen_news, g.standing_in = found.unseen_news, found.positions
    account: Account = found.Account
    return account


def _turn_away() -> ResponseReturnValue:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return {"error": "not_signed_in"}, 401
    if request.method != "GET":
        flash(describe(SpbeError("session.ended"), current_locale()), "warning")
        return redirect(url_for("auth.login"))
    target = request.full_path.rstrip("?")
    return redirect(url_for("auth.login", next=target if target != "/" else None))
