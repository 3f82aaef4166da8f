"""Selects of one task's page. The task itself is got through ``tasks.visible``; the rest hangs on it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, cast, func, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, Agency, Event, Plan, PolicyVersion, Submission, Task, TaskLabel
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries import (
    budget_lines,
    bundle,
    carry_over,
    checklists,
    discussion,
    extensions,
    governments,
    milestones,
    parts,
    people,
    task_reminders,
    verdicts,
)
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.tasks import visible

# Built once: every page is a few conditions more.
_LATER, _CHOSEN, _ABSENT = aliased(Task), aliased(Account), aliased(Account)
_LATER_STATE = (
    select(_LATER.state)
    .where(
        _LATER.plan_id == Task.plan_id,
        _LATER.indicator_number == Task.indicator_number,
        _LATER.agency_id == Task.agency_id,
        _LATER.round > Task.round,
        _LATER.state != State.WITHDRAWN,
    )
    .order_by(_LATER.round)
    .limit(1)
)
# Acting officers and those they stood in for alike; none for whoever did it in their own position.
_SUBMITTERS = select(func.unnest(array([Submission.submitted_by_id, Submission.submitted_as_id]))).where(
    Submission.task_id == Task.id
)
_ASSIGNEE = select(Account.name).where(Account.id == Task.assignee_id)
_PAGE: AnySelect = (
    select(
        Task,
        Plan,
        Agency,
        PolicyVersion.number.label("policy_number"),
        _ASSIGNEE.scalar_subquery().label("assignee_name"),
        func.array(_SUBMITTERS.scalar_subquery()).label("submitter_ids"),
        _LATER_STATE.scalar_subquery().label("later_round"),
    )
    .join(Plan, Plan.id == Task.plan_id)
    .join(Agency, Agency.id == Task.agency_id)
    .join(PolicyVersion, PolicyVersion.id == Task.policy_id)
)
_HISTORY: AnySelect = (
    select(
        Event.at,
        Event.action,
        Account.name.label("actor_name"),
        _ABSENT.name.label("acting_for_name"),
        _CHOSEN.name.label("assignee_name"),
        Event.data,
    )
    .outerjoin(Account, Account.id == Event.actor_id)
    .outerjoin(_ABSENT, _ABSENT.id == cast(Event.data["acting_for_id"].astext, BigInteger))
    .outerjoin(_CHOSEN, _CHOSEN.id == cast(Event.data["assignee_id"].astext, BigInteger))
    .where(Event.subject_type == "task")
    .order_by(Event.id.desc())
)

# Rows of the panels that stand beside the checklist, by the name under which ``TaskSheet.panels`` has them. A panel is
# a select here and a file templates/tasks/_<panel>.html: all of them together cost the page one statement.
PANELS: Mapping[str, Callable[[Scope, Task], AnySelect]] = {
    "comments": lambda _, task: discussion.of_task(task),
    "readers": lambda _, task: discussion.readers(task),
    "extensions": lambda _, task: extensions.of_task(task),
    "milestones": lambda _, task: milestones.of_task(task),
    "budget": lambda _, task: budget_lines.of_task(task),
    "verdicts": lambda _, task: verdicts.of_task(task),
}


def get_page(session: Session, scope: Scope, task_id: int) -> Row[Any]:
    """One task: (Task, Plan, Agency, policy_number, assignee_name, submitter_ids, later_round).

    Raises NotFoundError when absent or not visible to the scope.
    """
    found = session.execute(_PAGE.where(Task.id == task_id, visible(scope))).one_or_none()
    if found is None:
        raise NotFoundError("task.not_found")
    return found


def list_history(session: Session, task: Task) -> Sequence[Row[Any]]:
    """The task's events, newest first, with the actor's name and, where somebody was put in charge, theirs."""
    events = _HISTORY.where(Event.government_id == task.government_id, Event.subject_id == task.id)
    return session.execute(events).all()


def page_surroundings(session: Session, scope: Scope, task: Task) -> Mapping[str, JsonRows]:
    """What stands around a task, in one statement: the keys below; ``people`` are those it can be assigned to."""
    assignable = select(Account.id, Account.name).where(people.assignable(scope, task.agency_id))
    return bundle.fetch(
        session,
        siblings=siblings(scope, task),
        rounds=_other_rounds(scope, task),
        ancestors=carry_over.ancestors(scope, task),
        successors=carry_over.successors(scope, task),
        parts=parts.of_task(task),
        labels=select(TaskLabel.label).where(TaskLabel.task_id == task.id).order_by(TaskLabel.label),
        reminders=task_reminders.of_task(task),
        people=assignable.order_by(Account.name, Account.id),
        holidays=governments.local_holidays(scope.government_id),
        drafts=checklists.drafts_of(task.id, scope.account_id),
        **checklists.rows_of(task.id),
        **{name: rows(scope, task) for name, rows in PANELS.items()},
    )


def siblings(scope: Scope, task: Task) -> AnySelect:
    """The other agencies on the same indicator: names, states, due dates. Sharing an indicator lets one see these."""
    return (
        select(Agency.short_name, Agency.name, Task.state, Task.due_on, Task.round)
        .join(Agency, Agency.id == Task.agency_id)
        .where(
            Task.government_id == scope.government_id,
            Task.plan_id == task.plan_id,
            Task.indicator_number == task.indicator_number,
            Task.agency_id != task.agency_id,
            Task.state != State.WITHDRAWN,
            true() if scope.sees_all_agencies else Task.published_at.is_not(None),
        )
        .order_by(Agency.short_name, Task.round.desc())
    )


def _other_rounds(scope: Scope, task: Task) -> AnySelect:
    """The same agency's other rounds on this indicator, first round first."""
    return (
        select(Task.id, Task.round, Task.state)
        .where(
            visible(scope),
            Task.plan_id == task.plan_id,
            Task.indicator_number == task.indicator_number,
            Task.agency_id == task.agency_id,
            Task.id != task.id,
        )
        .order_by(Task.round)
    )
