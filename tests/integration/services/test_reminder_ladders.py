"""The ladders beside the due date on real rows: who gets which mail, what stands in it, and nothing twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from spbe_tasks.models import (
    Account,
    ActingKind,
    Agency,
    EvidenceUse,
    Government,
    Message,
    News,
    Pack,
    PackUse,
    Plan,
    ReminderIntent,
    Submission,
    Suppression,
    SuppressionReason,
    Task,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.preferences import Cadence, Preference
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import (
    briefs,
    digests,
    mail_preferences,
    official_notes,
    reminder_policies,
    reminders,
    suppressions,
)
from spbe_tasks.services.briefs import Brief
from spbe_tasks.services.digests import Digest
from spbe_tasks.services.escalations import EscalatedTask
from spbe_tasks.services.official_notes import Officer
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.mail_days import Mailed, act_out

TODAY = date(2025, 3, 3)  # a Monday; NOW is 10.00 of it in Ketapang
BEFORE = NOW - timedelta(days=40)


@dataclass
class Office:
    """One government with an agency, its people, a coordinator, a reviewer and an executive."""

    work: Work
    government: Government
    agency: Agency
    plan: Plan
    focal_point: Account
    head: Account
    coordinator: Account
    reviewer: Account
    executive: Account

    def task(self, due_on: date, indicator: int = 33, **values: Any) -> Task:
        values.setdefault("state_changed_at", BEFORE)
        return factories.task(
            self.work.session,
            self.plan,
            values.pop("agency", self.agency),
            indicator,
            due_on=due_on,
            **values,
        )

    def mails(self, days: int = 0) -> list[Mailed]:
        return act_out(self.work, self.government.id, now=NOW + timedelta(days=days))

    def told(self, days: int = 0) -> list[tuple[str, str, tuple[str, ...]]]:
        """(role, kind of mail, rungs) of a day's mails."""
        roles = {
            each.id: each.role.value
            for each in self.work.session.scalars(
                select(Account).where(Account.government_id == self.government.id)
            )
        }
        return sorted((roles[each.account_id], each.kind.value, each.told) for each in self.mails(days))


@pytest.fixture
def office(work: Work) -> Office:
    session = work.session
    government = factories.government(session)
    agency = factories.agency(session, government)
    return Office(
        work,
        government,
        agency,
        factories.plan(session, government),
        factories.account(session, government, Role.FOCAL_POINT, agency),
        factories.account(session, government, Role.AGENCY_HEAD, agency),
        factories.account(session, government, Role.COORDINATOR),
        factories.account(session, government, Role.REVIEWER),
        factories.account(session, government, Role.EXECUTIVE),
    )


FRIDAY = TODAY - timedelta(days=3)


def test_a_late_task_climbs_from_the_head_to_the_coordinator_and_into_the_brief(office: Office) -> None:
    office.task(FRIDAY)
    days = {days: office.told(days) for days in range(22)}
    assert {days: found for days, found in days.items() if found} == {
        0: [("focal_point", "digest", ("overdue+3",))],
        2: [("agency_head", "digest", ("escalation:agency_head",))],
        4: [("focal_point", "digest", ("overdue+7",))],
        7: [("agency_head", "brief", ())],
        8: [("coordinator", "digest", ("escalation:coordinator",))],
        11: [("focal_point", "digest", ("overdue+14",))],
        14: [("agency_head", "brief", ())],
        18: [("focal_point", "digest", ("overdue+21",))],
        21: [("agency_head", "brief", ()), ("executive", "brief", ("escalation:executive",))],
    }


