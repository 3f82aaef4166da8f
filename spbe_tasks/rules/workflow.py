"""States of a task and the one transition table. Pages, commands and the API ask it; nothing else decides.

The table says from which states an action is legal, where it leads, who may do it and what must be filled
in. ``claim`` (saying which criteria are met), ``assign``, ``divide`` (into parts), ``arrange`` (milestones and money),
``reschedule`` and ``adopt`` (taking over what the plan now wants) keep the state; so do the four actions about a
request for more time, which is a record beside the task and not a state of it. The machine alone may ``withdraw`` (and
``restore``) what no one has begun, ``merge`` a task into another one of the same indicator when their agencies become
one, and ``publish`` the round after a partial acceptance.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from spbe_tasks.rules.access import Capability, Role, may
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError, InvalidTransitionError, SpbeError
from spbe_tasks.rules.instrument import LevelScale
from spbe_tasks.rules.requirements import (
    CancelKind,
    Field,
    Obstacle,
    ReturnReason,
    Verdict,
    as_level,
    is_given,
    problems_of,
)

__all__ = [
    "AGENCY_STATES",
    "CLOSED_STATES",
    "EXTENSION_ACTIONS",
    "MACHINE",
    "OPEN_STATES",
    "TRANSITIONS",
    "Action",
    "Actor",
    "CancelKind",
    "Field",
    "LegalAction",
    "Obstacle",
    "ReturnReason",
    "State",
    "TaskFacts",
    "Verdict",
    "is_open",
    "is_overdue",
    "legal_actions",
    "opens_next_round",
    "transition",
]


class State(StrEnum):
    """Where a task stands."""

    PLANNED = "planned"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What can be done to a task; the order is the order of the buttons."""

    PUBLISH = "publish"
    START = "start"
    CLAIM = "claim"
    SUBMIT = "submit"
    ACCEPT = "accept"
    RETURN = "return"
    UNBLOCK = "unblock"
    BLOCK = "block"
    RECALL = "recall"
    ASSIGN = "assign"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    TAKE_BACK_EXTENSION = "take_back_extension"
    RESCHEDULE = "reschedule"
    REOPEN = "reopen"
    CANCEL = "cancel"
    ADOPT = "adopt"
    DIVIDE = "divide"
    ARRANGE = "arrange"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    MERGE = "merge"


CLOSED_STATES = frozenset({State.ACCEPTED, State.CANCELLED, State.WITHDRAWN})
OPEN_STATES = frozenset(State) - CLOSED_STATES
# The agency's turn: published and neither waiting for the reviewer nor closed. Only this work can be late.
AGENCY_STATES = frozenset({State.ASSIGNED, State.IN_PROGRESS, State.BLOCKED, State.RETURNED})
# What is done about a request for more time; none of them changes the state.
EXTENSION_ACTIONS = frozenset(
    {
        Action.ASK_EXTENSION,
        Action.GRANT_EXTENSION,
        Action.REFUSE_EXTENSION,
        Action.TAKE_BACK_EXTENSION,
    }
)


def is_open(state: State) -> bool:
    """Whether the task is not closed: planned, with the agency, or waiting for the reviewer."""
    return state in OPEN_STATES


