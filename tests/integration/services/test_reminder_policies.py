"""Versions of a government's rules for reminders, on real rows."""

import pytest
from sqlalchemy import select

from spbe_tasks.models import Event
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.reminder_policy import DEFAULT_POLICY, ReminderPolicy
from spbe_tasks.services import reminder_policies
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

EARLIER = ReminderPolicy(due_offsets=(-30, 0))
LATER = ReminderPolicy(due_offsets=(-10, 0))


def test_the_defaults_count_until_a_version_is_stored_and_then_the_newest(work: Work) -> None:
    person = factories.account(work.session, factories.government(work.session))
    scope = factories.scope(person)
    assert reminder_policies.current(work.session, scope.government_id) == DEFAULT_POLICY
    first = reminder_policies.store(work, scope, EARLIER, seen_number=0, note=" lebih awal ", now=NOW)
    second = reminder_policies.store(work, scope, LATER, seen_number=1, now=NOW)
    assert (first.number, second.number) == (1, 2)
    assert reminder_policies.current(work.session, scope.government_id) == LATER
    assert [
        (each.number, each.note, each.author) for each in reminder_policies.list_versions(work.session, scope)
    ] == [
        (2, "", person.name),
        (1, "lebih awal", person.name),
    ]
    events = work.session.scalars(select(Event).where(Event.subject_type == "reminder_policy")).all()
    assert [each.data["number"] for each in events] == [1, 2]


def test_the_same_rules_again_make_no_version(work: Work) -> None:
    scope = factories.scope(factories.account(work.session, factories.government(work.session)))
    assert reminder_policies.store(work, scope, DEFAULT_POLICY, seen_number=0, now=NOW).number == 0
    assert reminder_policies.list_versions(work.session, scope) == []


def test_whoever_started_from_an_older_version_is_told(work: Work) -> None:
    scope = factories.scope(factories.account(work.session, factories.government(work.session)))
    reminder_policies.store(work, scope, EARLIER, seen_number=0, now=NOW)
    with pytest.raises(ConflictError, match="stale_version"):
        reminder_policies.store(work, scope, LATER, seen_number=0, now=NOW)


def test_rules_that_cannot_be_followed_are_not_stored(work: Work) -> None:
    scope = factories.scope(factories.account(work.session, factories.government(work.session)))
    with pytest.raises(InvalidInputError):
        reminder_policies.store(work, scope, ReminderPolicy(review_after=()), seen_number=0, now=NOW)


def test_rules_of_one_government_do_not_count_in_another(work: Work) -> None:
    ours, theirs = factories.government(work.session), factories.government(work.session)
    scope = factories.scope(factories.account(work.session, ours))
    reminder_policies.store(work, scope, EARLIER, seen_number=0, now=NOW)
    assert reminder_policies.current(work.session, theirs.id) == DEFAULT_POLICY