def test_every_run_but_the_first_of_a_day_changes_nothing(office: Office) -> None:
    office.task(FRIDAY)
    office.task(FRIDAY - timedelta(days=30), 34)

    def rows() -> Sequence[Any]:
        office.work.session.expire_all()
        intents = select(ReminderIntent.id, ReminderIntent.rung, ReminderIntent.state)
        messages = select(Message.id, Message.kind, Message.state)
        session = office.work.session
        return [*session.execute(intents.order_by("id")), *session.execute(messages.order_by("id"))]

    for days in (0, 2, 7, 8):
        office.work.session.flush()
        reminders.plan_government(office.work, office.government.id, now=NOW + timedelta(days=days))
        before = rows()
        again = reminders.plan_government(
            office.work, office.government.id, now=NOW + timedelta(days=days, minutes=5)
        )
        assert (again.message_ids, rows()) == ((), before)
        office.mails(days)
        before = rows()
        assert (
            reminders.plan_government(
                office.work, office.government.id, now=NOW + timedelta(days=days, hours=1)
            ).message_ids
            == ()
        )
        assert rows() == before


def test_a_heads_digest_names_the_late_tasks_with_their_points_most_first(office: Office) -> None:
    small, large = office.task(FRIDAY, 1), office.task(FRIDAY, 33, baseline_level=1)
    (mail,) = [each for each in office.mails(2) if each.account_id == office.head.id]
    assert isinstance(mail.body, Digest)
    (agency,) = mail.body.escalations
    assert agency.name == office.agency.name
    assert [(each.task_id, each.working_days, each.is_new) for each in agency.tasks] == [
        (large.id, 3, True),
        (small.id, 3, True),
    ]
    assert agency.points == small.points + large.points
    assert mail.body.groups == {}


def test_a_state_change_stops_the_climb_and_it_starts_from_zero(office: Office) -> None:
    task = office.task(FRIDAY)
    assert len(office.mails(2)) == 2
    task.state, task.state_changed_at = State.BLOCKED, NOW + timedelta(days=3)
    told = [found for days in range(3, 9) for found in office.told(days) if found[0] == "agency_head"]
    assert told == [
        ("agency_head", "digest", ("escalation:agency_head",))
    ]  # on Tuesday, three working days later
    episodes = office.work.session.scalars(
        select(ReminderIntent.episode).where(ReminderIntent.rung == "escalation:agency_head")
    ).all()
    assert sorted(episodes) == [
        (FRIDAY + timedelta(days=1)).toordinal(),
        (TODAY + timedelta(days=3)).toordinal(),
    ]


def test_the_top_of_the_ladder_is_one_brief_ranked_by_points_and_the_facts_of_a_note(office: Office) -> None:
    other = factories.agency(office.work.session, office.government)
    small = office.task(FRIDAY - timedelta(days=30), 1)
    large = office.task(FRIDAY - timedelta(days=30), 33, agency=other, baseline_level=1)
    office.task(FRIDAY, 34)  # not at the top
    mails = {each.account_id: each for each in office.mails()}
    brief = mails[office.executive.id].body
    assert isinstance(brief, Brief)
    assert mails[office.executive.id].told == ("escalation:executive", "escalation:executive")
    assert [(each.agency_id, [task.task_id for task in each.tasks]) for each in brief.agencies] == [
        (other.id, [large.id]),
        (office.agency.id, [small.id]),
    ]
    assert brief.points == small.points + large.points
    scope = factories.scope(office.coordinator)
    assert [
        official_notes.build(office.work.session, scope, agency_id, "id", now=NOW).agency
        for agency_id in (other.id, office.agency.id)
    ] == [replace(each, tasks=_untold(each.tasks)) for each in brief.agencies]


def _untold(tasks: Sequence[EscalatedTask]) -> tuple[EscalatedTask, ...]:
    return tuple(replace(task, is_new=False) for task in tasks)


