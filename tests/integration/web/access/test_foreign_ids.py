"""Ids of another agency or government, typed into a form that is one's own: refused, and nothing is stored."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Role
from tests.factories import SPBE
from tests.integration.web.access.conftest import OUTSIDE, Enter, Visit, World
from tests.integration.web.access.forms import FORMS, filled
from tests.integration.web.access.table import ADMIN, COORDINATOR, FOCAL, Place


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form of the own government (ids in braces) with ``foreign`` fields filled from another place."""

    role: Role
    address: str
    endpoint: str
    foreign: dict[str, str | bytes]
    place: Place = Place.OUTSIDE
    status: int = 422


_CELL = f"/ownership/{SPBE}/cell"
ATTEMPTS = {
    "invite-coordinator": Attempt(COORDINATOR, "/people/new", "people.invite", {"agency_id": "{agency}"}),
    "invite-administrator": Attempt(ADMIN, "/people/new", "people.invite", {"agency_id": "{agency}"}),
    "move-a-person": Attempt(COORDINATOR, "/people/{account}", "people.edit", {"agency_id": "{agency}"}),
    "stand-in-for-an-outsider": Attempt(COORDINATOR, "/acting", "acting.index", {"absent_id": "{account}"}),
    "outsider-standing-in": Attempt(COORDINATOR, "/acting", "acting.index", {"acting_id": "{invited}"}),
    "lead": Attempt(COORDINATOR, f"/ownership/{SPBE}/33", "ownership.edit", {"lead_id": "{agency}"}),
    "contributor": Attempt(
        COORDINATOR, f"/ownership/{SPBE}/33", "ownership.edit", {"contributor_ids": "{agency}"}
    ),
    "lead-of-an-aspect": Attempt(
        COORDINATOR, f"/ownership/{SPBE}/aspect", "ownership.lead_aspect", {"agency_id": "{agency}"}
    ),
    "cell-lead": Attempt(COORDINATOR, _CELL, "ownership.set_cell", {"cell": "33-{agency}-lead"}, status=404),
    "cell-contributor": Attempt(
        COORDINATOR, _CELL, "ownership.set_cell", {"cell": "33-{agency}-contributor"}, status=404
    ),
    "assignee-by-coordinator": Attempt(
        COORDINATOR, "/tasks/{task}/act/assign", "tasks.act", {"assignee_id": "{account}"}
    ),
    "assignee-by-focal-point": Attempt(
        FOCAL, "/tasks/{task}/act/assign", "tasks.act", {"assignee_id": "{account}"}
    ),
    "assignee-of-next-door": Attempt(
        COORDINATOR, "/tasks/{task}/act/assign", "tasks.act", {"assignee_id": "{account}"}, Place.NEIGHBOUR
    ),
    "task-made-for-an-outsider": Attempt(
        COORDINATOR, "/plans/{plan}/tasks/new", "plans.make_task", {"agency_id": "{agency}"}
    ),
    "evidence-for-an-outsider": Attempt(
        COORDINATOR, "/evidence/new/link", "evidence.add_link", {"agency_id": "{agency}"}
    ),
    "evidence-for-next-door-by-focal-point": Attempt(
        FOCAL, "/evidence/new/link", "evidence.add_link", {"agency_id": "{agency}"}, Place.NEIGHBOUR
    ),
    "part-for-an-outsider": Attempt(
        COORDINATOR, "/tasks/{task}/parts/new", "tasks.add_part", {"assignee_id": "{account}"}
    ),
    "comment-to-an-outsider": Attempt(
        COORDINATOR, "/tasks/{task}/comments", "tasks.discuss", {"mentioned_ids": "{account}"}
    ),
    "comment-to-next-door-by-focal-point": Attempt(
        FOCAL, "/tasks/{task}/comments", "tasks.discuss", {"mentioned_ids": "{account}"}, Place.NEIGHBOUR
    ),
    "part-for-next-door-by-focal-point": Attempt(
        FOCAL, "/tasks/parts/{part}", "tasks.edit_part", {"assignee_id": "{account}"}, Place.NEIGHBOUR
    ),
    "assignee-of-next-door-by-focal-point": Attempt(
        FOCAL, "/tasks/{task}/act/assign", "tasks.act", {"assignee_id": "{account}"}, Place.NEIGHBOUR
    ),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_foreign_id_in_a_form_is_refused_and_nothing_is_stored(
    world: World, session: Session, enter: Enter, name: str
) -> None:
    attempt = ATTEMPTS[name]
    own, theirs = world.things[Place.OWN], world.things[attempt.place]
    typed = filled(FORMS[attempt.endpoint].typed, own) | filled(attempt.foreign, theirs)
    before = _everything(session)
    answer = enter(attempt.role).post(attempt.address.format(**own), data=typed)
    db.session.remove()
    assert answer.status_code == attempt.status
    assert OUTSIDE not in answer.text
    assert _everything(db.session()) == before


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_same_form_with_an_id_of_ones_own_is_taken(world: World, enter: Enter, name: str) -> None:
    """So that the refusal above is the id's doing and not the form's."""
    attempt = ATTEMPTS[name]
    own = world.things[Place.OWN]
    typed = filled(FORMS[attempt.endpoint].typed | attempt.foreign, own)
    answer = enter(attempt.role).post(attempt.address.format(**own), data=typed)
    assert answer.status_code == 302
    assert "/login" not in answer.location


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_plan_cannot_be_moved_to_a_revision_of_another_government(
    world: World, session: Session, enter: Enter, method: str
) -> None:
    plan, revision = world.things[Place.OWN]["plan"], world.things[Place.OUTSIDE]["revision"]
    before = _everything(session)
    answer = enter(COORDINATOR).open(f"/plans/{plan}/rebase?revision={revision}", method=method)
    db.session.remove()
    assert answer.status_code == 404
    assert _everything(db.session()) == before


@pytest.mark.parametrize(
    "address", [f"/plans/{SPBE}/2024/generate?scenario={{scenario}}", "/scenarios/{own}/compare/{scenario}"]
)
def test_a_scenario_of_another_government_is_neither_adopted_nor_compared(
    world: World, visit: Visit, address: str
) -> None:
    theirs, own = world.things[Place.OUTSIDE]["scenario"], world.things[Place.OWN]
    answers = [
        visit(COORDINATOR, "GET", address.format(own=own["scenario"], scenario=scenario))
        for scenario in (theirs, own["beside"])
    ]
    assert [each.status_code for each in answers] == [404, 200]


@pytest.mark.parametrize("address", ["/people/new?agency={agency}", "/tasks?agency={agency}"])
def test_a_foreign_id_in_an_address_shows_nothing(world: World, visit: Visit, address: str) -> None:
    page = visit(COORDINATOR, "GET", address.format(**world.things[Place.OUTSIDE]))
    assert page.status_code == 200
    assert OUTSIDE not in page.text


def test_everything_stored_is_compared(app: Flask, session: Session, world: World) -> None:
    """The comparison sees a change: the tests above are not green because it looks at nothing."""
    before = _everything(session)
    session.execute(db.metadata.tables["agency"].update().values(short_name="lain"))
    assert _everything(session) != before


def _everything(session: Session) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    return {
        table.name: sorted(str(tuple(row)) for row in session.execute(select(table)))
        for table in db.metadata.sorted_tables
    }
