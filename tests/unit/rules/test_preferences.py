"""Which news goes where, by choice and by what is usual."""

import pytest

from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.preferences import USUAL, Cadence, NewsWish, Preference


@pytest.mark.parametrize(
    ("chosen", "at_once", "wish"),
    [
        ({}, {"returned"}, NewsWish.AT_ONCE),
        ({}, set(), NewsWish.DIGEST),
        ({"returned": NewsWish.NEVER}, {"returned"}, NewsWish.NEVER),
        ({"returned": NewsWish.AT_ONCE}, set(), NewsWish.AT_ONCE),
        ({"mentioned": NewsWish.NEVER}, {"returned"}, NewsWish.AT_ONCE),
    ],
)
def test_a_choice_goes_before_what_is_usual_in_the_government(
    chosen: dict[str, NewsWish], at_once: set[str], wish: NewsWish
) -> None:
    assert Preference(news=chosen).wish("returned", at_once) is wish


def test_whoever_chose_nothing_has_the_digest_every_day() -> None:
    assert USUAL.cadence is Cadence.DAILY


def test_what_would_stand_in_a_digest_that_is_not_wanted_is_not_mailed() -> None:
    at_once = {NewsKind.RETURNED}
    without = Preference(Cadence.NEVER)
    assert without.wish(NewsKind.ACCEPTED, at_once) is NewsWish.NEVER
    assert without.wish(NewsKind.RETURNED, at_once) is NewsWish.AT_ONCE
    assert Preference(Cadence.WEEKLY).wish(NewsKind.ACCEPTED, at_once) is NewsWish.DIGEST