def is_overdue(state: State, due_on: date | None, today: date) -> bool:
    """Whether the agency is late: its turn (``AGENCY_STATES``) and the due date lies before ``today``.

    Both dates are the government's own. On the due date itself nothing is late. A submitted task is not
    overdue, however old its due date: it waits for the reviewer, who has a ladder of reminders of their own.
    A planned task is not overdue either: nobody was told about it yet. A task without a due date never is.
    """
    return state in AGENCY_STATES and due_on is not None and due_on < today


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. Without a role it is the machine.

    An acting officer has role and agency of the absent person ``acting_for_id``: four eyes ask about both of them, so
    that neither can finish through the other what needs a second person.
    """

    account_id: int | None
    role: Role | None
    agency_id: int | None = None
    acting_for_id: int | None = None

    def is_among(self, account_ids: AbstractSet[int]) -> bool:
        """Whether the person, or whose position they take, is one of these."""
        return self.account_id in account_ids or self.acting_for_id in account_ids


MACHINE = Actor(account_id=None, role=None)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What the table needs to know about a task.

    ``baseline`` is the level this round started from (0 where not assessed counts as zero).
    ``submitter_ids`` is everyone who ever submitted this round, acting officers and those they stood in for alike.
    ``asker_ids`` is the same of the request for more time that waits for an answer; empty when none does.
    ``later_round`` is the state of the next round of the same task that was not withdrawn, if there is one.
    """

    state: State
    agency_id: int
    baseline: Decimal
    target: Decimal
    scale: LevelScale
    submitter_ids: frozenset[int] = frozenset()
    asker_ids: frozenset[int] = frozenset()
    later_round: State | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A capability that opens a transition, on every agency's tasks or only on the actor's own agency's."""

    capability: Capability
    own_agency_only: bool = False

    def holds(self, facts: TaskFacts, actor: Actor) -> bool:
        """Whether a person has it for this task; the machine never does."""
        if actor.role is None or not may(actor.role, self.capability):
            return False
        return not self.own_agency_only or actor.agency_id == facts.agency_id


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition beyond state and role; where met, the action is shown disabled, ``code`` the reason."""

    code: str
    error: type[SpbeError]
    blocks: Callable[[TaskFacts, Actor], bool]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. ``target`` None keeps the state; any one of ``grants`` suffices."""

    sources: AbstractSet[State]
    action: Action
    target: State | None
    grants: tuple[Grant, ...] = ()
    required: tuple[Field, ...] = ()
    optional: tuple[Field, ...] = ()
    guards: tuple[Guard, ...] = ()
    by_machine: bool = False

    def admits(self, facts: TaskFacts, actor: Actor) -> bool:
        """Whether this actor, by role and agency, may take this row."""
        if actor.role is None:
            return self.by_machine
        return any(grant.holds(facts, actor) for grant in self.grants)

    def obstacle(self, facts: TaskFacts, actor: Actor) -> Guard | None:
        """The first guard in the way, or None."""
        return next((guard for guard in self.guards if guard.blocks(facts, actor)), None)


@dataclass(frozen=True, slots=True)
class LegalAction:
    """An action the table allows to this actor; when not available, ``obstacle_code`` is the reason to show.

    ``optional_fields`` may be left out; ``accept`` asks for its reason only below the baseline, ``return`` only where
    no criterion says why.
    """

    action: Action
    is_available: bool
    obstacle_code: str | None
    required_fields: tuple[Field, ...]
    optional_fields: tuple[Field, ...] = ()


def _submitted_it(facts: TaskFacts, actor: Actor) -> bool:
    return actor.is_among(facts.submitter_ids)


def _asked_for_it(facts: TaskFacts, actor: Actor) -> bool:
    return actor.is_among(facts.asker_ids)


def _others_asked(facts: TaskFacts, actor: Actor) -> bool:
    return not _asked_for_it(facts, actor)


def _something_is_asked(facts: TaskFacts, _actor: Actor) -> bool:
    return bool(facts.asker_ids)


def _nothing_is_asked(facts: TaskFacts, _actor: Actor) -> bool:
    return not facts.asker_ids


def _later_round_stands(facts: TaskFacts, _actor: Actor) -> bool:
    # The next round starts from the level this one reached. Nobody has begun it: the machine takes it back.
    # Otherwise voiding that level would leave a round with a baseline that never was.
    return facts.later_round not in (None, State.PLANNED, State.ASSIGNED, State.WITHDRAWN)


def _later_round_exists(facts: TaskFacts, _actor: Actor) -> bool:
    # Whoever took the task up again did so in that round; two rounds of one task are never open at a time.
    return facts.later_round is not None


FOUR_EYES = Guard("task.four_eyes", ForbiddenError, _submitted_it)
ONE_REQUEST = Guard("extension.asked_already", InvalidTransitionError, _something_is_asked)
A_REQUEST = Guard("extension.none_asked", InvalidTransitionError, _nothing_is_asked)
OTHERS_EYES = Guard("extension.four_eyes", ForbiddenError, _asked_for_it)
OWN_REQUEST = Guard("extension.not_yours", ForbiddenError, _others_asked)
LATER_ROUND = Guard("task.later_round_begun", InvalidTransitionError, _later_round_stands)
TAKEN_UP_AGAIN = Guard("task.taken_up_again", InvalidTransitionError, _later_round_exists)

