import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from spbe_tasks.extensions import db
from spbe_tasks.models import CriterionVerdict, Event, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from tests import factories
from tests.integration.cli.conftest import Run

pytestmark = pytest.mark.own_database
SLUG = "kab-uji"


@dataclass(frozen=True)
class Office:
    task_id: int
    late_id: int
    focal: str
    coordinator: str
    reviewer: str
    stranger: str
    neighbour: str


@pytest.fixture
def office(own_app: Flask) -> Office:
    with own_app.app_context():
        session = db.session()
        government = factories.government(session, slug=SLUG)
        kominfo = factories.agency(session, government, slug="kominfo", short_name="Diskominfo")
        bappeda = factories.agency(session, government, slug="bappeda", short_name="Bappeda")
        plan = factories.plan(session, government)
        task = factories.task(session, plan, kominfo, 33, due_on=date(2999, 1, 4))
        late = factories.task(session, plan, bappeda, 34, due_on=date(2020, 1, 6))
        people = {
            "focal": factories.account(session, government, Role.FOCAL_POINT, kominfo),
            "coordinator": factories.account(session, government),
            "reviewer": factories.account(session, government, Role.REVIEWER),
            "neighbour": factories.account(session, government, Role.FOCAL_POINT, bappeda),
            "stranger": factories.account(session, factories.government(session)),
        }
        session.commit()
        return Office(task.id, late.id, **{name: each.email for name, each in people.items()})


def listed(run: Run, *more: object) -> list[int]:
    code, output, errors = run("task", "list", "--government", SLUG, "--json", *more)
    assert (code, errors) == (0, [])
    return [each["id"] for each in json.loads(output)]


def do(run: Run, task_id: int, action: str, email: str, *more: object) -> dict[str, object]:
    code, output, errors = run("task", "do", task_id, action, "--as", email, "--json", *more)
    assert (code, errors) == (0, []), errors
    return json.loads(output)


def test_list_narrows_by_year_state_agency_and_lateness(run: Run, office: Office) -> None:
    assert listed(run) == [office.late_id, office.task_id]
    assert listed(run, "--year", 2024, "--overdue") == [office.late_id]
    assert listed(run, "--agency", "kominfo") == [office.task_id]
    assert listed(run, "--state", "accepted") == []
    code, _, errors = run("task", "list", "--government", SLUG, "--year", 1999)
    assert code == 1
    assert "1999" in errors[0]


def test_list_as_text_shows_one_line_per_task(run: Run, office: Office) -> None:
    code, output, _ = run("task", "list", "--government", SLUG)
    assert code == 0
    first, second = output.splitlines()
    assert "LATE" in first
    assert "33. Layanan Penganggaran" in second


def test_a_task_is_worked_through_on_the_command_line(run: Run, office: Office, own_app: Flask) -> None:
    do(run, office.task_id, "assign", office.coordinator, "--assignee", office.focal)
    do(run, office.task_id, "reschedule", office.coordinator, "--due-on", "2029-02-05")
    do(run, office.task_id, "start", office.focal)
    do(run, office.task_id, "submit", office.focal, "--note", "SK 12/2025")
    done = do(run, office.task_id, "accept", office.reviewer, "--reached-level", "3")
    assert (done["state"], done["due_on"]) == ("accepted", "2029-02-05")
    with own_app.app_context():
        task = db.session().get_one(Task, office.task_id)
        assert (task.state, task.reached_level) == (State.ACCEPTED, Decimal(3))


def test_a_mistyped_year_is_refused_on_the_command_line(run: Run, office: Office) -> None:
    command = ("task", "do", office.task_id, "reschedule", "--as", office.coordinator)
    code, _, errors = run(*command, "--due-on", "2205-02-05")
    assert code == 1
    assert "31 December 2029" in errors[0]


def test_show_tells_the_actions_of_a_person_and_the_history(run: Run, office: Office) -> None:
    do(run, office.task_id, "start", office.focal)
    code, output, _ = run("task", "show", office.task_id, "--as", office.focal, "--json")
    shown = json.loads(output)
    assert code == 0
    assert shown["state"] == "in_progress"
    assert shown["history"][0]["action"] == "start"
    assert {"action": "submit", "is_available": True, "obstacle": None, "needs": ["note"]} in shown["actions"]
    code, output, _ = run("task", "show", office.task_id)
    assert code == 0
    assert "[ ] 3a" in output


