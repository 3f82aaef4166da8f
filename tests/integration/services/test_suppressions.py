"""Addresses that are not written to, and their release."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Event, ReminderIntent, SuppressionReason
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import reminders, suppressions
from spbe_tasks.services.queries import suppressions as queries
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

BOUNCED = SuppressionReason.BOUNCED


def test_a_suppressed_address_stands_in_any_case_of_letters_for_its_own_government(
    session: Session, work: Work
) -> None:
    government, other = factories.government(session), factories.government(session)
    account = factories.account(session, government, email="Budi@Ketapang.example")
    assert suppressions.suppress(work, account, BOUNCED, "550 5.1.1 no such user", now=NOW)
    assert suppressions.standing(session, government.id) == {account.id}
    assert suppressions.standing(session, other.id) == frozenset()
    assert suppressions.is_standing(session, "BUDI@ketapang.example")


def test_the_first_reason_stays_and_the_trail_has_one_event(session: Session, work: Work) -> None:
    account = factories.account(session, factories.government(session))
    suppressions.suppress(work, account, BOUNCED, "first", now=NOW)
    assert not suppressions.suppress(work, account, SuppressionReason.COMPLAINED, "second", now=NOW)
    session.flush()
    found = queries.find_standing(session, account.email)
    assert found is not None
    assert (found.reason, found.detail) == (BOUNCED, "first")
    events = session.scalars(select(Event.data).where(Event.action == "suppress_address")).all()
    assert events == [{"reason": "bounced", "detail": "first"}]


def test_a_long_detail_is_cut_to_one_line(session: Session, work: Work) -> None:
    account = factories.account(session, factories.government(session))
    suppressions.suppress(work, account, BOUNCED, "a\n" * 1000, now=NOW)
    found = queries.find_standing(session, account.email)
    assert found is not None
    assert found.detail == ("a " * 250)
    assert len(found.detail) == suppressions.LONGEST_DETAIL


def test_a_released_address_is_written_to_and_may_be_suppressed_again(session: Session, work: Work) -> None:
    government = factories.government(session)
    account, coordinator = factories.account(session, government), factories.account(session, government)
    scope = Scope(government.id, coordinator.id, Role.COORDINATOR)
    suppressions.suppress(work, account, BOUNCED, "", now=NOW)
    first = queries.list_suppressed(session, scope)[0].suppression
    suppressions.release(work, scope, first.id, now=NOW)
    suppressions.release(work, scope, first.id, now=NOW)
    session.flush()
    assert suppressions.standing(session, government.id) == frozenset()
    assert (first.released_at, first.released_by_id) == (NOW, coordinator.id)
    assert session.scalars(select(Event.actor_id).where(Event.action == "release_address")).all() == [
        coordinator.id
    ]
    assert suppressions.suppress(work, account, BOUNCED, "", now=NOW)
    assert len(queries.list_suppressed(session, scope)) == len(
        queries.list_suppressed(session, scope, released=True)
    )


def test_the_address_of_an_administrator_is_seen_and_released_by_administrators_alone(
    session: Session, work: Work
) -> None:
    government = factories.government(session)
    administrator = factories.account(session, None, Role.ADMINISTRATOR)
    suppressions.suppress(work, administrator, BOUNCED, "", now=NOW)
    theirs = Scope(government.id, administrator.id, Role.ADMINISTRATOR)
    others = factories.scope(factories.account(session, government, Role.COORDINATOR))
    (row,) = queries.list_suppressed(session, theirs)
    assert row.account is administrator
    assert queries.list_suppressed(session, others) == []
    with pytest.raises(NotFoundError):
        suppressions.release(work, others, row.suppression.id, now=NOW)
    suppressions.release(work, theirs, row.suppression.id, now=NOW)
    session.flush()
    assert not suppressions.is_standing(session, administrator.email)


def test_a_coordinator_stops_mail_by_hand(session: Session, work: Work) -> None:
    government = factories.government(session)
    account, coordinator = factories.account(session, government), factories.account(session, government)
    scope = Scope(government.id, coordinator.id, Role.COORDINATOR)
    suppressions.suppress_by_hand(work, scope, account.id, "pindah tugas", now=NOW)
    row = queries.list_suppressed(session, scope)[0]
    assert row.account is account
    assert (row.suppression.reason, row.suppression.made_by_id) == (SuppressionReason.BY_HAND, coordinator.id)


def test_the_address_of_another_government_is_not_there(session: Session, work: Work) -> None:
    account = factories.account(session, factories.government(session))
    other = Scope(factories.government(session).id, None, Role.COORDINATOR)
    suppressions.suppress(work, account, BOUNCED, "", now=NOW)
    standing = queries.find_standing(session, account.email)
    assert standing is not None
    with pytest.raises(NotFoundError, match=r"suppression\.not_found"):
        suppressions.release(work, other, standing.id, now=NOW)
    with pytest.raises(NotFoundError, match=r"account\.not_found"):
        suppressions.suppress_by_hand(work, other, account.id, "", now=NOW)
    assert queries.list_suppressed(session, other) == []


def test_a_reminder_to_a_blocked_address_is_suppressed_and_planned_again_once_it_is_released(
    session: Session, work: Work
) -> None:
    government = factories.government(session)
    agency = factories.agency(session, government)
    focal = factories.account(session, government, Role.FOCAL_POINT, agency)
    task = factories.task(session, factories.plan(session, government), agency, due_on=NOW.date())
    row = factories.suppression(session, focal)
    assert reminders.plan_government(work, government.id, now=NOW).message_ids == ()
    intent = session.scalars(select(ReminderIntent).where(ReminderIntent.task_id == task.id)).one()
    assert (intent.account_id, intent.state) == (focal.id, IntentState.SUPPRESSED)
    suppressions.release(work, Scope(government.id, None, Role.COORDINATOR), row.id, now=NOW)
    session.flush()
    outcome = reminders.plan_government(work, government.id, now=NOW)
    session.expire_all()
    assert len(outcome.message_ids) == 1
    assert intent.state is IntentState.OPEN