def test_a_note_is_called_for_only_while_a_task_is_at_the_top(office: Office) -> None:
    session, scope = office.work.session, factories.scope(office.coordinator)

    def is_called_for() -> bool:
        return official_notes.is_called_for(session, scope, office.agency.id, now=NOW)

    office.task(FRIDAY, 34)
    factories.task(
        session,
        office.plan,
        factories.agency(session, office.government),
        35,
        due_on=FRIDAY - timedelta(days=30),
        state_changed_at=BEFORE,
    )
    assert not is_called_for()
    task = office.task(FRIDAY - timedelta(days=30))
    assert is_called_for()
    task.state_changed_at = (
        NOW  # somebody went on with it: the climb starts from zero, however old its due date
    )
    session.flush()
    assert not is_called_for()
    with pytest.raises(NotFoundError, match="nothing_at_top"):
        official_notes.build(session, scope, office.agency.id, "id", now=NOW)


def test_a_note_goes_to_who_does_the_work_of_head_and_leaders_that_day(office: Office) -> None:
    session, government = office.work.session, office.government
    office.task(FRIDAY - timedelta(days=30))
    office.executive.position = "Sekretaris Daerah"
    first, second, third = (factories.account(session, government, Role.REVIEWER) for _ in range(3))
    factories.acting_officer(session, office.head, first, kind=ActingKind.PLT, from_on=TODAY)
    factories.acting_officer(session, first, second, from_on=TODAY)  # the one who stands in is away as well
    factories.acting_officer(session, office.executive, third, from_on=TODAY)
    factories.acting_officer(session, office.coordinator, third, from_on=TODAY + timedelta(days=1))
    scope = factories.scope(office.coordinator)
    note = official_notes.build(session, scope, office.agency.id, "id", now=NOW)
    assert note.heads == (Officer(second.name, Role.AGENCY_HEAD, office.head.position, ActingKind.PLT),)
    assert note.leaders == (Officer(third.name, Role.EXECUTIVE, "Sekretaris Daerah", ActingKind.PLH),)
    before = official_notes.build(session, scope, office.agency.id, "id", now=NOW - timedelta(days=1))
    assert [(each.name, each.kind) for each in before.heads] == [(office.head.name, None)]


def test_a_brief_with_nothing_left_to_say_is_not_made(office: Office) -> None:
    task = office.task(FRIDAY - timedelta(days=30))
    office.work.session.flush()
    reminders.plan_government(office.work, office.government.id, now=NOW)
    task.state = State.SUBMITTED
    office.work.session.flush()
    assert briefs.build(office.work.session, office.executive, today=TODAY) is None


def _hand_in(office: Office, task: Task, *, at: datetime = NOW, number: int = 1) -> None:
    task.state, task.state_changed_at = State.SUBMITTED, at
    office.work.session.add(
        Submission(
            government_id=office.government.id,
            task_id=task.id,
            number=number,
            note="",
            submitted_by_id=office.focal_point.id,
            submitted_at=at,
        )
    )


def test_a_submission_that_waits_nags_the_reviewer_after_three_five_and_ten_working_days(
    office: Office,
) -> None:
    task = office.task(FRIDAY)
    _hand_in(office, task)
    days = {days: office.told(days) for days in range(25)}
    assert {days: found for days, found in days.items() if found} == {
        3: [("reviewer", "digest", ("review+3",))],
        7: [("reviewer", "digest", ("review+5",))],
        14: [("reviewer", "digest", ("review+10",))],
    }


def test_a_reviewers_digest_lists_all_that_waits_the_longest_first(office: Office) -> None:
    old, new = office.task(FRIDAY, 1), office.task(FRIDAY, 2)
    _hand_in(office, old)
    _hand_in(office, new, at=NOW + timedelta(days=2))
    (mail,) = office.mails(3)
    assert isinstance(mail.body, Digest)
    assert [(each.task_id, each.working_days, each.is_reminded) for each in mail.body.reviews] == [
        (old.id, 3, True),
        (new.id, 1, False),
    ]


