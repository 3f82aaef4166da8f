"""The capability table against a second one, written by hand from the description of the roles."""

import pytest

from spbe_tasks.rules.access import Capability, Role, Scope, may

# a administrator, c coordinator, r reviewer, f focal point, h agency head, e executive
WHO_MAY = {
    "manage_governments": "a",
    "manage_government": "ac",
    "manage_agencies": "ac",
    "manage_people": "ac",
    "manage_ownership": "c",
    "import_assessments": "c",
    "manage_plans": "c",
    "view_dashboard": "acrfhe",
    "view_agency_figures": "cre",
    "view_reviewer_figures": "ce",
    "view_tasks": "crfhe",
    "work_on_tasks": "cf",
    "review_tasks": "cr",
    "assign_tasks": "cf",
    "export_tasks": "crfhe",
    "have_files_built": "acrfhe",
    "view_outbox": "ac",
    "send_reminders": "c",
    "view_system": "a",
    "own_profile": "acrfhe",
}
LETTERS = {
    "a": "administrator",
    "c": "coordinator",
    "r": "reviewer",
    "f": "focal_point",
    "h": "agency_head",
    "e": "executive",
}


def test_every_capability_and_role_is_in_the_table() -> None:
    assert set(WHO_MAY) == {capability.value for capability in Capability}
    assert set(LETTERS.values()) == {role.value for role in Role}


@pytest.mark.parametrize("name", sorted(WHO_MAY))
def test_a_capability_is_held_by_exactly_these_roles(name: str) -> None:
    holders = {role.value for role in Role if may(role, Capability(name))}
    assert holders == {LETTERS[letter] for letter in WHO_MAY[name]}


@pytest.mark.parametrize(
    ("role", "sees_all"),
    [
        ("administrator", True),
        ("coordinator", True),
        ("reviewer", True),
        ("executive", True),
        ("focal_point", False),
        ("agency_head", False),
    ],
)
def test_only_people_of_an_agency_are_limited_to_it(role: str, sees_all: bool) -> None:
    scope = Scope(government_id=1, account_id=2, role=Role(role), agency_id=3)
    assert scope.sees_all_agencies is sees_all


def test_a_scope_answers_for_the_role_it_carries() -> None:
    scope = Scope(government_id=1, account_id=2, role=Role.REVIEWER, agency_id=None)
    assert scope.may(Capability.REVIEW_TASKS)
    assert not scope.may(Capability.WORK_ON_TASKS)
