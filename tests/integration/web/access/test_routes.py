"""Every route, by every role, on things of the own agency, another agency and another government: from one table."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from spbe_tasks.rules.access import Role
from spbe_tasks.web.access import requirement_of
from tests.factories import SPBE
from tests.integration.web.access.conftest import (
    NEIGHBOUR,
    OUTSIDE,
    Visit,
    World,
    ask_for_deletions,
    own_instrument,
)
from tests.integration.web.access.forms import FORMS, Form, filled
from tests.integration.web.access.table import (
    AGENCY_ROLES,
    EVERYWHERE,
    FOCAL,
    OWN_AGENCY_ONLY,
    RULES,
    Place,
    Rule,
)


def _address(endpoint: str, subject: str | None, things: dict[str, int]) -> dict[str, Any]:
    fixed: dict[str, dict[str, Any]] = {
        "bulk action": {"action": "comment"},
        "instrument": {"instrument_id": SPBE},
        "template": {"instrument_id": SPBE, "suffix": "csv"},
        "indicator": {"instrument_id": SPBE, "number": 33},
        "year": {"year": 2024},
        "plan year": {"instrument_id": SPBE, "year": 2024},
        "logo": {"key": "0" * 64},
        "proof file": {"suffix": "csv"},
        "report": {"kind": "follow_up_sheet"},
    }
    if subject is None:
        return {}
    if subject == "own instrument":
        return {"instrument_id": own_instrument(things["agency"])}
    if subject in fixed:
        return fixed[subject]
    if subject == "entry":
        entry = {"pack_id": things["pack"], "number": things["pinned"]}
        return entry | ({"evidence_id": things["evidence"]} if endpoint == "packs.detach" else {})
    values: dict[str, Any] = {f"{subject}_id": things[subject]} if subject in things else {}
    extras: dict[str, dict[str, Any]] = {
        "tasks.act": {"action": "start"},
        "tasks.discard_draft": {"form": "checklist"},
        "tasks.keep_draft": {"form": "checklist"},
        "assessments.export": {"suffix": "csv"},
        "assessments.pin": {"number": 5},
        "assessments.release": {"number": things["pinned"]},
        "evidence.choose": {"task": things["task"], "criterion": "3.a"},
        "evidence.download": {"number": 1},
        "evidence_pages.picture": {"evidence_id": things["drawn"], "number": 1, "page": 1},
        "evidence_pages.show": {"evidence_id": things["drawn"], "number": 1},
        "evidence.scan": {"evidence_id": things["infected"]},
        "uploads.append": {"upload_id": things["sending"], "offset": 0},
        "scenarios.compare": {"other_id": things["beside"]},
        "plans.rebase": {"revision": things["revision"]},
        "closing.reopen": {"plan_id": things["closed"]},
        "plans.reword_task": {"task_id": things["made"]},
        # One that may be closed, and one that has not come in yet.
        "agencies.close": {"agency_id": things["idle"]},
        "people.invite_again": {"account_id": things["invited"]},
        "tasks.decide": {"task_id": things["submitted"], "action": "accept"},
        "tasks.review_task": {"task_id": things["submitted"]},
        "extensions.decide": {"task_id": things["submitted"], "decision": "grant"},
        "acting.take": {"account_id": things["invited"]},
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
    if rule.subject == "position":
        return role is not FOCAL or place is not Place.OWN  # the focal point alone stands in, for one person
    if rule.is_personal and (role is not FOCAL or place is not Place.OWN):
        return True
    if place is Place.OUTSIDE:
        return rule.subject not in {None, "government", *EVERYWHERE}
    return (
        rule.subject in {"entry", "evidence", "task", "comment", "part", "milestone", "line"}
        and place is Place.NEIGHBOUR
        and role in AGENCY_ROLES
    )


def _verdict(answer: TestResponse) -> str:
    if answer.status_code in (403, 404):
        return {403: "no", 404: "hidden"}[answer.status_code]
    if answer.status_code == 302 and "/login" in answer.location:
        return "stranger"
    return "yes" if answer.status_code in (200, 302) else f"refused {answer.status_code}"


def _places(rule: Rule) -> tuple[Place, ...]:
    return (Place.OWN,) if rule.subject in {None, "logo", *EVERYWHERE} else tuple(Place)


def _routes(app: Flask, endpoint: str) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules(endpoint):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule


def test_every_route_stands_in_the_table(app: Flask) -> None:
    assert set(app.view_functions) == set(RULES)


def test_the_public_routes_are_exactly_those_of_the_table(app: Flask) -> None:
    public = {endpoint for endpoint in app.view_functions if requirement_of(endpoint).is_public}  # type: ignore[union-attr]
    assert public == {endpoint for endpoint, rule in RULES.items() if rule.is_public}


def test_the_routes_for_programs_are_exactly_those_of_the_table(app: Flask) -> None:
    for_programs = {endpoint for endpoint in app.view_functions if requirement_of(endpoint).needs_key}  # type: ignore[union-attr]
    assert for_programs == {endpoint for endpoint, rule in RULES.items() if rule.needs_key}


@pytest.mark.parametrize("endpoint", [name for name, rule in RULES.items() if rule.needs_key])
def test_a_session_opens_no_route_for_programs(app: Flask, world: World, visit: Visit, endpoint: str) -> None:
    with app.test_request_context():
        address = app.url_for(
            endpoint, **_address(endpoint, RULES[endpoint].subject, world.things[Place.OWN])
        )
    for role in (None, *Role):
        assert visit(role, "GET", address).status_code == 401, role


@pytest.mark.parametrize(
    "endpoint", [name for name, rule in RULES.items() if not (rule.is_public or rule.needs_key)]
)
def test_a_route_answers_exactly_those_it_is_for(
    app: Flask, world: World, visit: Visit, endpoint: str
) -> None:
    rule, form = RULES[endpoint], FORMS.get(endpoint)
    if rule.subject == "deletion":
        ask_for_deletions(world)
    for place in _places(rule):
        things = world.things[place]
        with app.test_request_context():
            address = app.url_for(endpoint, **_address(endpoint, rule.subject, things))
        typed = filled(form.typed, things) if form else None
        for method, _ in _routes(app, endpoint):
            for role in Role:
                answer = visit(role, method, address, typed)
                where = (endpoint, method, role.value, place.value)
                expected = _expected(endpoint, rule, role, place)
                assert _verdict(answer) == expected, where
                if method == "POST" and expected == "yes":
                    assert _leads_where_it_should(FORMS[endpoint], answer, things), (where, answer.location)
                if endpoint != "governments.index":
                    assert OUTSIDE not in _words(answer), where
                if role in AGENCY_ROLES:
                    assert NEIGHBOUR not in _words(answer), where
            assert _verdict(visit(None, method, address)) == "stranger", (endpoint, method)


def _words(answer: TestResponse) -> str:
    """The answer as text, also when it is a file of another kind."""
    return answer.get_data().decode(errors="replace")


def _leads_where_it_should(form: Form, answer: TestResponse, things: dict[str, int]) -> bool:
    if not form.leads_to:
        return answer.status_code == 200
    return answer.status_code == 302 and answer.location.startswith(form.leads_to.format(**things))
