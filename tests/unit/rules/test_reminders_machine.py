"""The planner against the contract, under any order of days, outages, wrong clocks and changes of mind.

``REMINDER_EXAMPLES=1000 ./test tests/unit/rules/test_reminders_machine.py`` tries more than every day's run does.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.ladder import Rung
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.rules.reminders import (
    ExpiringEvidence,
    Facts,
    IntentState,
    Key,
    LedgerEntry,
    OpenTask,
    People,
    Planned,
    Submission,
    plan,
)
from spbe_tasks.rules.workflow import State
from tests import reminder_oracle as oracle

CALENDAR = WorkCalendar("Asia/Makassar")
ANI, BUDI, CITRA, DEWI, HEAD, SEKDA, FAJAR = ACCOUNTS = range(1, 8)
ARCHIVES, FINANCE = 10, 20  # finance has neither focal point nor head
FIRST_DAY = date(2026, 2, 23)  # three weeks before Lebaran
USUAL = ReminderPolicy()
POLICIES = (
    USUAL,
    ReminderPolicy(
        due_offsets=(-30, -1, 2),
        weekly_until_week=0,
        agency_head_after=1,
        coordinator_after=2,
        executive_after=4,
        review_after=(1,),
        expiry_days_before=(14, 2),
        brief_weekday=3,
    ),
)
WITH_AGENCY = {State.ASSIGNED, State.IN_PROGRESS, State.BLOCKED, State.RETURNED}
CLOSED = {State.ACCEPTED, State.CANCELLED, State.WITHDRAWN}
UNTOLD = {IntentState.CANCELLED, IntentState.SUPPRESSED}
# (task, evidence, due version, episode): one climb, with the name of its rung and those to be told of it.
Standing = tuple[tuple[int, int, int, int], str, set[int]]

accounts = st.sampled_from(list(ACCOUNTS))
task_ids = st.integers(1, 3)


class ReminderMachine(RuleBasedStateMachine):
    """One government: three tasks, an evidence, seven people, a ledger and a list of what was really told."""

    def __init__(self) -> None:
        super().__init__()
        self.today = FIRST_DAY
        self.policy = USUAL
        self.tasks: dict[int, OpenTask] = {}
        self.evidence: ExpiringEvidence | None = None
        self.active = set(ACCOUNTS)
        self.suppressed: set[int] = set()
        self.stand_ins: dict[int, int] = {}
        self.ledger: dict[Key, IntentState] = {}
        self.told: list[Key] = []
        self.briefs: dict[int, date] = {}

    @initialize(offsets=st.lists(st.integers(-20, 60), min_size=4, max_size=4))
    def publish(self, offsets: list[int]) -> None:
        days = [FIRST_DAY + timedelta(days=offset) for offset in offsets]
        for task_id, due_on in enumerate(days[:3], start=1):
            agency = (ARCHIVES, FINANCE)[task_id % 2]
            self.tasks[task_id] = OpenTask(task_id, due_on, 1, agency, None, State.ASSIGNED, FIRST_DAY)
        self.evidence = ExpiringEvidence(1, days[3], ARCHIVES)

    # What happens in the world.
    @rule(days=st.one_of(st.integers(1, 4), st.integers(5, 45)))
    def days_pass_while_nothing_runs(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(days=st.integers(1, 10))
    def the_clock_is_set_back(self, days: int) -> None:
        self.today = max(FIRST_DAY, self.today - timedelta(days=days))

    @rule(task_id=task_ids, days=st.integers(-20, 40).filter(bool))
    def the_due_date_changes(self, task_id: int, days: int) -> None:
        self._move(task_id, self.tasks[task_id].due_on + timedelta(days=days))

    @rule(task_id=task_ids, days=st.integers(1, 40))
    def an_extension_is_granted(self, task_id: int, days: int) -> None:
        self._move(task_id, max(self.today, self.tasks[task_id].due_on) + timedelta(days=days))

    def _move(self, task_id: int, due_on: date) -> None:
        task = self.tasks[task_id]
        self.tasks[task_id] = replace(task, due_on=due_on, due_version=task.due_version + 1)

    @rule(task_id=task_ids, assignee=st.one_of(st.none(), accounts))
    def the_task_is_reassigned(self, task_id: int, assignee: int | None) -> None:
        self.tasks[task_id] = replace(self.tasks[task_id], assignee_id=assignee)

    @rule(task_id=task_ids, state=st.sampled_from(State))
    def the_state_changes(self, task_id: int, state: State) -> None:
        self.tasks[task_id] = replace(self.tasks[task_id], state=state, changed_on=self.today)

    @rule(task_id=task_ids, submitter=st.sampled_from([ANI, DEWI, FAJAR]))
    def the_task_is_handed_in(self, task_id: int, submitter: int) -> None:
        task = self.tasks[task_id]
        before = task.submission or Submission(0, self.today)
        submission = Submission(before.number + 1, self.today, before.submitter_ids | {submitter})
        self.tasks[task_id] = replace(
            task, state=State.SUBMITTED, changed_on=self.today, submission=submission
        )

    @rule(days=st.one_of(st.none(), st.integers(-5, 90)))
    def the_evidence_is_renewed_or_not_used_any_more(self, days: int | None) -> None:
        last_day = None if days is None else self.today + timedelta(days=days)
        self.evidence = last_day and ExpiringEvidence(1, last_day, ARCHIVES)

    @rule(account=accounts)
    def somebody_leaves_or_comes_back(self, account: int) -> None:
        self.active ^= {account}

    @rule(account=accounts)
    def an_address_bounces_or_is_released(self, account: int) -> None:
        self.suppressed ^= {account}

    @rule(absent=accounts, acting=accounts)
    def somebody_is_absent_or_back(self, absent: int, acting: int) -> None:
        if self.stand_ins.pop(absent, None) is None and absent != acting:
            self.stand_ins[absent] = acting

    @rule(policy=st.sampled_from(POLICIES))
    def the_policy_changes(self, policy: ReminderPolicy) -> None:
        self.policy = policy

    # What the machine does.
    @rule(seed=st.integers(0, 3))
    def the_planner_runs(self, seed: int = 0) -> None:
        planned = self._plan()
        assert self._plan(Random(seed)) == planned, "the order of the input made a difference"
        self._apply(planned)
        self._the_ledger_is_right()
        assert self._plan() == Planned(without_recipient=planned.without_recipient), "a second run went on"

    def _plan(self, random: Random | None = None) -> Planned:
        entries = [
            LedgerEntry(task or None, version, rung, account, state, episode, evidence or None)
            for (task, evidence, version, episode, rung, account), state in self.ledger.items()
        ]
        tasks = [task for task in self.tasks.values() if task.state not in CLOSED]
        if random:
            random.shuffle(entries)
            random.shuffle(tasks)
        evidence = (self.evidence,) if self.evidence else ()
        facts = Facts(tasks, self._people(), evidence, dict(self.briefs))
        return plan(facts, entries, today=self.today, calendar=CALENDAR, policy=self.policy)

    def _apply(self, planned: Planned) -> None:
        ended = [*planned.superseded, *planned.suppressed, *(entry for entry, _ in planned.cancelled)]
        assert len({entry.key for entry in ended}) == len(ended), "an entry ends once"
        assert all(self.ledger[entry.key] is IntentState.OPEN for entry in ended)
        self.ledger |= {entry.key: IntentState.SUPERSEDED for entry in planned.superseded}
        self.ledger |= {entry.key: IntentState.SUPPRESSED for entry in planned.suppressed}
        self.ledger |= {entry.key: IntentState.CANCELLED for entry, _ in planned.cancelled}
        for entry in planned.reopened:
            assert self.ledger[entry.key] in UNTOLD
            self.ledger[entry.key] = IntentState.OPEN
        for intent in planned.new:
            assert intent.entry.key not in self.ledger, "at most one intent per key"
            self.ledger[intent.entry.key] = intent.state
        for account in planned.briefs:
            before = self.briefs.get(account)
            assert before is None or before < self.today
            self.briefs[account] = self.today

    def _the_ledger_is_right(self) -> None:
        """Everyone who should know of the current rung has an entry for it, and nothing else is open."""
        may_be_open: set[Key] = set()
        for climb, name, people in self._standing():
            rung = Rung.of_key(name)
            assert rung
            for account in people:
                key = (*climb, rung, account)
                if account not in self.suppressed:
                    may_be_open.add(key)
                    if not self._knows_more(key):
                        assert key in self.ledger, "a rung reached was lost"
                        assert self.ledger[key] not in UNTOLD, "a rung reached is not told"
        assert {key for key, state in self.ledger.items() if state is IntentState.OPEN} <= may_be_open

    def _knows_more(self, key: Key) -> bool:
        """Whether a higher rung was told, or was to be, before the clock, the policy or an outage took it back."""
        *climb, rung, account = key
        return any(
            state not in UNTOLD
            and [*other[:4]] == climb
            and other[5] == account
            and other[4].ladder is rung.ladder
            and other[4] > rung
            for other, state in self.ledger.items()
        )

    @precondition(lambda self: CALENDAR.is_working_day(self.today))
    @rule(accounts=st.sets(accounts, min_size=1), outcome=st.sampled_from(["sent", "failed", "carried"]))
    def mail_goes_out(self, accounts: set[int], outcome: str) -> None:
        """As the sender does: plan first, then hand over what is open; a crash may leave it carried.

        To some people only: the others chose another day, or wait for their brief.
        """
        self.the_planner_runs()
        for key in [
            key for key, state in self.ledger.items() if state is IntentState.OPEN and key[5] in accounts
        ]:
            self.ledger[key] = IntentState(outcome)
            self.told.append(key)

    @invariant()
    def nobody_was_told_a_rung_twice(self) -> None:
        assert len(set(self.told)) == len(self.told)

    @invariant()
    def nobody_was_told_a_lower_rung_after_a_higher_one(self) -> None:
        last: dict[tuple[object, ...], Rung] = {}
        for *climb, rung, account in self.told:
            place = (*climb, rung.ladder, account)
            assert place not in last or last[place] < rung
            last[place] = rung

    # What the contract says, in the test's own words.
    def _standing(self) -> Iterator[Standing]:
        for task in self.tasks.values():
            if task.state in WITH_AGENCY:
                yield from self._standing_with_agency(task)
            elif task.state is State.SUBMITTED and task.submission:
                steps, since = self.policy.review_after, task.submission.submitted_on
                name = oracle.review_rung(since, self.today, CALENDAR.is_working_day, steps)
                if name:
                    climb = (task.task_id, 0, 0, task.submission.number)
                    yield climb, name, self._reviewers(task.submission)
        if self.evidence:
            last_day, days = self.evidence.expires_on, self.policy.expiry_days_before
            name = oracle.expiry_rung(last_day, self.today, CALENDAR.is_working_day, days)
            if name:
                people = self._there([ANI, BUDI]) or self._there([DEWI])
                yield (0, 1, 0, last_day.toordinal()), name, people

    def _standing_with_agency(self, task: OpenTask) -> Iterator[Standing]:
        policy, is_working = self.policy, CALENDAR.is_working_day
        offsets = sorted({*policy.due_offsets, *range(7, 7 * policy.weekly_until_week + 1, 7)})
        name = oracle.due_rung(task.due_on, self.today, is_working, offsets)
        if name:
            yield (task.task_id, 0, task.due_version, 0), name, self._reminded(task)
        steps = (policy.agency_head_after, policy.coordinator_after, policy.executive_after)
        name = oracle.position(task.due_on, task.changed_on, self.today, is_working, steps)
        if name:
            began = max(task.due_on + timedelta(days=1), task.changed_on).toordinal()
            climb = (task.task_id, 0, task.due_version, began)
            yield climb, f"escalation:{name}", self._superiors(task, name)

    def _reminded(self, task: OpenTask) -> set[int]:
        may_work = {ARCHIVES: {ANI, BUDI, CITRA}, FINANCE: {CITRA, DEWI}}[task.agency_id]
        if task.assignee_id in may_work & self.active:
            return self._there([task.assignee_id])
        focal_points = self._there([ANI, BUDI]) if task.agency_id == ARCHIVES else set()
        return focal_points or self._there([DEWI])

    def _superiors(self, task: OpenTask, name: str) -> set[int]:
        found: set[int] = set()
        if name == "agency_head" and task.agency_id == ARCHIVES:
            found = self._there([HEAD])
        elif name == "executive":
            found = self._there([SEKDA])
        return found or self._there([DEWI])

    def _reviewers(self, submission: Submission) -> set[int]:
        may = self._there([FAJAR]) - submission.submitter_ids
        return may or self._there([DEWI]) - submission.submitter_ids

    def _there(self, wanted: Iterable[int | None]) -> set[int]:
        """Those of ``wanted`` with an open account, or who acts for them."""
        found = set()
        for account in wanted:
            if account in self.active:
                way = [account]
                while self._acting().get(way[-1], account) not in way:
                    way.append(self._acting()[way[-1]])
                is_circle = way[-1] in self._acting()
                found.add(account if is_circle else way[-1])
        return found

    def _acting(self) -> dict[int, int]:
        return {a: b for a, b in self.stand_ins.items() if {a, b} <= self.active}

    def _people(self) -> People:
        def of(*wanted: int) -> tuple[int, ...]:
            return tuple(account for account in wanted if account in self.active)

        return People(
            assignable={
                ARCHIVES: frozenset(of(ANI, BUDI, CITRA)),
                FINANCE: frozenset(of(CITRA, DEWI)),
            },
            focal_points={ARCHIVES: of(ANI, BUDI)},
            coordinators=of(DEWI),
            suppressed=frozenset(self.suppressed),
            agency_heads={ARCHIVES: of(HEAD)},
            executives=of(SEKDA),
            reviewers=of(FAJAR),
            stand_ins=self._acting(),
        )


TestReminderMachine = ReminderMachine.TestCase
TestReminderMachine.settings = settings(
    max_examples=int(os.environ.get("REMINDER_EXAMPLES", "100")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
