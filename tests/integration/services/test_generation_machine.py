"""Generation under any order of policies, matrix edits, re-imports and people's work, on real rows.

No human edit is lost, no task is made twice, a second run finds nothing, and every conflict is listed.
``GENERATION_EXAMPLES`` runs more than the few of every day.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import AssessmentRevision, Plan, Score, Submission, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.errors import SpbeError
from spbe_tasks.rules.policy import DueRule, LevelRule, LowRule, Policy, Priority
from spbe_tasks.rules.task_kind import TaskKind, at_stake
from spbe_tasks.rules.workflow import OPEN_STATES, Action, CancelKind, State
from spbe_tasks.services import conflicts, ownership, plans, policies, tasks
from spbe_tasks.services.conflicts import Decision
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.services.ownership import Cell
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE

EXAMPLES = int(os.environ.get("GENERATION_EXAMPLES", "80"))
INSTRUMENT = get_instrument(SPBE)
NUMBERS = (1, 12, 21)
CALENDAR = WorkCalendar("Asia/Pontianak")
ZONE = ZoneInfo("Asia/Pontianak")
MACHINES = {State.PLANNED, State.WITHDRAWN}
# Fields of a task that a person may have written; the rest may follow the sources while it is planned.
HUMAN = (
    "state",
    "assignee_id",
    "reached_level",
    "cancel_kind",
    "state_note",
    "is_due_by_hand",
    "submissions",
)
SEEN = (*HUMAN, "title", "baseline_level", "target_level", "due_on", "policy_id", "published_at")
Row = Mapping[str, Any]

levels = st.integers(1, 5).map(Decimal)
assessed = st.fixed_dictionaries({number: st.none() | levels for number in NUMBERS})
far_days = st.integers(0, 60).map(lambda number: date(2025, 9, 1) + timedelta(days=number))


def by_priority(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[Priority, Any]]:
    return st.fixed_dictionaries(dict.fromkeys(Priority, values))


due_rules = st.builds(DueRule, fixed_on=by_priority(far_days)) | st.builds(
    DueRule, working_days=by_priority(st.sampled_from((5, 20, 60)))
)


@st.composite
def policy_values(draw: st.DrawFn) -> Policy:
    threshold = draw(levels)
    above = st.integers(int(threshold), 5).map(Decimal)
    return Policy(
        low_rule=draw(st.sampled_from(LowRule)),
        threshold=LevelRule(threshold),
        target=LevelRule(
            draw(above),
            draw(st.dictionaries(st.integers(1, 2), above, max_size=1)),
            draw(st.dictionaries(st.sampled_from(NUMBERS), levels, max_size=2)),
        ),
        due=draw(due_rules),
    )


given_with = {
    Action.START: st.just({}),
    Action.SUBMIT: st.just({"note": "bukti terlampir"}),
    Action.ACCEPT: levels.map(lambda level: {"reached_level": level, "reason": "cukup"}),
    Action.RETURN: st.just({"reason": "belum lengkap"}),
    Action.BLOCK: st.just({"reason": "menunggu anggaran"}),
    Action.UNBLOCK: st.just({}),
    Action.RECALL: st.just({}),
    Action.REOPEN: st.just({"reason": "keliru"}),
    Action.CANCEL: st.sampled_from(CancelKind).map(lambda kind: {"cancel_kind": kind, "reason": "alasan"}),
    Action.RESCHEDULE: far_days.map(lambda day: {"due_on": day}),
    Action.ASSIGN: st.just({}),
}
steps = st.sampled_from(sorted(given_with)).flatmap(
    lambda action: st.tuples(st.just(action), given_with[action])
)
# Work done in one go, so that tasks come far often enough: how far, and the level reached.
careers = st.tuples(st.integers(1, 3), levels)


class Generating(RuleBasedStateMachine):
    """One government with three agencies; three indicators vary, the others are at the top."""

    def __init__(self) -> None:
        super().__init__()
        self.session: Session = db.session()
        self.work = Work(self.session)
        self.now = NOW
        self.plan_id: int | None = None

    @initialize(first=assessed, policy=policy_values(), publish=st.booleans())
    def open_the_plan(self, first: dict[int, Decimal | None], policy: Policy, publish: bool) -> None:
        session = self.session
        self.government = factories.government(session)
        self.agencies = [factories.agency(session, self.government) for _ in range(3)]
        self.coordinator = factories.scope(factories.account(session, self.government))
        self.focals = {
            each.id: factories.scope(factories.account(session, self.government, Role.FOCAL_POINT, each))
            for each in self.agencies
        }
        first_levels: Any = first
        self.revisions = [factories.revision(session, self.government, first_levels, level=5)]
        for number, agency in zip(NUMBERS, self.agencies, strict=True):
            factories.ownership(session, agency, number)
        self._generate(self._order(policy), publish=publish)

    def teardown(self) -> None:
        self.session.rollback()
        self.session.expunge_all()

    # What changes around the tasks.

    @rule(days=st.integers(1, 15))
    def time_passes(self, days: int) -> None:
        if self.now < NOW + timedelta(days=150):
            self.now += timedelta(days=days)

    @rule(number=st.sampled_from(NUMBERS), place=st.integers(0, 2), cell=st.sampled_from(Cell))
    def the_matrix_is_edited(self, number: int, place: int, cell: Cell) -> None:
        with self._machine_step():
            ownership.set_cell(
                self.work,
                self.coordinator,
                instrument_id=SPBE,
                indicator_number=number,
                agency_id=self.agencies[place].id,
                cell=cell,
                now=self.now,
            )

    @rule(new=assessed)
    def the_assessment_is_imported_again(self, new: dict[int, Decimal | None]) -> None:
        first, number = self.revisions[0], len(self.revisions) + 1
        row = AssessmentRevision(
            government_id=first.government_id,
            assessment_id=first.assessment_id,
            number=number,
            file_name="baru.csv",
            file_sha256=f"{number:064d}",
            imported_at=self.now,
            index_value=Decimal(3),
        )
        self.session.add(row)
        self.session.flush()
        everything = {each.number: new.get(each.number, Decimal(5)) for each in INSTRUMENT.indicators}
        self.session.add_all(
            Score(revision_id=row.id, government_id=row.government_id, indicator_number=name, level=level)
            for name, level in everything.items()
        )
        self.session.flush()
        self.revisions.append(row)

    @rule(policy=policy_values())
    def a_policy_is_stored_but_not_generated_by(self, policy: Policy) -> None:
        with self._machine_step():
            plans.store_policy(self.work, self.coordinator, self._order(policy), now=self.now)

    # What the machine does.

    @rule(policy=policy_values(), publish=st.booleans())
    def generate_by_another_policy(self, policy: Policy, publish: bool) -> None:
        self._generate(self._order(policy), publish=publish)

    @rule()
    def generate_by_the_standing_policy(self) -> None:
        self._generate(Order(SPBE, 2024))

    @rule(place=st.integers(0, 20))
    def rebase(self, place: int) -> None:
        revision = self.revisions[place % len(self.revisions)]
        assert self.plan_id is not None
        with self._machine_step():
            done = plans.rebase(self.work, self.coordinator, self.plan_id, revision.id, now=self.now)
        self._a_second_run_finds_nothing(done)

    @rule()
    def publish(self) -> None:
        assert self.plan_id is not None
        with self._machine_step(publishes=True):
            plans.publish(self.work, self.coordinator, self.plan_id, now=self.now)

    # What people do.

    @precondition(lambda self: self._tasks())
    @rule(place=st.integers(0, 50), step=steps)
    def somebody_acts(self, place: int, step: tuple[Action, dict[str, object]]) -> None:
        action, given = step
        task = self._pick(place)
        if action is Action.ASSIGN:
            given = {"assignee_id": self.focals[task["agency_id"]].account_id}
        self._act(task, action, given)

    @precondition(lambda self: self._tasks())
    @rule(place=st.integers(0, 50), day=far_days)
    def a_due_date_is_set_by_hand(self, place: int, day: date) -> None:
        planned = [task for task in self._tasks().values() if task["state"] is State.PLANNED]
        task = planned[place % len(planned)] if planned else self._pick(place)
        self._act(task, Action.RESCHEDULE, {"due_on": day})

    @precondition(lambda self: self._tasks())
    @rule(place=st.integers(0, 50), career=careers)
    def an_agency_works(self, place: int, career: tuple[int, Decimal]) -> None:
        how_far, reached = career
        given = ({}, {"note": "bukti"}, {"reached_level": reached, "reason": "cukup"})
        task = self._pick(place)
        for action, what in list(zip((Action.START, Action.SUBMIT, Action.ACCEPT), given, strict=True))[
            :how_far
        ]:
            self._act(task, action, what)

    @rule(place=st.integers(0, 50), decision=st.sampled_from(Decision))
    def somebody_decides_about_a_conflict(self, place: int, decision: Decision) -> None:
        found = self._conflicts()
        if not found:
            return
        chosen = found[place % len(found)]
        before = self._tasks()
        if self._succeeds(
            lambda: conflicts.decide(
                self.work,
                self.coordinator,
                self.plan_id or 0,
                [chosen.row.id],
                decision,
                reason="diputuskan",
                now=self.now,
            )
        ):
            assert decision in chosen.decisions
            after = {each.row.id: each for each in self._conflicts()}
            remaining = after.get(chosen.row.id)
            assert remaining is None or remaining.is_kept, "decided, but open again at once"
            assert (decision is Decision.KEEP) <= (remaining is not None)
        else:
            assert decision not in chosen.decisions
        self._others_are_untouched(before, self._tasks(), chosen.row.id)

    # What must hold.

    @invariant()
    def one_round_is_open_at_a_time(self) -> None:
        open_ones = Counter(
            (task["indicator_number"], task["agency_id"])
            for task in self._tasks().values()
            if task["state"] in OPEN_STATES
        )
        assert all(count == 1 for count in open_ones.values()), open_ones

    def _generate(self, order: Order, *, publish: bool = False) -> None:
        with self._machine_step(publishes=publish):
            done = plans.generate(self.work, self.coordinator, order, publish=publish, now=self.now)
            assert done.plan is not None
            self.plan_id = done.plan.id
        self._a_second_run_finds_nothing(done)

    def _a_second_run_finds_nothing(self, done: Generated) -> None:
        session, plan = self.session, self._plan()
        again = plans.preview_plan(session, self.coordinator, plan, now=self.now)
        assert (again.created, again.updated, again.withdrawn) == (0, 0, 0)
        assert again.settled.stored is not None, "the policy it was generated by is stored"
        found = {(each.task_id, each.reason.value) for each in again.conflicts}
        if not done.published:
            assert {(each.task_id, each.reason.value) for each in done.conflicts} == found
        self._everything_wanted_stands(again)
        assert found == set(self._expected_conflicts(again.policy))
        planned = {task["policy_id"] for task in self._tasks().values() if task["state"] is State.PLANNED}
        assert planned <= {plan.policy_id}

    def _wanted(self, policy: Policy) -> dict[tuple[int, int], tuple[Decimal, Decimal, Fraction]]:
        """Baseline, target and share by indicator and agency, straight from the definitions."""
        baseline = queries.levels_of(self.session, self._plan().baseline_revision_id)
        owners = defaultdict(list)
        for owner in queries.list_owners(self.session, self.government.id, SPBE):
            owners[owner.indicator_number].append(owner.agency_id)
        found = {}
        for number in NUMBERS:
            level = baseline[number] or Decimal(0)
            domain = INSTRUMENT.domain_of(number).number
            own = policy.target.by_indicator.get(number)
            target = policy.target.by_domain.get(domain, policy.target.default) if own is None else own
            below = {
                LowRule.LISTED_ONLY: own or Decimal(0),
                LowRule.BELOW_TARGET: target,
                LowRule.BELOW_LEVEL: policy.threshold.default if own is None else own,
            }[policy.low_rule]
            if level < below:
                share = Fraction(1, max(len(owners[number]), 1))
                found |= {(number, agency): (level, target, share) for agency in owners[number]}
        return found

    def _everything_wanted_stands(self, seen: Generated) -> None:
        wanted = self._wanted(seen.policy)
        assert {(task.indicator_number, task.agency_id) for task in seen.wanted.tasks} == set(wanted)
        standing = self._rounds()
        for key in wanted:
            assert standing.get(key), f"nothing stands for {key}"
        for key, rounds in standing.items():
            assert key in wanted or rounds[-1]["state"] is not State.PLANNED, (
                f"{key} is planned but not wanted"
            )

    def _expected_conflicts(self, policy: Policy) -> Iterator[tuple[int, str]]:
        wanted = self._wanted(policy)
        for key, rounds in self._rounds().items():
            first, last = rounds[0], rounds[-1]
            is_seen = last["state"] in OPEN_STATES - {State.PLANNED}
            if last["state"] is State.CANCELLED or (last["state"] is State.PLANNED and len(rounds) == 1):
                continue
            if key not in wanted:
                yield last["id"], "no_longer_wanted"
                continue
            baseline, target, share = wanted[key]
            if first["baseline_level"] != baseline and first["state"] is not State.PLANNED:
                yield first["id"], "baseline_changed"
            if last is not first and last["state"] in OPEN_STATES and last["baseline_level"] >= target:
                yield last["id"], "no_longer_wanted"
                continue
            if is_seen and last["target_level"] != target:
                yield last["id"], "target_changed"
            if is_seen and self._is_moved(last, policy, share, target):
                yield last["id"], "due_changed"

    def _is_moved(self, task: Row, policy: Policy, share: Fraction, target: Decimal) -> bool:
        own = self.session.get_one(policies.PolicyVersion, task["policy_id"])
        if task["is_due_by_hand"] or policies.read_settings(own.settings, INSTRUMENT).due == policy.due:
            return False
        dates = policy.due.dates(CALENDAR, task["published_at"].astimezone(ZONE).date())
        weight = INSTRUMENT.indicator(task["indicator_number"]).weight
        stake = at_stake(TaskKind.GAP, share, weight, baseline=task["baseline_level"], target=target)
        return dates.on(stake) != task["due_on"]

    # How it is done.

    @contextmanager
    def _machine_step(self, *, publishes: bool = False) -> Iterator[None]:
        before = self._tasks()
        yield
        self.session.flush()
        after = self._tasks()
        assert before.keys() <= after.keys(), "a task is gone"
        for task_id, old in before.items():
            _nothing_human_is_lost(old, after[task_id], publishes=publishes)

    def _act(self, task: Row, action: Action, given: dict[str, object]) -> None:
        is_agencys = action in {Action.START, Action.SUBMIT, Action.BLOCK, Action.UNBLOCK, Action.RECALL}
        scope = self.focals[task["agency_id"]] if is_agencys else self.coordinator
        before = self._tasks()
        done = self._succeeds(
            lambda: tasks.act(self.work, scope, task["id"], action, given, version=None, now=self.now)
        )
        after = self._tasks()
        if not done:
            assert before == after, "a refused action has written something"
        self._others_are_untouched(before, after, task["id"])

    def _succeeds(self, do: Callable[[], object]) -> bool:
        """Do it as one unit of work: all or nothing."""
        try:
            with self.session.begin_nested():
                do()
                self.session.flush()
        except SpbeError:
            return False
        return True

    def _others_are_untouched(
        self, before: Mapping[int, Row], after: Mapping[int, Row], task_id: int
    ) -> None:
        """A person's action reaches one task, and the other rounds of the same."""
        key = (before[task_id]["indicator_number"], before[task_id]["agency_id"])
        for other, old in before.items():
            if (old["indicator_number"], old["agency_id"]) != key:
                assert after[other] == old

    def _order(self, policy: Policy) -> Order:
        return Order(SPBE, 2024, policy=policy)

    def _plan(self) -> Plan:
        return self.session.get_one(Plan, self.plan_id)

    def _conflicts(self) -> tuple[conflicts.ConflictedTask, ...]:
        seen = plans.preview_plan(self.session, self.coordinator, self._plan(), now=self.now)
        return conflicts.listed(self.session, self.coordinator, seen)

    def _tasks(self) -> dict[int, Row]:
        if self.plan_id is None:
            return {}
        self.session.flush()
        submissions = select(func.count()).where(Submission.task_id == Task.id).scalar_subquery()
        rows = self.session.execute(
            select(*Task.__table__.columns, submissions.label("submissions"))
            .where(Task.plan_id == self.plan_id)
            .order_by(Task.id)
        )
        return {row.id: row._asdict() for row in rows}

    def _rounds(self) -> dict[tuple[int, int], list[Row]]:
        """The rounds that stand, first to last, by indicator and agency."""
        found: dict[tuple[int, int], list[Row]] = defaultdict(list)
        for task in sorted(self._tasks().values(), key=lambda task: task["round"]):
            if task["state"] is not State.WITHDRAWN:
                found[task["indicator_number"], task["agency_id"]].append(task)
        return found

    def _pick(self, place: int) -> Row:
        found = list(self._tasks().values())
        return found[place % len(found)]


def _nothing_human_is_lost(old: Row, new: Row, *, publishes: bool) -> None:
    if old["state"] not in MACHINES:
        changed = [name for name in SEEN if old[name] != new[name]]
        assert not changed, f"generation has changed {changed} of a task people have seen"
        return
    allowed = MACHINES | ({State.ASSIGNED} if publishes else set())
    assert new["state"] in allowed
    assert (old["assignee_id"], old["submissions"]) == (new["assignee_id"], new["submissions"])
    if old["is_due_by_hand"]:
        assert (new["is_due_by_hand"], new["due_on"]) == (True, old["due_on"]), "a day set by hand is lost"


def test_generation_loses_no_human_edit_and_makes_nothing_twice(app: Flask) -> None:
    run_state_machine_as_test(
        Generating,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
