"""Findings from literal facts: each kind once, and what looks like one and is not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.consistency import (
    ERRORS,
    CheckedAgency,
    CheckedEvidence,
    CheckedTask,
    Dates,
    Finding,
    Kind,
    check_agencies,
    check_evidence,
    check_matrix,
    check_tasks,
    in_order,
)
from spbe_tasks.rules.ownership import Part
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State

SPBE = get_instrument("permenpanrb-59-2020")
TODAY, OPENS, CLOSES = date(2025, 3, 3), date(2025, 7, 1), date(2025, 8, 29)
DATES = Dates(TODAY, OPENS, CLOSES)
LEVELS = {each.number: Decimal(2) for each in SPBE.indicators}
TASK = CheckedTask(
    id=1,
    number=33,
    agency_id=7,
    round=1,
    state=State.ASSIGNED,
    kind=TaskKind.GAP,
    baseline=Decimal(2),
    target=Decimal(3),
    reached=None,
    due_on=date(2025, 6, 30),
    share=Fraction(1),
    evidence=0,
)
AGENCY = CheckedAgency(7, "Diskominfo", is_active=True, focal_points=1)
WHOLE = {33: {7: Part(is_lead=True)}}
ACCEPTED = replace(TASK, state=State.ACCEPTED, reached=Decimal(3), evidence=1)


def kinds(*tasks: CheckedTask, dates: Dates = DATES) -> list[Kind]:
    return [each.kind for each in check_tasks(SPBE, LEVELS, tasks, dates)]


def test_a_plan_in_order_has_no_finding() -> None:
    assert list(check_matrix([33], WHOLE, {7}, [TASK])) == []
    assert list(check_agencies([TASK], {7: AGENCY})) == []
    assert kinds(TASK) == []
    assert kinds(ACCEPTED) == []


def test_a_low_indicator_needs_an_owner_who_is_open() -> None:
    assert list(check_matrix([33], {}, {7}, [])) == [Finding(Kind.UNOWNED, 33)]
    assert list(check_matrix([33], WHOLE, {8}, [TASK])) == [Finding(Kind.UNOWNED, 33)]
    assert list(check_matrix([], {}, set(), [])) == []


@pytest.mark.parametrize("state", list(State))
def test_a_low_indicator_needs_a_task_that_was_not_withdrawn(state: State) -> None:
    found = list(check_matrix([33], WHOLE, {7}, [replace(TASK, state=state)]))
    assert found == ([Finding(Kind.UNPLANNED, 33)] if state is State.WITHDRAWN else [])


@pytest.mark.parametrize(
    ("shares", "is_wrong"),
    [
        ((None, None), False),
        ((Fraction(1, 3), Fraction(2, 3)), False),
        ((Fraction(1, 3), Fraction(1, 3)), True),
        ((Fraction(1, 2), None), True),
    ],
)
def test_shares_in_the_matrix_are_one_together(shares: tuple[Fraction | None, ...], is_wrong: bool) -> None:
    owners = {12: {agency: Part(agency == 7, share) for agency, share in zip((7, 8), shares, strict=True)}}
    found = list(check_matrix([], owners, {7, 8}, []))
    assert found == ([Finding(Kind.SHARES_NOT_ONE, 12)] if is_wrong else [])


def test_an_agency_with_open_tasks_is_open_and_has_a_focal_point_who_gets_mail() -> None:
    two = [TASK, replace(TASK, id=2, number=34)]
    closed, lonely = replace(AGENCY, is_active=False, blocked=("Dewi",)), replace(AGENCY, focal_points=0)
    assert list(check_agencies(two, {7: closed})) == [Finding(Kind.AGENCY_CLOSED, agency_id=7, words=(2,))]
    assert list(check_agencies(two, {7: lonely})) == [Finding(Kind.NO_FOCAL_POINT, agency_id=7, words=(2,))]
    blocked = replace(AGENCY, blocked=("Dewi", "Budi"))
    assert [each.words for each in check_agencies(two, {7: blocked})] == [("Dewi",), ("Budi",)]
    assert list(check_agencies([ACCEPTED], {7: closed})) == []


@pytest.mark.parametrize(
    ("due_on", "state", "expected"),
    [
        (OPENS, State.ASSIGNED, []),
        (date(2025, 7, 2), State.ASSIGNED, [Kind.DUE_AFTER_EVALUATION]),
        (date(2025, 7, 2), State.PLANNED, [Kind.DUE_AFTER_EVALUATION]),
        (date(2025, 7, 2), State.CANCELLED, []),
    ],
)
def test_work_is_due_before_the_evaluation_opens(due_on: date, state: State, expected: list[Kind]) -> None:
    assert kinds(replace(TASK, due_on=due_on, state=state)) == expected


def test_without_evaluation_dates_that_is_said_once() -> None:
    late = replace(TASK, due_on=date(2026, 1, 1))
    assert kinds(late, replace(late, id=2, number=34), dates=Dates(TODAY)) == [Kind.NO_EVALUATION_DATES]


def test_an_accepted_task_has_evidence_for_what_it_climbed() -> None:
    bare = replace(ACCEPTED, evidence=0)
    assert kinds(bare) == [Kind.ACCEPTED_WITHOUT_EVIDENCE]
    assert kinds(replace(bare, reached=Decimal(1))) == []  # nothing was climbed
    pemdi = get_instrument("permenpanrb-8-2026")
    levels = {each.number: Decimal(2) for each in pemdi.indicators}
    assert list(check_tasks(pemdi, levels, [replace(bare, number=1)], DATES)) == []  # it has no criteria
    upkeep = replace(bare, kind=TaskKind.UPKEEP, baseline=Decimal(3), target=Decimal(3))
    assert kinds(upkeep) == [Kind.ACCEPTED_WITHOUT_EVIDENCE]


def test_a_jump_is_more_than_one_level_from_the_assessed_one() -> None:
    assert kinds(replace(TASK, target=Decimal(4))) == [Kind.LEVEL_JUMP]
    assert kinds(replace(ACCEPTED, reached=Decimal(4), target=Decimal(4))) == [Kind.LEVEL_JUMP]
    assert kinds(replace(TASK, target=Decimal(4), state=State.CANCELLED)) == []
    # Two rounds of one level each are a jump of two, told once, of the later round.
    second = replace(TASK, id=2, round=2, baseline=Decimal(3), target=Decimal(4))
    found = list(check_tasks(SPBE, LEVELS, [ACCEPTED, second], DATES))
    assert found == [Finding(Kind.LEVEL_JUMP, 33, 7, 2, words=(Decimal(2), Decimal(4)))]


def test_tasks_of_an_indicator_divide_the_whole() -> None:
    half, other = replace(TASK, share=Fraction(1, 2)), replace(TASK, id=2, agency_id=8, share=Fraction(1, 2))
    assert kinds(half, other) == []
    assert kinds(half) == [Kind.TASK_SHARES_NOT_ONE]
    # A round that was made by hand does not hide the generated one before it.
    by_hand = replace(other, id=3, round=2, kind=TaskKind.HAND_MADE)
    assert kinds(half, replace(other, state=State.ACCEPTED, reached=Decimal(3), evidence=1), by_hand) == []


@pytest.mark.parametrize(
    ("expires_on", "kind"),
    [
        (TODAY, Kind.EVIDENCE_EXPIRED),
        (date(2025, 3, 4), Kind.EVIDENCE_EXPIRES),
        (CLOSES, Kind.EVIDENCE_EXPIRES),
        (date(2025, 8, 30), None),
    ],
)
def test_evidence_counts_until_it_is_judged(expires_on: date, kind: Kind | None) -> None:
    one = CheckedEvidence(5, "SK Tim", 1, 33, 7, expires_on)
    found = list(check_evidence([one], DATES))
    assert found == ([Finding(kind, 33, 7, 1, 5, ("SK Tim", expires_on))] if kind else [])
    unknown = [each.kind for each in check_evidence([one], Dates(TODAY))]
    assert unknown == ([kind] if kind is Kind.EVIDENCE_EXPIRED else [])


def test_findings_are_told_by_kind_errors_first() -> None:
    told = in_order([Finding(Kind.LEVEL_JUMP, 1), Finding(Kind.UNOWNED, 2), Finding(Kind.LEVEL_JUMP, 3)])
    assert {kind: [each.number for each in them] for kind, them in told.items()} == {
        Kind.UNOWNED: [2],
        Kind.LEVEL_JUMP: [1, 3],
    }
    assert list(told) == [Kind.UNOWNED, Kind.LEVEL_JUMP]
    grades = [kind in ERRORS for kind in Kind]
    assert grades == sorted(grades, reverse=True)
