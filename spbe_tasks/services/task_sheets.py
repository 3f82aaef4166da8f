"""Everything one task's page shows, read in four statements; the command line prints the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.instrument import Indicator, Instrument, Prerequisite
from spbe_tasks.rules.task_kind import levels_at_stake
from spbe_tasks.rules.upkeep import renewal_months
from spbe_tasks.rules.workflow import Action, LegalAction, State, legal_actions
from spbe_tasks.services import calendars, carry_over, criteria, instruments, submissions, typed_drafts
from spbe_tasks.services.agreements import Agreements
from spbe_tasks.services.carry_over import Relative
from spbe_tasks.services.criteria import ChecklistStep
from spbe_tasks.services.queries import extensions, governments, task_pages
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.task_lines import (
    HistoryEvent,
    PartRow,
    ReminderLine,
    Round,
    Sibling,
    part_of,
    reminder_of,
    siblings_of,
)
from spbe_tasks.services.tasks import actor_of, facts_from
from spbe_tasks.services.typed_drafts import Draft, DraftForm

_VERDICTS = frozenset({Action.SUBMIT, Action.RECALL, Action.RETURN, Action.ACCEPT, Action.REOPEN})


@dataclass(frozen=True, slots=True)
class TaskSheet:
    """A task with what stands around it. ``people`` are (account id, name) of who can be put in charge.

    ``policy_number`` is the version of the policy that asked for it; ``actions`` are what the reader may do now; in a
    closed plan: nothing. ``history`` are its events, newest first, ``ancestors`` and ``successors`` other plans' tasks.
    ``drafts`` are what the reader typed and has not stored, ``panels`` the rows of ``task_pages.PANELS``.
    """

    task: Task
    plan: Plan
    agency: Agency
    policy_number: int
    assignee_name: str | None
    instrument: Instrument
    actions: tuple[LegalAction, ...]
    steps: tuple[ChecklistStep, ...]
    history: tuple[HistoryEvent, ...]
    siblings: tuple[Sibling, ...]
    rounds: tuple[Round, ...]
    ancestors: tuple[Relative, ...]
    successors: tuple[Relative, ...]
    parts: tuple[PartRow, ...]
    labels: tuple[str, ...]
    reminders: tuple[ReminderLine, ...]
    people: tuple[tuple[int, str], ...]
    calendar: WorkCalendar
    drafts: Mapping[DraftForm, Draft]
    panels: Mapping[str, JsonRows]

    @property
    def agreements(self) -> Agreements:
        """More time, milestones, money, and what the reviewer did not take; worked out anew each time it is asked."""
        return Agreements.of(self.panels)

    @property
    def may_arrange(self) -> bool:
        """Whether the reader may add and change milestones and budget lines."""
        return any(each.action is Action.ARRANGE for each in self.actions)

    @property
    def indicator(self) -> Indicator:
        """What the task is to raise."""
        return self.instrument.indicator(self.task.indicator_number)

    @property
    def share(self) -> Fraction:
        """The agency's part of the indicator's points, a share of 1."""
        return Fraction(self.task.share_numerator, self.task.share_denominator)

    @property
    def levels_at_stake(self) -> Decimal:
        """How many levels its points are worth."""
        task = self.task
        climb = levels_at_stake(task.kind, baseline=task.baseline_level, target=task.target_level)
        return Decimal(climb.numerator) / climb.denominator

    @property
    def renewal_months(self) -> int | None:
        """How long evidence of the level it is to keep counts; None where that is not said."""
        return renewal_months(self.instrument, self.task.indicator_number, self.task.target_level)

    @property
    def may_claim(self) -> bool:
        """Whether the reader may say which criteria are met."""
        return any(each.action is Action.CLAIM and each.is_available for each in self.actions)

    @property
    def may_divide(self) -> bool:
        """Whether the reader may add, change and tick parts."""
        return any(each.action is Action.DIVIDE for each in self.actions)

    @property
    def parts_open(self) -> int:
        """How many parts are not done yet."""
        return sum(not part.is_done for part in self.parts)

    @property
    def waits_for(self) -> tuple[Prerequisite, ...]:
        """The rules by which this raise counts only once another indicator has come far enough."""
        return tuple(
            rule
            for rule in self.instrument.prerequisites
            if self.task.indicator_number in rule.indicators
            and self.task.baseline_level < rule.level <= self.task.target_level
        )

    @property
    def met(self) -> int:
        """How many of all criteria asked are claimed as met."""
        return sum(step.met for step in self.steps)

    @property
    def asked(self) -> int:
        """How many criteria lie between where the task starts and its target."""
        return sum(len(step.items) for step in self.steps)

    @property
    def unshown(self) -> str:
        """The ticked criteria that nothing shows, as people write them: "3a, 3b"."""
        bare = (item for step in self.steps for item in step.items if item.shows_nothing)
        return submissions.names_of([(item.level, item.criterion.letter) for item in bare])

    @property
    def without_evidence(self) -> int:
        """How many criteria are ticked without any evidence."""
        return sum(item.is_met and not item.evidence for step in self.steps for item in step.items)

    @property
    def without_words(self) -> tuple[int, ...]:
        """The levels about which facts or analysis are not written although a criterion of them is ticked."""
        return tuple(
            step.step.level
            for step in self.steps
            if step.met and not (step.words.facts and step.words.analysis)
        )

    @property
    def is_unfinished(self) -> bool:
        """Whether handing it in now leaves something out; that is told, and left to the person."""
        return bool(self.met < self.asked or self.without_evidence or self.without_words or self.parts_open)

    @property
    def last_verdict(self) -> HistoryEvent | None:
        """The latest event of being handed in, taken back, returned or accepted; None before the first."""
        return next((event for event in self.history if event.action in _VERDICTS), None)


def read(session: Session, scope: Scope, task_id: int) -> TaskSheet:
    """The sheet of a task. Raises NotFoundError when the task is absent or not visible to the scope."""
    row = task_pages.get_page(session, scope, task_id)
    instrument = instruments.of(session, row.Plan)
    around = task_pages.page_surroundings(session, scope, row.Task)
    facts = facts_from(
        row.Task,
        instrument,
        frozenset(row.submitter_ids) - {None},
        row.later_round,
        asker_ids=extensions.asker_ids_of(around["extensions"]),
    )
    steps = criteria.steps_of(row.Task, instrument, around)
    government = governments.get_government(session, scope.government_id)
    return TaskSheet(
        task=row.Task,
        plan=row.Plan,
        agency=row.Agency,
        policy_number=row.policy_number,
        assignee_name=row.assignee_name,
        instrument=instrument,
        actions=() if row.Plan.is_closed else _held_back(legal_actions(facts, actor_of(scope)), steps),
        steps=steps,
        history=tuple(HistoryEvent(**each._mapping) for each in task_pages.list_history(session, row.Task)),
        siblings=siblings_of(around["siblings"]),
        rounds=tuple(Round(each["id"], each["round"], State(each["state"])) for each in around["rounds"]),
        ancestors=carry_over.relatives(around["ancestors"]),
        successors=carry_over.relatives(around["successors"]),
        parts=tuple(part_of(each) for each in around["parts"]),
        labels=tuple(each["label"] for each in around["labels"]),
        reminders=tuple(reminder_of(each) for each in around["reminders"]),
        people=tuple((each["id"], each["name"]) for each in around["people"]),
        calendar=calendars.from_rows(government, around["holidays"]),
        drafts={each.form: each for each in typed_drafts.from_rows(around["drafts"])},
        panels={name: around[name] for name in task_pages.PANELS},
    )


def _held_back(actions: Iterable[LegalAction], steps: Iterable[ChecklistStep]) -> tuple[LegalAction, ...]:
    """The same actions; handing in waits until something shows every criterion that is ticked."""
    if not any(item.shows_nothing for step in steps for item in step.items):
        return tuple(actions)
    return tuple(
        replace(each, is_available=False, obstacle_code=submissions.NOTHING_SHOWN)
        if each.action is Action.SUBMIT
        else each
        for each in actions
    )
