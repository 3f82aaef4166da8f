"""Every route, by every role, on things of the own agency, another agency and another government: from one table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Government, LocalHoliday, Message, MessageKind, MessageState
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import HolidayKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import projections
from spbe_tasks.web.access import CHOSEN_GOVERNMENT
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE

ADMIN, COORDINATOR, REVIEWER, FOCAL, HEAD, EXECUTIVE = Role
AGENCY_ROLES = {FOCAL, HEAD}
INSIDE = frozenset(Role) - {ADMIN}
EVERYBODY = frozenset(Role)
MANAGERS = frozenset({ADMIN, COORDINATOR})
# Words that stand in every name of another agency and of another government: no answer may hold them.
NEIGHBOUR, OUTSIDE = "TETANGGA", "LUARPAGAR"
# The other government was assessed in another year, so that its figures can be told apart too.
THEIR_YEAR = 2021


class Place(StrEnum):
    OWN = "own agency"
    NEIGHBOUR = "other agency"
    OUTSIDE = "other government"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route. ``subject`` names the kind of thing in its address, None when there is none."""

    roles: frozenset[Role] = frozenset()
    subject: str | None = None
    is_public: bool = False
    # Those who see the thing but may not do this to it.
    refused: frozenset[Role] = frozenset()


PUBLIC = Rule(is_public=True)
RULES: dict[str, Rule] = {
    "agencies.close": Rule(MANAGERS, "agency"),
    "agencies.create": Rule(MANAGERS),
    "agencies.edit": Rule(MANAGERS, "agency"),
    "agencies.index": Rule(MANAGERS),
    "agencies.reopen": Rule(MANAGERS, "agency"),
    "assessments.index": Rule(frozenset({COORDINATOR})),
    "assessments.show": Rule(frozenset({COORDINATOR}), "assessment"),
    "assessments.store": Rule(frozenset({COORDINATOR})),
    "assessments.template": Rule(frozenset({COORDINATOR}), "instrument"),
    "assessments.upload": Rule(frozenset({COORDINATOR})),
    "auth.home": PUBLIC,
    "auth.login": PUBLIC,
    "auth.logout": Rule(EVERYBODY),
    "auth.set_locale": PUBLIC,
    "calendars.evaluation": Rule(MANAGERS, "year"),
    "calendars.evaluation_years": Rule(MANAGERS),
    "calendars.local_holidays": Rule(MANAGERS),
    "calendars.remove_holiday": Rule(MANAGERS, "holiday"),
    "dashboard.figures": Rule(EVERYBODY),
    "dashboard.show": Rule(EVERYBODY),
    "governments.choose": Rule(frozenset({ADMIN}), "government"),
    "governments.create": Rule(frozenset({ADMIN})),
    "governments.index": Rule(frozenset({ADMIN})),
    "governments.logo": Rule(EVERYBODY, "logo"),
    "governments.remove_logo": Rule(MANAGERS),
    "governments.set_logo": Rule(MANAGERS),
    "governments.settings": Rule(MANAGERS),
    "health.live": PUBLIC,
    "health.ready": PUBLIC,
    "health.whole_system": PUBLIC,
    "outbox.body": Rule(MANAGERS, "message"),
    "outbox.index": Rule(MANAGERS),
    "outbox.show": Rule(MANAGERS, "message"),
    "ownership.edit": Rule(frozenset({COORDINATOR}), "indicator"),
    "ownership.lead_aspect": Rule(frozenset({COORDINATOR}), "instrument"),
    "ownership.set_cell": Rule(frozenset({COORDINATOR}), "instrument"),
    "ownership.show": Rule(frozenset({COORDINATOR})),
    "passwords.activate": PUBLIC,
    "passwords.forgot": PUBLIC,
    "passwords.reset": PUBLIC,
    "people.close": Rule(MANAGERS, "account"),
    "people.edit": Rule(MANAGERS, "account"),
    "people.index": Rule(MANAGERS),
    "people.invite": Rule(MANAGERS),
    "people.invite_again": Rule(MANAGERS, "account"),
    "people.reopen": Rule(MANAGERS, "account"),
    "plans.generate": Rule(frozenset({COORDINATOR}), "plan year"),
    "plans.index": Rule(frozenset({COORDINATOR})),
    "plans.publish": Rule(frozenset({COORDINATOR}), "plan"),
    "plans.rebase": Rule(frozenset({COORDINATOR}), "plan"),
    "plans.set_target": Rule(frozenset({COORDINATOR}), "plan"),
    "profile.password": Rule(EVERYBODY),
    "profile.show": Rule(EVERYBODY),
    "setup.administrator": PUBLIC,
    "static": PUBLIC,
    "system.show": Rule(frozenset({ADMIN})),
    "tasks.act": Rule(
        frozenset({COORDINATOR, FOCAL}), "task", refused=frozenset({REVIEWER, HEAD, EXECUTIVE})
    ),
    "tasks.claim": Rule(frozenset({COORDINATOR, FOCAL}), "task"),
    "tasks.export": Rule(INSIDE),
    "tasks.index": Rule(INSIDE),
    "tasks.mine": Rule(frozenset({COORDINATOR, FOCAL})),
    "tasks.review": Rule(frozenset({COORDINATOR, REVIEWER})),
    "tasks.show": Rule(INSIDE, "task"),
}
# Subjects that belong to no agency and no government.
EVERYWHERE = {"instrument", "indicator", "year", "plan year"}
# Forms that are told apart by what is in them.
TYPED = {
    "ownership.set_cell": {"cell": "33-{agency}-lead"},
    "tasks.act": {"version": "1"},
    "tasks.claim": {"version": "1"},
}
# Work actions belong to the own agency: a coordinator who sees the neighbour's task may still not start it.
OWN_AGENCY_ONLY = {"tasks.act", "tasks.claim"}


