"""One table from our errors to HTTP; answered as a page or as JSON, by what was asked for."""

import logging
from collections.abc import Callable

from flask import Flask, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest, HTTPException

from spbe_tasks.adapters.storage import StorageError
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe, describe_all
from spbe_tasks.rules.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidTransitionError,
    NotFoundError,
    SpbeError,
    UnavailableError,
)
from spbe_tasks.web.locale import current_locale

log = logging.getLogger(__name__)

STATUS: dict[type[SpbeError], int] = {
    NotFoundError: 404,
    ForbiddenError: 403,
    InvalidInputError: 422,
    InvalidTransitionError: 409,
    ConflictError: 409,
    UnavailableError: 503,
}


def status_of(error: SpbeError) -> int:
    """The HTTP status of one of our errors."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)


def init_app(app: Flask) -> None:
    """Register the handlers, once, on the app."""
    app.register_error_handler(SpbeError, _refused)
    app.register_error_handler(StorageError, _storage_away)
    app.register_error_handler(DataError, _unreadable)
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(500, _broken)


def _refused(error: SpbeError) -> ResponseReturnValue:
    locale = current_locale()
    return _answer(status_of(error), error.code, describe_all(error, locale))


def _storage_away(error: StorageError) -> ResponseReturnValue:
    log.error("the storage does not answer: %s", error)
    return _refused(UnavailableError("storage.away"))


def _unreadable(error: DataError) -> ResponseReturnValue:
    # No person types this: a number longer than any row's, or a character that no text can hold.
    db.session.rollback()
    log.warning("a request holds what the database cannot take: %s", error.orig)
    return _http(BadRequest())


def _expired_form(error: CSRFError) -> ResponseReturnValue:
    return _answer(400, "form.expired", [describe(SpbeError("form.expired"), current_locale())])


def _http(error: HTTPException) -> ResponseReturnValue:
    code = {404: "not_found", 413: "file.too_large", 429: "too_many_requests"}.get(error.code or 500, "http")
    if error.code and error.code < 400:
        return error
    return _answer(error.code or 500, code, [describe(SpbeError(code, status=error.code), current_locale())])


def _broken(error: Exception) -> ResponseReturnValue:
    # Flask has logged the trace already; the person gets a number to quote. The frame must not ask the database again.
    g.is_broken = True
    return _answer(500, "broken", [describe(SpbeError("broken"), current_locale())])


def _answer(status: int, code: str, sentences: list[str]) -> ResponseReturnValue:
    wants_json = request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    if wants_json or request.blueprint == "api":
        return {"error": code, "messages": sentences}, status
    return render_template("errors/error.html", status=status, code=code, sentences=sentences), status


def answer_form(
    form: FlaskForm,
    store: Callable[[], ResponseReturnValue],
    show: Callable[[], str],
    *,
    tell: Callable[[FlaskForm, SpbeError], None] | None = None,
) -> ResponseReturnValue:
    """The one way a form is answered: ``store()`` it, or ``show()`` it again with what was typed and what to mend.

    Field errors and a wrong entry answer 422, a clash with somebody else's change 409, what cannot be reached 503.
    ``tell`` puts what was refused where the page shows it; by default ``show_problems`` does.
    """
    if not form.is_submitted():
        return show()
    if not form.validate():
        return show(), 422
    try:
        return store()
    except (InvalidInputError, InvalidTransitionError, ConflictError, UnavailableError) as error:
        (tell or show_problems)(form, error)
        return show(), status_of(error)


def show_problems(form: FlaskForm, error: SpbeError) -> None:
    """Put each problem beside its field, and those without a field above the form."""
    locale = current_locale()
    if not isinstance(error, InvalidInputError):
        flash(describe(error, locale), "danger")
        return
    for problem in error.problems:
        field = form._fields.get(problem.field or "")
        if field is None:
            flash(describe(problem, locale), "danger")
        else:
            field.errors = [*field.errors, describe(problem, locale)]
