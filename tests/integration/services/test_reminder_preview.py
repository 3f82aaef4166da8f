"""Running ahead to a day to come: the right people, rungs and reasons, and nothing written."""

from datetime import date, timedelta

import pytest
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Agency,
    EvidenceUse,
    Government,
    Message,
    MessageKind,
    MessageState,
    Plan,
    ReminderIntent,
    Task,
)
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.services import reminder_preview, reminders
from spbe_tasks.services.reminder_preview import Preview, Unheard
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

TODAY = date(2025, 3, 3)  # a Monday


class Place:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.government: Government = factories.government(session)
        self.agency: Agency = factories.agency(session, self.government)
        self.plan: Plan = factories.plan(session, self.government)
        self.focal: Account = factories.account(
            session, self.government, Role.FOCAL_POINT, self.agency, name="Dewi"
        )
        self.coordinator: Account = factories.account(session, self.government, name="Siti")
        self.scope: Scope = factories.scope(self.coordinator)

    def task(self, indicator: int, days: int, agency: Agency | None = None) -> int:
        due_on = TODAY + timedelta(days=days)
        return int(
            factories.task(self.session, self.plan, agency or self.agency, indicator, due_on=due_on).id
        )

    def preview(self, days: int) -> Preview:
        return reminder_preview.preview(self.session, self.scope, TODAY + timedelta(days=days), now=NOW)


@pytest.fixture
def place(session: Session) -> Place:
    return Place(session)


def _told(found: Preview) -> dict[str, list[tuple[int, str, str]]]:
    return {
        each.name: [
            (reminder.indicator_number, reminder.rung.key, reminder.because.value)
            for reminder in each.reminders
        ]
        for each in found.recipients
    }


def test_tomorrows_mails_name_the_people_the_rungs_and_the_reasons(place: Place) -> None:
    deserted = factories.agency(place.session, place.government)
    place.task(1, 8)  # tomorrow it is seven days
    place.task(2, 4, deserted)  # tomorrow it is three days
    assert _told(place.preview(1)) == {
        "Dewi": [(1, "due-7", "focal_point")],
        "Siti": [(2, "due-3", "coordinator")],
    }


def test_what_today_tells_is_not_told_again_tomorrow(place: Place) -> None:
    place.task(1, 7)
    assert _told(place.preview(0)) == {"Dewi": [(1, "due-7", "focal_point")]}
    assert _told(place.preview(1)) == {}
    assert _told(place.preview(4)) == {"Dewi": [(1, "due-3", "focal_point")]}


def test_what_today_can_no_longer_tell_is_told_tomorrow(place: Place) -> None:
    place.task(1, 3)
    place.task(2, 8)
    evening = NOW.replace(hour=9)  # 16.00 in Ketapang: the office hours for mail are over
    found = reminder_preview.preview(place.session, place.scope, TODAY + timedelta(days=1), now=evening)
    assert _told(found) == {"Dewi": [(1, "due-3", "focal_point"), (2, "due-7", "focal_point")]}


def test_whoever_had_todays_digest_is_told_the_rest_tomorrow(place: Place) -> None:
    place.task(1, 7)
    factories.message(place.session, place.focal, state=MessageState.SENT)
    assert _told(place.preview(0)) == {}
    assert _told(place.preview(1)) == {"Dewi": [(1, "due-7", "focal_point")]}


def test_what_has_been_sent_is_left_out(place: Place) -> None:
    task = place.session.get_one(Task, place.task(1, 7))
    factories.intent(place.session, task, place.focal, rung="due-7", state=IntentState.SENT)
    assert _told(place.preview(0)) == {}


def test_a_day_off_has_no_mail_and_says_which_day_it_is(place: Place) -> None:
    place.task(1, 28)
    assert (place.preview(5).day_off, place.preview(5).recipients) == ("weekend", ())
    assert place.preview(28).day_off == "Hari Raya Idul Fitri"


def test_tasks_nobody_can_be_told_of_are_listed(place: Place) -> None:
    place.focal.is_active = place.coordinator.is_active = False
    task_id = place.task(1, 0)
    title = place.session.get_one(Task, task_id).title
    assert place.preview(0).unheard == (Unheard(task_id, 1, title),)


@pytest.mark.parametrize(("days", "code"), [(-1, "reminders.day_passed"), (61, "reminders.day_too_far")])
def test_days_that_are_over_or_too_far_are_refused(place: Place, days: int, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        place.preview(days)
    assert refused.value.problems[0].code == code


def test_nothing_is_written(place: Place) -> None:
    place.task(1, 0)
    place.preview(3)
    assert place.session.scalar(select(func.count()).select_from(ReminderIntent)) == 0


def test_the_preview_of_a_day_is_what_planning_day_by_day_comes_to(place: Place) -> None:
    for indicator, days in enumerate((-40, -9, -1, 0, 2, 5, 9, 12, 20, 24), start=1):
        place.task(indicator, days)
    seen = []
    for days in range(19):
        expected = {
            (reminder.task_id, reminder.rung.key)
            for each in place.preview(days).recipients
            for reminder in each.reminders
        }
        seen.append((days, expected))
    for days, expected in seen:
        reminders.plan_government(Work(place.session), place.government.id, now=NOW + timedelta(days=days))
        waits_for_a_brief = (ReminderIntent.rung == "escalation:executive") & ~exists().where(
            Message.kind == MessageKind.BRIEF, Message.local_date == TODAY + timedelta(days=days)
        )
        waiting = place.session.scalars(
            select(ReminderIntent).where(ReminderIntent.state == IntentState.OPEN, ~waits_for_a_brief)
        ).all()
        assert {(row.task_id, row.rung) for row in waiting} == expected, days
        for row in waiting:
            row.state = IntentState.SENT
        place.session.flush()
    assert sum(len(expected) for _, expected in seen) > 25


def test_briefs_escalations_and_evidence_are_foreseen_with_their_reasons(place: Place) -> None:
    session = place.session
    head = factories.account(session, place.government, Role.AGENCY_HEAD, place.agency, name="Hadi")
    sekda = factories.account(session, place.government, Role.EXECUTIVE, name="Yusuf")
    task = session.get_one(Task, place.task(1, -40))
    task.state_changed_at = NOW - timedelta(days=60)
    evidence = factories.evidence(session, place.focal, "0" * 64, expires_on=TODAY + timedelta(days=7))
    use = {"level": 3, "letter": "a", "added_by_id": place.focal.id, "added_at": NOW}
    session.add(
        EvidenceUse(government_id=place.government.id, task_id=task.id, evidence_id=evidence.id, **use)
    )
    session.flush()
    found = {
        (each.name, each.kind.value): [(r.rung.key, r.because.value, r.evidence_id) for r in each.reminders]
        for each in place.preview(0).recipients
    }
    assert found == {
        ("Dewi", "digest"): [
            ("overdue+35", "focal_point", None),
            ("expiry-7", "focal_point", evidence.id),
        ],
        (head.name, "brief"): [],
        (sekda.name, "brief"): [("escalation:executive", "executive", None)],
    }
    assert [each.name for each in place.preview(7).recipients if each.kind is MessageKind.BRIEF] == [
        head.name,
        sekda.name,
    ]