@dataclass(frozen=True, slots=True)
class World:
    """Ids of what there is, by place, and the people by role, as session keys."""

    government_id: int
    things: dict[Place, dict[str, int]]
    sessions: dict[Role, str]


@pytest.fixture
def world(work: Work) -> World:
    session = work.session
    home = factories.government(session, name="Pemerintah Sendiri")
    abroad = factories.government(session, name=f"Pemerintah {OUTSIDE}", sender_name=OUTSIDE)
    plan = factories.plan(session, home)
    theirs_then = factories.revision(session, abroad, level=4, year=THEIR_YEAR)
    their_plan = factories.plan(session, abroad, year=THEIR_YEAR, baseline=theirs_then)
    mine = factories.agency(session, home, name="Dinas Sendiri", short_name="Sendiri")
    next_door = factories.agency(session, home, name=f"Dinas {NEIGHBOUR}", short_name=NEIGHBOUR)
    theirs = factories.agency(session, abroad, name=f"Dinas {OUTSIDE}", short_name=OUTSIDE)
    people = {
        role: factories.account(
            session,
            None if role is ADMIN else home,
            role,
            None if role in {ADMIN, REVIEWER, EXECUTIVE} else mine,
            name=f"Orang {role.value}",
            locale="en",
        )
        for role in Role
    }
    things = {
        Place.OWN: _things(session, home, plan, mine, people[FOCAL]),
        Place.NEIGHBOUR: _things(
            session,
            home,
            plan,
            next_door,
            factories.account(session, home, FOCAL, next_door, name=f"Orang {NEIGHBOUR}"),
        ),
        Place.OUTSIDE: _things(
            session,
            abroad,
            their_plan,
            theirs,
            factories.account(session, abroad, FOCAL, theirs, name=f"Orang {OUTSIDE}"),
        ),
    }
    session.flush()
    for each in (plan, their_plan):
        projections.rebuild(work, each.id, now=NOW)
    session.commit()
    return World(home.id, things, {role: person.get_id() for role, person in people.items()})


