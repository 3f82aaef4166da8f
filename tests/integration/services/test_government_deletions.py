"""Deleting a government: two people, an archive, three days, the coordinators' notice; and then not one row is left."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, create_engine, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    Account,
    BuildKind,
    BuildState,
    Event,
    Government,
    GovernmentDeletion,
    Message,
    MessageKind,
    MessageState,
    News,
    NewsKind,
    ProjectionRequest,
)
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.government_deletion import WAIT
from spbe_tasks.services import government_deletions, news_mail
from spbe_tasks.services.queries import archives, files, sending
from spbe_tasks.services.queries import government_deletions as queries
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.full_government import NOT_FILLED, fill

LATER = NOW + WAIT
DIGEST = "c" * 64


@pytest.fixture
def government(session: Session) -> Government:
    return factories.government(session)


def _scope(session: Session, government: Government, person: Account | None = None) -> Scope:
    person = person or factories.administrator(session)
    return Scope(government.id, person.id, person.role)


def _ask(session: Session, government: Government, scope: Scope | None = None) -> GovernmentDeletion:
    scope = scope or _scope(session, government)
    government_deletions.ask(Work(session), scope, slug=government.slug, reason="Uji coba selesai.", now=NOW)
    found = queries.find_standing(session, scope)
    assert found is not None
    return found


def _archive(session: Session, government: Government, **values: Any) -> None:
    person = factories.account(session, government)
    defaults = {
        "kind": BuildKind.GOVERNMENT_ARCHIVE,
        "state": BuildState.READY,
        "file_key": DIGEST,
        "finished_at": LATER,
    }
    factories.built_file(session, person, **defaults | values)


def _confirmed(session: Session, government: Government) -> GovernmentDeletion:
    deletion = _ask(session, government)
    _archive(session, government)
    government_deletions.confirm(
        Work(session), _scope(session, government), deletion.id, slug=government.slug, now=LATER
    )
    session.flush()
    return deletion


def _others(session: Session, government_id: int) -> Mapping[str, str]:
    """A digest of all rows that are not the government's, by table."""
    return {
        name: session.scalar(
            text(f"SELECT md5(coalesce(string_agg(r::text, '' ORDER BY r::text), '')) FROM {name} r {where}"),
            {"id": government_id} if where else {},
        )
        for name, where in _without(session).items()
    }


def _without(session: Session) -> Mapping[str, str]:
    known = inspect(session.connection()).get_table_names()
    of_government = {table.name: _number(table) for table in archives.list_tables()}
    of_plan = "WHERE plan_id NOT IN (SELECT id FROM plan WHERE government_id = :id)"
    return {
        name: of_plan
        if name == ProjectionRequest.__tablename__
        else f"WHERE {of_government[name]} IS DISTINCT FROM :id"
        if name in of_government
        else ""
        for name in known
    }


def _number(table: Table) -> str:
    return "id" if table is Government.__table__ else "government_id"


@pytest.mark.own_database
def test_not_one_row_of_it_is_left_and_no_row_of_another_has_changed(session: Session) -> None:
    doomed, other = fill(session, "ketapang", storage().put), fill(session, "sambas", storage().put)
    number, slug = doomed.id, doomed.slug
    _confirmed(session, doomed)
    session.commit()
    before = _others(session, number)
    deletion_id = session.scalars(select(GovernmentDeletion.id)).one()
    had = {
        table.name: session.scalar(select(func.count()).where(archives.of_government(table, number)))
        for table in archives.list_tables()
        if table.name not in NOT_FILLED
    }
    assert min(count or 0 for count in had.values()) > 0, "a table without rows proves nothing"
    session.commit()
    with transaction() as work:
        assert government_deletions.carry_out(work, deletion_id, now=LATER)
    left = {
        table.name: session.scalar(select(func.count()).where(archives.of_government(table, number)))
        for table in archives.list_tables()
    }
    assert {name for name, count in left.items() if count} == {"government_deletion"}
    assert session.scalar(select(func.count()).select_from(ProjectionRequest)) == 2
    assert _others(session, number) == before
    assert session.get(Government, other.id) is not None
    record = session.scalars(select(GovernmentDeletion)).one()
    assert (record.government_slug, record.archive_sha256, record.deleted_at) == (slug, DIGEST, LATER)
    assert {name: count for name, count in (record.deleted or {}).items() if count} == had


