"""Working on tasks: ask the transition table, carry out what the action means, write the trail, ask for a rebuild."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.requirements import as_level, due_date_problem
from spbe_tasks.rules.task_kind import at_stake
from spbe_tasks.rules.workflow import (
    AGENCY_STATES,
    EXTENSION_ACTIONS,
    MACHINE,
    Action,
    Actor,
    CancelKind,
    Field,
    Obstacle,
    State,
    TaskFacts,
    is_open,
    opens_next_round,
    transition,
)
from spbe_tasks.services import (
    assignments,
    calendars,
    carry_over,
    extensions,
    instruments,
    news,
    open_requests,
    projections,
    submissions,
    verdicts,
)
from spbe_tasks.services.doing import Doing, Given
from spbe_tasks.services.queries import governments, people
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.work import Work

# A follow-up round never starts with less time than this.
SHORTEST_ROUND = timedelta(days=14)
# Where it matters whether somebody waits for more time, or loses the reason to.
_ASKS_WHO_ASKED = EXTENSION_ACTIONS | {Action.RESCHEDULE, Action.ACCEPT, Action.CANCEL}


def act(
    work: Work,
    scope: Scope,
    task_id: int,
    action: Action,
    given: Given,
    *,
    version: int | None,
    now: datetime,
) -> Task:
    """Do ``action`` on a task as the scope's person; returns the changed task.

    ``given`` holds values by ``workflow.Field``; ``version`` is the one the person looked at (None: any).
    Writes the task, its event and a projection request; accepting below the target opens the next round.

    Raises NotFoundError for a task the person may not see, ConflictError ("task.stale_version") when somebody else
    changed it, and the errors of ``workflow.transition``.
    """
    task = queries.get_task(work.session, scope, task_id, for_update=True)
    check_version(task, version)
    doing = Doing(work, scope, instruments.of(work.session, task.plan), given, now)
    before = task.state
    facts = facts_of(work.session, task, doing.instrument, with_request=action in _ASKS_WHO_ASKED)
    after = transition(facts, action, actor_of(scope), given)
    effect = _EFFECTS.get(action)
    if effect:
        effect(doing, task)
    _move(doing, task, after)
    doing.write(task, action, {"from": before.value, "to": task.state.value, **doing.said()})
    if facts.asker_ids and not is_open(after):
        open_requests.void(work, scope, [task.id], now=now)
    projections.request(work, task.plan_id)
    words = doing.text(Field.REASON) or doing.text(Field.NOTE) or ""
    news.tell_of_action(work, task, action, actor_id=scope.account_id, now=now, words=words)
    return task


def check_version(task: Task, version: int | None) -> None:
    """Raise ConflictError("task.stale_version") unless the task still is as the person saw it (None: any)."""
    if version is not None and task.version != version:
        raise ConflictError("task.stale_version")


def facts_of(
    session: Session, task: Task, instrument: Instrument, *, with_request: bool = False
) -> TaskFacts:
    """What the transition table needs to know, from a row.

    Who waits for more time is looked up ``with_request``; what is only noted at a task does not need it.
    """
    submitters: frozenset[int] = frozenset()
    askers: frozenset[int] = frozenset()
    if with_request or task.state is State.SUBMITTED:
        submitters, askers = queries.round_people(session, task.id)
    may_be_reopened = task.state in {State.ACCEPTED, State.CANCELLED}
    later = _standing_after(session, task) if may_be_reopened else None
    return facts_from(task, instrument, submitters, later.state if later else None, asker_ids=askers)


def facts_from(
    task: Task,
    instrument: Instrument,
    submitter_ids: frozenset[int],
    later_round: State | None,
    *,
    asker_ids: frozenset[int] = frozenset(),
) -> TaskFacts:
    """The same when who submitted or waits for more time, and the state of the next round, are known already."""
    return TaskFacts(
        state=task.state,
        agency_id=task.agency_id,
        baseline=task.baseline_level,
        target=task.target_level,
        scale=instrument.scale,
        submitter_ids=submitter_ids,
        asker_ids=asker_ids,
        later_round=later_round,
    )


def actor_of(scope: Scope) -> Actor:
    """The scope's person as the transition table sees them."""
    return Actor(scope.account_id, scope.role, scope.agency_id, scope.acting_for_id)


def _move(doing: Doing, task: Task, after: State) -> None:
    if after is task.state:
        return
    task.state = after
    task.state_changed_at = doing.now
    task.state_note = doing.text(Field.REASON)
    task.obstacle = _obstacle(doing) if after is State.BLOCKED else None
    if after in AGENCY_STATES and task.published_at is None:
        task.published_at = doing.now  # from here on the agency sees it


def _obstacle(doing: Doing) -> Obstacle | None:
    named = doing.text(Field.OBSTACLE)
    return Obstacle(named) if named else None


def _submit(doing: Doing, task: Task) -> None:
    submissions.hand_in(doing.work, doing.scope, task, doing.text(Field.NOTE) or "", now=doing.now)


def _accept(doing: Doing, task: Task) -> None:
    reached = as_level(doing.given[Field.REACHED_LEVEL])
    assert reached is not None  # the table has checked it
    task.reached_level = reached
    if opens_next_round(task.target_level, reached):
        _open_next_round(doing, task, reached)


