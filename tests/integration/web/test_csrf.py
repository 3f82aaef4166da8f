"""Every address that changes something asks for the token of its own pages, signed in or not."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.extensions import csrf
from spbe_tasks.models import Event
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

# Addresses that carry a permission of their own instead: a signed token, a signed message.
EXEMPT = frozenset({"mail_feedback.take", "mail_preferences.unsubscribe"})


def _addresses(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if rule.methods and rule.methods & {"POST", "PUT", "PATCH", "DELETE"} and rule.endpoint not in EXEMPT:
            yield re.sub(r"<(?:(int):)?[^>]*>", lambda match: "1" if match[1] else "x", rule.rule)


def test_no_change_is_taken_from_another_site(
    app: Flask, world: World, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(world.coordinator)
    before = session.scalar(select(func.count()).select_from(Event))
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    addresses = sorted(set(_addresses(app)))
    assert len(addresses) > 50
    answers = {address: browser.post(address, data={}) for address in addresses}
    assert {
        address: answer.status_code for address, answer in answers.items() if answer.status_code != 400
    } == {}
    assert session.scalar(select(func.count()).select_from(Event)) == before


def test_exactly_the_listed_addresses_are_taken_from_elsewhere(app: Flask) -> None:
    views = {name: f"{view.__module__}.{view.__name__}" for name, view in app.view_functions.items()}
    assert {name for name, path in views.items() if path in csrf._exempt_views} == EXEMPT
