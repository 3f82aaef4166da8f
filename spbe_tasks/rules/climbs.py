"""Where a task or an evidence stands on each of its ladders on one day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from spbe_tasks.rules import escalation, workflow
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.ladder import Ladder, LadderName, Level, Rung, current_rung, review_rung
from spbe_tasks.rules.recipients import (
    ExpiringEvidence,
    OpenTask,
    People,
    Recipients,
    of_escalation,
    of_expiry,
    of_review,
    recipients,
)
from spbe_tasks.rules.reminder_policy import ReminderPolicy


@dataclass(frozen=True, slots=True)
class Climb:
    """A thing on a ladder: the rung it stands on (None: nothing to tell yet) and those who are told."""

    task_id: int | None
    evidence_id: int | None
    due_version: int
    episode: int
    rung: Rung | None
    to: Recipients
    ladder: LadderName = LadderName.DUE

    @property
    def place(self) -> tuple[int, int, LadderName]:
        """The thing and the ladder: a thing climbs each of its ladders once at a time."""
        return self.task_id or 0, self.evidence_id or 0, self.ladder


@dataclass(frozen=True)
class Day:
    """A day to plan on, and what is asked of it again and again: many tasks share a date."""

    today: date
    calendar: WorkCalendar
    policy: ReminderPolicy
    _due: dict[date, Rung | None] = field(default_factory=dict, repr=False, compare=False)
    _late: dict[tuple[date, date], Level | None] = field(default_factory=dict, repr=False, compare=False)

    def due_rung(self, due_on: date) -> Rung | None:
        """The rung of the due-date ladder."""
        if due_on not in self._due:
            ladder = _due_ladder(self.policy)
            self._due[due_on] = current_rung(due_on, self.today, self.calendar, ladder=ladder)
        return self._due[due_on]

    def level_of(self, task: OpenTask, *, on: date | None = None) -> Level | None:
        """How far up the task has been brought by ``on`` (today); None while it is not the agency's turn."""
        if task.state not in workflow.AGENCY_STATES:
            return None
        start, end = escalation.counts_from(task.due_on, task.changed_on), on or self.today
        if start >= end:
            return None
        if (start, end) not in self._late:
            self._late[start, end] = escalation.level_on(start, end, self.calendar, self.policy)
        return self._late[start, end]


def climbs_of_task(task: OpenTask, people: People, day: Day) -> Iterator[Climb]:
    """Due date and escalation while it is the agency's turn, review while it is submitted."""
    if task.state in workflow.AGENCY_STATES:
        rung = day.due_rung(task.due_on)
        yield Climb(task.task_id, None, task.due_version, 0, rung, recipients(task, people))
        level = day.level_of(task)
        if level is not None:
            yield _escalation(task, level, people)
    elif task.state is workflow.State.SUBMITTED and task.submission is not None:
        submission = task.submission
        yield Climb(
            task.task_id,
            None,
            0,  # a new due date is nothing to the reviewer
            submission.number,
            review_rung(submission.submitted_on, day.today, day.calendar, day.policy.review_after),
            of_review(submission, people),
            LadderName.REVIEW,
        )


def climbs_of_evidence(evidence: Iterable[ExpiringEvidence], people: People, day: Day) -> Iterator[Climb]:
    """How near each evidence is to its last day, by id; none where the policy tells nothing of it."""
    ladder = expiry_ladder(day.policy)
    if ladder is None:
        return
    for each in sorted(evidence, key=lambda each: each.evidence_id):
        yield Climb(
            None,
            each.evidence_id,
            0,
            each.expires_on.toordinal(),
            current_rung(each.expires_on, day.today, day.calendar, ladder=ladder),
            of_expiry(each, people),
            LadderName.EXPIRY,
        )


def expiry_ladder(policy: ReminderPolicy) -> Ladder | None:
    """The rungs before the last day of evidence; None where the policy has none."""
    offsets = tuple(sorted(-days for days in policy.expiry_days_before))
    return Ladder(offsets, name=LadderName.EXPIRY) if offsets else None


def _escalation(task: OpenTask, level: Level, people: People) -> Climb:
    return Climb(
        task.task_id,
        None,
        task.due_version,
        escalation.began_on(task.due_on, task.changed_on).toordinal(),
        Rung(level, LadderName.ESCALATION),
        of_escalation(task.agency_id, level, people),
        LadderName.ESCALATION,
    )


_due_ladder = lru_cache(maxsize=64)(lambda policy: policy.due_ladder)