@pytest.mark.parametrize("state", [State.RETURNED, State.ACCEPTED])
def test_a_submission_that_was_judged_is_not_brought_up_again(office: Office, state: State) -> None:
    task = office.task(TODAY + timedelta(days=90))
    _hand_in(office, task)
    office.work.session.flush()
    reminders.plan_government(office.work, office.government.id, now=NOW + timedelta(days=3))
    task.state = state
    task.reached_level = 3 if state is State.ACCEPTED else None
    office.work.session.flush()
    assert digests.build(office.work.session, office.reviewer, today=TODAY + timedelta(days=3)) is None
    assert office.told(3) == []


def _in_task(office: Office, evidence_id: int, **values: Any) -> Task:
    task = office.task(TODAY + timedelta(days=300), **values)
    office.work.session.add(
        EvidenceUse(
            government_id=office.government.id,
            task_id=task.id,
            level=3,
            letter="a",
            evidence_id=evidence_id,
            added_by_id=office.focal_point.id,
            added_at=NOW,
        )
    )
    return task


def _in_pack(office: Office, evidence_id: int, **values: Any) -> None:
    pack = Pack(
        government_id=office.government.id,
        instrument_id=office.plan.instrument_id,
        year=2025,
        plan_id=office.plan.id,
        created_at=NOW,
        **values,
    )
    office.work.session.add(pack)
    office.work.session.flush()
    office.work.session.add(
        PackUse(
            government_id=office.government.id,
            pack_id=pack.id,
            indicator_number=1,
            level=3,
            letter="a",
            evidence_id=evidence_id,
            added_by_id=office.coordinator.id,
            added_at=NOW,
        )
    )


def _evidence(office: Office, days: int = 60) -> int:
    row = factories.evidence(
        office.work.session, office.focal_point, "0" * 64, expires_on=TODAY + timedelta(days=days)
    )
    return int(row.id)


def test_evidence_in_use_is_told_before_and_on_its_last_day(office: Office) -> None:
    evidence_id = _evidence(office)
    _in_task(office, evidence_id)
    days = {days: office.told(days) for days in range(62)}
    assert {days: found for days, found in days.items() if found} == {
        0: [("focal_point", "digest", ("expiry-60",))],
        36: [("focal_point", "digest", ("expiry-30",))],  # reached on 2 April; the first day after Lebaran
        53: [("focal_point", "digest", ("expiry-7",))],
        60: [("focal_point", "digest", ("expiry",))],
    }


@pytest.mark.parametrize(
    ("use", "is_told"),
    [
        (lambda office, found: None, False),
        (lambda office, found: _in_task(office, found, state=State.SUBMITTED), True),
        (lambda office, found: _in_task(office, found, state=State.WITHDRAWN), False),
        (_in_pack, True),
        (lambda office, found: _in_pack(office, found, closed_at=NOW), False),
    ],
)
def test_only_evidence_that_something_under_way_rests_on_is_told(
    office: Office, use: Any, is_told: bool
) -> None:
    evidence_id = _evidence(office)
    use(office, evidence_id)
    mails = [each for each in office.mails() if "expiry-60" in each.told]
    assert [each.account_id for each in mails] == ([office.focal_point.id] if is_told else [])
    if is_told:
        assert isinstance(mails[0].body, Digest)
        assert [(each.evidence_id, each.is_reminded) for each in mails[0].body.expiring] == [
            (evidence_id, True)
        ]


def test_what_is_chosen_weekly_waits_for_the_first_working_day_and_an_escalation_does_not(
    office: Office,
) -> None:
    for account in (office.focal_point, office.head):
        mail_preferences.store(office.work, account.id, Preference(Cadence.WEEKLY), now=NOW)
    office.task(FRIDAY)
    office.task(TODAY + timedelta(days=8), 34)  # due-7 tomorrow, due-3 on Saturday
    assert [(days, office.told(days)) for days in (1, 2, 3, 4, 7)] == [
        (1, []),
        (2, [("agency_head", "digest", ("escalation:agency_head",))]),
        (3, []),
        (4, []),
        (7, [("agency_head", "brief", ()), ("focal_point", "digest", ("due-1", "overdue+7"))]),
    ]
    states = office.work.session.execute(
        select(ReminderIntent.rung, ReminderIntent.state).where(
            ReminderIntent.account_id == office.focal_point.id
        )
    ).all()
    assert {rung: state.value for rung, state in states} == {
        "overdue+3": "superseded",
        "overdue+7": "sent",
        "due-7": "superseded",
        "due-1": "sent",
    }


