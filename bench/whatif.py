"""``python -m bench.whatif``: the answer of a what-if beside a page of the same table that computes nothing."""

import argparse
import sys
import time
from collections.abc import Callable
from random import Random
from statistics import median

from flask import Flask, render_template
from flask.testing import FlaskClient
from sqlalchemy import select

from bench.installation import Services, services
from bench.visitor import csrf_token
from spbe_tasks import clock, create_app
from spbe_tasks.demo.content import read_ketapang
from spbe_tasks.demo.volume_ground import slug
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability, Role, Scope
from spbe_tasks.services import scenarios
from spbe_tasks.services.scenarios import Ground
from spbe_tasks.web.access import requires
from spbe_tasks.web.forms.scenarios import scenario_form
from tests.product import Product, settings_for
from tests.settings import settings_of
from tests.statements import counted

NAME, TASKS = "bench_whatif", 94  # two agencies for each of 47 indicators
TABLE = "/bench/table"
BAR = 3.0
RAISED = 12


def main() -> None:
    """Measure and print: milliseconds of a request inside the application, and how many times the plain table's."""
    parser = argparse.ArgumentParser(prog="python -m bench.whatif", description=__doc__)
    parser.add_argument("--rounds", type=int, default=150, help="of every request (%(default)s)")
    given = parser.parse_args()
    with services() as running:
        app, plan = _fill(running)
        found = _ground(app, plan)
        _add_table(app, found)
        client = _sign_in(app)
        asked = _requests(client, found)
        spent = _measure(asked, given.rounds)
        plain = spent["table only"]
        print("|  | ms | of the table | bar | SQL |\n| --- | ---: | ---: | ---: | ---: |")
        for name, value in spent.items():
            bar = f"{BAR:g}" if value is not plain else ""
            print(f"| {name} | {value:.1f} | {value / plain:.2f} | {bar} | {_statements(app, asked[name])} |")
        with app.app_context():
            db.engine.dispose()


def _fill(running: Services) -> tuple[Flask, Plan]:
    folder = running.folder / NAME
    folder.mkdir()
    running.postgres.create_database(NAME)
    settings = settings_for(running.postgres, NAME, running.valkey, smtp_port=9, folder=folder)
    product = Product(settings, folder)
    product.run("db", "upgrade")
    print("Filling …", file=sys.stderr)
    product.run("demo", "--governments", "1", "--tasks", str(TASKS))
    app = create_app(settings_of({**settings, "PUBLIC_URL": "http://localhost"}))
    with app.app_context():
        plan = db.session.scalars(select(Plan).order_by(Plan.year.desc())).first()
        assert plan is not None
        db.session.expunge(plan)
        db.session.remove()
    return app, plan


def _ground(app: Flask, plan: Plan) -> Ground:
    with app.app_context():
        machine = Scope(plan.government_id, None, Role.COORDINATOR)
        return scenarios.ground(db.session(), machine, plan.instrument_id, plan.year, now=clock.now())


def _add_table(app: Flask, found: Ground) -> None:
    """A page of the same frame and table, whose levels are at hand: nothing is read for them, nothing computed."""

    @requires(Capability.MANAGE_PLANS)
    def table() -> str:
        form = scenario_form(found)
        return render_template("scenarios/edit.html", form=form, found=found, scenario=None, answer=None)

    app.add_url_rule(TABLE, "bench_table", table)


def _sign_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    page = client.get("/login").text
    person = {"email": f"koordinator@{slug(1)}.example", "password": read_ketapang().password}
    client.post("/login", data={"csrf_token": csrf_token(page), **person})
    return client


def _requests(client: FlaskClient, found: Ground) -> dict[str, Callable[[], object]]:
    """Each request, with other levels every time: nothing that was worked out once can be given again."""
    address = f"/scenarios/{found.instrument.id}/{found.year}"
    token, chance = csrf_token(client.get(f"{address}/new").text), Random(7)
    top = int(found.instrument.scale.maximum)

    def levels() -> dict[str, str]:
        raised = chance.sample(sorted(found.present.levels), RAISED)
        every = {number: str(int(level or 1)) for number, level in found.present.levels.items()}
        every |= {number: str(chance.randint(2, top)) for number in raised}
        return {"csrf_token": token, **{f"level_{number}": level for number, level in every.items()}}

    def post(path: str, **more: str) -> None:
        answer = client.post(address + path, data={**levels(), **more})
        assert answer.status_code == 200, answer.text
        assert "whatif-value" in answer.text

    def get_table() -> None:
        answer = client.get(TABLE)
        assert answer.status_code == 200
        assert answer.text.count('name="level_') == len(found.present.levels)

    return {
        "table only": get_table,
        "answer to a choice": lambda: post("/answer"),
        "whole page with its figures": lambda: post("/new", compute="1"),
    }


def _measure(asked: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The middle of all rounds in milliseconds, the requests in turn: what disturbs the machine disturbs all."""
    spent: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(rounds + 10):
        for name, request in asked.items():
            begun = time.perf_counter()
            request()
            if number >= 10:  # the first ones compile templates and fill pools
                spent[name].append(time.perf_counter() - begun)
    return {name: 1_000 * median(values) for name, values in spent.items()}


def _statements(app: Flask, request: Callable[[], object]) -> int:
    with app.app_context():
        engine = db.engine
    with counted(engine) as seen:
        request()
    return len(seen)


if __name__ == "__main__":
    main()
