"""Every state x action x actor against a table written by hand, and what has to be filled in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError, InvalidTransitionError
from spbe_tasks.rules.workflow import (
    CLOSED_STATES,
    MACHINE,
    OPEN_STATES,
    Action,
    Actor,
    CancelKind,
    ReturnReason,
    State,
    TaskFacts,
    Verdict,
    is_open,
    is_overdue,
    legal_actions,
    opens_next_round,
    transition,
)
from tests.unit.rules.sample_instrument import DECIMAL_SCALE, INTEGER_SCALE

OWN, OTHER = 10, 20
ACTORS = {
    "administrator": Actor(1, Role.ADMINISTRATOR),
    "coordinator": Actor(2, Role.COORDINATOR),
    "coordinator of the agency": Actor(3, Role.COORDINATOR, OWN),
    "coordinator of another": Actor(4, Role.COORDINATOR, OTHER),
    "reviewer": Actor(5, Role.REVIEWER),
    "reviewer of the agency": Actor(6, Role.REVIEWER, OWN),
    "focal point": Actor(7, Role.FOCAL_POINT, OWN),
    "focal point of another": Actor(8, Role.FOCAL_POINT, OTHER),
    "focal point of none": Actor(9, Role.FOCAL_POINT),
    "agency head": Actor(11, Role.AGENCY_HEAD, OWN),
    "executive": Actor(12, Role.EXECUTIVE),
    "machine": MACHINE,
}
COORDINATORS = {"coordinator", "coordinator of the agency", "coordinator of another"}
WORKERS = {"focal point", "coordinator of the agency"}
REVIEWERS = COORDINATORS | {"reviewer", "reviewer of the agency"}
ASSIGNERS = COORDINATORS | {"focal point"}
MACHINE_ONLY = {"machine"}

# (state, action): (state afterwards, who)
LEGAL = {
    ("planned", "publish"): ("assigned", COORDINATORS | MACHINE_ONLY),
    ("planned", "assign"): ("planned", COORDINATORS),
    ("planned", "reschedule"): ("planned", COORDINATORS),
    ("planned", "cancel"): ("cancelled", COORDINATORS),
    ("planned", "withdraw"): ("withdrawn", MACHINE_ONLY),
    ("assigned", "start"): ("in_progress", WORKERS),
    ("assigned", "claim"): ("assigned", WORKERS),
    ("assigned", "assign"): ("assigned", ASSIGNERS),
    ("assigned", "reschedule"): ("assigned", COORDINATORS),
    ("assigned", "cancel"): ("cancelled", COORDINATORS),
    ("assigned", "adopt"): ("assigned", COORDINATORS),
    ("assigned", "withdraw"): ("withdrawn", MACHINE_ONLY),
    ("in_progress", "claim"): ("in_progress", WORKERS),
    ("in_progress", "submit"): ("submitted", WORKERS),
    ("in_progress", "block"): ("blocked", WORKERS),
    ("in_progress", "assign"): ("in_progress", ASSIGNERS),
    ("in_progress", "reschedule"): ("in_progress", COORDINATORS),
    ("in_progress", "cancel"): ("cancelled", COORDINATORS),
    ("in_progress", "adopt"): ("in_progress", COORDINATORS),
    ("blocked", "unblock"): ("in_progress", WORKERS),
    ("blocked", "claim"): ("blocked", WORKERS),
    ("blocked", "assign"): ("blocked", ASSIGNERS),
    ("blocked", "reschedule"): ("blocked", COORDINATORS),
    ("blocked", "cancel"): ("cancelled", COORDINATORS),
    ("blocked", "adopt"): ("blocked", COORDINATORS),
    ("submitted", "accept"): ("accepted", REVIEWERS),
    ("submitted", "return"): ("returned", REVIEWERS),
    ("submitted", "recall"): ("in_progress", WORKERS),
    ("submitted", "assign"): ("submitted", ASSIGNERS),
    ("submitted", "reschedule"): ("submitted", COORDINATORS),
    ("submitted", "cancel"): ("cancelled", COORDINATORS),
    ("returned", "start"): ("in_progress", WORKERS),
    ("returned", "claim"): ("returned", WORKERS),
    ("returned", "submit"): ("submitted", WORKERS),
    ("returned", "assign"): ("returned", ASSIGNERS),
    ("returned", "reschedule"): ("returned", COORDINATORS),
    ("returned", "cancel"): ("cancelled", COORDINATORS),
    ("returned", "adopt"): ("returned", COORDINATORS),
    ("accepted", "reopen"): ("in_progress", COORDINATORS),
    ("cancelled", "reopen"): ("assigned", COORDINATORS),
    ("withdrawn", "restore"): ("planned", MACHINE_ONLY),
    **{(state, "divide"): (state, ASSIGNERS) for state in sorted(OPEN_STATES)},
    **{(state, "arrange"): (state, ASSIGNERS) for state in sorted(OPEN_STATES)},
    **{
        (state, "ask_extension"): (state, WORKERS)
        for state in ("assigned", "in_progress", "blocked", "returned")
    },
    **{(state, "merge"): ("withdrawn", MACHINE_ONLY) for state in State if state is not State.WITHDRAWN},
}
# Who may answer a request for more time while the task is published and open; without one a guard refuses them.
PUBLISHED = ("assigned", "in_progress", "blocked", "submitted", "returned")
ANSWERS = {
    (state, action): who
    for state in PUBLISHED
    for action, who in {
        "grant_extension": COORDINATORS,
        "refuse_extension": COORDINATORS,
        "take_back_extension": WORKERS,
    }.items()
}
# What each action cannot do without; "accept" below the baseline is tested apart.
NEEDS = {
    "ask_extension": {"due_on", "reason"},
    "refuse_extension": {"reason"},
    "submit": {"note"},
    "accept": {"reached_level"},
    "return": {"reason"},
    "block": {"reason"},
    "assign": {"assignee_id"},
    "reschedule": {"due_on"},
    "reopen": {"reason"},
    "cancel": {"cancel_kind", "reason"},
    "withdraw": {"reason"},
}
GIVEN: dict[str, object] = {
    "reason": "Dokumen belum ditandatangani.",
    "note": "SK terlampir.",
    "reached_level": Decimal(4),
    "cancel_kind": CancelKind.GIVEN_UP,
    "due_on": date(2026, 12, 1),
    "assignee_id": 7,
    "obstacle": "no_budget",
    "criteria": {(3, "a"): Verdict(ReturnReason.UNSIGNED)},
}
STATES = [state.value for state in State]
ACTIONS = [action.value for action in Action]


def task(state: str, **changes: object) -> TaskFacts:
    facts = TaskFacts(State(state), OWN, Decimal(2), Decimal(4), INTEGER_SCALE)
    return replace(facts, **changes)  # type: ignore[arg-type]


def outcome(facts: TaskFacts, action: str, actor: Actor) -> str:
    try:
        return transition(facts, Action(action), actor, GIVEN).value
    except (ForbiddenError, InvalidTransitionError) as error:
        return error.code


def problems_of(
    state: str, action: str, given: Mapping[str, object], **changes: object
) -> list[tuple[str, str | None]]:
    with pytest.raises(InvalidInputError) as caught:
        transition(task(state, **changes), Action(action), ACTORS["coordinator of the agency"], given)
    return [(problem.code, problem.field) for problem in caught.value.problems]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
def test_an_action_leads_where_the_table_says_for_whom_it_says(state: str, action: str) -> None:
    got = {name: outcome(task(state), action, actor) for name, actor in ACTORS.items()}
    if (state, action) in LEGAL:
        target, who = LEGAL[state, action]
        assert got == {name: target if name in who else "task.action_forbidden" for name in ACTORS}
    elif (state, action) in ANSWERS:
        who = ANSWERS[state, action]
        assert got == {
            name: "extension.none_asked" if name in who else "task.action_forbidden" for name in ACTORS
        }
    else:
        assert got == dict.fromkeys(ACTORS, "task.illegal_transition")


@pytest.mark.parametrize("name", sorted(ACTORS))
@pytest.mark.parametrize("state", STATES)
def test_a_page_is_offered_exactly_the_actions_that_work(state: str, name: str) -> None:
    offered = {legal.action.value for legal in legal_actions(task(state), ACTORS[name]) if legal.is_available}
    assert offered == {
        action for (source, action), (_, who) in LEGAL.items() if source == state and name in who
    }


@pytest.mark.parametrize(("state", "action"), sorted(ANSWERS))
def test_a_request_of_somebody_else_is_answered_by_coordinators_and_taken_back_by_nobody(
    state: str, action: str
) -> None:
    facts = task(state, asker_ids=frozenset({99}))
    answer = "extension.not_yours" if action == "take_back_extension" else state
    who = ANSWERS[state, action]
    assert {name: outcome(facts, action, actor) for name, actor in ACTORS.items()} == {
        name: answer if name in who else "task.action_forbidden" for name in ACTORS
    }


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("state", "action", "code"),
    [
        *((state, "grant_extension", "extension.four_eyes") for state in PUBLISHED),
        *((state, "refuse_extension", "extension.four_eyes") for state in PUBLISHED),
        *((state, "take_back_extension", state) for state in PUBLISHED),
        *((state, "reschedule", "extension.four_eyes") for state in PUBLISHED),
        *((state, "ask_extension", "extension.asked_already") for state in PUBLISHED if state != "submitted"),
    ],
)
def test_whoever_asked_may_only_take_it_back_in_person_or_in_position(
    state: str, action: str, code: str, place: int
) -> None:
    asked = frozenset({(3, 98)[place]})  # they themselves, or the one whose position they take
    actor = replace(ACTORS["coordinator of the agency"], acting_for_id=98)
    assert outcome(task(state, asker_ids=asked), action, actor) == code


@pytest.mark.parametrize("state", ["assigned", "in_progress", "blocked", "returned"])
def test_one_request_at_a_time(state: str) -> None:
    facts = task(state, asker_ids=frozenset({99}))
    assert outcome(facts, "ask_extension", ACTORS["focal point"]) == "extension.asked_already"


def test_actions_are_offered_in_the_order_of_the_buttons() -> None:
    offered = [
        legal.action for legal in legal_actions(task("submitted"), ACTORS["coordinator of the agency"])
    ]
    assert offered == [
        Action.ACCEPT,
        Action.RETURN,
        Action.RECALL,
        Action.ASSIGN,
        Action.GRANT_EXTENSION,
        Action.REFUSE_EXTENSION,
        Action.TAKE_BACK_EXTENSION,
        Action.RESCHEDULE,
        Action.CANCEL,
        Action.DIVIDE,
        Action.ARRANGE,
    ]


@pytest.mark.parametrize(("state", "action"), sorted(LEGAL))
def test_an_action_names_the_fields_it_needs(state: str, action: str) -> None:
    _, who = LEGAL[state, action]
    offered = {legal.action: legal for legal in legal_actions(task(state), ACTORS[min(who)])}
    assert set(offered[Action(action)].required_fields) == NEEDS.get(action, set())


@pytest.mark.parametrize(("state", "action"), sorted(LEGAL))
@pytest.mark.parametrize("nothing", [None, "", "  \n"])
def test_an_action_is_refused_with_every_missing_field(state: str, action: str, nothing: object) -> None:
    needs = NEEDS.get(action, set())
    actor = ACTORS[min(LEGAL[state, action][1])]
    if not needs:
        assert transition(task(state), Action(action), actor, {}).value == LEGAL[state, action][0]
        return
    with pytest.raises(InvalidInputError) as caught:
        transition(task(state), Action(action), actor, dict.fromkeys(needs, nothing))
    assert {problem.field for problem in caught.value.problems} == needs
    assert {problem.code for problem in caught.value.problems} == {"field.required"}


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5, Decimal("5.00")])
def test_any_whole_level_of_the_scale_can_be_reached(level: object) -> None:
    given = {"reached_level": level, "reason": "Terlihat dari bukti."}
    assert transition(task("submitted"), Action.ACCEPT, ACTORS["reviewer"], given) is State.ACCEPTED


@pytest.mark.parametrize(
    ("level", "code"),
    [
        (0, "task.level_outside_scale"),
        (6, "task.level_outside_scale"),
        (Decimal("-1"), "task.level_outside_scale"),
        (Decimal("5.5"), "task.level_outside_scale"),
        (Decimal("2.5"), "task.level_not_whole"),
        ("3", "task.level_not_a_number"),
        (True, "task.level_not_a_number"),
        (3.0, "task.level_not_a_number"),
        (Decimal("NaN"), "task.level_not_a_number"),
        (Decimal("Infinity"), "task.level_not_a_number"),
    ],
)
def test_a_level_off_an_integer_scale_is_refused(level: object, code: str) -> None:
    assert (code, "reached_level") in problems_of(
        "submitted", "accept", {"reached_level": level, "reason": "x"}
    )


def test_a_decimal_scale_takes_two_decimals_and_no_more() -> None:
    facts = task("submitted", scale=DECIMAL_SCALE)
    given = {"reached_level": Decimal("2.55")}
    assert transition(facts, Action.ACCEPT, ACTORS["reviewer"], given) is State.ACCEPTED
    finer = {"reached_level": Decimal("2.555")}
    assert problems_of("submitted", "accept", finer, scale=DECIMAL_SCALE) == [
        ("task.level_too_fine", "reached_level")
    ]


def test_a_level_below_the_baseline_needs_a_reason() -> None:
    assert problems_of("submitted", "accept", {"reached_level": 1}) == [("field.required", "reason")]
    given = {"reached_level": 1, "reason": "Bukti lama sudah kedaluwarsa."}
    assert transition(task("submitted"), Action.ACCEPT, ACTORS["reviewer"], given) is State.ACCEPTED


def test_the_baseline_itself_needs_no_reason() -> None:
    given = {"reached_level": 2}
    assert transition(task("submitted"), Action.ACCEPT, ACTORS["reviewer"], given) is State.ACCEPTED


@pytest.mark.parametrize(
    ("state", "action", "field", "value"),
    [
        ("assigned", "cancel", "cancel_kind", "forgotten"),
        ("assigned", "reschedule", "due_on", "2026-12-01"),
        ("assigned", "reschedule", "due_on", datetime(2026, 12, 1)),  # noqa: DTZ001 - a day is meant
        ("assigned", "assign", "assignee_id", "7"),
        ("assigned", "assign", "assignee_id", True),
        ("assigned", "assign", "assignee_id", 0),
        ("in_progress", "block", "reason", 7),
        ("in_progress", "submit", "note", ["x"]),
        ("in_progress", "block", "obstacle", "laziness"),
        ("assigned", "ask_extension", "due_on", "2026-12-01"),
        ("submitted", "return", "criteria", [(3, "a")]),
        ("submitted", "return", "criteria", {"3a": Verdict(ReturnReason.UNSIGNED)}),
        ("submitted", "return", "criteria", {(3, "a"): "unsigned"}),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(state: str, action: str, field: str, value: object) -> None:
    assert problems_of(state, action, {**GIVEN, field: value}) == [("field.invalid", field)]


def test_criteria_with_their_reasons_are_reason_enough_to_return() -> None:
    given = {"criteria": {(3, "a"): Verdict(ReturnReason.OUTDATED)}}
    assert transition(task("submitted"), Action.RETURN, ACTORS["reviewer"], given) is State.RETURNED
    assert problems_of("submitted", "return", {"criteria": {}}) == [("field.required", "reason")]


def test_another_reason_has_to_be_said_in_words() -> None:
    unsaid = {(4, "b"): Verdict(ReturnReason.OTHER), (3, "c"): Verdict(ReturnReason.OTHER, "  ")}
    assert problems_of("submitted", "return", {"criteria": unsaid}) == [("verdict.needs_words", "criteria")]
    said = {(3, "c"): Verdict(ReturnReason.OTHER, "Milik dinas lain.")}
    assert (
        transition(task("submitted"), Action.RETURN, ACTORS["reviewer"], {"criteria": said}) is State.RETURNED
    )


def test_a_cancel_kind_may_come_as_its_stored_value() -> None:
    given = {**GIVEN, "cancel_kind": "not_needed"}
    assert transition(task("assigned"), Action.CANCEL, ACTORS["coordinator"], given) is State.CANCELLED


@pytest.mark.parametrize("name", ["coordinator of the agency", "reviewer", "coordinator"])
def test_whoever_submitted_this_round_cannot_accept_it(name: str) -> None:
    actor = ACTORS[name]
    assert actor.account_id is not None
    facts = task("submitted", submitter_ids=frozenset({actor.account_id, 99}))
    with pytest.raises(ForbiddenError) as caught:
        transition(facts, Action.ACCEPT, actor, GIVEN)
    assert caught.value.code == "task.four_eyes"
    accept = next(legal for legal in legal_actions(facts, actor) if legal.action is Action.ACCEPT)
    assert (accept.is_available, accept.obstacle_code) == (False, "task.four_eyes")


def test_an_acting_officer_counts_as_person_and_as_position() -> None:
    acting = replace(ACTORS["reviewer"], acting_for_id=98)
    for submitters in ({5}, {98}, {7, 98}):
        facts = task("submitted", submitter_ids=frozenset(submitters))
        assert outcome(facts, "accept", acting) == "task.four_eyes"
    assert outcome(task("submitted", submitter_ids=frozenset({7})), "accept", acting) == "accepted"


def test_someone_else_accepts_and_the_submitter_may_still_return() -> None:
    facts = task("submitted", submitter_ids=frozenset({3}))
    assert transition(facts, Action.ACCEPT, ACTORS["reviewer"], GIVEN) is State.ACCEPTED
    assert transition(facts, Action.RETURN, ACTORS["coordinator of the agency"], GIVEN) is State.RETURNED


@pytest.mark.parametrize("later", [None, State.PLANNED, State.ASSIGNED, State.WITHDRAWN])
def test_a_round_reopens_while_nobody_began_the_next(later: State | None) -> None:
    facts = task("accepted", later_round=later)
    assert transition(facts, Action.REOPEN, ACTORS["coordinator"], GIVEN) is State.IN_PROGRESS


@pytest.mark.parametrize(
    "later", ["in_progress", "blocked", "submitted", "returned", "accepted", "cancelled"]
)
def test_a_round_whose_successor_was_begun_does_not_reopen(later: str) -> None:
    facts = task("accepted", later_round=State(later))
    with pytest.raises(InvalidTransitionError) as caught:
        transition(facts, Action.REOPEN, ACTORS["coordinator"], GIVEN)
    assert caught.value.code == "task.later_round_begun"
    (reopen,) = legal_actions(facts, ACTORS["coordinator"])
    assert (reopen.is_available, reopen.obstacle_code) == (False, "task.later_round_begun")


def test_a_cancelled_task_that_was_taken_up_again_goes_on_in_its_later_round() -> None:
    facts = task("cancelled", later_round=State.ASSIGNED)
    with pytest.raises(InvalidTransitionError) as caught:
        transition(facts, Action.REOPEN, ACTORS["coordinator"], GIVEN)
    assert caught.value.code == "task.taken_up_again"
    assert transition(task("cancelled"), Action.REOPEN, ACTORS["coordinator"], GIVEN) is State.ASSIGNED


def test_only_a_level_below_the_target_opens_a_next_round() -> None:
    assert opens_next_round(Decimal(4), Decimal(3))
    assert not opens_next_round(Decimal(4), Decimal(4))
    assert not opens_next_round(Decimal(4), Decimal(5))


def test_every_state_is_open_or_closed() -> None:
    assert {state.value for state in State if not is_open(state)} == {"accepted", "cancelled", "withdrawn"}
    assert set(State) == OPEN_STATES | CLOSED_STATES
    assert not OPEN_STATES & CLOSED_STATES


@pytest.mark.parametrize("state", STATES)
def test_only_work_in_the_agencys_hands_is_late_and_only_after_the_day(state: str) -> None:
    today = date(2026, 11, 24)
    may_be_late = state in {"assigned", "in_progress", "blocked", "returned"}
    assert is_overdue(State(state), date(2026, 11, 23), today) is may_be_late
    assert not is_overdue(State(state), today, today)
    assert not is_overdue(State(state), None, today)
