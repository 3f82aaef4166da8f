"""``spbe-tasks user``: open accounts and list them."""

import sys
from typing import Any

import click
from flask import current_app

from spbe_tasks import clock, tokens
from spbe_tasks.cli.context import as_json, operator_scope, show, with_app
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.models import Account
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.services import accounts
from spbe_tasks.services.accounts import Details
from spbe_tasks.services.queries import people
from spbe_tasks.tokens import Claim, Purpose
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work


@click.group("user")
def user_group() -> None:
    """The people who sign in."""


@user_group.command("add")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--government", "slug", help="The government's slug; administrators have none.")
@click.option(
    "--agency", "agency_slug", help="The agency's slug; focal points and heads of agencies need one."
)
@click.option("--position", help="What the person is, for example Kepala Seksi Data.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
@as_json
@with_app
def add_command(
    *,
    email: str,
    name: str,
    role: str,
    slug: str | None,
    agency_slug: str | None,
    position: str | None,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Open an account. Without a password: print the link that sets one, and mail it."""
    if (role == Role.ADMINISTRATOR) != (slug is None):
        raise click.UsageError("Give --government for every role but administrator, which has none.")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with transaction() as work:
        if slug is None:
            account = accounts.add_administrator(work, email, name.strip(), password, now=clock.now())
        else:
            scope = operator_scope(work.session, slug)
            agency = people.get_agency_by_slug(work.session, scope, agency_slug) if agency_slug else None
            details = Details(name.strip(), Role(role), position, agency.id if agency else None)
            account = _add(work, scope, email, details, password)
        document = _document(account)
        if password is None:
            document["activation_link"] = _link(account)
    show(document, as_json=as_json, text=lambda: _added(document))


def _add(work: Work, scope: Scope, email: str, details: Details, password: str | None) -> Account:
    if password is None:
        return accounts.invite(work, scope, email, details, now=clock.now())
    return accounts.add_with_password(work, scope, email, details, password, now=clock.now())


@user_group.command("list")
@click.option("--government", "slug", help="The government's slug; without it, the administrators.")
@as_json
@with_app
def list_command(slug: str | None, as_json: bool) -> None:
    """List the people of a government, or the administrators."""
    session = db.session()
    rows = (
        people.list_accounts(session, operator_scope(session, slug))
        if slug
        else people.list_administrators(session)
    )
    documents = [_document(account) for account in rows]
    show(documents, as_json=as_json, text=lambda: "\n".join(map(_line, documents)) or "Nobody yet.")


def _document(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "role": account.role.value,
        "agency_id": account.agency_id,
        "state": _state(account),
        "last_login_at": account.last_login_at.isoformat() if account.last_login_at else None,
    }


def _state(account: Account) -> str:
    if not account.is_active:
        return "closed"
    return "active" if account.password_hash else "invited"


def _link(account: Account) -> str:
    settings: Settings = current_app.extensions["settings"]
    claim = Claim(account.id, account.session_version)
    secret = settings.secret_key.get_secret_value()
    token = tokens.make(secret, Purpose.ACTIVATE, claim, now=clock.now())
    return tokens.link(settings.public_url, Purpose.ACTIVATE, token)


def _added(document: dict[str, Any]) -> str:
    lines = [_line(document)]
    if "activation_link" in document:
        lines += [
            "An invitation is on its way by mail. The same link, good for 7 days:",
            document["activation_link"],
        ]
    return "\n".join(lines)


def _line(document: dict[str, Any]) -> str:
    return f"{document['email']}  {document['name']}  {document['role']}  {document['state']}"
