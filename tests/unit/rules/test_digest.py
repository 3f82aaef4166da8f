"""What stands under which heading of a digest, in which order."""

from dataclasses import dataclass
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.digest import DigestGroup, digest_groups
from spbe_tasks.rules.workflow import AGENCY_STATES, State, is_overdue


@dataclass(frozen=True)
class Line:
    task_id: int
    due_on: date
    indicator_number: int = 1


def test_a_digest_is_grouped_by_urgency_and_ordered_inside() -> None:
    wednesday = date(2026, 6, 24)
    late, today, sunday, monday = date(2026, 6, 23), wednesday, date(2026, 6, 28), date(2026, 6, 29)
    lines = [
        Line(6, monday),
        Line(5, sunday),
        Line(4, today),
        Line(3, late, 9),
        Line(2, late, 8),
        Line(1, late, 9),
    ]
    groups = digest_groups(lines, wednesday)
    assert list(groups) == [
        DigestGroup.OVERDUE,
        DigestGroup.DUE_TODAY,
        DigestGroup.THIS_WEEK,
        DigestGroup.LATER,
    ]
    assert [[line.task_id for line in group] for group in groups.values()] == [[2, 1, 3], [4], [5], [6]]


def test_a_digest_has_no_empty_headings() -> None:
    assert digest_groups([], date(2026, 6, 24)) == {}
    assert list(digest_groups([Line(1, date(2026, 6, 29))], date(2026, 6, 28))) == [DigestGroup.LATER]


@given(st.sampled_from(sorted(AGENCY_STATES)), st.integers(-40, 40))
def test_a_line_stands_under_overdue_exactly_when_the_workflow_calls_it_overdue(
    state: State, days: int
) -> None:
    today = date(2026, 6, 24)
    due_on = date.fromordinal(today.toordinal() + days)
    stands_under_overdue = DigestGroup.OVERDUE in digest_groups([Line(1, due_on)], today)
    assert stands_under_overdue is is_overdue(state, due_on, today)