def _things(session: Session, government: Government, plan, agency, person: Account) -> dict[str, int]:  # type: ignore[no-untyped-def]
    indicator = 33 if agency.short_name == "Sendiri" else 34
    reason = f"alasan {agency.short_name}"
    task = factories.task(session, plan, agency, indicator, state_note=reason)
    factories.task(session, plan, agency, 42, state=State.SUBMITTED, title=f"Diajukan {agency.short_name}")
    holiday = LocalHoliday(
        government_id=government.id,
        on=date(2025, 8, indicator % 28 + 1),
        name=f"Libur {government.name}",
        kind=HolidayKind.LOCAL,
    )
    message = Message(
        government_id=government.id,
        account_id=person.id,
        kind=MessageKind.INVITE,
        local_date=NOW.date(),
        state=MessageState.SENT,
        next_attempt_at=NOW,
        to_address=person.email,
        subject=f"Undangan {government.name}",
        body_text="isi",
        body_html="<p>isi</p>",
    )
    session.add_all([holiday, message])
    session.flush()
    baseline = session.get_one(factories.AssessmentRevision, plan.baseline_revision_id)
    return {
        "task": task.id,
        "agency": agency.id,
        "account": person.id,
        "assessment": baseline.assessment_id,
        "plan": plan.id,
        "revision": baseline.id,
        "holiday": holiday.id,
        "message": message.id,
        "government": government.id,
    }


def _address(endpoint: str, subject: str | None, things: dict[str, int]) -> dict[str, object]:
    fixed: dict[str, dict[str, object]] = {
        "instrument": {"instrument_id": SPBE},
        "indicator": {"instrument_id": SPBE, "number": 33},
        "year": {"year": 2024},
        "plan year": {"instrument_id": SPBE, "year": 2024},
        "logo": {"key": "0" * 64},
    }
    if subject is None:
        return {}
    if subject in fixed:
        return fixed[subject]
    values: dict[str, object] = {f"{subject}_id": things[subject]}
    extras: dict[str, dict[str, object]] = {
        "tasks.act": {"action": "start"},
        "plans.rebase": {"revision": things["revision"]},
    }
    return values | extras.get(endpoint, {})


def _expected(endpoint: str, rule: Rule, role: Role, place: Place) -> str:
    """What must come back: "yes", "no" (403), "hidden" (404) or "stranger" (the sign-in page)."""
    if role not in rule.roles | rule.refused:
        return "no"
    if _is_out_of_sight(rule, role, place):
        return "hidden"
    if endpoint == "auth.logout":
        return "stranger"  # it ends at the sign-in page
    is_neighbours = endpoint in OWN_AGENCY_ONLY and place is Place.NEIGHBOUR
    return "no" if role in rule.refused or is_neighbours else "yes"


def _is_out_of_sight(rule: Rule, role: Role, place: Place) -> bool:
    if rule.subject == "logo":
        return True  # there is none
    if place is Place.OUTSIDE:
        return rule.subject not in {None, "government", *EVERYWHERE}
    return rule.subject == "task" and place is Place.NEIGHBOUR and role in AGENCY_ROLES


def _verdict(answer: TestResponse) -> str:
    if answer.status_code in (403, 404):
        return {403: "no", 404: "hidden"}[answer.status_code]
    if answer.status_code == 302 and "/login" in answer.location:
        return "stranger"
    return "yes" if answer.status_code < 500 else f"broken {answer.status_code}"


def _places(rule: Rule) -> tuple[Place, ...]:
    return (Place.OWN,) if rule.subject in {None, "logo", *EVERYWHERE} else tuple(Place)