def test_who_wants_no_digest_gets_none_but_still_escalations(office: Office) -> None:
    for account in (office.focal_point, office.coordinator, office.head, office.executive):
        mail_preferences.store(office.work, account.id, Preference(Cadence.NEVER), now=NOW)
    office.task(FRIDAY)
    found = [each for days in range(22) for each in office.told(days)]
    assert [each for each in found if each[2]] == [
        ("agency_head", "digest", ("escalation:agency_head",)),
        ("coordinator", "digest", ("escalation:coordinator",)),
        ("executive", "brief", ("escalation:executive",)),
    ]


def test_an_acting_officer_is_told_in_the_place_of_the_absent_and_reads_their_tasks(office: Office) -> None:
    acting = factories.account(office.work.session, office.government, Role.EXECUTIVE)
    for absent in (office.focal_point, office.head):
        factories.acting_officer(
            office.work.session, absent, acting, from_on=TODAY - timedelta(days=9), until_on=None
        )
    task = office.task(FRIDAY)
    (mail,) = office.mails(2)
    assert mail.account_id == acting.id
    assert mail.told == ("escalation:agency_head", "overdue+3")
    assert isinstance(mail.body, Digest)
    assert [line.task_id for lines in mail.body.groups.values() for line in lines] == [task.id]


def test_a_bounced_address_is_not_written_to_until_it_is_released(office: Office) -> None:
    office.task(FRIDAY)
    suppressions.suppress(office.work, office.head, SuppressionReason.BOUNCED, "550 no such user", now=NOW)
    assert [each[0] for each in office.told(2)] == ["focal_point"]
    scope = factories.scope(office.coordinator)
    standing = office.work.session.scalars(select(Suppression.id)).one()
    suppressions.release(office.work, scope, standing, now=NOW)
    assert office.told(3) == [("agency_head", "digest", ("escalation:agency_head",))]


def _news(office: Office, kind: NewsKind, **values: Any) -> int:
    row = News(
        government_id=office.government.id,
        account_id=office.focal_point.id,
        kind=kind,
        words="",
        at=NOW,
        **values,
    )
    office.work.session.add(row)
    office.work.session.flush()
    return int(row.id)


def test_news_that_is_wanted_in_the_digest_stands_in_one_digest_and_news_at_once_in_none(
    office: Office,
) -> None:
    accepted = _news(office, NewsKind.ACCEPTED)
    _news(office, NewsKind.RETURNED)
    (mail,) = office.mails()
    assert isinstance(mail.body, Digest)
    assert (mail.account_id, mail.body.news_ids, mail.body.intent_ids) == (
        office.focal_point.id,
        (accepted,),
        (),
    )
    assert office.mails(1) == []


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.ADMINISTRATOR}])
def test_news_of_somebody_who_is_gone_asks_for_no_digest(office: Office, change: dict[str, Any]) -> None:
    _news(office, NewsKind.ACCEPTED)
    for name, value in change.items():
        setattr(office.focal_point, name, value)
    if office.focal_point.role is Role.ADMINISTRATOR:
        office.focal_point.government_id = office.focal_point.agency_id = None
    office.work.session.flush()
    assert reminders.plan_government(office.work, office.government.id, now=NOW).message_ids == ()


