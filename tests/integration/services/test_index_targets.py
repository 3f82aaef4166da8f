from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Event, Government, IndexTarget
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.services import index_targets
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

RPJMD = "RPJMD 2025-2029"


@pytest.fixture
def home(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def coordinator(session: Session, home: Government) -> Scope:
    return factories.scope(factories.account(session, home))


def refusal(
    work: Work, scope: Scope, year: int, value: str, source: str = RPJMD
) -> set[tuple[str, str | None]]:
    with pytest.raises(InvalidInputError) as refused:
        index_targets.set_target(work, scope, year, Decimal(value), source, now=NOW)
    return {(each.code, each.field) for each in refused.value.problems}


def test_each_year_has_one_target_and_setting_it_again_replaces_it(
    work: Work, home: Government, coordinator: Scope
) -> None:
    index_targets.set_target(work, coordinator, 2026, Decimal("3.4"), RPJMD, now=NOW)
    index_targets.set_target(work, coordinator, 2025, Decimal("3.2"), RPJMD, now=NOW)
    index_targets.set_target(work, coordinator, 2025, Decimal("3.25"), "RPJMD perubahan", now=NOW)
    index_targets.set_target(work, coordinator, 2025, Decimal("3.25"), "RPJMD perubahan", now=NOW)
    found = queries.list_index_targets(work.session, coordinator)
    assert [(row.year, row.value, row.source) for row in found] == [
        (2025, Decimal("3.25"), "RPJMD perubahan"),
        (2026, Decimal("3.40"), RPJMD),
    ]
    events = work.session.scalars(
        select(Event.action).where(Event.subject_type == "index_target").order_by(Event.id)
    ).all()
    assert events == ["set_index_target"] * 3


def test_what_no_assessment_of_the_year_can_show_is_refused(work: Work, coordinator: Scope) -> None:
    assert refusal(work, coordinator, 2025, "5.01") == {("plan.target_index_off_scale", "value")}
    assert refusal(work, coordinator, 2025, "3.125") == {("plan.target_index_off_scale", "value")}
    assert refusal(work, coordinator, 1925, "0.5", " ") == {
        ("evaluation.bad_year", "year"),
        ("plan.target_index_off_scale", "value"),
        ("field.required", "source"),
    }
    assert work.session.scalars(select(IndexTarget)).all() == []


def test_a_target_is_removed_by_its_own_government_only(
    work: Work, home: Government, coordinator: Scope
) -> None:
    target = factories.index_target(work.session, home)
    stranger = factories.scope(factories.account(work.session, factories.government(work.session)))
    with pytest.raises(NotFoundError):
        index_targets.remove(work, stranger, target.id, now=NOW)
    assert index_targets.remove(work, coordinator, target.id, now=NOW) == target.year
    assert queries.list_index_targets(work.session, coordinator) == []
