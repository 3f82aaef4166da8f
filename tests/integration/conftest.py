"""A real database per test: everything a test does is thrown away, unless it asks for a database of its own."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks import create_app
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.models import Account
from spbe_tasks.work import Work
from tests import factories
from tests.services import PostgresServer
from tests.settings import make_settings

SignIn = Callable[..., FlaskClient]
_visitors = count(1)


class Browser(FlaskClient):
    """A browser without JavaScript at an address of its own: attempts to sign in are counted by address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = next(_visitors)
        self.environ_base["REMOTE_ADDR"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def open(self, *args: Any, **kwargs: Any) -> Any:
        # The test's application context outlives its requests, so what one kept in `g` must not meet the next.
        for name in list(g) if has_app_context() else ():
            g.pop(name)
        return super().open(*args, **kwargs)


def make_app(settings: Settings) -> Flask:
    """The application as tests drive it; a test about forged forms turns their protection on again."""
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Browser
    return app


@pytest.fixture(scope="session")
def shared_app(
    postgres: PostgresServer, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """One application on one cloned database, for all tests that leave nothing behind."""
    name = f"shared_{uuid4().hex[:8]}"
    postgres.create_database(name, template=migrated)
    app = make_app(make_settings(postgres, name, tmp_path_factory.mktemp("shared")))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def own_app(postgres: PostgresServer, migrated: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own, for tests of real commits, locks and several sessions."""
    name = f"own_{uuid4().hex[:8]}"
    postgres.create_database(name, template=migrated)
    app = make_app(make_settings(postgres, name, tmp_path))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application: shared and rolled back, or the test's own when it is marked ``own_database``."""
    if request.node.get_closest_marker("own_database"):
        own = request.getfixturevalue("own_app")
        with own.app_context():
            yield own
        return
    shared: Flask = request.getfixturevalue("shared_app")
    with shared.app_context():
        yield from _rolled_back(shared)


def _rolled_back(app: Flask) -> Iterator[Flask]:
    # Flask-SQLAlchemy's session ignores a bound connection, so the app's engine itself is the connection.
    engines = db._app_engines[app]
    engine = engines[None]
    with engine.connect() as connection:
        outer = connection.begin()
        engines[None] = connection  # type: ignore[assignment]
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            yield app
        finally:
            db.session.remove()
            engines[None] = engine
            outer.rollback()


@pytest.fixture
def session(app: Flask) -> Session:
    """The session that services use in this test."""
    return db.session()


@pytest.fixture
def work(session: Session) -> Work:
    """A unit of work that nobody commits; asked-for jobs stay listed in ``work.jobs``."""
    return Work(session)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript that nobody has signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """Signs a person in through the real page and returns their browser; each call is another browser."""

    def enter(account: Account, password: str = factories.PASSWORD) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/login", data={"email": account.email, "password": password})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return client

    return enter