def test_asking_tells_every_coordinator_at_once_and_stands_on_the_government(
    session: Session, government: Government
) -> None:
    coordinator = factories.account(session, government)
    factories.account(session, government, Role.EXECUTIVE)
    factories.account(session, factories.government(session))
    assert government.deletion_asked_at is None
    _ask(session, government)
    assert government.deletion_asked_at == NOW
    told = session.scalars(select(News).where(News.kind == NewsKind.DELETION_ASKED)).all()
    assert [(each.account_id, each.words) for each in told] == [(coordinator.id, "Uji coba selesai.")]
    assert news_mail.ask(Work(session), government.id, now=NOW) == 1


def test_withdrawing_tells_them_again_and_takes_the_notice_away(
    session: Session, government: Government
) -> None:
    colleague = factories.account(session, government)
    coordinator = factories.account(session, government)
    deletion = _ask(session, government)
    government_deletions.withdraw(Work(session), factories.scope(coordinator), deletion.id, now=LATER)
    assert government.deletion_asked_at is None
    told = select(News.account_id).where(News.kind == NewsKind.DELETION_WITHDRAWN)
    assert session.scalars(told).all() == [colleague.id]
    actions = session.scalars(select(Event.action).where(Event.subject_type == "government")).all()
    assert actions == ["ask_for_deletion", "withdraw_deletion"]
    _ask(session, government)  # nothing stands any more, so it can be asked for anew


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"slug": "ketapangg"}, ["slug"]),
        ({"reason": "  "}, ["reason"]),
        ({"slug": "", "reason": ""}, ["slug", "reason"]),
    ],
)
def test_asking_needs_the_short_name_and_a_reason(
    session: Session, government: Government, typed: dict[str, str], fields: list[str]
) -> None:
    values = {"slug": government.slug, "reason": "Uji coba selesai.", **typed}
    with pytest.raises(InvalidInputError) as caught:
        government_deletions.ask(Work(session), _scope(session, government), **values, now=NOW)
    assert [problem.field for problem in caught.value.problems] == fields


def test_it_is_asked_for_once_at_a_time(session: Session, government: Government) -> None:
    _ask(session, government)
    with pytest.raises(ConflictError, match=r"deletion\.stands_already"):
        _ask(session, government)


def test_coordinators_neither_ask_nor_confirm(session: Session, government: Government) -> None:
    coordinator = factories.scope(factories.account(session, government))
    with pytest.raises(ForbiddenError):
        _ask(session, government, coordinator)
    deletion = _ask(session, government)
    with pytest.raises(ForbiddenError):
        government_deletions.confirm(Work(session), coordinator, deletion.id, slug=government.slug, now=LATER)


def test_whoever_asked_does_not_confirm(session: Session, government: Government) -> None:
    own = _scope(session, government)
    deletion = _ask(session, government, own)
    _archive(session, government)
    with pytest.raises(ConflictError, match=r"deletion\.second_person"):
        government_deletions.confirm(Work(session), own, deletion.id, slug=government.slug, now=LATER)


