import html
import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import SavedView
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted

LOOK = "state=blocked&state=returned&due=overdue&domain=2&sort=-points&col=agency&col=due"


def test_a_view_keeps_filters_order_and_columns_and_opens_the_same_list(
    session: Session, world: World, sign_in: SignIn
) -> None:
    client = sign_in(world.focal)
    page = client.get(f"/tasks?{LOOK}").text
    (address,) = re.findall(r'href="(/tasks/views/new\?[^"]+)"', page)
    answer = client.post(html.unescape(address), data={"name": "Macet di tata kelola"})
    view = session.scalars(select(SavedView)).one()
    assert view.query == {
        "state": ["blocked", "returned"],
        "due": "overdue",
        "domain": "2",
        "sort": "-points",
        "col": ["agency", "due"],
    }
    assert answer.location == f"/tasks?{LOOK.replace('&domain=2', '')}&domain=2&view={view.id}"
    listed = client.get(answer.location).text
    assert 'aria-current="true">Macet di tata kelola</a>' in listed
    assert "Macet di tata kelola" not in sign_in(world.other_focal).get("/tasks").text


def test_only_a_coordinator_is_asked_whether_to_share(world: World, sign_in: SignIn) -> None:
    assert 'name="is_shared"' in sign_in(world.coordinator).get("/tasks/views/new?due=overdue").text
    client = sign_in(world.focal)
    assert 'name="is_shared"' not in client.get("/tasks/views/new?due=overdue").text
    forced = client.post("/tasks/views/new?due=overdue", data={"name": "Semua lihat", "is_shared": "y"})
    assert forced.status_code == 403


def test_the_list_opens_with_the_chosen_view_and_with_everything_where_it_is_asked_for(
    session: Session, world: World, sign_in: SignIn
) -> None:
    view = factories.saved_view(session, world.coordinator, is_shared=True)
    client = sign_in(world.focal)
    assert client.get("/tasks").status_code == 200
    client.post(f"/tasks/views/{view.id}/default")
    assert client.get("/tasks").location == f"/tasks?due=overdue&view={view.id}"
    with counted(db.engine) as statements:
        assert client.get("/tasks?year=2024").status_code == 200
    assert len(statements) <= 4, "\n\n".join(statements)
    view.is_shared = False
    session.flush()
    assert client.get("/tasks").location == "/tasks?view=0"
    client.post(f"/tasks/views/{view.id}/default")
    assert client.get("/tasks").status_code == 200


def test_a_view_changed_in_another_window_is_not_overwritten_unseen(
    session: Session, world: World, sign_in: SignIn
) -> None:
    view = factories.saved_view(session, world.focal)
    client = sign_in(world.focal)
    answer = client.post(f"/tasks/views/{view.id}", data={"name": "Lain", "version": view.version + 1})
    assert answer.status_code == 409
    assert 'value="Lain"' in answer.text
    stored = client.post(f"/tasks/views/{view.id}", data={"name": "Lain", "version": view.version})
    assert (stored.status_code, view.name) == (302, "Lain")
