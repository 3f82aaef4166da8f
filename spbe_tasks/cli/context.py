"""What commands share: the application around them, who acts, and printing as text or JSON."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from sqlalchemy.orm import Session

from spbe_tasks import clock, create_app
from spbe_tasks.extensions import db
from spbe_tasks.models import Account
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries import acting, governments, people

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


def scope_as(session: Session, email: str, *, acting_for: str | None = None) -> Scope:
    """The scope of the person with this address; administrators have no government and cannot act on tasks.

    With ``acting_for``, the address of somebody who is away: in their position, if the person stands in for them today.
    """
    account = _open_account(session, email)
    government_id = account.government_id
    if government_id is None:
        raise NotFoundError("account.not_found_by_email", email=email)
    if acting_for is None:
        return Scope(government_id, account.id, account.role, account.agency_id)
    absent = _open_account(session, acting_for)
    today = clock.today(governments.get_government(session, government_id).timezone)
    if acting.standing(session, government_id, today).get(absent.id) != account.id:
        raise NotFoundError("acting.not_yours")
    return Scope(government_id, account.id, absent.role, absent.agency_id, acting_for_id=absent.id)


def _open_account(session: Session, email: str) -> Account:
    account = people.find_by_email(session, email)
    if account is None or not account.is_active:
        raise NotFoundError("account.not_found_by_email", email=email)
    return account


def show(document: Any, *, as_json: bool, text: Callable[[], str]) -> None:
    """Print ``document`` as JSON, or what ``text`` makes of it."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str) if as_json else text())
