"""Who may take which step of deleting a government, and what stands in the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from spbe_tasks.rules.access import Role
from spbe_tasks.rules.government_deletion import Facts, Request, Step, may, obstacles

ASKED_AT = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
LATER = ASKED_AT + timedelta(days=3)
ASKER, SECOND = 1, 2
REQUEST = Request(ASKER, ASKED_AT, is_asker_active=True)
READY = Facts(Role.ADMINISTRATOR, SECOND, REQUEST, LATER - timedelta(hours=1), LATER)


def test_a_second_administrator_confirms_after_three_days_with_an_archive() -> None:
    assert obstacles(Step.CONFIRM, READY) == ()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(READY, request=None), "deletion.not_found"),
        (replace(READY, request=replace(REQUEST, is_confirmed=True)), "deletion.confirmed_already"),
        (replace(READY, account_id=ASKER), "deletion.second_person"),
        (replace(READY, request=replace(REQUEST, is_asker_active=False)), "deletion.asker_gone"),
        (replace(READY, now=LATER - timedelta(seconds=1)), "deletion.too_early"),
        (replace(READY, archived_at=None), "deletion.no_archive"),
        (replace(READY, archived_at=LATER - timedelta(days=7, seconds=1)), "deletion.no_archive"),
    ],
)
def test_each_thing_in_the_way_of_confirming_is_named(facts: Facts, code: str) -> None:
    assert obstacles(Step.CONFIRM, facts) == (code,)


def test_an_archive_of_seven_days_ago_still_counts() -> None:
    assert obstacles(Step.CONFIRM, replace(READY, archived_at=LATER - timedelta(days=7))) == ()


def test_everything_in_the_way_is_named_in_the_order_of_the_table() -> None:
    facts = Facts(Role.ADMINISTRATOR, ASKER, REQUEST, None, ASKED_AT)
    assert obstacles(Step.CONFIRM, facts) == (
        "deletion.second_person",
        "deletion.too_early",
        "deletion.no_archive",
    )


def test_a_deletion_is_asked_for_once_at_a_time() -> None:
    assert obstacles(Step.ASK, replace(READY, request=None)) == ()
    assert obstacles(Step.ASK, READY) == ("deletion.stands_already",)


def test_a_confirmed_request_can_be_withdrawn_as_long_as_it_stands() -> None:
    confirmed = replace(READY, role=Role.COORDINATOR, request=replace(REQUEST, is_confirmed=True))
    assert obstacles(Step.WITHDRAW, confirmed) == ()
    assert obstacles(Step.WITHDRAW, replace(confirmed, request=None)) == ("deletion.not_found",)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("step", Step)
def test_administrators_ask_and_confirm_and_coordinators_can_only_withdraw(step: Step, role: Role) -> None:
    allowed = {Role.ADMINISTRATOR} | ({Role.COORDINATOR} if step is Step.WITHDRAW else set())
    assert may(step, role) is (role in allowed)
    assert (obstacles(step, replace(READY, role=role)) == ("forbidden",)) is (role not in allowed)
