"""The planner on the ladders beside the due date: escalation, review, evidence, weekly briefs."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.ladder import LadderName, Level, Rung
from spbe_tasks.rules.recipients import ExpiringEvidence, Submission
from spbe_tasks.rules.reminder_policy import DEFAULT_POLICY, ReminderPolicy
from spbe_tasks.rules.reminders import (
    CancelReason,
    Facts,
    IntentState,
    LedgerEntry,
    OpenTask,
    People,
    Planned,
    plan,
)
from spbe_tasks.rules.workflow import State

CALENDAR = WorkCalendar("Asia/Jakarta")
ANI, HEAD, DEWI, SEKDA, FAJAR, GITA = 1, 2, 3, 4, 5, 6
ARCHIVES, FINANCE = 10, 20
PEOPLE = People(
    assignable={ARCHIVES: frozenset({ANI}), FINANCE: frozenset()},
    focal_points={ARCHIVES: (ANI,)},
    coordinators=(DEWI,),
    agency_heads={ARCHIVES: (HEAD,)},
    executives=(SEKDA,),
    reviewers=(FAJAR,),
)
DUE_ON = date(2026, 6, 26)  # a Friday
TASK = OpenTask(100, DUE_ON, 1, ARCHIVES, ANI, State.IN_PROGRESS, changed_on=date(2026, 5, 4))
BEGAN = date(2026, 6, 27).toordinal()
ON_HEAD, ON_COORDINATOR, ON_TOP = (Rung(level, LadderName.ESCALATION) for level in Level)
FIRST, SECOND, THIRD = date(2026, 7, 1), date(2026, 7, 7), date(2026, 7, 16)


def up(
    rung: Rung, account: int, state: IntentState = IntentState.OPEN, *, version: int = 1, began: int = BEGAN
) -> LedgerEntry:
    return LedgerEntry(TASK.task_id, version, rung, account, state, began)


def plan_on(
    today: date,
    *ledger: LedgerEntry,
    task: OpenTask = TASK,
    people: People = PEOPLE,
    policy: ReminderPolicy = DEFAULT_POLICY,
) -> Planned:
    return plan(Facts((task,), people), ledger, today=today, calendar=CALENDAR, policy=policy)


def told(planned: Planned, ladder: LadderName = LadderName.ESCALATION) -> list[tuple[str, int, str]]:
    return [
        (intent.rung.key, intent.account_id, intent.because.value)
        for intent in planned.new
        if intent.rung.ladder is ladder
    ]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (FIRST - timedelta(days=1), []),
        (FIRST, [("escalation:agency_head", HEAD, "agency_head")]),
        (SECOND - timedelta(days=1), [("escalation:agency_head", HEAD, "agency_head")]),
        (SECOND, [("escalation:coordinator", DEWI, "coordinator")]),
        (THIRD, [("escalation:executive", SEKDA, "executive")]),
        (date(2026, 12, 1), [("escalation:executive", SEKDA, "executive")]),
    ],
)
def test_a_late_task_is_brought_before_the_highest_position_reached(
    today: date, expected: list[tuple[str, int, str]]
) -> None:
    assert told(plan_on(today)) == expected


def test_where_the_agency_has_no_head_the_coordinator_is_told_so() -> None:
    task = replace(TASK, agency_id=FINANCE)
    assert told(plan_on(FIRST, task=task)) == [("escalation:agency_head", DEWI, "no_agency_head")]


@pytest.mark.parametrize("state", [State.SUBMITTED, State.PLANNED, State.ACCEPTED])
def test_only_the_agencys_own_turn_is_escalated(state: State) -> None:
    assert told(plan_on(FIRST, task=replace(TASK, state=state))) == []


def test_a_lower_position_that_was_not_told_in_time_is_passed_over() -> None:
    planned = plan_on(SECOND, up(ON_HEAD, HEAD))
    assert planned.superseded == (up(ON_HEAD, HEAD),)
    assert told(planned) == [("escalation:coordinator", DEWI, "coordinator")]


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (replace(TASK, state=State.SUBMITTED), CancelReason.NOT_WITH_AGENCY),
        (replace(TASK, state=State.CANCELLED), CancelReason.TASK_CLOSED),
        (replace(TASK, changed_on=FIRST), CancelReason.CLIMB_RESTARTED),
        (replace(TASK, due_on=date(2026, 8, 3), due_version=2), CancelReason.DUE_DATE_CHANGED),
    ],
)
def test_a_state_change_or_a_new_date_stops_the_climb(task: OpenTask, reason: CancelReason) -> None:
    assert (up(ON_HEAD, HEAD), reason) in plan_on(FIRST, up(ON_HEAD, HEAD), task=task).cancelled


def test_the_climb_after_a_state_change_starts_from_zero_and_tells_again() -> None:
    returned = replace(TASK, changed_on=FIRST, state=State.RETURNED)
    before = up(ON_HEAD, HEAD, IntentState.SENT)
    assert told(plan_on(FIRST + timedelta(days=2), before, task=returned)) == []
    again = plan_on(date(2026, 7, 6), before, task=returned)  # three working days after it
    assert told(again) == [("escalation:agency_head", HEAD, "agency_head")]
    (intent,) = [each for each in again.new if each.rung == ON_HEAD]
    assert intent.episode == FIRST.toordinal()


def test_the_climb_after_an_extension_waits_for_the_new_date() -> None:
    extended = replace(TASK, due_on=date(2026, 7, 31), due_version=2)
    before = up(ON_HEAD, HEAD, IntentState.SENT)
    assert told(plan_on(date(2026, 8, 4), before, task=extended)) == []
    assert told(plan_on(date(2026, 8, 5), before, task=extended)) == [
        ("escalation:agency_head", HEAD, "agency_head")
    ]


def test_a_policy_with_other_steps_tells_nobody_of_a_position_twice() -> None:
    policy = ReminderPolicy(agency_head_after=5, coordinator_after=8)
    assert told(plan_on(SECOND, up(ON_HEAD, HEAD, IntentState.SENT), policy=policy)) == []


def test_a_rung_that_a_policy_moves_ahead_is_taken_back_until_it_is_reached() -> None:
    policy = ReminderPolicy(agency_head_after=5)
    waiting = LedgerEntry(TASK.task_id, 1, Rung(-14), ANI, IntentState.OPEN)
    early = date(2026, 6, 12)
    assert plan_on(early, waiting, policy=ReminderPolicy(due_offsets=(-7, 0))).cancelled == (
        (waiting, CancelReason.NOT_REACHED),
    )
    assert plan_on(FIRST, up(ON_HEAD, HEAD), policy=policy).cancelled[-1] == (
        up(ON_HEAD, HEAD),
        CancelReason.CLIMB_RESTARTED,
    )


def test_an_acting_officer_takes_the_place_of_an_absent_head() -> None:
    absent = replace(PEOPLE, stand_ins={HEAD: GITA})
    planned = plan_on(FIRST, up(ON_HEAD, HEAD), people=absent)
    assert (up(ON_HEAD, HEAD), CancelReason.RECIPIENT_CHANGED) in planned.cancelled
    assert told(planned) == [("escalation:agency_head", GITA, "acting")]


def test_an_escalation_to_a_bounced_address_ends_at_once() -> None:
    planned = plan_on(FIRST, people=replace(PEOPLE, suppressed=frozenset({HEAD})))
    assert [each.state for each in planned.new if each.rung == ON_HEAD] == [IntentState.SUPPRESSED]


# Review: working days since the submission.
HANDED_IN = date(2026, 6, 25)  # a Thursday
WAITING = replace(TASK, state=State.SUBMITTED, submission=Submission(2, HANDED_IN, frozenset({ANI})))


@pytest.mark.parametrize(
    ("today", "rung"),
    [
        (date(2026, 6, 29), None),
        (date(2026, 6, 30), "review+3"),
        (date(2026, 7, 2), "review+5"),
        (date(2026, 7, 9), "review+10"),
        (date(2026, 9, 9), "review+10"),
    ],
)
def test_a_submission_that_waits_is_brought_to_the_reviewers_mind(today: date, rung: str | None) -> None:
    found = told(plan_on(today, task=WAITING), LadderName.REVIEW)
    assert found == ([(rung, FAJAR, "reviewer")] if rung else [])


def test_a_reviewer_is_told_anew_of_the_next_submission_and_not_of_a_new_date() -> None:
    sent = LedgerEntry(TASK.task_id, 0, Rung(3, LadderName.REVIEW), FAJAR, IntentState.SENT, episode=2)
    today = date(2026, 6, 30)
    moved = replace(WAITING, due_version=7)
    assert told(plan_on(today, sent, task=moved), LadderName.REVIEW) == []
    again = replace(WAITING, submission=Submission(3, HANDED_IN, frozenset({ANI})))
    assert told(plan_on(today, sent, task=again), LadderName.REVIEW) == [("review+3", FAJAR, "reviewer")]


def test_a_review_that_is_done_needs_no_reminder() -> None:
    waiting = LedgerEntry(TASK.task_id, 0, Rung(3, LadderName.REVIEW), FAJAR, IntentState.OPEN, episode=2)
    today = date(2026, 6, 30)
    assert plan_on(today, waiting, task=replace(TASK, state=State.RETURNED)).cancelled == (
        (waiting, CancelReason.NOT_IN_REVIEW),
    )


# Evidence: calendar days before its last day.
LAST_DAY = date(2026, 9, 6)  # a Sunday
EVIDENCE = ExpiringEvidence(7, LAST_DAY, ARCHIVES)


def plan_evidence(today: date, *ledger: LedgerEntry, evidence: ExpiringEvidence | None = EVIDENCE) -> Planned:
    found = (evidence,) if evidence else ()
    return plan(Facts((), PEOPLE, found), ledger, today=today, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("today", "rung"),
    [
        (date(2026, 7, 7), None),
        (date(2026, 7, 8), "expiry-60"),
        (date(2026, 8, 7), "expiry-30"),
        (date(2026, 8, 31), "expiry-7"),  # Sunday the 30th, so on Monday
        (date(2026, 9, 4), "expiry"),  # on Sunday nobody works, and Monday is too late
    ],
)
def test_focal_points_are_told_before_their_evidence_ends(today: date, rung: str | None) -> None:
    found = told(plan_evidence(today), LadderName.EXPIRY)
    assert found == ([(rung, ANI, "focal_point")] if rung else [])


def test_evidence_that_is_renewed_is_told_anew_before_its_new_end() -> None:
    ended = LedgerEntry(
        None, 0, Rung(0, LadderName.EXPIRY), ANI, IntentState.OPEN, LAST_DAY.toordinal(), evidence_id=7
    )
    renewed = replace(EVIDENCE, expires_on=date(2026, 11, 6))
    planned = plan_evidence(date(2026, 9, 7), ended, evidence=renewed)
    assert planned.cancelled == ((ended, CancelReason.CLIMB_RESTARTED),)
    assert [(each.rung.key, each.episode) for each in planned.new] == [
        ("expiry-60", date(2026, 11, 6).toordinal())
    ]
    assert plan_evidence(date(2026, 9, 7), ended, evidence=None).cancelled == (
        (ended, CancelReason.EVIDENCE_IN_ORDER),
    )


def test_a_policy_without_days_before_the_end_tells_nothing_of_evidence() -> None:
    policy = ReminderPolicy(expiry_days_before=())
    facts = Facts((), PEOPLE, (EVIDENCE,))
    assert plan(facts, (), today=LAST_DAY, calendar=CALENDAR, policy=policy) == Planned()


# The weekly brief.
@pytest.mark.parametrize(
    ("today", "readers"),
    [
        (FIRST, ()),  # reached in the middle of the week: next Monday
        (date(2026, 7, 3), ()),
        (date(2026, 7, 6), (HEAD,)),
        (date(2026, 7, 8), (HEAD,)),  # nothing ran on Monday
        (date(2026, 7, 17), (HEAD,)),  # at the top since yesterday
        (date(2026, 7, 20), (HEAD, SEKDA)),
    ],
)
def test_a_brief_is_due_on_its_day_for_what_had_come_up_by_then(
    today: date, readers: tuple[int, ...]
) -> None:
    assert plan_on(today).briefs == readers


def test_who_had_this_weeks_brief_gets_no_second_one_and_the_next_weeks_again() -> None:
    monday = date(2026, 7, 6)
    facts = Facts((TASK,), PEOPLE, briefed={HEAD: monday})
    days = [monday, monday + timedelta(days=4), monday + timedelta(days=7)]
    assert [plan(facts, (), today=day, calendar=CALENDAR).briefs for day in days] == [(), (), (HEAD,)]


def test_a_bounced_address_gets_no_brief_and_an_acting_officer_gets_it_instead() -> None:
    monday = date(2026, 7, 6)
    assert plan_on(monday, people=replace(PEOPLE, suppressed=frozenset({HEAD}))).briefs == ()
    assert plan_on(monday, people=replace(PEOPLE, stand_ins={HEAD: GITA})).briefs == (GITA,)
