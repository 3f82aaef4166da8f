import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Event
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.services import saved_views
from spbe_tasks.services.queries import saved_views as queries
from spbe_tasks.services.saved_views import MOST_VIEWS, ViewWords
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

QUERY = {"due": "overdue", "state": ["blocked", "returned"]}


@pytest.fixture
def people(session: Session) -> dict[str, Account]:
    government = factories.government(session)
    agency = factories.agency(session, government)
    return {
        "coordinator": factories.account(session, government),
        "focal": factories.account(session, government, Role.FOCAL_POINT, agency),
        "stranger": factories.account(session, factories.government(session)),
    }


@pytest.fixture
def scopes(people: dict[str, Account]) -> dict[str, Scope]:
    return {name: factories.scope(each) for name, each in people.items()}


def names(session: Session, scope: Scope) -> list[str]:
    return [each.name for each in queries.list_visible(session, scope)]


def test_a_view_is_its_makers_own_until_a_coordinator_shares_it(
    work: Work, session: Session, scopes: dict[str, Scope]
) -> None:
    view = saved_views.create(work, scopes["coordinator"], ViewWords("Macet"), QUERY, now=NOW)
    assert view.query == QUERY
    assert [names(session, each) for each in scopes.values()] == [["Macet"], [], []]
    shared = ViewWords("Macet sekali", is_shared=True)
    saved_views.change(work, scopes["coordinator"], view.id, shared, version=view.version, now=NOW)
    assert [names(session, each) for each in scopes.values()] == [["Macet sekali"], ["Macet sekali"], []]
    actions = session.scalars(select(Event.action).order_by(Event.id)).all()
    assert actions == ["create_view", "change_view"]


def test_nobody_changes_or_removes_the_view_of_another(
    work: Work, session: Session, scopes: dict[str, Scope]
) -> None:
    shared = ViewWords("Macet", is_shared=True)
    view = saved_views.create(work, scopes["coordinator"], shared, QUERY, now=NOW)
    for name in ("focal", "stranger"):
        with pytest.raises(NotFoundError):
            saved_views.change(work, scopes[name], view.id, ViewWords("x"), version=None, now=NOW)
        with pytest.raises(NotFoundError):
            saved_views.remove(work, scopes[name], view.id, now=NOW)
    with pytest.raises(ForbiddenError):
        saved_views.create(work, scopes["focal"], shared, QUERY, now=NOW)


def test_names_numbers_and_versions_are_checked(work: Work, scopes: dict[str, Scope]) -> None:
    focal = scopes["focal"]
    for name in ("  ", "x" * 61):
        with pytest.raises(InvalidInputError):
            saved_views.create(work, focal, ViewWords(name), QUERY, now=NOW)
    for number in range(MOST_VIEWS):
        view = saved_views.create(work, focal, ViewWords(f"Tampilan {number}"), QUERY, now=NOW)
    with pytest.raises(InvalidInputError) as refusal:
        saved_views.create(work, focal, ViewWords("Satu lagi"), QUERY, now=NOW)
    assert refusal.value.problems[0].code == "saved_view.too_many"
    with pytest.raises(ConflictError, match=r"saved_view\.stale_version"):
        saved_views.change(work, focal, view.id, ViewWords("x"), version=view.version + 1, now=NOW)


def test_the_list_opens_with_a_view_one_sees_until_it_is_removed(
    work: Work, session: Session, people: dict[str, Account], scopes: dict[str, Scope]
) -> None:
    shared = ViewWords("Macet", is_shared=True)
    view = saved_views.create(work, scopes["coordinator"], shared, QUERY, now=NOW)
    version = people["focal"].version
    saved_views.set_default(work, scopes["focal"], view.id)
    session.refresh(people["focal"])
    assert (people["focal"].default_view_id, people["focal"].version) == (view.id, version)
    with pytest.raises(NotFoundError):
        saved_views.set_default(work, scopes["stranger"], view.id)
    saved_views.remove(work, scopes["coordinator"], view.id, now=NOW)
    session.flush()
    session.refresh(people["focal"])
    assert people["focal"].default_view_id is None