def test_it_is_not_confirmed_too_early_or_without_an_archive(
    session: Session, government: Government
) -> None:
    deletion, second = _ask(session, government), _scope(session, government)
    with pytest.raises(ConflictError, match=r"deletion\.no_archive"):
        government_deletions.confirm(Work(session), second, deletion.id, slug=government.slug, now=LATER)
    _archive(session, government, finished_at=LATER - timedelta(days=8))
    with pytest.raises(ConflictError, match=r"deletion\.no_archive"):
        government_deletions.confirm(Work(session), second, deletion.id, slug=government.slug, now=LATER)
    _archive(session, government)
    with pytest.raises(ConflictError, match=r"deletion\.too_early"):
        government_deletions.confirm(
            Work(session), second, deletion.id, slug=government.slug, now=LATER - timedelta(seconds=1)
        )
    _archive(session, factories.government(session))
    work = Work(session)
    government_deletions.confirm(work, second, deletion.id, slug=government.slug, now=LATER)
    assert list(work.jobs) == [(Job.DELETE_GOVERNMENT, (deletion.id,))]


def test_a_request_is_confirmed_in_its_own_government_only(session: Session, government: Government) -> None:
    """An administrator who chose another government in a second window confirms nothing by mistake."""
    deletion, elsewhere = _ask(session, government), factories.government(session)
    _ask(session, elsewhere)
    where = _scope(session, elsewhere)
    with pytest.raises(NotFoundError):
        government_deletions.confirm(Work(session), where, deletion.id, slug=elsewhere.slug, now=LATER)
    with pytest.raises(NotFoundError):
        government_deletions.withdraw(Work(session), where, deletion.id, now=LATER)


def test_the_sweep_asks_again_for_what_is_confirmed_and_not_done(
    session: Session, government: Government
) -> None:
    work = Work(session)
    _ask(session, factories.government(session))
    deletion = _confirmed(session, government)
    government_deletions.sweep(work)
    assert list(work.jobs) == [(Job.DELETE_GOVERNMENT, (deletion.id,))]
    assert government_deletions.carry_out(work, deletion.id, now=LATER)
    again = Work(session)
    government_deletions.sweep(again)
    assert not again.jobs


def test_a_second_run_and_a_withdrawn_request_do_nothing(session: Session, government: Government) -> None:
    elsewhere = factories.government(session)
    withdrawn = _confirmed(session, elsewhere)
    government_deletions.withdraw(Work(session), _scope(session, elsewhere), withdrawn.id, now=LATER)
    session.flush()
    assert not government_deletions.carry_out(Work(session), withdrawn.id, now=LATER)
    deletion = _confirmed(session, government)
    assert government_deletions.carry_out(Work(session), deletion.id, now=LATER)
    assert not government_deletions.carry_out(Work(session), deletion.id, now=LATER)
    assert session.get(Government, elsewhere.id) is not None


def test_requests_that_a_coordinator_withdrew_stay_without_the_person(
    session: Session, government: Government
) -> None:
    first = _ask(session, government)
    coordinator = factories.scope(factories.account(session, government))
    government_deletions.withdraw(Work(session), coordinator, first.id, now=NOW)
    session.flush()
    deletion = _confirmed(session, government)
    assert government_deletions.carry_out(Work(session), deletion.id, now=LATER)
    session.refresh(first)
    assert (first.withdrawn_at, first.withdrawn_by_id) == (NOW, None)


def test_a_mail_at_the_mail_server_is_waited_for_and_one_that_waits_is_never_sent(
    session: Session, government: Government
) -> None:
    deletion = _confirmed(session, government)
    person = factories.account(session, government)
    waiting_id = factories.message(session, person).id
    leaving = factories.message(
        session, person, kind=MessageKind.TEST, state=MessageState.HANDING_OVER, handed_over_at=LATER
    )
    assert not government_deletions.carry_out(Work(session), deletion.id, now=LATER)
    assert session.get(Message, waiting_id) is not None
    session.execute(update(Message).where(Message.id == leaving.id).values(state=MessageState.SENT))
    assert government_deletions.carry_out(Work(session), deletion.id, now=LATER)
    assert sending.lock_due(session, waiting_id, LATER + timedelta(days=1)) is None


