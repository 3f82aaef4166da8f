"""Who may change and remove a comment, and who is addressed in it."""

from datetime import timedelta

import pytest

from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.discussion import EDIT_WINDOW, Written, may_edit, may_remove, named_in
from tests.factories import NOW

AUTHOR = Scope(1, 7, Role.FOCAL_POINT, 3)
OTHER = Scope(1, 8, Role.FOCAL_POINT, 3)
COORDINATOR = Scope(1, 9, Role.COORDINATOR)
COMMENT = Written(7, NOW, is_removed=False)
REMOVED = Written(7, NOW, is_removed=True)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("comment", "scope", "age", "edits", "removes"),
    [
        (COMMENT, AUTHOR, timedelta(0), True, True),
        (COMMENT, AUTHOR, EDIT_WINDOW, True, True),
        (COMMENT, AUTHOR, EDIT_WINDOW + SECOND, False, False),
        (COMMENT, OTHER, timedelta(0), False, False),
        (COMMENT, COORDINATOR, timedelta(0), False, True),
        (COMMENT, COORDINATOR, timedelta(days=90), False, True),
        (REMOVED, AUTHOR, timedelta(0), False, False),
        (REMOVED, COORDINATOR, timedelta(0), False, False),
    ],
)
def test_authors_have_fifteen_minutes_and_coordinators_may_remove_at_any_time(
    comment: Written, scope: Scope, age: timedelta, edits: bool, removes: bool
) -> None:
    assert may_edit(comment, scope, NOW + age) is edits
    assert may_remove(comment, scope, NOW + age) is removes


PEOPLE = [(1, "Dewi"), (2, "Dewi Kominfo"), (3, "Budi Bappeda"), (4, "Siti (Sekda)")]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("@Dewi Kominfo, mohon dicek", {2}),
        ("@Dewi, mohon dicek", {1}),
        ("@dewi kominfo dan @DEWI", {1, 2}),
        ("kata@Budi Bappeda", set()),
        ("@Budi Bappedalitbang", set()),
        ("(@Siti (Sekda)) tolong", {4}),
        ("Dewi Kominfo", set()),
        ("", set()),
    ],
)
def test_a_name_behind_an_at_sign_addresses_the_person_with_the_longest_fitting_name(
    body: str, named: set[int]
) -> None:
    assert named_in(body, PEOPLE) == named
