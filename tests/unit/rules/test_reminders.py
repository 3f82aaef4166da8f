"""The planner: who is reminded, what replaces what, and that no one is told a rung twice."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.ladder import PUBLISHED, Rung
from spbe_tasks.rules.reminders import (
    CancelReason,
    Facts,
    Intent,
    IntentState,
    LedgerEntry,
    OpenTask,
    People,
    Planned,
    RecipientReason,
    announce,
    plan,
    recipients,
)
from spbe_tasks.rules.workflow import CLOSED_STATES, State

CALENDAR = WorkCalendar("Asia/Jakarta")
ANI, BUDI, CITRA, DEWI = 1, 2, 3, 4
ARCHIVES, FINANCE = 10, 20
PEOPLE = People(
    assignable={ARCHIVES: frozenset({ANI, BUDI, CITRA}), FINANCE: frozenset({DEWI})},
    focal_points={ARCHIVES: (BUDI, ANI)},
    coordinators=(DEWI,),
)
DUE_ON = date(2026, 6, 26)  # a Friday
A_WEEK_BEFORE = date(2026, 6, 19)
TASK = OpenTask(
    task_id=100, due_on=DUE_ON, due_version=1, agency_id=ARCHIVES, assignee_id=ANI, state=State.IN_PROGRESS
)
DUE_14, DUE_7, DUE_3 = Rung(-14), Rung(-7), Rung(-3)


def entry(
    rung: Rung, account: int = ANI, state: IntentState = IntentState.OPEN, version: int = 1
) -> LedgerEntry:
    return LedgerEntry(TASK.task_id, version, rung, account, state)


def plan_on(
    today: date, *ledger: LedgerEntry, task: OpenTask | None = TASK, people: People = PEOPLE
) -> Planned:
    return plan(Facts((task,) if task else (), people), ledger, today=today, calendar=CALENDAR)


def told(planned: Planned) -> list[tuple[str, int]]:
    return [(intent.rung.key, intent.account_id) for intent in planned.new]


def test_the_assignee_gets_one_intent_for_the_rung_reached() -> None:
    assert plan_on(A_WEEK_BEFORE).new == (
        Intent(TASK.task_id, 1, DUE_7, ANI, RecipientReason.ASSIGNEE, IntentState.OPEN),
    )


def test_before_the_first_rung_nothing_is_planned() -> None:
    assert plan_on(date(2026, 6, 11)) == Planned()


def test_after_an_outage_only_the_highest_rung_is_made() -> None:
    assert told(plan_on(date(2026, 6, 29))) == [("overdue+3", ANI)]


def test_on_a_sunday_nothing_new_is_made_for_a_rung_that_waits_for_monday() -> None:
    due_was_sent = entry(Rung(0), state=IntentState.SENT)
    assert plan_on(date(2026, 6, 28), due_was_sent) == Planned()
    assert told(plan_on(date(2026, 6, 29), due_was_sent)) == [("overdue+3", ANI)]


@pytest.mark.parametrize("state", list(State))
def test_only_work_that_is_the_agencys_turn_is_reminded(state: State) -> None:
    planned = plan_on(A_WEEK_BEFORE, task=replace(TASK, state=state))
    reminded = {State.ASSIGNED, State.IN_PROGRESS, State.BLOCKED, State.RETURNED}
    assert told(planned) == ([("due-7", ANI)] if state in reminded else [])


@pytest.mark.parametrize(
    ("assignee", "agency", "people", "expected"),
    [
        (CITRA, ARCHIVES, PEOPLE, [(CITRA, "assignee")]),
        (None, ARCHIVES, PEOPLE, [(ANI, "focal_point"), (BUDI, "focal_point")]),
        (
            CITRA,
            ARCHIVES,
            replace(PEOPLE, assignable={ARCHIVES: frozenset({ANI})}),
            [(ANI, "focal_point"), (BUDI, "focal_point")],
        ),
        (DEWI, ARCHIVES, PEOPLE, [(ANI, "focal_point"), (BUDI, "focal_point")]),  # of another agency
        (None, FINANCE, PEOPLE, [(DEWI, "coordinator")]),
        (None, FINANCE, replace(PEOPLE, focal_points={FINANCE: ()}), [(DEWI, "coordinator")]),
        (None, ARCHIVES, replace(PEOPLE, focal_points={ARCHIVES: (BUDI, BUDI)}), [(BUDI, "focal_point")]),
        (None, FINANCE, replace(PEOPLE, coordinators=()), []),
    ],
)
def test_the_recipient_is_the_assignee_else_the_focal_points_else_the_coordinators(
    assignee: int | None, agency: int, people: People, expected: list[tuple[int, str]]
) -> None:
    task = replace(TASK, assignee_id=assignee, agency_id=agency)
    assert list(recipients(task, people)) == expected


def test_a_task_without_anyone_to_tell_is_reported() -> None:
    nobody = People({}, {}, ())
    assert plan_on(A_WEEK_BEFORE, people=nobody) == Planned(without_recipient=(TASK.task_id,))
    assert plan_on(date(2026, 6, 1), people=nobody) == Planned()
    assert plan_on(A_WEEK_BEFORE, task=replace(TASK, state=State.SUBMITTED), people=nobody) == Planned()


@pytest.mark.parametrize("state", sorted(set(IntentState) - {IntentState.CANCELLED, IntentState.SUPPRESSED}))
def test_a_rung_in_the_ledger_is_not_made_again(state: IntentState) -> None:
    assert plan_on(A_WEEK_BEFORE, entry(DUE_7, state=state)) == Planned()


def test_a_higher_rung_supersedes_open_lower_ones_of_the_same_task_only() -> None:
    other = replace(entry(DUE_14), task_id=999)
    other_task = replace(TASK, task_id=999, due_on=date(2026, 7, 3))
    ledger = (entry(DUE_14), entry(DUE_14, BUDI, IntentState.SENT), other)
    planned = plan(Facts((TASK, other_task), PEOPLE), ledger, today=A_WEEK_BEFORE, calendar=CALENDAR)
    assert planned.superseded == (entry(DUE_14),)
    assert told(planned) == [("due-7", ANI)]


def test_an_intent_carried_by_a_message_is_left_to_its_message() -> None:
    carried = entry(DUE_7, state=IntentState.CARRIED)
    assert plan_on(A_WEEK_BEFORE, carried, task=None) == Planned()


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (None, CancelReason.TASK_CLOSED),
        *((replace(TASK, state=state), CancelReason.TASK_CLOSED) for state in sorted(CLOSED_STATES)),
        (replace(TASK, state=State.SUBMITTED), CancelReason.NOT_WITH_AGENCY),
        (replace(TASK, due_on=date(2026, 9, 1), due_version=2), CancelReason.DUE_DATE_CHANGED),
        (replace(TASK, assignee_id=BUDI), CancelReason.RECIPIENT_CHANGED),
    ],
)
def test_an_open_intent_that_lost_its_point_is_cancelled_with_the_reason(
    task: OpenTask | None, reason: CancelReason
) -> None:
    assert plan_on(A_WEEK_BEFORE, entry(DUE_7), task=task).cancelled == ((entry(DUE_7), reason),)


def test_a_new_due_date_starts_the_ladder_again_under_its_own_version() -> None:
    moved = replace(TASK, due_on=date(2026, 6, 29), due_version=2)
    planned = plan_on(date(2026, 6, 22), entry(DUE_7, state=IntentState.SENT), task=moved)
    assert [(intent.rung, intent.due_version) for intent in planned.new] == [(DUE_7, 2)]


def test_who_was_told_before_a_reassignment_is_not_told_again_after_it_comes_back() -> None:
    sent_to_ani = entry(DUE_7, ANI, IntentState.SENT)
    to_budi = plan_on(A_WEEK_BEFORE, sent_to_ani, task=replace(TASK, assignee_id=BUDI))
    assert told(to_budi) == [("due-7", BUDI)]
    back = plan_on(A_WEEK_BEFORE, sent_to_ani, entry(DUE_7, BUDI))
    assert back == Planned(cancelled=((entry(DUE_7, BUDI), CancelReason.RECIPIENT_CHANGED),))


@pytest.mark.parametrize("ended", [IntentState.CANCELLED, IntentState.SUPPRESSED])
def test_who_was_never_told_is_told_after_the_task_comes_back(ended: IntentState) -> None:
    untold = entry(DUE_7, state=ended)
    assert plan_on(A_WEEK_BEFORE, untold) == Planned(reopened=(untold,))


def test_a_lower_rung_that_was_cancelled_is_not_opened_again() -> None:
    cancelled = entry(DUE_14, state=IntentState.CANCELLED)
    assert told(plan_on(A_WEEK_BEFORE, cancelled)) == [("due-7", ANI)]
    assert plan_on(A_WEEK_BEFORE, cancelled).reopened == ()


def test_whoever_knows_a_higher_rung_is_not_told_a_lower_one() -> None:
    """A holiday entered late can move the current rung back."""
    assert plan_on(A_WEEK_BEFORE, entry(DUE_3, state=IntentState.SENT)) == Planned()


def test_a_suppressed_address_gets_an_intent_that_has_already_ended() -> None:
    bounced = replace(PEOPLE, suppressed=frozenset({ANI}))
    (intent,) = plan_on(A_WEEK_BEFORE, people=bounced).new
    assert intent.state is IntentState.SUPPRESSED


def test_an_open_intent_is_suppressed_when_the_address_bounces() -> None:
    bounced = replace(PEOPLE, suppressed=frozenset({ANI}))
    assert plan_on(A_WEEK_BEFORE, entry(DUE_7), people=bounced) == Planned(suppressed=(entry(DUE_7),))
    assert plan_on(A_WEEK_BEFORE, entry(DUE_7, state=IntentState.SUPPRESSED), people=bounced) == Planned()


tasks = st.builds(
    OpenTask,
    task_id=st.integers(1, 4),
    due_on=st.dates(date(2026, 3, 1), date(2026, 7, 31)),
    due_version=st.integers(1, 2),
    agency_id=st.sampled_from([ARCHIVES, FINANCE]),
    assignee_id=st.sampled_from([None, ANI, BUDI, CITRA, 99]),
    state=st.sampled_from(State),
)
entries = st.builds(
    LedgerEntry,
    task_id=st.integers(1, 5),
    due_version=st.integers(1, 2),
    rung=st.builds(Rung, st.sampled_from([-14, -7, -3, -1, 0, 1, 3, 7, 14])),
    account_id=st.integers(1, 4),
    state=st.sampled_from(IntentState),
)


@given(
    st.lists(tasks, unique_by=lambda task: task.task_id),
    st.lists(entries, unique_by=lambda entry: entry.key),
    st.dates(date(2026, 2, 1), date(2026, 8, 31)),
    st.randoms(use_true_random=False),
)
def test_the_plan_does_not_depend_on_the_order_of_its_input(
    task_list: list[OpenTask], ledger: list[LedgerEntry], today: date, random: Random
) -> None:
    planned = plan(Facts(task_list, PEOPLE), ledger, today=today, calendar=CALENDAR)
    shuffled = list(task_list)
    random.shuffle(shuffled)
    random.shuffle(ledger)
    assert plan(Facts(shuffled, PEOPLE), ledger, today=today, calendar=CALENDAR) == planned


def test_publishing_is_told_to_the_recipients_of_each_task_however_far_its_date() -> None:
    nobodys = replace(TASK, task_id=99, assignee_id=None, due_on=date(2027, 6, 1))
    assert [(each.task_id, each.rung.key, each.account_id) for each in announce([TASK, nobodys], PEOPLE)] == [
        (99, "published", ANI),
        (99, "published", BUDI),
        (100, "published", ANI),
    ]
    assert Rung.of_key("published") == PUBLISHED
    assert Rung(-14) > PUBLISHED


def test_a_task_published_inside_a_window_is_told_at_that_rung_instead() -> None:
    planned = plan_on(A_WEEK_BEFORE, entry(PUBLISHED))
    assert told(planned) == [("due-7", ANI)]
    assert planned.superseded == (entry(PUBLISHED),)


@pytest.mark.parametrize(
    ("task", "ending"),
    [
        (replace(TASK, due_on=date(2027, 1, 4)), None),
        (replace(TASK, due_on=date(2027, 1, 4), due_version=2), None),
        (replace(TASK, state=State.WITHDRAWN), CancelReason.TASK_CLOSED),
        (replace(TASK, state=State.SUBMITTED), CancelReason.NOT_WITH_AGENCY),
        (replace(TASK, assignee_id=CITRA), CancelReason.RECIPIENT_CHANGED),
    ],
)
def test_the_news_of_a_published_task_waits_until_it_is_told_or_has_no_point(
    task: OpenTask, ending: CancelReason | None
) -> None:
    planned = plan_on(date(2026, 1, 5), entry(PUBLISHED), task=task)
    assert planned.cancelled == (((entry(PUBLISHED), ending),) if ending else ())
    assert (planned.new, planned.superseded) == ((), ())


def test_who_was_told_of_the_publishing_is_told_every_rung_after_it() -> None:
    assert told(plan_on(A_WEEK_BEFORE, entry(PUBLISHED, state=IntentState.SENT))) == [("due-7", ANI)]
