"""Runs the load against one page after another, round after round, and reads what it cost."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from statistics import median

import psutil
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from bench.installation import Installation
from bench.load import Plan
from bench.pages import Page, pages, sit_down
from spbe_tasks import create_app
from spbe_tasks.extensions import db
from tests.settings import settings_of
from tests.statements import counted
from tools.layout import ROOT
from tools.processes import clean_environment

ROUNDS = 5
WARM_UP = 1.0  # seconds, not counted


@dataclass(frozen=True, slots=True)
class Run:
    """One run: requests per second; CPU milliseconds per request of the web server, and of the database server."""

    rate: float
    web_ms: float
    database_ms: float
    generator_share: float  # of one core


@dataclass
class Result:
    """What one page costs: its runs, the statements it sends, and its bytes (plain, sent, files it draws in)."""

    name: str
    runs: list[Run] = field(default_factory=list)
    statements: int | None = None
    weights: tuple[int, int, int] | None = None

    def middle(self, figure: str) -> float:
        """The median of a figure of the runs."""
        values: list[float] = [getattr(run, figure) for run in self.runs]
        return median(values)


def measure(place: Installation, seconds: float) -> list[Result]:
    """All pages, round after round: what disturbs the machine for a while disturbs all of them."""
    desk = sit_down(place)
    asked = pages(place, desk)
    results = [Result(page.name) for page in asked]
    for page in asked:
        _run(place, page, WARM_UP)
    for _ in range(ROUNDS):
        for page, result in zip(asked, results, strict=True):
            result.runs.append(_run(place, page, seconds))
    engine, client = _application(place)
    for page, result in zip(asked, results, strict=True):
        if page.server is place.product:
            result.statements = _count(engine, client, page.prepare(0))
        if page.path:
            result.weights = desk.coordinator.weights(page.path)
    engine.dispose()
    return results


def _run(place: Installation, page: Page, seconds: float) -> Run:
    plan = page.prepare(seconds).as_json()
    (web,) = page.server.processes.values()
    assert place.postgres.process is not None
    trees = (psutil.Process(web.pid), psutil.Process(place.postgres.process.pid))
    before = [processor_seconds(each) for each in trees]
    said = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=plan,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=clean_environment(),
    )
    if said.returncode:
        raise RuntimeError(f"{page.name}: {said.stderr}\n{page.server.logs()}")
    spent = [processor_seconds(each) - was for each, was in zip(trees, before, strict=True)]
    seen = json.loads(said.stdout)
    web_ms, database_ms = (1000 * each / seen["answers"] for each in spent)
    return Run(seen["answers"] / seen["seconds"], web_ms, database_ms, seen["own_cpu"] / seen["seconds"])


def processor_seconds(root: psutil.Process) -> float:
    """Of a server and its children, those that have ended included."""
    own = root.cpu_times()
    children = [each.cpu_times() for each in root.children(recursive=True)]
    ended = own.children_user + own.children_system
    spent: float = ended + sum(each.user + each.system for each in (own, *children))
    return spent


def _application(place: Installation) -> tuple[Engine, FlaskClient]:
    """The product inside this process, on the same database, where its statements can be counted."""
    app = create_app(settings_of({**place.product.settings, "PUBLIC_URL": place.product.url}))
    with app.app_context():
        return db.engine, app.test_client(use_cookies=False)


def _count(engine: Engine, client: FlaskClient, plan: Plan) -> int:
    """SQL statements of one request, without BEGIN and COMMIT; of the second, when everything is set up."""
    script, number = plan.scripts[0], 0
    for sent in range(2):
        request = script[sent % len(script)]
        first, *lines = request["head"].splitlines()
        method, path, _ = first.split()
        body = request.get("body", "").replace("{version}", str(plan.versions[0] + sent))
        with counted(engine) as seen:
            answer = client.open(
                path, method=method, headers=dict(line.split(": ", 1) for line in lines), data=body
            )
        assert answer.status_code == plan.expected_status, answer.text
        number = len(seen)
    return number
