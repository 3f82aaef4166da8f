"""What does not fit together, on real rows: each kind made, found and mended; and stored figures to the last digit."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Agency,
    EvaluationCalendar,
    Government,
    Plan,
    Projection,
    ProjectionRequest,
    Task,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.consistency import Kind
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import closing, consistency, projection_proofs, projections
from spbe_tasks.services.consistency import Check
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW

OPENS_ON = DUE_ON + timedelta(days=1)


class Ground:
    """A plan in order: 33 alone is low, owned by an agency with a focal point, and has an accepted and shown task."""

    def __init__(self, work: Work) -> None:
        session = work.session
        self.work = work
        self.government: Government = factories.government(session)
        self.agency: Agency = factories.agency(session, self.government, short_name="Diskominfo")
        self.focal: Account = factories.account(session, self.government, Role.FOCAL_POINT, self.agency)
        self.coordinator: Account = factories.account(session, self.government)
        baseline = factories.revision(session, self.government, {33: 2}, level=4)
        policy = factories.policy(session, self.government, Policy.simple(Decimal(3), Decimal(3), DUE_ON))
        self.plan: Plan = factories.plan(session, self.government, baseline=baseline, policy_id=policy.id)
        self.ownership = factories.ownership(session, self.agency, 33)
        self.task: Task = factories.task(session, self.plan, self.agency, 33)
        self.dates = EvaluationCalendar(
            government_id=self.government.id, year=2024, self_assessment_opens_on=OPENS_ON
        )
        session.add(self.dates)
        session.flush()
        projections.rebuild(work, self.plan.id, now=NOW, is_forced=True)

    def accept(self) -> None:
        self.task.state, self.task.reached_level = State.ACCEPTED, Decimal(3)
        self.work.session.flush()

    def attach(self, expires_on: date | None = None) -> None:
        evidence = factories.evidence(self.work.session, self.focal, "a" * 64, expires_on=expires_on)
        factories.evidence_use(self.work.session, self.task, evidence, 3, "a")

    def check(self) -> Check:
        """After the rebuild that every change asks for."""
        self.work.session.flush()
        projections.rebuild(self.work, self.plan.id, now=NOW, is_forced=True)
        return self.look()

    def look(self) -> Check:
        scope = factories.scope(self.coordinator)
        return consistency.check(self.work.session, scope, self.plan, now=NOW)


@pytest.fixture
def ground(work: Work) -> Ground:
    return Ground(work)


def kinds(check: Check) -> list[Kind]:
    return list(check.findings)


def test_a_plan_in_order_has_no_finding(ground: Ground) -> None:
    check = ground.check()
    assert (check.findings, check.errors, check.warnings, check.is_recomputing) == ({}, 0, 0, False)
    ground.attach(expires_on=OPENS_ON + timedelta(days=1))
    ground.accept()
    assert kinds(ground.check()) == []


def _disown(ground: Ground) -> None:
    ground.work.session.delete(ground.ownership)


def _withdraw(ground: Ground) -> None:
    ground.task.state = State.WITHDRAWN


def _share_partly(ground: Ground) -> None:
    ground.ownership.share_numerator, ground.ownership.share_denominator = 1, 3


def _close_agency(ground: Ground) -> None:
    ground.agency.is_active = False
    other = factories.agency(ground.work.session, ground.government)
    factories.ownership(ground.work.session, other, 33, is_lead=False)


def _lose_focal_point(ground: Ground) -> None:
    ground.focal.is_active = False


def _block(ground: Ground) -> None:
    factories.suppression(ground.work.session, ground.focal)


def _accept_bare(ground: Ground) -> None:
    ground.accept()


def _expired(ground: Ground) -> None:
    ground.attach(expires_on=NOW.date())


def _expires(ground: Ground) -> None:
    ground.attach(expires_on=OPENS_ON)


def _forget_dates(ground: Ground) -> None:
    ground.work.session.delete(ground.dates)


def _late(ground: Ground) -> None:
    ground.task.due_on = OPENS_ON + timedelta(days=1)


def _jump(ground: Ground) -> None:
    ground.task.target_level = Decimal(4)


def _half_a_task(ground: Ground) -> None:
    ground.task.share_denominator = 2


@pytest.mark.parametrize(
    ("break_it", "kind"),
    [
        (_disown, Kind.UNOWNED),
        (_withdraw, Kind.UNPLANNED),
        (_share_partly, Kind.SHARES_NOT_ONE),
        (_close_agency, Kind.AGENCY_CLOSED),
        (_lose_focal_point, Kind.NO_FOCAL_POINT),
        (_block, Kind.ADDRESS_BLOCKED),
        (_accept_bare, Kind.ACCEPTED_WITHOUT_EVIDENCE),
        (_expired, Kind.EVIDENCE_EXPIRED),
        (_expires, Kind.EVIDENCE_EXPIRES),
        (_forget_dates, Kind.NO_EVALUATION_DATES),
        (_late, Kind.DUE_AFTER_EVALUATION),
        (_jump, Kind.LEVEL_JUMP),
        (_half_a_task, Kind.TASK_SHARES_NOT_ONE),
    ],
)
def test_each_thing_that_does_not_fit_is_found_alone(
    ground: Ground, break_it: Callable[[Ground], None], kind: Kind
) -> None:
    break_it(ground)
    check = ground.check()
    assert kinds(check) == [kind]
    assert (check.errors, check.warnings) == ((1, 0) if check.findings[kind][0].is_error else (0, 1))


def test_a_released_address_and_removed_evidence_count_no_more(ground: Ground) -> None:
    factories.suppression(ground.work.session, ground.focal, released_at=NOW)
    evidence = factories.evidence(
        ground.work.session, ground.focal, "a" * 64, expires_on=NOW.date(), removed_at=NOW
    )
    factories.evidence_use(ground.work.session, ground.task, evidence, 3, "a")
    assert kinds(ground.check()) == []
    ground.accept()
    assert kinds(ground.check()) == [Kind.ACCEPTED_WITHOUT_EVIDENCE]


def test_what_another_government_has_is_not_looked_at(ground: Ground, work: Work) -> None:
    other = Ground(work)
    _block(other)
    _expired(other)
    _disown(other)
    other.check()
    assert kinds(ground.check()) == []


def test_a_figure_that_differs_by_the_last_digit_is_found(ground: Ground, session: Session) -> None:
    stored = session.get_one(Projection, ground.plan.id)
    right = stored.secured
    stored.secured = right + Decimal("0.000000000001")
    session.flush()
    found = ground.look().findings
    assert [each.words for each in found[Kind.FIGURES_DIFFER]] == [("secured", stored.secured, right)]
    assert kinds(ground.check()) == []  # computing anew mends it


def test_details_that_differ_are_found_and_a_renamed_agency_is_no_difference(
    ground: Ground, session: Session
) -> None:
    ground.agency.short_name = "Kominfo Baru"
    session.flush()
    assert kinds(ground.look()) == []
    stored = session.get_one(Projection, ground.plan.id)
    stored.details = {**stored.details, "traces": {}}
    session.flush()
    assert [each.words for each in ground.look().findings[Kind.FIGURES_DIFFER]] == [("traces.33",)]


def test_figures_of_an_earlier_day_are_compared_as_of_that_day(ground: Ground, session: Session) -> None:
    """Overnight the task became late: the stored row is of yesterday and right for it."""
    ground.task.state, ground.task.due_on = State.IN_PROGRESS, NOW.date()
    assert kinds(ground.check()) == []
    scope = factories.scope(ground.coordinator)
    check = consistency.check(session, scope, ground.plan, now=NOW + timedelta(days=1))
    assert (kinds(check), check.is_recomputing) == ([], False)


def test_while_a_rebuild_is_on_its_way_nothing_is_compared(ground: Ground, session: Session) -> None:
    stored = session.get_one(Projection, ground.plan.id)
    stored.secured += 1
    session.add(ProjectionRequest(plan_id=ground.plan.id))
    session.flush()
    check = ground.look()
    assert (kinds(check), check.is_recomputing) == ([], True)


def test_what_the_nightly_proof_found_is_told_until_the_next_one_agrees(
    ground: Ground, work: Work, session: Session
) -> None:
    stored = session.get_one(Projection, ground.plan.id)
    right = stored.secured
    stored.secured += 1
    session.flush()
    assert projection_proofs.prove(work, [ground.plan.id], now=NOW).differing
    session.query(ProjectionRequest).delete()
    session.expire_all()
    assert kinds(ground.look()) == [Kind.FIGURES_DIFFER, Kind.PROOF_DIFFERS]
    check = ground.check()
    assert stored.secured == right
    assert (kinds(check), check.errors) == ([Kind.PROOF_DIFFERED], 0)
    projection_proofs.prove(work, [ground.plan.id], now=NOW)
    assert kinds(ground.look()) == []


def test_of_a_closed_plan_only_the_figures_are_compared(ground: Ground, work: Work, session: Session) -> None:
    _jump(ground)
    ground.check()
    closing.close(work, factories.scope(ground.coordinator), ground.plan.id, reason="Selesai.", now=NOW)
    session.query(ProjectionRequest).delete()
    assert kinds(ground.look()) == []
    session.get_one(Projection, ground.plan.id).secured += 1
    session.flush()
    assert kinds(ground.look()) == [Kind.FIGURES_DIFFER]


def test_computing_anew_is_asked_for_in_the_own_government_only(ground: Ground, work: Work) -> None:
    consistency.compute_again(work, factories.scope(ground.coordinator), ground.plan.id, now=NOW)
    assert ground.look().is_recomputing
    stranger = Ground(work).coordinator
    with pytest.raises(NotFoundError):
        consistency.compute_again(work, factories.scope(stranger), ground.plan.id, now=NOW)
