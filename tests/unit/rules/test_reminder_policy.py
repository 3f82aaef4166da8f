"""The rules a government sets for its reminders: defaults, the stored form, what is refused."""

import json

import pytest

from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.ladder import Ladder
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.reminder_policy import ReminderPolicy


def test_the_defaults_are_the_contract() -> None:
    policy = ReminderPolicy()
    assert (policy.agency_head_after, policy.coordinator_after, policy.executive_after) == (3, 7, 14)
    assert policy.review_after == (3, 5, 10)


def test_the_stored_form_is_json_and_is_read_back_the_same() -> None:
    policy = ReminderPolicy(
        due_offsets=(-30, 0),
        expiry_days_before=(90,),
        news_at_once=frozenset({NewsKind.ACCEPTED}),
        repeat_uncertain=True,
        per_domain_per_minute=30,
    )
    assert ReminderPolicy.from_settings(json.loads(json.dumps(policy.to_settings()))) == policy
    assert ReminderPolicy.from_settings({}) == ReminderPolicy()


def test_steps_may_be_given_in_any_order_and_twice() -> None:
    read = ReminderPolicy.from_settings({"due_offsets": ["0", "-7", 0], "expiry_days_before": [7, 60]})
    assert (read.due_offsets, read.expiry_days_before) == ((-7, 0), (60, 7))


def test_without_weekly_rungs_the_monthly_ones_follow_the_last_offset() -> None:
    policy = ReminderPolicy(due_offsets=(-1, 0), weekly_until_week=0)
    assert policy.due_ladder == Ladder((-1, 0), 30)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"dayly_cap": 3}, ("settings.unknown_key", "dayly_cap")),
        ({"daily_cap": "many"}, ("settings.not_whole", "daily_cap")),
        ({"daily_cap": 0}, ("reminder_policy.out_of_range", "daily_cap")),
        ({"due_offsets": 3}, ("settings.not_whole", "due_offsets")),
        ({"due_offsets": []}, ("reminder_policy.empty", "due_offsets")),
        ({"review_after": [0]}, ("reminder_policy.out_of_range", "review_after")),
        ({"coordinator_after": 3}, ("reminder_policy.not_rising", "coordinator_after")),
        ({"executive_after": 7}, ("reminder_policy.not_rising", "executive_after")),
        ({"brief_weekday": 5}, ("reminder_policy.out_of_range", "brief_weekday")),
        ({"news_at_once": ["rumours"]}, ("settings.not_a_choice", "news_at_once")),
        ({"repeat_uncertain": "perhaps"}, ("settings.not_yes_or_no", "repeat_uncertain")),
        ({"per_domain_per_minute": 0}, ("reminder_policy.out_of_range", "per_domain_per_minute")),
    ],
)
def test_what_cannot_be_set_is_refused_by_its_name(
    settings: dict[str, object], problem: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        ReminderPolicy.from_settings(settings)
    assert [(each.code, each.field) for each in refused.value.problems] == [problem]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidInputError) as refused:
        ReminderPolicy.from_settings({"x": 1, "daily_cap": True, "review_after": ["soon"]})
    assert [each.field for each in refused.value.problems] == ["x", "daily_cap", "review_after"]
