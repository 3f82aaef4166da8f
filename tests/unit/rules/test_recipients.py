"""Who is told on each ladder, with acting officers for the absent."""

from datetime import date

import pytest

from spbe_tasks.rules.ladder import Level
from spbe_tasks.rules.recipients import (
    ExpiringEvidence,
    OpenTask,
    People,
    RecipientReason,
    Submission,
    of_escalation,
    of_expiry,
    of_review,
    recipients,
)
from spbe_tasks.rules.workflow import State

ANI, BUDI, CITRA, DEWI, EKA, FAJAR, GITA = range(1, 8)
ARCHIVES, FINANCE = 10, 20
TODAY = date(2026, 6, 26)


def people(**values: object) -> People:
    given: dict[str, object] = {
        "assignable": {ARCHIVES: frozenset({ANI, BUDI})},
        "focal_points": {ARCHIVES: (ANI, BUDI)},
        "coordinators": (DEWI,),
        "agency_heads": {ARCHIVES: (CITRA,)},
        "executives": (EKA,),
        "reviewers": (FAJAR,),
    }
    return People(**given | values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("agency", "level", "changed", "expected"),
    [
        (ARCHIVES, Level.AGENCY_HEAD, {}, [(CITRA, "agency_head")]),
        (FINANCE, Level.AGENCY_HEAD, {}, [(DEWI, "no_agency_head")]),
        (ARCHIVES, Level.COORDINATOR, {}, [(DEWI, "coordinator")]),
        (ARCHIVES, Level.EXECUTIVE, {}, [(EKA, "executive")]),
        (ARCHIVES, Level.EXECUTIVE, {"executives": ()}, [(DEWI, "coordinator")]),
        (ARCHIVES, Level.AGENCY_HEAD, {"stand_ins": {CITRA: GITA}}, [(GITA, "acting")]),
        (FINANCE, Level.AGENCY_HEAD, {"coordinators": ()}, []),
    ],
)
def test_a_late_task_is_brought_before_each_position_or_the_coordinators(
    agency: int, level: Level, changed: dict[str, object], expected: list[tuple[int, str]]
) -> None:
    assert list(of_escalation(agency, level, people(**changed))) == expected


@pytest.mark.parametrize(
    ("submitters", "changed", "expected"),
    [
        (set(), {}, [(FAJAR, "reviewer")]),
        ({FAJAR}, {}, [(DEWI, "coordinator")]),  # four eyes
        ({FAJAR, DEWI}, {}, []),
        (set(), {"reviewers": ()}, [(DEWI, "coordinator")]),
        (set(), {"stand_ins": {FAJAR: GITA}}, [(GITA, "acting")]),
        ({GITA}, {"stand_ins": {FAJAR: GITA}}, [(DEWI, "coordinator")]),
    ],
)
def test_who_may_review_is_reminded_and_never_who_handed_it_in(
    submitters: set[int], changed: dict[str, object], expected: list[tuple[int, str]]
) -> None:
    found = of_review(Submission(1, TODAY, frozenset(submitters)), people(**changed))
    assert list(found) == expected


def test_the_focal_points_are_told_of_their_evidence_and_the_coordinator_where_there_is_none() -> None:
    assert [each for each, _ in of_expiry(ExpiringEvidence(1, TODAY, ARCHIVES), people())] == [ANI, BUDI]
    assert of_expiry(ExpiringEvidence(1, TODAY, FINANCE), people()) == ((DEWI, RecipientReason.COORDINATOR),)


def test_an_acting_officer_is_told_once_and_as_who_they_are_themselves() -> None:
    task = OpenTask(1, TODAY, 1, ARCHIVES, None, State.ASSIGNED)
    assert recipients(task, people(stand_ins={ANI: BUDI})) == ((BUDI, RecipientReason.FOCAL_POINT),)
    assert recipients(task, people(stand_ins={ANI: GITA})) == (
        (BUDI, RecipientReason.FOCAL_POINT),
        (GITA, RecipientReason.ACTING),
    )


def test_an_absent_acting_officer_is_followed_to_who_is_there_and_a_circle_to_nobody_else() -> None:
    assert people(stand_ins={ANI: BUDI, BUDI: GITA}).present(ANI) == GITA
    assert people(stand_ins={ANI: BUDI, BUDI: ANI}).present(ANI) == ANI
