from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Event, Government, Message, MessageKind
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import accounts
from spbe_tasks.services.accounts import Details
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.races import race


@pytest.fixture
def government(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def coordinator(session: Session, government: Government) -> Account:
    return factories.account(session, government)


@pytest.fixture
def scope(coordinator: Account) -> Scope:
    return factories.scope(coordinator)


def codes(error: InvalidInputError) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.field) for problem in error.problems]


def test_an_invited_person_has_no_password_and_gets_a_mail(work: Work, scope: Scope) -> None:
    agency = factories.agency(work.session, work.session.get_one(Government, scope.government_id))
    details = Details("Budi", Role.FOCAL_POINT, "Kepala Seksi", agency.id)
    account = accounts.invite(work, scope, "budi@ketapang.example", details, now=NOW)
    assert (account.government_id, account.agency_id) == (scope.government_id, agency.id)
    assert (account.password_hash, account.invited_at) == (None, NOW)
    message = work.session.scalars(select(Message)).one()
    assert (message.account_id, message.kind) == (account.id, MessageKind.INVITE)
    event = work.session.scalars(select(Event)).one()
    assert (event.action, event.actor_id) == ("invite_account", scope.account_id)
    assert event.data["email"] == "budi@ketapang.example"


@pytest.mark.parametrize("role", sorted(accounts.AGENCY_ROLES))
def test_an_agency_role_needs_an_agency(work: Work, scope: Scope, role: Role) -> None:
    with pytest.raises(InvalidInputError) as caught:
        accounts.invite(work, scope, "budi@ketapang.example", Details("Budi", role), now=NOW)
    assert codes(caught.value) == [("account.role_needs_agency", "agency_id")]


def test_another_governments_agency_does_not_exist_here(work: Work, scope: Scope) -> None:
    foreign = factories.agency(work.session, factories.government(work.session))
    details = Details("Budi", Role.FOCAL_POINT, agency_id=foreign.id)
    with pytest.raises(InvalidInputError) as caught:
        accounts.invite(work, scope, "budi@ketapang.example", details, now=NOW)
    assert codes(caught.value) == [("agency.not_found", "agency_id")]


def test_nobody_is_made_administrator_from_inside_a_government(work: Work, scope: Scope) -> None:
    with pytest.raises(InvalidInputError) as caught:
        accounts.invite(work, scope, "a@ketapang.example", Details("A", Role.ADMINISTRATOR), now=NOW)
    assert codes(caught.value) == [("account.role_not_here", "role")]


def test_an_address_has_one_account_in_any_letters(work: Work, scope: Scope, coordinator: Account) -> None:
    with pytest.raises(InvalidInputError) as caught:
        accounts.invite(work, scope, coordinator.email.upper(), Details("B", Role.REVIEWER), now=NOW)
    assert codes(caught.value) == [("account.email_taken", "email")]
    assert work.session.get(Account, coordinator.id) is coordinator