_WORKS = (Grant(Capability.WORK_ON_TASKS, own_agency_only=True),)
_REVIEWS = (Grant(Capability.REVIEW_TASKS),)
_COORDINATES = (Grant(Capability.MANAGE_PLANS),)
_ASSIGNS = (*_COORDINATES, Grant(Capability.ASSIGN_TASKS, own_agency_only=True))
_REASON = (Field.REASON,)

TRANSITIONS: tuple[Transition, ...] = (
    Transition({State.PLANNED}, Action.PUBLISH, State.ASSIGNED, _COORDINATES, by_machine=True),
    Transition({State.ASSIGNED, State.RETURNED}, Action.START, State.IN_PROGRESS, _WORKS),
    Transition(AGENCY_STATES, Action.CLAIM, None, _WORKS),
    Transition(
        {State.IN_PROGRESS, State.RETURNED}, Action.SUBMIT, State.SUBMITTED, _WORKS, required=(Field.NOTE,)
    ),
    Transition(
        {State.SUBMITTED},
        Action.ACCEPT,
        State.ACCEPTED,
        _REVIEWS,
        required=(Field.REACHED_LEVEL,),
        optional=_REASON,  # required below the baseline
        guards=(FOUR_EYES,),
    ),
    Transition(
        {State.SUBMITTED},
        Action.RETURN,
        State.RETURNED,
        _REVIEWS,
        required=_REASON,  # unless criteria say why
        optional=(Field.CRITERIA,),
    ),
    Transition({State.BLOCKED}, Action.UNBLOCK, State.IN_PROGRESS, _WORKS),
    Transition(
        {State.IN_PROGRESS},
        Action.BLOCK,
        State.BLOCKED,
        _WORKS,
        required=_REASON,
        optional=(Field.OBSTACLE,),
    ),
    Transition({State.SUBMITTED}, Action.RECALL, State.IN_PROGRESS, _WORKS),
    Transition({State.PLANNED}, Action.ASSIGN, None, _COORDINATES, required=(Field.ASSIGNEE_ID,)),
    Transition(OPEN_STATES - {State.PLANNED}, Action.ASSIGN, None, _ASSIGNS, required=(Field.ASSIGNEE_ID,)),
    Transition(
        AGENCY_STATES,
        Action.ASK_EXTENSION,
        None,
        _WORKS,
        required=(Field.DUE_ON, Field.REASON),
        guards=(ONE_REQUEST,),
    ),
    # Also while it is submitted: it may be returned, and the request is still open.
    Transition(
        OPEN_STATES - {State.PLANNED},
        Action.GRANT_EXTENSION,
        None,
        _COORDINATES,
        optional=(Field.DUE_ON, Field.NOTE),  # without a day: the one asked for
        guards=(A_REQUEST, OTHERS_EYES),
    ),
    Transition(
        OPEN_STATES - {State.PLANNED},
        Action.REFUSE_EXTENSION,
        None,
        _COORDINATES,
        required=_REASON,
        guards=(A_REQUEST, OTHERS_EYES),
    ),
    Transition(
        OPEN_STATES - {State.PLANNED},
        Action.TAKE_BACK_EXTENSION,
        None,
        _WORKS,
        guards=(A_REQUEST, OWN_REQUEST),
    ),
    # Not by whoever waits for more time: that would be granting it.
    Transition(
        OPEN_STATES,
        Action.RESCHEDULE,
        None,
        _COORDINATES,
        required=(Field.DUE_ON,),
        optional=_REASON,
        guards=(OTHERS_EYES,),
    ),
    Transition(
        {State.ACCEPTED},
        Action.REOPEN,
        State.IN_PROGRESS,
        _COORDINATES,
        required=_REASON,
        guards=(LATER_ROUND,),
    ),
    Transition(
        {State.CANCELLED},
        Action.REOPEN,
        State.ASSIGNED,
        _COORDINATES,
        required=_REASON,
        guards=(TAKEN_UP_AGAIN,),
    ),
    Transition(
        OPEN_STATES,
        Action.CANCEL,
        State.CANCELLED,
        _COORDINATES,
        required=(Field.CANCEL_KIND, Field.REASON),
    ),
    # Not while it is submitted: the reviewer judges what was asked when it was handed in.
    Transition(AGENCY_STATES, Action.ADOPT, None, _COORDINATES),
    Transition(OPEN_STATES, Action.DIVIDE, None, (*_COORDINATES, *_WORKS)),
    Transition(OPEN_STATES, Action.ARRANGE, None, (*_COORDINATES, *_WORKS)),
    # Assigned: only the untouched next round, when the round before it is reopened.
    Transition(
        {State.PLANNED, State.ASSIGNED}, Action.WITHDRAW, State.WITHDRAWN, required=_REASON, by_machine=True
    ),
    Transition({State.WITHDRAWN}, Action.RESTORE, State.PLANNED, by_machine=True),
    # Two agencies became one and both had this task: the further one goes on in its place.
    Transition(frozenset(State) - {State.WITHDRAWN}, Action.MERGE, State.WITHDRAWN, by_machine=True),
)
_BY_STATE_AND_ACTION = {(state, row.action): row for row in TRANSITIONS for state in row.sources}