@pytest.fixture
def visit(app: Flask, world: World) -> Callable[..., TestResponse]:
    """One request by a person of a role; everything it changed is undone afterwards."""

    def go(role: Role | None, method: str, address: str, typed: dict[str, str] | None = None) -> TestResponse:
        db.session.remove()  # its open savepoint would end with the request, and ours with it
        undo = db.engine.begin_nested()  # type: ignore[attr-defined]
        client = app.test_client()
        if role is not None:
            _enter(client, world, role)
        answer = client.open(address, method=method, data=typed if method == "POST" else None)
        db.session.remove()
        undo.rollback()
        return answer

    return go


def _enter(client: FlaskClient, world: World, role: Role) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = world.sessions[role]
        if role is ADMIN:
            session[CHOSEN_GOVERNMENT] = world.government_id


def _routes(app: Flask, endpoint: str) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules(endpoint):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule


def test_every_route_stands_in_the_table(app: Flask) -> None:
    assert set(app.view_functions) == set(RULES)


@pytest.mark.parametrize("endpoint", [name for name, rule in RULES.items() if not rule.is_public])
def test_a_route_answers_exactly_those_it_is_for(
    app: Flask, world: World, visit: Callable[..., TestResponse], endpoint: str
) -> None:
    rule = RULES[endpoint]
    for place in _places(rule):
        with app.test_request_context():
            address = app.url_for(endpoint, **_address(endpoint, rule.subject, world.things[place]))
        typed = {name: text.format(**world.things[place]) for name, text in TYPED.get(endpoint, {}).items()}
        for method, _ in _routes(app, endpoint):
            for role in Role:
                answer = visit(role, method, address, typed)
                where = (endpoint, method, role.value, place.value)
                assert _verdict(answer) == _expected(endpoint, rule, role, place), where
                if endpoint != "governments.index":
                    assert OUTSIDE not in answer.text, where
                if role in AGENCY_ROLES:
                    assert NEIGHBOUR not in answer.text, where
            assert _verdict(visit(None, method, address)) == "stranger", (endpoint, method)


# How many rows a search finds in the own agency and in the whole government.
SEARCHES = {
    "q=33": (1, 1),
    "q=34": (0, 1),
    "q=42": (1, 2),
    "q=diajukan": (1, 2),
    "q=tetangga": (0, 1),
    "state=submitted": (1, 2),
    "state=assigned": (1, 2),
    "due=overdue": (1, 2),
    "year=2024": (2, 4),
}


@pytest.mark.parametrize("query", SEARCHES)
@pytest.mark.parametrize("role", sorted(INSIDE))
def test_lists_counts_exports_and_searches_hold_only_what_the_role_sees(
    world: World, visit: Callable[..., TestResponse], role: Role, query: str
) -> None:
    page = visit(role, "GET", f"/tasks?{query}").text
    export = visit(role, "GET", f"/tasks/export.csv?{query}").text
    for answer in (page, export):
        assert OUTSIDE not in answer
        if role in AGENCY_ROLES:
            assert NEIGHBOUR not in answer
    expected = SEARCHES[query][role not in AGENCY_ROLES]
    assert len(export.strip().splitlines()) - 1 == expected
    assert page.count('class="row-title"') == expected
    assert f"{expected} task{'' if expected == 1 else 's'} after the 2024 assessment" in page


@pytest.mark.parametrize("address", ["/dashboard", "/assessments", "/plans", "/settings/evaluation"])
def test_no_figure_or_year_of_another_government_is_shown(
    world: World, visit: Callable[..., TestResponse], address: str
) -> None:
    page = visit(COORDINATOR, "GET", address)
    assert page.status_code == 200
    assert "2024" in page.text
    assert str(THEIR_YEAR) not in page.text


def test_an_agency_may_be_filtered_for_but_not_looked_into(
    world: World, visit: Callable[..., TestResponse]
) -> None:
    neighbour = world.things[Place.NEIGHBOUR]["agency"]
    export = visit(FOCAL, "GET", f"/tasks/export.csv?agency={neighbour}").text
    assert len(export.strip().splitlines()) == 1
