from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import TaskLabel
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import OPEN_STATES, CancelKind, State, is_overdue
from spbe_tasks.services.queries import task_lists
from spbe_tasks.services.queries.task_filter import DueFilter, TaskFilter
from spbe_tasks.services.queries.task_lists import Cursor, Order, SortKey
from tests import factories

TODAY = date(2025, 6, 16)
INSTRUMENT = get_instrument(factories.SPBE)
# One shared tree of tasks for every example: they only read.
Crowd = tuple[list[Scope], list[int], int]


@pytest.fixture
def crowd(session: Session) -> Crowd:
    """80 tasks of three agencies in every state and around today, and as many eyes: coordinator, focal point, head."""
    government = factories.government(session)
    plan = factories.plan(session, government)
    agencies = [factories.agency(session, government) for _ in range(3)]
    person = factories.account(session, government, Role.FOCAL_POINT, agencies[0])
    states = list(State)
    for number in range(80):
        state = states[number % len(states)]
        closing: dict[State, dict[str, object]] = {
            State.ACCEPTED: {"reached_level": Decimal(3)},
            State.CANCELLED: {"cancel_kind": CancelKind.GIVEN_UP},
        }
        task = factories.task(
            session,
            plan,
            agencies[number % 3],
            number % 47 + 1,
            state=state,
            round=number // 47 + 1,
            due_on=TODAY + timedelta(days=number % 9 * 6 - 20),
            assignee_id=person.id if number % 6 == 0 else None,
            kind=TaskKind.UPKEEP if number % 11 == 0 else TaskKind.GAP,
            title=f"{INSTRUMENT.indicator(number % 47 + 1).short_name('id')} nomor {number % 5}",
            **closing.get(state, {}),
        )
        if number % 4 == 0:
            session.add(TaskLabel(task_id=task.id, label="Prioritas", government_id=government.id))
    session.flush()
    head = factories.account(session, government, Role.AGENCY_HEAD, agencies[1])
    eyes = [factories.scope(each) for each in (factories.account(session, government), person, head)]
    return eyes, [each.id for each in agencies], person.id


def filters(crowd: Crowd) -> st.SearchStrategy[TaskFilter]:
    _, agencies, person_id = crowd
    return st.builds(
        TaskFilter,
        agency_id=st.sampled_from([None, *agencies]),
        kind=st.sampled_from([None, *TaskKind]),
        states=st.frozensets(st.sampled_from(State), max_size=3),
        is_open=st.booleans(),
        indicators=st.sampled_from([frozenset(), frozenset(range(1, 21))]),
        due=st.sampled_from([None, *DueFilter]),
        assignee_ids=st.sampled_from([frozenset(), frozenset(), frozenset({person_id})]),
        is_unassigned=st.booleans(),
        label=st.sampled_from(["", "", "Prioritas", "Lain"]),
        text=st.sampled_from(["", "", "kebijakan", "layan", "nomor 3", "12", "%", "a'b:*&|!"]),
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_count_is_the_number_of_rows_for_any_filter_order_and_person(
    session: Session, crowd: Crowd, data: st.DataObject
) -> None:
    """Count, export and pages turned forth and back are the same tasks, each once."""
    scope = data.draw(st.sampled_from(crowd[0]))
    wanted = data.draw(filters(crowd))
    order = Order(data.draw(st.sampled_from(SortKey)), data.draw(st.booleans()))
    every = [row.id for row in task_lists.list_all_tasks(session, scope, wanted, today=TODAY, order=order)]
    assert task_lists.count(session, scope, wanted, today=TODAY) == len(every) == len(set(every))

    forth: list[int] = []
    cursor: Cursor | None = None
    while rows := task_lists.list_page(session, scope, wanted, today=TODAY, order=order, cursor=cursor):
        around = task_lists.list_surroundings(session, scope, wanted, today=TODAY, order=order, cursor=cursor)
        assert (around.total, around.beyond) == (len(every), len(forth))
        forth += [row.id for row in rows]
        cursor = reread(rows[-1], order, is_before=False)
    assert forth == every
    if not every:
        return
    assert cursor is not None
    back = every[-1:]
    cursor = Cursor(cursor.value, cursor.task_id, is_before=True)
    while rows := task_lists.list_page(session, scope, wanted, today=TODAY, order=order, cursor=cursor):
        back = [row.id for row in rows] + back
        cursor = reread(rows[0], order, is_before=True)
    assert back == every


def reread(row: object, order: Order, *, is_before: bool) -> Cursor:
    """The cursor of a row as it comes back from an address."""
    cursor = Cursor(row.sort_value, row.id, is_before)  # type: ignore[attr-defined]
    found = Cursor.read(str(cursor), order.key, is_before=is_before)
    assert found == cursor
    return found


def test_filters_mean_what_the_rules_say(session: Session, crowd: Crowd) -> None:
    scope = crowd[0][0]

    def rows(**wanted: object) -> list[object]:
        return list(task_lists.list_all_tasks(session, scope, TaskFilter(**wanted), today=TODAY))  # type: ignore[arg-type]

    everything = rows(states=frozenset(State))
    assert len(everything) == 80
    by_rule = {row.id for row in everything if is_overdue(row.state, row.due_on, TODAY)}  # type: ignore[attr-defined]
    assert {row.id for row in rows(due=DueFilter.OVERDUE)} == by_rule != set()  # type: ignore[attr-defined]
    assert {row.state for row in rows(is_open=True)} == OPEN_STATES  # type: ignore[attr-defined]
    assert State.WITHDRAWN not in {row.state for row in rows()}  # type: ignore[attr-defined]


def test_a_page_stays_where_it_is_when_rows_are_added_before_it(session: Session) -> None:
    government = factories.government(session)
    plan, agency = factories.plan(session, government), factories.agency(session, government)
    scope = factories.scope(factories.account(session, government))
    for number in range(1, 41):
        factories.task(session, plan, agency, number)
    first = task_lists.list_page(session, scope, TaskFilter(), today=TODAY)
    cursor = reread(first[-1], Order(), is_before=False)
    before = [
        row.id for row in task_lists.list_page(session, scope, TaskFilter(), today=TODAY, cursor=cursor)
    ]
    factories.task(session, plan, agency, 47, due_on=date(2025, 1, 2))
    after = [row.id for row in task_lists.list_page(session, scope, TaskFilter(), today=TODAY, cursor=cursor)]
    assert before == after
    assert len(before) == 15


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("menyusun kebijakan", True),
        ("susunan kebijak", True),  # other forms of the words, the last one cut short
        ("penyusunan keb", True),
        ("kebijakan pengadaan", False),
        ("SUSUN", True),
        ("nota", True),
        ("zzz", False),
    ],
)
def test_words_are_found_by_their_stems_and_the_last_as_far_as_it_is_typed(
    session: Session, text: str, is_found: bool
) -> None:
    government = factories.government(session)
    plan, agency = factories.plan(session, government), factories.agency(session, government)
    scope = factories.scope(factories.account(session, government))
    factories.task(session, plan, agency, 5, title="Penyusunan kebijakan arsitektur", note="Lihat nota dinas")
    assert task_lists.count(session, scope, TaskFilter(text=text), today=TODAY) == is_found