def legal_actions(facts: TaskFacts, actor: Actor) -> tuple[LegalAction, ...]:
    """The actions the table allows to this actor now, in the order of ``Action``; may be empty."""
    found = []
    for action in Action:
        row = _BY_STATE_AND_ACTION.get((facts.state, action))
        if row is None or not row.admits(facts, actor):
            continue
        guard = row.obstacle(facts, actor)
        code = guard.code if guard else None
        found.append(LegalAction(action, guard is None, code, row.required, row.optional))
    return tuple(found)


def transition(facts: TaskFacts, action: Action, actor: Actor, given: Mapping[str, object]) -> State:
    """The state the task has after ``action``; the same state for ``assign``, ``reschedule`` and their like.

    ``given`` is keyed by ``Field`` and holds values, not text: a Decimal or int for ``reached_level`` (any
    value of the scale), a date for ``due_on``, an account id for ``assignee_id``, a ``CancelKind`` for
    ``cancel_kind``, an ``Obstacle`` for ``obstacle``, a mapping of (level, letter) to ``Verdict`` for ``criteria``.
    Other keys are ignored.

    Raises InvalidTransitionError when the state, a later round that was begun or a request for more time does not
    allow the action; ForbiddenError when the actor's role or agency does not, or two different people are needed;
    InvalidInputError, with every problem at once, when something is missing or cannot be taken.
    """
    row = _BY_STATE_AND_ACTION.get((facts.state, action))
    if row is None:
        raise InvalidTransitionError(state=facts.state.value, action=action.value)
    if not row.admits(facts, actor):
        raise ForbiddenError("task.action_forbidden", action=action.value)
    guard = row.obstacle(facts, actor)
    if guard is not None:
        raise guard.error(guard.code, action=action.value)
    problems = problems_of(_asked_for(row, facts, given), given, facts.scale)
    if problems:
        raise InvalidInputError(problems)
    return facts.state if row.target is None else row.target


def opens_next_round(target: Decimal, reached: Decimal) -> bool:
    """Whether accepting at ``reached`` leaves something to do: the next round starts from ``reached``."""
    return reached < target


def _asked_for(row: Transition, facts: TaskFacts, given: Mapping[str, object]) -> tuple[Field, ...]:
    """The fields to look at: those that cannot be left out, and those that were filled in although they can."""
    required = _required(row, facts, given)
    filled = (each for each in row.optional if each not in required and is_given(given.get(each)))
    return (*required, *filled)


def _required(row: Transition, facts: TaskFacts, given: Mapping[str, object]) -> tuple[Field, ...]:
    if row.action is Action.RETURN and is_given(given.get(Field.CRITERIA)):
        return ()
    if row.action is not Action.ACCEPT:
        return row.required
    level = as_level(given.get(Field.REACHED_LEVEL))
    return (*row.required, Field.REASON) if level is not None and level < facts.baseline else row.required
