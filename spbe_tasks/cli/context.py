"""What commands share: the application around them, who acts, and printing as text or JSON."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from sqlalchemy.orm import Session

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries import governments, people

P = ParamSpec("P")
R = TypeVar("R")

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
government_option = click.option("--government", "slug", required=True, help="The government's slug.")


def with_app(command: Callable[P, R]) -> Callable[P, R]:
    """Run the command inside an application made from the settings, with its connections closed afterwards."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with create_app().app_context():
            try:
                return command(*args, **kwargs)
            finally:
                db.session.remove()
                db.engine.dispose()

    return run


def operator_scope(session: Session, slug: str) -> Scope:
    """What whoever holds the machine may see: all of one government, as no person in particular."""
    government = governments.get_by_slug(session, slug)
    return Scope(government_id=government.id, account_id=None, role=Role.COORDINATOR)


def scope_as(session: Session, email: str) -> Scope:
    """The scope of the person with this address; administrators have no government and cannot act on tasks."""
    account = people.find_by_email(session, email)
    if account is None or account.government_id is None or not account.is_active:
        raise NotFoundError("account.not_found_by_email", email=email)
    return Scope(account.government_id, account.id, account.role, account.agency_id)


def show(document: Any, *, as_json: bool, text: Callable[[], str]) -> None:
    """Print ``document`` as JSON, or what ``text`` makes of it."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str) if as_json else text())