@pytest.mark.parametrize(
    "email", ["", "budi", "budi@", "budi@ketapang", "b udi@ketapang.example", "büdi@ketapang.example"]
)
def test_what_is_no_address_is_refused(work: Work, scope: Scope, email: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        accounts.invite(work, scope, email, Details("Budi", Role.REVIEWER), now=NOW)
    assert codes(caught.value) == [("account.bad_email", "email")]


def test_a_new_role_ends_sessions_and_a_new_name_does_not(
    work: Work, scope: Scope, government: Government
) -> None:
    account = factories.account(work.session, government, Role.REVIEWER)
    before = account.get_id()
    accounts.edit(work, scope, account.id, Details("Nama Baru", Role.REVIEWER), version=None, now=NOW)
    assert account.get_id() == before
    accounts.edit(work, scope, account.id, Details("Nama Baru", Role.EXECUTIVE), version=None, now=NOW)
    assert account.get_id() != before
    events = work.session.scalars(select(Event).order_by(Event.id)).all()
    assert events[1].data == {"role": ["reviewer", "executive"]}


def test_an_invitation_stays_good_when_the_role_is_corrected(
    work: Work, scope: Scope, government: Government
) -> None:
    invited = factories.account(work.session, government, Role.REVIEWER, password_hash=None)
    before = invited.session_version
    accounts.edit(work, scope, invited.id, Details("X", Role.EXECUTIVE), version=None, now=NOW)
    assert (invited.role, invited.session_version) == (Role.EXECUTIVE, before)


def test_somebody_who_leaves_an_agency_leaves_its_open_tasks(
    work: Work, scope: Scope, government: Government
) -> None:
    old, new = factories.agency(work.session, government), factories.agency(work.session, government)
    account = factories.account(work.session, government, Role.FOCAL_POINT, old)
    plan = factories.plan(work.session, government)
    open_task = factories.task(work.session, plan, old, 33, assignee_id=account.id)
    done = factories.task(
        work.session, plan, old, 34, assignee_id=account.id, state=State.ACCEPTED, reached_level=3
    )
    accounts.edit(
        work, scope, account.id, Details("X", Role.FOCAL_POINT, agency_id=new.id), version=None, now=NOW
    )
    assert (open_task.assignee_id, done.assignee_id) == (None, account.id)
    event = work.session.scalars(select(Event).where(Event.subject_type == "task")).one()
    assert (event.action, event.subject_id) == ("unassign", open_task.id)


def test_a_new_role_in_the_same_agency_keeps_the_tasks(
    work: Work, scope: Scope, government: Government
) -> None:
    agency = factories.agency(work.session, government)
    account = factories.account(work.session, government, Role.FOCAL_POINT, agency)
    task = factories.task(
        work.session, factories.plan(work.session, government), agency, assignee_id=account.id
    )
    accounts.edit(
        work, scope, account.id, Details("X", Role.COORDINATOR, agency_id=agency.id), version=None, now=NOW
    )
    assert task.assignee_id == account.id
    accounts.edit(
        work, scope, account.id, Details("X", Role.AGENCY_HEAD, agency_id=agency.id), version=None, now=NOW
    )
    assert task.assignee_id is None


def test_closing_ends_sessions_and_gives_tasks_back(work: Work, scope: Scope, government: Government) -> None:
    agency = factories.agency(work.session, government)
    account = factories.account(work.session, government, Role.FOCAL_POINT, agency)
    task = factories.task(
        work.session, factories.plan(work.session, government), agency, assignee_id=account.id
    )
    before = account.get_id()
    accounts.close(work, scope, account.id, now=NOW)
    accounts.close(work, scope, account.id, now=NOW)
    assert (account.is_active, task.assignee_id) == (False, None)
    assert account.get_id() != before
    accounts.reopen(work, scope, account.id, now=NOW)
    assert account.is_active
    rows = select(Event.action).where(Event.subject_type == "account").order_by(Event.id)
    assert work.session.scalars(rows).all() == ["close_account", "reopen_account"]


def test_the_last_coordinator_who_can_sign_in_stays(
    work: Work, scope: Scope, government: Government, coordinator: Account
) -> None:
    invited = factories.account(work.session, government, password_hash=None)
    operator = Scope(government.id, None, Role.COORDINATOR)
    for attempt in (
        lambda: accounts.close(work, operator, coordinator.id, now=NOW),
        lambda: accounts.edit(
            work, scope, coordinator.id, Details("X", Role.REVIEWER), version=None, now=NOW
        ),
    ):
        with pytest.raises(ConflictError) as caught:
            attempt()
        assert caught.value.code == "account.last_coordinator"
    accounts.close(work, scope, invited.id, now=NOW)
    assert not invited.is_active


def test_nobody_closes_their_own_account(work: Work, scope: Scope, coordinator: Account) -> None:
    with pytest.raises(ForbiddenError):
        accounts.close(work, scope, coordinator.id, now=NOW)


@pytest.mark.own_database
def test_two_coordinators_cannot_close_each_other(app: Flask) -> None:
    with transaction() as work:
        government = factories.government(work.session)
        first, second = (factories.account(work.session, government) for _ in range(2))
        pairs = [(factories.scope(first), second.id), (factories.scope(second), first.id)]

    def closing(scope: Scope, other_id: int) -> Callable[[], None]:
        def run() -> None:
            with transaction() as work:
                accounts.close(work, scope, other_id, now=NOW)

        return run

    outcomes = race(app, [closing(*pair) for pair in pairs])
    assert sorted(outcomes) == ["account.last_coordinator", "done"]


def test_a_stale_edit_is_a_conflict(work: Work, scope: Scope, government: Government) -> None:
    account = factories.account(work.session, government, Role.REVIEWER)
    opened = account.version
    accounts.edit(work, scope, account.id, Details("Satu", Role.REVIEWER), version=opened, now=NOW)
    work.session.flush()
    with pytest.raises(ConflictError) as caught:
        accounts.edit(work, scope, account.id, Details("Dua", Role.REVIEWER), version=opened, now=NOW)
    assert caught.value.code == "account.stale_version"


def test_only_who_has_no_password_is_invited_again(
    work: Work, scope: Scope, government: Government, coordinator: Account
) -> None:
    invited = factories.account(work.session, government, Role.REVIEWER, password_hash=None)
    accounts.invite_again(work, scope, invited.id, now=NOW)
    assert work.session.scalars(select(Message.account_id)).all() == [invited.id]
    with pytest.raises(ConflictError):
        accounts.invite_again(work, scope, coordinator.id, now=NOW)


def test_sending_a_password_link_leaves_the_old_password_good_and_a_mark_in_the_trail(
    work: Work, scope: Scope, government: Government
) -> None:
    person = factories.account(work.session, government, Role.REVIEWER)
    before = person.password_hash, person.session_version
    accounts.send_reset(work, scope, person.id, now=NOW)
    (message,) = work.session.scalars(select(Message))
    assert (message.account_id, message.kind) == (person.id, MessageKind.PASSWORD_RESET)
    assert (person.password_hash, person.session_version) == before
    event = work.session.scalars(select(Event).where(Event.subject_id == person.id)).one()
    assert (event.action, event.actor_id) == ("send_password_reset", scope.account_id)


def test_people_of_another_government_do_not_exist_here(work: Work, scope: Scope) -> None:
    foreign = factories.account(work.session, factories.government(work.session))
    for service in (accounts.close, accounts.reopen, accounts.invite_again, accounts.send_reset):
        with pytest.raises(NotFoundError):
            service(work, scope, foreign.id, now=NOW)
    with pytest.raises(NotFoundError):
        accounts.edit(work, scope, foreign.id, Details("X", Role.REVIEWER), version=None, now=NOW)
