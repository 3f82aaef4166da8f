"""``spbe-tasks projection prove``: what it prints, and the exit code that a script goes by."""

import json

import pytest
from flask import Flask
from sqlalchemy import text

from spbe_tasks import clock
from spbe_tasks.services import projections
from spbe_tasks.transaction import transaction
from tests import factories
from tests.integration.cli.conftest import Run


@pytest.fixture
def slugs(own_app: Flask) -> list[str]:
    """Two governments with a plan each, computed a moment ago."""
    made = []
    with own_app.app_context(), transaction() as work:
        for _ in range(2):
            government = factories.government(work.session)
            plan = factories.plan(work.session, government)
            projections.rebuild(work, plan.id, now=clock.now())
            made.append(str(government.slug))
    return sorted(made)


def test_plans_that_agree_are_counted_and_the_command_succeeds(run: Run, slugs: list[str]) -> None:
    assert run("projection", "prove") == (0, "2 plans agree, 0 differ\n", [])
    code, output, _ = run("projection", "prove", "--government", slugs[0], "--json")
    assert (code, json.loads(output)) == (0, {"agreeing": 1, "waiting": 0, "differing": []})


def test_a_changed_figure_is_named_and_the_command_fails(run: Run, own_app: Flask, slugs: list[str]) -> None:
    with own_app.app_context(), transaction() as work:
        changed = "UPDATE projection SET secured = 3 FROM government g WHERE g.id = government_id AND g.slug = :slug"
        work.session.execute(text(changed), {"slug": slugs[0]})
    code, output, _ = run("projection", "prove")
    assert code == 1
    first, last = output.splitlines()
    assert first == f"{slugs[0]} 2024: secured: stored 3.000000000000, computed 2.000000000000"
    assert last == "1 plans agree, 1 differ"
    code, output, _ = run("projection", "prove", "--government", slugs[0])
    assert (code, output) == (0, "0 plans agree, 0 differ, 1 wait to be counted\n")
    code, _, _ = run("projection", "prove", "--government", slugs[1])
    assert code == 0


def test_an_unknown_government_is_told(run: Run, slugs: list[str]) -> None:
    assert run("projection", "prove", "--government", "nowhere")[0] == 1