def _open_next_round(doing: Doing, task: Task, reached: Decimal) -> None:
    """The agency goes on from the level reached; a next round that a reopening took back is taken up again.

    Only one round may be open at a time, so the old one is stored first.
    """
    _move(doing, task, State.ACCEPTED)
    doing.work.session.flush()
    following = _later_round(doing.work.session, task) or _new_round(task)
    share = Fraction(task.share_numerator, task.share_denominator)
    weight = doing.instrument.indicator(task.indicator_number).weight
    following.target_level, following.policy_id = task.target_level, task.policy_id
    following.share_numerator, following.share_denominator = task.share_numerator, task.share_denominator
    following.state = State.ASSIGNED
    following.state_note = None
    following.state_changed_at = following.published_at = doing.now
    following.baseline_level = reached
    following.kind, following.title = task.kind, task.title
    stake = at_stake(task.kind, share, weight, baseline=reached, target=task.target_level)
    following.points = as_decimal(stake, STORED_DECIMALS)
    following.due_on = _next_due(doing, task)
    following.due_version = (following.due_version or 0) + 1
    doing.work.session.add(following)
    doing.work.session.flush()
    doing.write(following, "open_round", {"round": following.round, "baseline": str(reached)})
    with doing.work.session.no_autoflush:  # the event is written together with that of accepting
        carry_over.pass_on(doing.work, task, following)
        assignments.release_stale(doing.work, doing.scope, [following.id], now=doing.now)


def _new_round(task: Task) -> Task:
    return Task(
        government_id=task.government_id,
        plan_id=task.plan_id,
        indicator_number=task.indicator_number,
        agency_id=task.agency_id,
        round=task.round + 1,
        note=task.note,
        assignee_id=task.assignee_id,
    )


def _next_due(doing: Doing, task: Task) -> date:
    """The old due date while it lies far enough ahead, else a fortnight from now, on a working day."""
    government = governments.get_government(doing.work.session, task.government_id)
    calendar = calendars.load(doing.work.session, government)
    soonest = local_date(doing.now, government.timezone) + SHORTEST_ROUND
    return calendar.next_working_day(max(task.due_on, soonest))


def _reopen(doing: Doing, task: Task) -> None:
    """Void what this round had reached; the untouched next round, which started from it, is withdrawn."""
    following = _standing_after(doing.work.session, task)
    if following is not None:
        following.state = transition(
            facts_of(doing.work.session, following, doing.instrument), Action.WITHDRAW, MACHINE, doing.given
        )
        following.state_changed_at = doing.now
        doing.write(following, Action.WITHDRAW, {"reason": doing.text(Field.REASON)})
        open_requests.void(doing.work, doing.scope, [following.id], now=doing.now)
        doing.work.session.flush()
    assignments.release_stale(doing.work, doing.scope, [task.id], now=doing.now)
    task.reached_level = task.cancel_kind = None


def _cancel(doing: Doing, task: Task) -> None:
    task.cancel_kind = CancelKind(str(doing.given[Field.CANCEL_KIND]))


def _assign(doing: Doing, task: Task) -> None:
    wanted = doing.given[Field.ASSIGNEE_ID]
    if wanted not in {
        each.id for each in people.list_assignable(doing.work.session, doing.scope, task.agency_id)
    }:
        raise InvalidInputError.of("task.assignee_outside_agency", Field.ASSIGNEE_ID)
    task.assignee_id = int(str(wanted))


def _reschedule(doing: Doing, task: Task) -> None:
    due_on = doing.given[Field.DUE_ON]
    assert isinstance(due_on, date)  # the table has checked it
    problem = due_date_problem(due_on, task.plan.year)
    if problem is not None:
        raise InvalidInputError((problem,))
    if due_on != task.due_on:
        task.due_version += 1
        doing.noted["previous_due_on"] = task.due_on.isoformat()
        open_requests.void(doing.work, doing.scope, [task.id], now=doing.now)
    task.due_on = due_on
    task.is_due_by_hand = True


_EFFECTS: Mapping[Action, Callable[[Doing, Task], None]] = {
    Action.SUBMIT: _submit,
    Action.ACCEPT: _accept,
    Action.RETURN: verdicts.store,
    Action.REOPEN: _reopen,
    Action.CANCEL: _cancel,
    Action.ASSIGN: _assign,
    Action.ASK_EXTENSION: extensions.ask,
    Action.GRANT_EXTENSION: extensions.grant,
    Action.REFUSE_EXTENSION: extensions.refuse,
    Action.TAKE_BACK_EXTENSION: extensions.take_back,
    Action.RESCHEDULE: _reschedule,
}


def _later_round(session: Session, task: Task) -> Task | None:
    """The round that follows this one, also a withdrawn one: it is taken again."""
    return session.scalar(_rounds_of(task).where(Task.round == task.round + 1))


def _standing_after(session: Session, task: Task) -> Task | None:
    """The next round that was not withdrawn."""
    standing = _rounds_of(task).where(Task.round > task.round, Task.state != State.WITHDRAWN)
    return session.scalar(standing.order_by(Task.round).limit(1))


def _rounds_of(task: Task) -> Select[Task]:
    return select(Task).where(
        Task.plan_id == task.plan_id,
        Task.indicator_number == task.indicator_number,
        Task.agency_id == task.agency_id,
    )
