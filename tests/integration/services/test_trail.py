from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import Event
from spbe_tasks.services import trail
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW


def _record(work: Work, government_id: int, number: int) -> None:
    trail.record(
        work,
        "start",
        ("task", number),
        government_id=government_id,
        actor_id=None,
        at=NOW,
        data={"to": "mulai é"},
    )


def test_sealing_chains_every_government_by_itself(work: Work) -> None:
    first, second = factories.government(work.session), factories.government(work.session)
    for number in range(3):
        _record(work, first.id, number)
    _record(work, second.id, 9)
    work.session.flush()
    assert trail.seal(work) == 4
    verified = trail.verify(work.session, first.id)
    assert (verified.sealed, verified.unsealed, verified.is_intact) == (3, 0, True)
    assert trail.verify(work.session, second.id).sealed == 1


def test_sealing_twice_adds_nothing(work: Work) -> None:
    government = factories.government(work.session)
    _record(work, government.id, 1)
    work.session.flush()
    trail.seal(work)
    assert trail.seal(work) == 0


def test_a_chain_goes_on_where_it_stopped(work: Work) -> None:
    government = factories.government(work.session)
    for number in range(2):
        _record(work, government.id, number)
        work.session.flush()
        trail.seal(work)
    work.session.expire_all()
    positions = work.session.scalars(
        select(Event.chain_position).where(Event.government_id == government.id).order_by(Event.id)
    ).all()
    assert positions == [1, 2]
    assert trail.verify(work.session, government.id).is_intact


@pytest.fixture
def owner(own_app: Flask) -> Iterator[Connection]:
    """The owner of the tables, who alone could forge an event."""
    engine = create_engine(own_app.extensions["settings"].owner_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.own_database
@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE event SET action = 'accept' WHERE chain_position = 2",
        "UPDATE event SET at = at - interval '1 day' WHERE chain_position = 2",
        "UPDATE event SET data = '{}' WHERE chain_position = 2",
        "DELETE FROM event WHERE chain_position = 2",
    ],
)
def test_a_forged_event_breaks_the_chain_where_it_stands(app: Flask, owner: Connection, forgery: str) -> None:
    with transaction() as work:
        government_id = factories.government(work.session).id
        for number in range(4):
            _record(work, government_id, number)
    with transaction() as work:
        trail.seal(work)
    owner.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
    owner.execute(text(forgery))
    owner.commit()
    expected = 3 if forgery.startswith("DELETE") else 2
    assert trail.verify(db.session(), government_id).broken_at == expected


@pytest.mark.own_database
def test_even_the_owner_is_stopped_by_the_trigger(app: Flask, owner: Connection) -> None:
    with transaction() as work:
        _record(work, factories.government(work.session).id, 1)
    with pytest.raises(Exception, match="append-only"):
        owner.execute(text("UPDATE event SET action = 'forged'"))


def test_no_event_is_kept_of_what_was_rolled_back(session: Session) -> None:
    government = factories.government(session)
    with pytest.raises(RuntimeError, match="halfway"), transaction() as work:
        _record(work, government.id, 1)
        raise RuntimeError("halfway")
    assert session.scalars(select(Event)).all() == []
