"""The brief of the month: to whom, when, at most once, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from spbe_tasks import rendering
from spbe_tasks.mail_headers import Office
from spbe_tasks.models import (
    Account,
    Agency,
    Government,
    Heartbeat,
    Message,
    MessageKind,
    MessageState,
    Plan,
    SuppressionReason,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.preferences import Preference
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import (
    closing,
    dispatch,
    forecasts,
    mail_preferences,
    monthly_briefs,
    projections,
    reminder_facts,
    reminder_preview,
    reminders,
    suppressions,
)
from spbe_tasks.services.letters import Letter, Mail
from spbe_tasks.services.monthly_briefs import MonthlyBrief
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.send_round import Round
from spbe_tasks.services.system import HEARTBEAT
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

TODAY = NOW.date()  # Monday, 3 March 2025
OFFICE = Office("https://spbe.example", "a-secret-that-only-tests-know-0123456789", "spbe@spbe.example")


@dataclass
class World:
    """A government with a plan and its figures, two leaders and a focal point."""

    work: Work
    government: Government
    plan: Plan
    agencies: list[Agency]
    coordinator: Account
    executive: Account
    focal_point: Account

    @property
    def session(self) -> Session:
        return self.work.session

    def plan_at(self, now: datetime = NOW) -> None:
        self.session.flush()
        reminders.plan_government(self.work, self.government.id, now=now)
        self.session.flush()
        self.session.expire_all()

    def monthly(self) -> list[tuple[int, date, str]]:
        rows = select(Message).where(Message.kind == MessageKind.MONTHLY)
        self.session.expire_all()
        return [
            (each.account_id, each.local_date, each.state.value)
            for each in self.session.scalars(rows.order_by(Message.account_id, Message.id))
        ]

    def briefed(self) -> list[int]:
        return [account_id for account_id, _on, state in self.monthly() if state != "cancelled"]

    def end_all(self, state: MessageState = MessageState.SENT) -> None:
        for row in self.session.scalars(select(Message)):
            row.state, row.finished_at = state, NOW
        self.session.flush()

    def claim(self, now: datetime = NOW) -> list[Mail]:
        """One round of sending, without a server: the monthly mails that leave."""
        self.session.flush()
        known, found = Round(), list[Mail]()

        def render(letter: Letter) -> Mail:
            mail = rendering.render(letter, OFFICE)
            if letter.kind is MessageKind.MONTHLY:
                found.append(mail)
            return mail

        for message_id in queries.list_due(self.session, now, 99):
            waiting = queries.lock_due(self.session, message_id, now)
            if waiting:
                dispatch.claim(self.work, waiting, render, known=known, now=now)
            self.session.flush()
        return found

    def build(self, person: Account, now: datetime = NOW) -> MonthlyBrief | None:
        self.session.flush()
        ground = reminder_facts.ground(self.session, self.government.id, now.date())
        return monthly_briefs.build(self.session, person, ground=ground, now=now)


@pytest.fixture
def world(work: Work) -> World:
    session = work.session
    government = factories.government(session, monthly_brief_day=3)
    agencies = [factories.agency(session, government, short_name=f"Dinas {letter}") for letter in "ABCD"]
    plan = factories.plan(session, government, target_index=Decimal("3.50"))
    tasks: Sequence[dict[str, Any]] = (
        {"state": State.ACCEPTED, "reached_level": Decimal(3)},
        {"state": State.SUBMITTED},
        {"state": State.BLOCKED},
        {"due_on": TODAY - timedelta(days=3)},
    )
    for at, (agency, values) in enumerate(zip(agencies, tasks, strict=True)):
        factories.task(session, plan, agency, 33 + at, **values)
    person = partial(factories.account, session, government)
    people = (person(Role.COORDINATOR), person(Role.EXECUTIVE), person(Role.FOCAL_POINT, agencies[0]))
    session.flush()
    projections.rebuild(work, plan.id, now=NOW)
    return World(work, government, plan, agencies, *people)


def test_leaders_get_one_and_nobody_else(world: World) -> None:
    world.plan_at()
    assert world.monthly() == [
        (world.coordinator.id, TODAY, "pending"),
        (world.executive.id, TODAY, "pending"),
    ]


def test_a_government_that_did_not_ask_for_it_sends_none(world: World) -> None:
    world.government.monthly_brief_day = None
    world.plan_at()
    assert world.monthly() == []


def test_it_does_not_leave_before_its_day(world: World) -> None:
    world.government.monthly_brief_day = 4
    world.plan_at()
    assert world.monthly() == []
    world.plan_at(NOW + timedelta(days=1))
    assert world.briefed() == [world.coordinator.id, world.executive.id]


def test_planned_again_the_same_day_and_the_whole_month_there_is_no_second(world: World) -> None:
    world.plan_at()
    world.plan_at(NOW + timedelta(minutes=1))
    world.end_all()
    for days in range(1, 28):
        world.plan_at(NOW + timedelta(days=days))
    assert world.briefed() == [world.coordinator.id, world.executive.id]


def test_the_next_month_has_its_own(world: World) -> None:
    world.plan_at()
    world.end_all()
    world.plan_at(
        NOW.replace(month=4, day=3) + timedelta(days=5)
    )  # 8 April: the first day after Lebaran's leave
    days = {on for _account, on, _state in world.monthly()}
    assert days == {TODAY, date(2025, 4, 8)}


def test_after_an_outage_it_leaves_on_the_next_working_day_of_the_month(world: World) -> None:
    world.plan_at(NOW + timedelta(days=15))  # nothing ran from the 3rd to the 17th
    assert world.briefed() == [world.coordinator.id, world.executive.id]


def test_an_outage_to_the_end_of_the_month_costs_its_brief_and_makes_none_early_in_the_next(
    world: World,
) -> None:
    world.government.monthly_brief_day = 20
    world.plan_at(datetime.fromisoformat("2025-05-02T03:00:00+00:00"))
    assert world.monthly() == []


def test_one_that_was_put_off_leaves_on_another_day_of_its_month_but_not_in_the_next(world: World) -> None:
    world.plan_at()
    rows = world.session.scalars(select(Message).where(Message.kind == MessageKind.MONTHLY)).all()
    rows[1].next_attempt_at = NOW + timedelta(days=45)
    assert len(world.claim(NOW + timedelta(days=2))) == 1
    assert world.claim(NOW + timedelta(days=45)) == []
    assert (rows[1].state, rows[1].reason) == (MessageState.CANCELLED, "day_passed")


def test_the_database_takes_no_second_of_a_month(world: World) -> None:
    world.plan_at()
    second = insert(Message).values(
        government_id=world.government.id,
        account_id=world.executive.id,
        kind=MessageKind.MONTHLY,
        local_date=TODAY + timedelta(days=20),
        state=MessageState.PENDING,
        attempts=0,
        next_attempt_at=NOW,
    )
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(second)


def test_who_ended_it_or_whose_account_or_address_is_closed_gets_none(world: World) -> None:
    others = [factories.account(world.session, world.government, Role.EXECUTIVE) for _ in range(2)]
    mail_preferences.store(world.work, world.executive.id, Preference(wants_monthly=False), now=NOW)
    others[0].is_active = False
    suppressions.suppress(world.work, others[1], SuppressionReason.BOUNCED, "550", now=NOW)
    world.plan_at()
    assert world.briefed() == [world.coordinator.id]


def test_whoever_stands_in_for_a_leader_gets_the_leaders(world: World) -> None:
    factories.acting_officer(world.session, world.executive, world.focal_point)
    world.plan_at()
    assert world.briefed() == [world.coordinator.id, world.focal_point.id]
    assert world.build(world.focal_point)


@pytest.mark.parametrize("change", ["closed", "no_figures"])
def test_a_closed_plan_and_one_without_figures_are_not_mailed(world: World, change: str) -> None:
    if change == "closed":
        scope = factories.scope(world.coordinator)
        closing.close(world.work, scope, world.plan.id, reason="Selesai", now=NOW)
    else:
        newer = factories.revision(world.session, world.government, year=2025)
        factories.plan(world.session, world.government, year=2025, baseline=newer)
    world.plan_at()
    assert world.monthly() == []


@pytest.mark.parametrize("change", ["switched_off", "ended", "role"])
def test_it_is_looked_at_again_before_it_leaves(world: World, change: str) -> None:
    world.plan_at()
    if change == "switched_off":
        world.government.monthly_brief_day = None
    elif change == "ended":
        for person in (world.coordinator, world.executive):
            mail_preferences.store(world.work, person.id, Preference(wants_monthly=False), now=NOW)
    else:
        world.coordinator.role = world.executive.role = Role.REVIEWER
    assert world.claim() == []
    assert {state for *_rest, state in world.monthly()} == {"cancelled"}


def test_one_that_had_lost_its_point_is_made_again_when_it_has_one_this_month(world: World) -> None:
    world.plan_at()
    world.government.monthly_brief_day = None
    world.claim()
    world.government.monthly_brief_day = 3
    later = NOW + timedelta(days=2)
    world.plan_at(later)
    assert world.monthly() == [
        (world.coordinator.id, later.date(), "pending"),
        (world.executive.id, later.date(), "pending"),
    ]


def test_it_waits_for_office_hours(world: World) -> None:
    world.plan_at()
    assert world.claim(NOW + timedelta(hours=9)) == []
    assert len(world.claim(NOW + timedelta(days=1))) == 2


def test_it_says_the_figures_of_the_leaders_page(world: World) -> None:
    factories.snapshot(world.session, world.plan, date(2025, 2, 1), {})
    factories.snapshot(world.session, world.plan, date(2025, 2, 20), {1: 5})
    brief = world.build(world.executive)
    assert brief is not None
    assert brief.figures[0].value == Fraction(2)
    assert [each.key for each in brief.figures] == ["baseline", "secured", "expected", "target"]
    assert (brief.overdue, brief.waiting, brief.blocked) == (1, 1, 1)
    assert [each.name for each in brief.agencies] == ["Dinas B", "Dinas C", "Dinas D"]
    assert brief.change is not None
    assert (brief.change.since, float(brief.change.index)) == (date(2025, 2, 1), 0.03)


def test_a_plan_younger_than_a_month_has_no_change_to_tell(world: World) -> None:
    factories.snapshot(world.session, world.plan, date(2025, 2, 20), {})
    brief = world.build(world.executive)
    assert brief is not None
    assert brief.change is None


def test_it_says_so_when_the_figures_may_be_old(world: World) -> None:
    world.session.add(Heartbeat(name=HEARTBEAT, seen_at=NOW))
    fresh, stale = (world.build(world.executive, at) for at in (NOW, NOW + timedelta(hours=2)))
    assert fresh is not None
    assert stale is not None
    assert (fresh.is_stale, stale.is_stale) == (False, True)


def test_subject_and_both_parts_name_the_figures_and_it_can_be_ended_from_the_mail(world: World) -> None:
    world.executive.locale = "en"
    world.coordinator.is_active = False
    world.plan_at()
    (mail,) = world.claim()
    assert mail.subject == "SPBE index secured 2.03 of target 3.50: report of March 2025"
    for words in ("2.03", "3.50", "Dinas B", "Late tasks: 1. Waiting for review: 1. Blocked: 1."):
        assert words in mail.kept_text
        assert words in mail.kept_html
    for address in ("https://spbe.example/dashboard", "https://spbe.example/reports"):
        assert address in mail.kept_text
        assert f'href="{address}"' in mail.kept_html
    assert b"List-Unsubscribe: <https://spbe.example/unsubscribe/" in mail.content
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail.content


def test_the_preview_shows_it_on_the_day_it_leaves_and_on_no_other(world: World) -> None:
    world.government.monthly_brief_day = 15  # a Saturday; the first working day is the 17th
    world.session.flush()

    def foreseen(on: date, now: datetime = NOW) -> list[int]:
        seen = reminder_preview.preview(world.session, factories.scope(world.coordinator), on, now=now)
        return [each.account_id for each in seen.recipients if each.kind is MessageKind.MONTHLY]

    leaders = sorted((world.coordinator.id, world.executive.id))
    assert [on for on in (14, 17, 18, 27) if foreseen(date(2025, 3, on))] == [17]
    assert sorted(foreseen(date(2025, 3, 17))) == leaders
    assert sorted(foreseen(date(2025, 4, 15))) == leaders
    assert sorted(foreseen(date(2025, 3, 20), NOW + timedelta(days=17))) == leaders  # nothing ran on the 17th
    world.plan_at(NOW + timedelta(days=17))
    assert foreseen(date(2025, 3, 21), NOW + timedelta(days=17)) == []


def test_it_says_the_forecast_in_the_words_of_the_pages(world: World) -> None:
    assert forecasts.make(world.work, world.plan.id, now=NOW)
    world.executive.locale = "en"
    world.coordinator.is_active = False
    world.plan_at()
    (mail,) = world.claim()
    for part in (mail.kept_text, mail.kept_html):
        assert "Too little history for a forecast: 1 task is finished so far, five are needed." in part


def test_nothing_of_another_government_is_told(world: World) -> None:
    other = factories.government(world.session, monthly_brief_day=1)
    stranger = factories.account(world.session, other, Role.EXECUTIVE)
    world.plan_at()
    reminders.plan_government(world.work, other.id, now=NOW)
    assert stranger.id not in world.briefed()