def test_a_closed_administrator_is_no_asker(session: Session, government: Government) -> None:
    own = _scope(session, government)
    deletion = _ask(session, government, own)
    _archive(session, government)
    session.execute(update(Account).where(Account.id == own.account_id).values(is_active=False))
    session.expire_all()
    with pytest.raises(ConflictError, match=r"deletion\.asker_gone"):
        government_deletions.confirm(
            Work(session), _scope(session, government), deletion.id, slug=government.slug, now=LATER
        )


class TestTheDatabaseItself:
    """What it refuses the application's role, whatever the code above it does."""

    DO = text("SELECT delete_government(:id, now())")

    def test_nothing_is_deleted_that_nobody_confirmed(self, session: Session, government: Government) -> None:
        deletion = _ask(session, government)
        with pytest.raises(DBAPIError, match="not confirmed by two administrators"):
            session.execute(self.DO, {"id": deletion.id})

    def test_nor_what_somebody_confirmed_who_is_no_administrator(
        self, session: Session, government: Government
    ) -> None:
        deletion, coordinator = _ask(session, government), factories.account(session, government)
        deletion.confirmed_at, deletion.confirmed_by_id = LATER, coordinator.id
        session.flush()
        with pytest.raises(DBAPIError, match="not confirmed by two administrators"):
            session.execute(self.DO, {"id": deletion.id})

    def test_nor_what_was_withdrawn(self, session: Session, government: Government) -> None:
        deletion = _confirmed(session, government)
        deletion.withdrawn_at = LATER
        session.flush()
        with pytest.raises(DBAPIError, match="not confirmed by two administrators"):
            session.execute(self.DO, {"id": deletion.id})

    def test_one_person_is_not_two(self, session: Session, government: Government) -> None:
        deletion = _ask(session, government)
        deletion.confirmed_at, deletion.confirmed_by_id = LATER, deletion.asked_by_id
        with pytest.raises(IntegrityError, match="four_eyes"):
            session.flush()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE government_deletion SET asked_by_id = confirmed_by_id",
            "UPDATE government_deletion SET government_id = 0",
            "UPDATE government_deletion SET deleted_at = now()",
            "DELETE FROM government_deletion",
            "INSERT INTO government_deletion (government_id, government_slug, government_name, reason, asked_at,"
            " asked_by_id, confirmed_at, confirmed_by_id) SELECT government_id, government_slug, government_name,"
            " reason, asked_at, asked_by_id, confirmed_at, confirmed_by_id FROM government_deletion",
            "DELETE FROM event",
        ],
    )
    def test_who_asked_and_what_was_done_cannot_be_made_up(
        self, session: Session, government: Government, statement: str
    ) -> None:
        _confirmed(session, government)
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(statement))

    @pytest.mark.own_database
    def test_a_confirmed_request_opens_the_trail_of_no_other_government(
        self, app: Flask, session: Session
    ) -> None:
        doomed, other = fill(session, "ketapang", storage().put), fill(session, "sambas", storage().put)
        _confirmed(session, doomed)
        session.commit()
        owner = create_engine(app.extensions["settings"].owner_url)
        statement = text("DELETE FROM event WHERE government_id = :id")
        with owner.connect() as connection:
            assert connection.execute(statement, {"id": doomed.id}).rowcount > 0
            connection.rollback()
            with pytest.raises(DBAPIError, match="append-only"):
                connection.execute(statement, {"id": other.id})
        owner.dispose()

    def test_the_function_is_nobody_elses_and_looks_up_names_in_one_place_only(
        self, session: Session
    ) -> None:
        function = session.execute(
            text(
                "SELECT prosecdef, proconfig, proacl::text, pg_get_userbyid(proowner) <> current_user AS is_owners"
                " FROM pg_proc WHERE proname = 'delete_government'"
            )
        ).one()
        assert function.prosecdef
        assert function.proconfig == ["search_path=public, pg_temp"]
        assert function.is_owners
        assert "{=" not in function.proacl  # an empty name before the equals sign is everybody
        assert ",=" not in function.proacl