def test_what_the_workflow_refuses_ends_with_a_sentence_and_exit_code_one(run: Run, office: Office) -> None:
    refused = [
        (("start", office.coordinator), "another role or another agency"),
        (("start", office.stranger), "no such task"),
        (("accept", office.reviewer, "--reached-level", "3"), "has moved on"),
        (("reschedule", office.coordinator), "due_on: Please fill this in."),
        (("assign", office.coordinator, "--assignee", office.reviewer), "active focal point"),
        (("start", "nobody@x.example"), "nobody@x.example"),
    ]
    for (action, email, *more), words in refused:
        code, _, errors = run("task", "do", office.task_id, action, "--as", email, *more)
        assert code == 1
        assert words in errors[0], errors
    code, _, errors = run("task", "show", 999_999)
    assert (code, len(errors)) == (1, 1)
    code, _, _ = run("task", "do", office.task_id, "withdraw", "--as", office.coordinator)
    assert code == 2


def test_more_time_is_asked_for_listed_granted_and_refused(run: Run, office: Office) -> None:
    wanted = ("--due-on", "2029-03-05", "--reason", "Menunggu perbup.")
    command = ("task", "do", office.late_id, "ask_extension", "--as", office.focal, *wanted)
    code, _, errors = run(*command)
    assert (code, "no such task" in errors[0]) == (1, True)
    with_time = office.late_id
    asked = do(run, with_time, "ask_extension", office.neighbour, *wanted)
    assert asked["due_on"] == "2020-01-06"
    code, output, _ = run("task", "extensions", "--government", SLUG, "--json")
    (request,) = json.loads(output)
    assert (request["task"], request["wanted_on"], request["reason"]) == (
        with_time,
        "2029-03-05",
        "Menunggu perbup.",
    )
    code, output, _ = run("task", "extensions", "--government", SLUG)
    assert "2020-01-06 -> 2029-03-05" in output
    granted = do(run, with_time, "grant_extension", office.coordinator, "--due-on", "2029-02-05")
    assert granted["due_on"] == "2029-02-05"
    do(run, with_time, "ask_extension", office.neighbour, *wanted)
    code, _, errors = run("task", "do", with_time, "refuse_extension", "--as", office.coordinator)
    assert (code, "reason" in errors[0]) == (1, True)
    do(run, with_time, "refuse_extension", office.coordinator, "--reason", "Cukup.")
    code, output, _ = run("task", "extensions", "--government", SLUG)
    assert output == "No requests.\n"


def test_a_return_names_criteria_and_a_block_its_obstacle(run: Run, office: Office, own_app: Flask) -> None:
    do(run, office.task_id, "start", office.focal)
    do(run, office.task_id, "block", office.focal, "--obstacle", "no_budget", "--reason", "DPA")
    do(run, office.task_id, "unblock", office.focal)
    do(run, office.task_id, "submit", office.focal, "--note", "SK 12/2025")
    command = ("task", "do", office.task_id, "return", "--as", office.reviewer, "--criterion")
    assert run(*command, "3a:unsigned")[0] == 2
    assert run(*command, "3a=laziness")[0] == 2
    do(run, office.task_id, "return", office.reviewer, "--criterion", "3a=other:Milik dinas lain")
    with own_app.app_context():
        (verdict,) = db.session().scalars(select(CriterionVerdict)).all()
        assert (verdict.level, verdict.letter, verdict.note) == (3, "a", "Milik dinas lain")


def test_an_acting_officer_works_in_the_position_of_whoever_is_away(
    run: Run, office: Office, own_app: Flask
) -> None:
    start = ("task", "do", office.task_id, "start", "--as", office.neighbour, "--acting-for", office.focal)
    code, _, errors = run(*start)
    assert (code, "You do not stand in" in errors[0]) == (1, True)
    people = ("--absent", office.focal, "--acting", office.neighbour)
    code, output, _ = run(
        "acting", "add", "--government", SLUG, *people, "--from", "2020-01-01", "--decree", "SPT 1", "--json"
    )
    assert code == 0
    appointment = json.loads(output)["id"]
    assert run(*start)[0] == 0
    with own_app.app_context():
        event = db.session().scalars(select(Event).where(Event.action == "start")).one()
        assert event.data["acting_for_id"] is not None
    code, output, _ = run("acting", "list", "--government", SLUG)
    assert "SPT" not in output
    assert f"{appointment:>6}  plh" in output
    assert run("acting", "end", "--government", SLUG, appointment)[0] == 0
    assert run(*start)[0] == 1
    code, output, _ = run("acting", "list", "--government", SLUG)
    assert output.rstrip().endswith("ended")
    code, _, errors = run(
        "acting", "add", "--government", SLUG, *people[:3], office.focal, "--from", "2020-01-01"
    )
    assert (code, "Nobody stands in for themselves" in errors[0]) == (1, True)
