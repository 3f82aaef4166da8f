"""The planner against a model of the ledger, under any order of days, outages and changes of mind."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.ladder import Rung, current_rung
from spbe_tasks.rules.reminders import IntentState, LedgerEntry, OpenTask, People, plan, recipients
from spbe_tasks.rules.workflow import AGENCY_STATES, State, is_open

CALENDAR = WorkCalendar("Asia/Makassar")
ACCOUNTS = (1, 2, 3, 4)
AGENCIES = (10, 20)
FIRST_DAY = date(2026, 2, 23)  # three weeks before Lebaran
Key = tuple[int, int, Rung, int]

accounts = st.sampled_from(ACCOUNTS)
task_ids = st.integers(1, 3)


class ReminderMachine(RuleBasedStateMachine):
    """One government: three tasks, four people, a ledger and a list of what was really told."""

    def __init__(self) -> None:
        super().__init__()
        self.today = FIRST_DAY
        self.tasks: dict[int, OpenTask] = {}
        self.active = set(ACCOUNTS)
        self.suppressed: set[int] = set()
        self.ledger: dict[Key, IntentState] = {}
        self.told: list[Key] = []

    @initialize(offsets=st.lists(st.integers(-20, 60), min_size=3, max_size=3))
    def publish(self, offsets: list[int]) -> None:
        for task_id, offset in enumerate(offsets, start=1):
            due_on = FIRST_DAY + timedelta(days=offset)
            self.tasks[task_id] = OpenTask(task_id, due_on, 1, AGENCIES[task_id % 2], None, State.ASSIGNED)

    @property
    def people(self) -> People:
        focal_points = {10: tuple(account for account in (1, 2) if account in self.active)}
        coordinators = tuple(account for account in (4,) if account in self.active)
        assignable = {10: frozenset(self.active - {4}), 20: frozenset(self.active & {3, 4})}
        return People(assignable, focal_points, coordinators, frozenset(self.suppressed))

    @rule(days=st.one_of(st.integers(1, 4), st.integers(5, 45)))
    def days_pass_while_nothing_runs(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(task_id=task_ids, days=st.integers(-20, 40).filter(bool))
    def the_due_date_changes(self, task_id: int, days: int) -> None:
        task = self.tasks[task_id]
        due_on = task.due_on + timedelta(days=days)
        self.tasks[task_id] = replace(task, due_on=due_on, due_version=task.due_version + 1)

    @rule(task_id=task_ids, assignee=st.one_of(st.none(), accounts))
    def the_task_is_reassigned(self, task_id: int, assignee: int | None) -> None:
        self.tasks[task_id] = replace(self.tasks[task_id], assignee_id=assignee)

    @rule(task_id=task_ids, state=st.sampled_from(State))
    def the_state_changes(self, task_id: int, state: State) -> None:
        self.tasks[task_id] = replace(self.tasks[task_id], state=state)

    @rule(account=accounts)
    def somebody_leaves_or_comes_back(self, account: int) -> None:
        self.active ^= {account}

    @rule(account=accounts)
    def an_address_bounces_or_is_mended(self, account: int) -> None:
        self.suppressed ^= {account}

    @rule()
    def the_planner_runs(self) -> None:
        open_before = {key for key, state in self.ledger.items() if state is IntentState.OPEN}
        addressed = self._run()
        self._the_ledger_is_right()
        opened = {key for key, state in self.ledger.items() if state is IntentState.OPEN} - open_before
        assert opened <= addressed
        assert not self._run(), "a second run found something left to open"

    def _run(self) -> set[Key]:
        open_tasks = [task for task in self.tasks.values() if is_open(task.state)]
        entries = [LedgerEntry(*key, state) for key, state in self.ledger.items()]
        planned = plan(open_tasks, self.people, entries, today=self.today, calendar=CALENDAR)
        ended = [*planned.superseded, *planned.suppressed, *(entry for entry, _ in planned.cancelled)]
        assert len({entry.key for entry in ended}) == len(ended), "an entry ends once"
        assert all(self.ledger[entry.key] is IntentState.OPEN for entry in ended)
        self.ledger |= {entry.key: IntentState.SUPERSEDED for entry in planned.superseded}
        self.ledger |= {entry.key: IntentState.SUPPRESSED for entry in planned.suppressed}
        self.ledger |= {entry.key: IntentState.CANCELLED for entry, _ in planned.cancelled}
        untold = {IntentState.CANCELLED, IntentState.SUPPRESSED}
        for entry in planned.reopened:
            assert self.ledger[entry.key] in untold
            self.ledger[entry.key] = IntentState.OPEN
        for intent in planned.new:
            key = (intent.task_id, intent.due_version, intent.rung, intent.account_id)
            assert key not in self.ledger, "at most one intent per key"
            self.ledger[key] = intent.state
        opened = {entry.key for entry in planned.reopened}
        return opened | {(i.task_id, i.due_version, i.rung, i.account_id) for i in planned.new}

    def _the_ledger_is_right(self) -> None:
        """Everyone who should know of the current rung has an entry for it, and nothing else is open."""
        expected_open: set[Key] = set()
        for task in self.tasks.values():
            rung = current_rung(task.due_on, self.today, CALENDAR)
            if rung is None or task.state not in AGENCY_STATES:
                continue
            for account, _ in recipients(task, self.people):
                key = (task.task_id, task.due_version, rung, account)
                assert key in self.ledger, "a rung reached was lost"
                reachable = account not in self.suppressed
                # An unreachable person's cancelled intent is opened again once their address is mended.
                assert (self.ledger[key] is IntentState.CANCELLED) <= (not reachable)
                assert (self.ledger[key] is IntentState.SUPPRESSED) <= (not reachable)
                if reachable:
                    expected_open.add(key)
        assert {key for key, state in self.ledger.items() if state is IntentState.OPEN} <= expected_open

    @precondition(lambda self: CALENDAR.is_working_day(self.today))
    @rule(accounts=st.sets(accounts, min_size=1), outcome=st.sampled_from(["sent", "failed", "carried"]))
    def mail_goes_out(self, accounts: set[int], outcome: str) -> None:
        """As the sender does: plan first, then hand over what is open; a crash may leave it carried."""
        self.the_planner_runs()
        for key in [
            key for key, state in self.ledger.items() if state is IntentState.OPEN and key[3] in accounts
        ]:
            task = self.tasks[key[0]]
            assert task.state in AGENCY_STATES
            assert key[1] == task.due_version
            self.ledger[key] = IntentState(outcome)
            self.told.append(key)

    @invariant()
    def nobody_was_told_a_rung_twice(self) -> None:
        assert len(set(self.told)) == len(self.told)

    @invariant()
    def nobody_was_told_a_lower_rung_after_a_higher_one(self) -> None:
        last: dict[tuple[int, int, int], Rung] = {}
        for task_id, due_version, rung, account in self.told:
            assert last.get((task_id, due_version, account), Rung(-99)) < rung
            last[task_id, due_version, account] = rung


TestReminderMachine = ReminderMachine.TestCase
TestReminderMachine.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