def test_news_for_the_digest_waits_for_the_day_of_a_weekly_reader_and_is_not_mailed_where_none_is_wanted(
    office: Office,
) -> None:
    mail_preferences.store(office.work, office.focal_point.id, Preference(Cadence.WEEKLY), now=NOW)
    accepted = _news(office, NewsKind.ACCEPTED)
    assert [len(office.mails(days)) for days in (1, 2, 3, 4)] == [0, 0, 0, 0]
    (mail,) = office.mails(7)
    assert isinstance(mail.body, Digest)
    assert mail.body.news_ids == (accepted,)
    mail_preferences.store(office.work, office.focal_point.id, Preference(Cadence.NEVER), now=NOW)
    _news(office, NewsKind.ACCEPTED)
    assert [len(office.mails(days)) for days in (8, 14)] == [0, 0]


def test_the_steps_of_the_governments_policy_count(office: Office) -> None:
    policy = ReminderPolicy(agency_head_after=1, coordinator_after=2, executive_after=5, brief_weekday=2)
    reminder_policies.store(office.work, factories.scope(office.coordinator), policy, seen_number=0, now=NOW)
    office.task(FRIDAY)
    found = [(days, role) for days in range(5) for role, _, _ in office.told(days) if role != "focal_point"]
    assert found == [(0, "agency_head"), (1, "coordinator"), (2, "agency_head")]


def test_a_clock_that_ran_ahead_and_was_set_back_repeats_nothing_and_loses_nothing(office: Office) -> None:
    office.task(TODAY + timedelta(days=8))
    office.task(TODAY + timedelta(days=1), 34)
    office.work.session.flush()
    ahead = reminders.plan_government(office.work, office.government.id, now=NOW + timedelta(days=7))
    assert {each.rung.key for each in ahead.planned.new} == {"due-1", "overdue+3", "escalation:agency_head"}
    # Nothing of it was sent when the clock was set back.
    told = [(days, rung) for days in range(12) for each in office.mails(days) for rung in each.told]
    assert sorted(told) == [
        (0, "due-1"),
        (0, "due-14"),
        (1, "due"),
        (1, "due-7"),
        (2, "overdue+1"),
        (4, "escalation:agency_head"),
        (4, "overdue+3"),
        (7, "due-1"),  # due-3 was reached on Saturday
        (8, "due"),
        (8, "overdue+7"),
        (9, "overdue+1"),
        (10, "escalation:coordinator"),
        (11, "escalation:agency_head"),
        (11, "overdue+3"),
    ]


@pytest.mark.parametrize(
    ("at", "zones"),
    [
        # 07.30 in Jayapura is 05.30 in Pontianak.
        (datetime(2025, 3, 2, 22, 30, tzinfo=UTC), {"Asia/Jayapura"}),
        (datetime(2025, 3, 2, 23, 29, tzinfo=UTC), {"Asia/Jayapura"}),
        (datetime(2025, 3, 2, 23, 30, tzinfo=UTC), {"Asia/Jayapura", "Asia/Makassar"}),
        (datetime(2025, 3, 3, 0, 30, tzinfo=UTC), {"Asia/Jayapura", "Asia/Makassar", "Asia/Pontianak"}),
        (datetime(2025, 3, 3, 7, 0, tzinfo=UTC), {"Asia/Makassar", "Asia/Pontianak"}),
        (datetime(2025, 3, 3, 8, 59, tzinfo=UTC), {"Asia/Pontianak"}),
        (datetime(2025, 3, 3, 9, 0, tzinfo=UTC), set()),
        # Sunday in UTC, and Monday only in the east: nobody works yet.
        (datetime(2025, 3, 2, 15, 30, tzinfo=UTC), set()),
    ],
)
def test_each_zone_is_mailed_in_its_own_office_hours_and_by_its_own_date(
    work: Work, at: datetime, zones: set[str]
) -> None:
    session, mailed = work.session, set()
    for zone in ("Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"):
        government = factories.government(session, timezone=zone)
        agency = factories.agency(session, government)
        factories.account(session, government, Role.FOCAL_POINT, agency)
        factories.task(session, factories.plan(session, government), agency, due_on=TODAY)
        for mail in act_out(work, government.id, now=at):
            assert mail.told == ("due",)
            mailed.add(zone)
    assert mailed == zones
