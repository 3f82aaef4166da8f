"""Generation against what stands: idempotent, and never over a person's head."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.gaps import WantedTask
from spbe_tasks.rules.policy import DueDates
from spbe_tasks.rules.reconciliation import Changes, ExistingTask, SourceFields, reconcile
from spbe_tasks.rules.task_kind import at_stake
from spbe_tasks.rules.workflow import State

WEIGHT = Decimal("2.75")
DUE, MOVED = date(2026, 11, 30), date(2026, 12, 15)
PUBLISHED = ["assigned", "in_progress", "blocked", "submitted", "returned"]


def want(number: int = 1, agency: int = 1, **changes: object) -> WantedTask:
    task = WantedTask(
        indicator_number=number,
        agency_id=agency,
        agency_slug=f"agency-{agency}",
        is_lead=True,
        title=f"Indikator {number}",
        baseline=Decimal(2),
        target=Decimal(4),
        share=Fraction(1),
        points=Fraction(0),
        effort_days=Fraction(20),
        dates=DueDates.same(DUE),
    )
    if "due_on" in changes:
        changes["dates"] = DueDates.same(changes.pop("due_on"))  # type: ignore[arg-type]
    task = replace(task, **changes)  # type: ignore[arg-type]
    return replace(
        task, points=at_stake(task.kind, task.share, WEIGHT, baseline=task.baseline, target=task.target)
    )


def row(state: str = "planned", **changes: object) -> ExistingTask:
    task = ExistingTask(
        id=100,
        indicator_number=1,
        agency_id=1,
        round=1,
        state=State(state),
        title="Indikator 1",
        baseline=Decimal(2),
        target=Decimal(4),
        share=Fraction(1),
        due_on=DUE,
        reached=Decimal(4) if state == "accepted" else None,
    )
    return replace(task, **changes)  # type: ignore[arg-type]


def second(state: str = "planned", **changes: object) -> ExistingTask:
    return row(state, **{"id": 200, "round": 2, "baseline": Decimal(3), **changes})


def summary(changes: Changes) -> dict[str, list[object]]:
    """What happens to which task, leaving out what does not happen."""
    parts: dict[str, list[object]] = {
        "create": [(c.indicator_number, c.agency_id, c.round, c.fields.baseline) for c in changes.create],
        "update": [u.task_id for u in changes.update if not u.restores],
        "restore": [u.task_id for u in changes.update if u.restores],
        "unchanged": [u.task_id for u in changes.unchanged],
        "withdraw": [w.task_id for w in changes.withdraw],
        "conflict": [(c.task_id, c.reason.value) for c in changes.conflicts],
    }
    return {name: what for name, what in parts.items() if what}


def test_a_wanted_task_that_does_not_stand_is_created() -> None:
    changes = reconcile([want()], [])
    assert summary(changes) == {"create": [(1, 1, 1, 2)]}
    assert changes.create[0].fields == SourceFields(
        "Indikator 1", Decimal(2), Decimal(4), Fraction(1), Fraction("0.055"), DUE
    )


@pytest.mark.parametrize("state", ["planned", *PUBLISHED, "accepted", "cancelled"])
def test_a_task_that_is_as_wanted_stays_unchanged(state: str) -> None:
    assert summary(reconcile([want()], [row(state)])) == {"unchanged": [100]}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Nama lama"},
        {"baseline": Decimal(1)},
        {"target": Decimal(3)},
        {"share": Fraction(1, 2)},
        {"due_on": MOVED},
    ],
)
def test_a_planned_task_follows_its_sources(change: dict[str, object]) -> None:
    changes = reconcile([want()], [row("planned", **change)])
    assert summary(changes) == {"update": [100]}
    assert changes.update[0].fields == SourceFields(
        "Indikator 1", Decimal(2), Decimal(4), Fraction(1), Fraction("0.055"), DUE
    )


def test_a_due_date_set_by_a_person_is_kept_while_the_rest_follows() -> None:
    by_hand = row(due_on=MOVED, is_due_by_hand=True)
    assert summary(reconcile([want()], [by_hand])) == {"unchanged": [100]}
    (update,) = reconcile([want(target=Decimal(5))], [by_hand]).update
    assert (update.fields.target, update.fields.due_on) == (Decimal(5), MOVED)


@pytest.mark.parametrize("state", [*PUBLISHED, "accepted"])
def test_share_and_points_follow_on_a_task_people_have_seen(state: str) -> None:
    changes = reconcile([want(share=Fraction(1, 2), due_on=MOVED)], [row(state, title="Judul lama")])
    assert summary(changes) == {"update": [100]}
    assert changes.update[0].fields == SourceFields(
        "Judul lama", Decimal(2), Decimal(4), Fraction(1, 2), Fraction("0.0275"), DUE
    )


@pytest.mark.parametrize("state", PUBLISHED)
def test_a_changed_source_of_a_task_people_have_seen_is_a_conflict(state: str) -> None:
    assert summary(reconcile([want(target=Decimal(5))], [row(state)])) == {
        "conflict": [(100, "target_changed")]
    }
    changes = reconcile([want(baseline=Decimal(1))], [row(state)])
    assert summary(changes) == {"conflict": [(100, "baseline_changed")]}
    assert changes.conflicts[0].wanted == want(baseline=Decimal(1))


def test_a_conflict_does_not_keep_a_safe_field_from_following() -> None:
    changes = reconcile([want(target=Decimal(5), share=Fraction(1, 2))], [row("assigned")])
    assert summary(changes) == {"update": [100], "conflict": [(100, "target_changed")]}
    assert changes.update[0].fields.target == 4
    assert changes.update[0].fields.points == Fraction("0.0275")


def test_a_planned_task_nobody_wants_is_withdrawn() -> None:
    assert summary(reconcile([], [row()])) == {"withdraw": [100]}


@pytest.mark.parametrize("state", [*PUBLISHED, "accepted"])
def test_seen_work_nobody_wants_is_a_conflict_never_withdrawn(state: str) -> None:
    assert summary(reconcile([], [row(state)])) == {"conflict": [(100, "no_longer_wanted")]}


def test_a_withdrawn_task_nobody_wants_is_left_alone() -> None:
    assert summary(reconcile([], [row("withdrawn")])) == {}


@pytest.mark.parametrize("wanted", [[want()], [want(target=Decimal(5))], []])
def test_a_cancelled_task_is_neither_touched_nor_made_again(wanted: list[WantedTask]) -> None:
    assert summary(reconcile(wanted, [row("cancelled")])) == {"unchanged": [100]}


def test_a_withdrawn_task_that_is_wanted_again_comes_back_in_the_same_row() -> None:
    changes = reconcile([want(target=Decimal(3))], [row("withdrawn", due_on=MOVED, is_due_by_hand=True)])
    assert summary(changes) == {"restore": [100]}
    assert (changes.update[0].fields.target, changes.update[0].fields.due_on) == (Decimal(3), MOVED)


def test_an_indicator_that_goes_to_another_agency_and_back_returns_to_the_old_row() -> None:
    first, other = row(), row("withdrawn", id=101, agency_id=2)
    changes = reconcile([want(agency=2)], [first, other])
    assert summary(changes) == {"restore": [101], "withdraw": [100]}
    changes = reconcile(
        [want(agency=1)], [replace(first, state=State.WITHDRAWN), replace(other, state=State.PLANNED)]
    )
    assert summary(changes) == {"restore": [100], "withdraw": [101]}


def test_a_level_reached_above_the_target_stays_unchanged() -> None:
    assert summary(reconcile([want()], [row("accepted", reached=Decimal(5))])) == {"unchanged": [100]}


def test_a_level_reached_below_a_raised_target_opens_the_next_round_from_it() -> None:
    changes = reconcile([want(target=Decimal(5))], [row("accepted")])
    assert summary(changes) == {"create": [(1, 1, 2, 4)], "unchanged": [100]}
    assert changes.create[0].fields.points == Fraction("0.0275")


def test_the_withdrawn_next_round_comes_back_after_the_round_is_accepted_again() -> None:
    rows = [row("accepted", reached=Decimal(3)), second("withdrawn", baseline=Decimal(1))]
    changes = reconcile([want()], rows)
    assert summary(changes) == {"restore": [200], "unchanged": [100]}
    assert changes.update[0].fields.baseline == 3


def test_an_open_next_round_is_the_one_compared_and_keeps_its_own_baseline() -> None:
    rows = [row("accepted", reached=Decimal(3)), second("in_progress")]
    assert summary(reconcile([want()], rows)) == {"unchanged": [200]}
    (update,) = reconcile([want(share=Fraction(1, 2))], rows).update
    assert (update.task_id, update.fields.baseline, update.fields.points) == (
        200,
        Decimal(3),
        Fraction("0.01375"),
    )


def test_a_new_baseline_under_an_accepted_round_is_a_conflict_on_that_round() -> None:
    rows = [row("accepted", reached=Decimal(3)), second()]
    changes = reconcile([want(baseline=Decimal(1))], rows)
    assert summary(changes) == {"unchanged": [200], "conflict": [(100, "baseline_changed")]}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("planned", {"withdraw": [200], "unchanged": [100]}),
        ("assigned", {"conflict": [(200, "no_longer_wanted")]}),
    ],
)
def test_a_next_round_that_starts_at_a_lowered_target_is_not_wanted(state: str, expected: object) -> None:
    rows = [row("accepted", reached=Decimal(3), target=Decimal(4)), second(state)]
    assert summary(reconcile([want(target=Decimal(3))], rows)) == expected


def test_a_round_in_progress_again_ignores_its_withdrawn_successor() -> None:
    rows = [row("in_progress"), second("withdrawn")]
    assert summary(reconcile([want()], rows)) == {"unchanged": [100]}


def carried_out(changes: Changes, existing: Iterable[ExistingTask]) -> list[ExistingTask]:
    """What the service makes of the changes, written independently of it."""
    rows = {task.id: task for task in existing}
    new_id = count(max(rows, default=0) + 1)
    for update in changes.update:
        old = rows[update.task_id]
        state = State.PLANNED if update.restores else old.state
        rows[old.id] = replace(_with(old, update.fields), state=state)
    for withdrawal in changes.withdraw:
        rows[withdrawal.task_id] = replace(rows[withdrawal.task_id], state=State.WITHDRAWN)
    for create in changes.create:
        blank = row(id=next(new_id), indicator_number=create.indicator_number, agency_id=create.agency_id)
        rows[blank.id] = _with(replace(blank, round=create.round), create.fields)
    return list(rows.values())


def _with(task: ExistingTask, fields: SourceFields) -> ExistingTask:
    return replace(
        task,
        title=fields.title,
        baseline=fields.baseline,
        target=fields.target,
        share=fields.share,
        due_on=fields.due_on,
    )


@st.composite
def wanted_lists(draw: st.DrawFn) -> list[WantedTask]:
    keys = draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), unique=True))
    return [
        want(
            number,
            agency,
            baseline=Decimal(draw(st.integers(0, 2))),
            target=Decimal(draw(st.integers(3, 5))),
            share=draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 3)])),
            due_on=draw(st.sampled_from([DUE, MOVED])),
        )
        for number, agency in keys
    ]


@st.composite
def plans(draw: st.DrawFn) -> list[ExistingTask]:
    """Tasks a plan can hold: rounds accepted below the target, then any one, then perhaps a withdrawn one."""
    rows: list[ExistingTask] = []
    for number, agency in draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), unique=True)):
        baseline = Decimal(draw(st.integers(0, 2)))
        states = ["accepted"] * draw(st.integers(0, 2))
        states += [draw(st.sampled_from(State)).value, *draw(st.sampled_from([[], ["withdrawn"]]))]
        for round_number, state in enumerate(states, start=1):
            is_last = round_number == len(states)
            reached = Decimal(draw(st.integers(1, 5 if is_last else 3))) if state == "accepted" else None
            rows.append(
                row(
                    state,
                    id=len(rows) + 1,
                    indicator_number=number,
                    agency_id=agency,
                    round=round_number,
                    title=f"Indikator {number}",
                    baseline=baseline,
                    reached=reached,
                    due_on=draw(st.sampled_from([DUE, MOVED])),
                    is_due_by_hand=draw(st.booleans()),
                )
            )
            baseline = reached if reached is not None else baseline
    return rows


@given(wanted_lists(), plans())
def test_asking_twice_changes_nothing_the_second_time(
    wanted: list[WantedTask], rows: list[ExistingTask]
) -> None:
    changes = reconcile(wanted, rows)
    after = carried_out(changes, rows)
    again = reconcile(wanted, after)
    assert (again.create, again.update, again.withdraw) == ((), (), ())
    assert again.conflicts == changes.conflicts
    assert carried_out(again, after) == after


@given(wanted_lists(), plans().flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_the_rows_does_not_matter(
    wanted: list[WantedTask], both: tuple[list[ExistingTask], list[ExistingTask]]
) -> None:
    first, shuffled = (summary(reconcile(wanted, rows)) for rows in both)
    assert {name: sorted(map(repr, what)) for name, what in first.items()} == {
        name: sorted(map(repr, what)) for name, what in shuffled.items()
    }


@given(wanted_lists(), plans())
def test_no_human_field_and_nothing_seen_is_ever_overwritten(
    wanted: list[WantedTask], rows: list[ExistingTask]
) -> None:
    changes = reconcile(wanted, rows)
    before = {task.id: task for task in rows}
    for task in carried_out(changes, rows):
        old = before.get(task.id)
        if old is None:
            continue
        machine_states = {State.PLANNED, State.WITHDRAWN}
        assert task.state is old.state or {task.state, old.state} == machine_states
        assert task.reached == old.reached
        if old.is_due_by_hand or old.state not in machine_states:
            assert task.due_on == old.due_on
        if old.state not in machine_states:
            assert (task.baseline, task.target, task.title) == (old.baseline, old.target, old.title)
