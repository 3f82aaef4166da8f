"""Rows of every kind in any order: generation settles at once, keeps what people made, never doubles a round."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from spbe_tasks.rules.gaps import WantedTask
from spbe_tasks.rules.policy import DueDates
from spbe_tasks.rules.reconciliation import Changes, ExistingTask, reconcile
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import CLOSED_STATES, OPEN_STATES, CancelKind, State

DATES = DueDates.same(date(2025, 6, 30))
LEVELS = st.integers(1, 5).map(Decimal)


@st.composite
def wanted_tasks(draw: st.DrawFn) -> WantedTask:
    """A gap of at least one level, or a level to be kept."""
    kind = draw(st.sampled_from((TaskKind.GAP, TaskKind.UPKEEP)))
    low = draw(st.integers(1, 4))
    high = low if kind is TaskKind.UPKEEP else draw(st.integers(low + 1, 5))
    levels = max(high - low, 1)
    return WantedTask(
        indicator_number=1,
        agency_id=1,
        agency_slug="opd",
        is_lead=True,
        title="Kebijakan",
        baseline=Decimal(low),
        target=Decimal(high),
        share=Fraction(1),
        points=Fraction(levels, 100),
        effort_days=Fraction(0),
        dates=DATES,
        kind=kind,
    )


@st.composite
def rows(draw: st.DrawFn) -> list[ExistingTask]:
    """Up to five rounds of one agency on one indicator; only the last one that stands may be open."""
    states = draw(st.lists(st.sampled_from(sorted(CLOSED_STATES)), max_size=4))
    if draw(st.booleans()):
        states.append(draw(st.sampled_from(sorted(OPEN_STATES))))
    found = []
    for number, state in enumerate(states, start=1):
        baseline = draw(st.integers(1, 4))
        found.append(
            ExistingTask(
                id=number,
                indicator_number=1,
                agency_id=1,
                round=number,
                state=state,
                title="Kebijakan",
                baseline=Decimal(baseline),
                target=Decimal(draw(st.integers(baseline, 5))),
                share=Fraction(1),
                due_on=DATES.last,
                reached=draw(LEVELS) if state is State.ACCEPTED else None,
                cancel_kind=draw(st.sampled_from(CancelKind)) if state is State.CANCELLED else None,
                kind=draw(st.sampled_from(TaskKind)),
            )
        )
    return found


def carried_out(changes: Changes, standing: Sequence[ExistingTask]) -> list[ExistingTask]:
    """The rows as they are once the changes are carried out."""
    after = {row.id: row for row in standing}
    for gone in changes.withdraw:
        after[gone.task_id] = replace(after[gone.task_id], state=State.WITHDRAWN)
    for update in changes.update:
        row, fields = after[update.task_id], update.fields
        assert update.restores is (row.state is State.WITHDRAWN)
        state = State.PLANNED if update.restores else row.state
        row = replace(row, state=state, title=fields.title, due_on=fields.due_on)
        after[row.id] = replace(row, baseline=fields.baseline, target=fields.target)
    for number, new in enumerate(changes.create, start=len(after) + 1):
        after[number] = ExistingTask(
            id=number,
            indicator_number=new.indicator_number,
            agency_id=new.agency_id,
            round=new.round,
            state=State.PLANNED,
            title=new.fields.title,
            baseline=new.fields.baseline,
            target=new.fields.target,
            share=new.fields.share,
            due_on=new.fields.due_on,
            kind=new.kind,
        )
    return list(after.values())


@settings(max_examples=500, deadline=None)
@given(standing=rows(), wanted=st.none() | wanted_tasks())
def test_a_second_run_finds_nothing_and_no_round_is_doubled(
    standing: list[ExistingTask], wanted: WantedTask | None
) -> None:
    asked = [wanted] if wanted else []
    first = reconcile(asked, standing)
    after = carried_out(first, standing)
    again = reconcile(asked, after)
    assert (again.create, again.update, again.withdraw) == ((), (), ())
    assert {each.task_id for each in again.conflicts} == {each.task_id for each in first.conflicts}
    assert max(Counter(row.round for row in after).values(), default=1) == 1
    assert sum(row.state in OPEN_STATES for row in after) <= 1


@settings(max_examples=500, deadline=None)
@given(standing=rows(), wanted=st.none() | wanted_tasks())
def test_what_people_made_or_decided_stays_and_no_row_changes_its_kind(
    standing: list[ExistingTask], wanted: WantedTask | None
) -> None:
    changes = reconcile([wanted] if wanted else [], standing)
    by_hand = {row.id for row in standing if row.kind is TaskKind.HAND_MADE}
    touched = {each.task_id for each in changes.update} | {each.task_id for each in changes.withdraw}
    touched |= {each.task_id for each in changes.conflicts}
    assert not touched & by_hand
    after = {row.id: row for row in carried_out(changes, standing)}
    for row in standing:
        assert after[row.id].kind is row.kind
        if row.state not in (State.PLANNED, State.WITHDRAWN):
            assert after[row.id].state is row.state


@settings(max_examples=500, deadline=None)
@given(standing=rows(), steps=st.lists(st.none() | wanted_tasks(), min_size=2, max_size=6))
def test_any_order_of_wishes_settles_at_each_step(
    standing: list[ExistingTask], steps: list[WantedTask | None]
) -> None:
    for wanted in steps:
        asked = [wanted] if wanted else []
        standing = carried_out(reconcile(asked, standing), standing)
        again = reconcile(asked, standing)
        assert (again.create, again.update, again.withdraw) == ((), (), ())
        assert sum(row.state in OPEN_STATES for row in standing) <= 1
        assert len({row.round for row in standing}) == len(standing)
