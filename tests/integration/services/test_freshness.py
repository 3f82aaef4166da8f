"""Figures are called old when nobody counts, or when a change waits too long; those of a closed plan never are."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Government, Plan, ProjectionRequest
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import freshness, overviews, projections, system
from spbe_tasks.services.freshness import StaleReason
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

SILENCE = system.SILENT_AFTER + timedelta(seconds=1)


@pytest.fixture
def plan(work: Work) -> Plan:
    """A plan whose figures were computed by a background that was alive."""
    plan: Plan = factories.plan(work.session, factories.government(work.session))
    projections.rebuild(work, plan.id, now=NOW)
    system.record_heartbeat(work, now=NOW)
    work.session.flush()
    return plan


@pytest.fixture
def reader(session: Session, plan: Plan) -> Account:
    reader: Account = factories.account(session, session.get_one(Government, plan.government_id))
    return reader


def let_wait(work: Work, plan: Plan, seconds: int) -> int:
    """Ask for a rebuild so long ago, by the database's clock; returns the request's id."""
    projections.request(work, plan.id)
    work.session.flush()
    asked_at = func.now() - timedelta(seconds=seconds)
    request_id = work.session.scalars(
        update(ProjectionRequest)
        .where(ProjectionRequest.plan_id == plan.id)
        .values(requested_at=asked_at)
        .returning(ProjectionRequest.id)
    ).all()[-1]
    return int(request_id)


def test_figures_are_fresh_while_background_work_is_heard(
    session: Session, plan: Plan, reader: Account
) -> None:
    pulse = freshness.read(session, factories.scope(reader), plan.id, now=NOW + system.SILENT_AFTER)
    assert not pulse.freshness.is_stale
    assert pulse.freshness.rebuilt_at == NOW
    assert (pulse.generation, pulse.secured) == (1, Fraction(2))


def test_figures_are_old_once_background_work_is_silent(
    session: Session, plan: Plan, reader: Account
) -> None:
    pulse = freshness.read(session, factories.scope(reader), plan.id, now=NOW + SILENCE)
    assert pulse.freshness.reason is StaleReason.SILENT


@pytest.mark.parametrize(("seconds", "reason"), [(20, None), (40, StaleReason.BEHIND)])
def test_figures_are_old_once_a_change_waits_too_long(
    work: Work, plan: Plan, reader: Account, seconds: int, reason: StaleReason | None
) -> None:
    let_wait(work, plan, seconds)
    scope = factories.scope(reader)
    assert freshness.read(work.session, scope, plan.id, now=NOW).freshness.reason is reason
    overview = overviews.read(work.session, scope, plan.id)
    assert overview is not None
    assert overview.freshness(NOW).reason is reason


def test_another_plans_changes_do_not_make_figures_old(work: Work, plan: Plan, reader: Account) -> None:
    let_wait(work, factories.plan(work.session, factories.government(work.session)), 40)
    assert not freshness.read(work.session, factories.scope(reader), plan.id, now=NOW).freshness.is_stale


def test_figures_of_a_closed_plan_are_never_old(work: Work, plan: Plan, reader: Account) -> None:
    plan.closed_at, plan.closing_reason = NOW, "Tahun selesai."
    let_wait(work, plan, 40)
    pulse = freshness.read(work.session, factories.scope(reader), plan.id, now=NOW + SILENCE)
    assert not pulse.freshness.is_stale


def test_a_change_is_counted_once_no_request_up_to_it_is_left(
    work: Work, plan: Plan, reader: Account
) -> None:
    scope, asked = factories.scope(reader), let_wait(work, plan, 0)
    before = freshness.read(work.session, scope, plan.id, now=NOW)
    assert before.last_request_id == asked
    assert before.counts(asked - 1)
    assert not before.counts(asked)
    projections.rebuild(work, plan.id, now=NOW)
    later = let_wait(work, plan, 0)
    after = freshness.read(work.session, scope, plan.id, now=NOW)
    assert after.counts(asked)
    assert not after.counts(later)


def test_a_plan_of_another_government_has_no_pulse(session: Session, plan: Plan) -> None:
    stranger = factories.account(session, factories.government(session))
    with pytest.raises(NotFoundError):
        freshness.read(session, factories.scope(stranger), plan.id, now=NOW)