@pytest.mark.own_database
def test_a_worker_that_dies_in_the_middle_leaves_everything_as_it_was(session: Session) -> None:
    doomed = fill(session, "ketapang", storage().put)
    number = doomed.id
    deletion_id = _confirmed(session, doomed).id
    session.commit()
    before = _counts(session, number)
    session.commit()
    with pytest.raises(DBAPIError), transaction() as work:
        assert government_deletions.carry_out(work, deletion_id, now=LATER)
        assert _counts(work.session, number) == dict.fromkeys(before, 0) | {"government_deletion": 1}
        _cut_off(work.session)
    assert _counts(db.session(), number) == before
    with transaction() as work:
        assert government_deletions.carry_out(work, deletion_id, now=LATER)
    assert _counts(db.session(), number) == dict.fromkeys(before, 0) | {"government_deletion": 1}


def _counts(session: Session, number: int) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).where(archives.of_government(table, number))) or 0
        for table in archives.list_tables()
    }


def _cut_off(session: Session) -> None:
    """End the connection as a killed process does: the server never hears of a commit."""
    process = session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})


@pytest.mark.own_database
def test_files_that_another_government_has_too_stay(session: Session) -> None:
    doomed, other = factories.government(session), factories.government(session)
    shared, alone = storage().put(b"the same decree"), storage().put(b"only here")
    for government, key in ((doomed, shared), (doomed, alone), (other, shared)):
        agency = factories.agency(session, government)
        person = factories.account(session, government, Role.FOCAL_POINT, agency)
        factories.evidence(session, person, key)
    deletion = _confirmed(session, doomed)
    session.commit()
    with transaction() as work:
        assert government_deletions.carry_out(work, deletion.id, now=LATER)
    used = files.list_used(session)
    assert shared in used
    assert alone not in used
    assert storage().sweep(used, given_before=LATER + timedelta(days=3650)) == 1
    assert storage().read(shared) == b"the same decree"


@pytest.mark.own_database
def test_while_it_is_being_deleted_no_sender_takes_a_mail_and_no_writer_adds_a_row(session: Session) -> None:
    doomed = factories.government(session)
    number, message_id = doomed.id, factories.message(session, factories.account(session, doomed)).id
    deletion_id = _confirmed(session, doomed).id
    session.commit()
    assert sending.lock_due(session, message_id, LATER) is not None
    session.rollback()
    add = text(
        "INSERT INTO local_holiday (government_id, \"on\", name, kind) VALUES (:id, now(), 'x', 'local')"
    )
    with db.engine.connect() as other:
        with transaction() as work:
            assert government_deletions.carry_out(work, deletion_id, now=LATER)
            assert sending.lock_due(Session(other), message_id, LATER) is None
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                other.execute(add, {"id": number})
            other.rollback()
        with pytest.raises(IntegrityError, match="fk_local_holiday_government_id"):
            other.execute(add, {"id": number})


def test_what_the_database_looks_for_at_every_deleted_row_it_finds_by_an_index(session: Session) -> None:
    """Of tasks, evidence and mails thousands go at once, and what refers to them grows with everybody's work."""
    unindexed = session.scalars(
        text(
            "SELECT f.conrelid::regclass || '.' || a.attname FROM pg_constraint f"
            " JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]"
            " WHERE f.contype = 'f' AND f.confrelid IN ('task'::regclass, 'evidence'::regclass, 'message'::regclass,"
            " 'submission'::regclass, 'comment'::regclass) AND NOT EXISTS (SELECT FROM pg_index i"
            " WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1]"
            " AND coalesce(pg_get_expr(i.indpred, i.indrelid), '') IN ('', format('(%s IS NOT NULL)', a.attname)))"
        )
    ).all()
    assert sorted(unindexed) == ["upload.evidence_id"]  # a handful of rows at any time
