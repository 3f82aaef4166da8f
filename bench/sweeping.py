"""``python -m bench.sweeping``: the figures of 600 governments in one sweep, beside ONE statement over the same rows.

The floor (``sweep_floor.sql``) reads and writes the same rows in a copy of the database, details of the same kind and
length included. It proves nothing and knows no prerequisites. CPU is that of this process and of PostgreSQL.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import psutil
from sqlalchemy import Engine, create_engine, text

from bench.installation import MANY_GOVERNMENTS, Services, services
from bench.measure import processor_seconds
from spbe_tasks import create_app, proving
from spbe_tasks.demo.bulk import settle
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.services.queries import projections as queries
from tests.product import Product, settings_for
from tests.settings import settings_of

FLOOR = text((Path(__file__).parent / "sweep_floor.sql").read_text())
INSTRUMENT = "permenpanrb-59-2020"
INDICATORS = 47
ROUNDS = 5
# A night as due dates fall, one on which due dates of every plan pass, and a second look on the same day.
NIGHTS = {
    "a night": timedelta(days=1),
    "a night that changes every plan": timedelta(days=40),
    "the same day": timedelta(0),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall, and of CPU of this process and of PostgreSQL."""

    wall: float
    own: float
    server: float

    @property
    def cpu(self) -> float:
        return self.own + self.server


def main() -> None:
    """Measure round after round, the floor beside each kind of night, and print the medians."""
    parser = argparse.ArgumentParser(prog="python -m bench.sweeping", description=__doc__)
    parser.add_argument(
        "--governments", type=int, default=MANY_GOVERNMENTS, help="of 47 tasks each (%(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="of each, after one that warms up (%(default)s)"
    )
    given = parser.parse_args()
    with services() as running:
        _install(running, given.governments)
        assert running.postgres.process is not None  # it was started here
        server = psutil.Process(running.postgres.process.pid)
        with _product(running), _engine(running.postgres.app_url("sweep_floor")) as floor:
            found = _measure(floor, server, given.rounds)
    base = found.pop("floor")
    print("| | wall s | CPU s | of them PostgreSQL | times the floor by CPU | by wall |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, costs in {"floor: one statement": base, **found}.items():
        wall, cpu, theirs = (
            median(getattr(each, part) for each in costs) for part in ("wall", "cpu", "server")
        )
        by_cpu = median(each.cpu / other.cpu for each, other in zip(costs, base, strict=True))
        by_wall = median(each.wall / other.wall for each, other in zip(costs, base, strict=True))
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {theirs:.2f} | {by_cpu:.2f} | {by_wall:.2f} |")


def _install(running: Services, governments: int) -> None:
    running.postgres.create_database("sweep")
    product = Product(_variables(running), running.folder)
    product.run("db", "upgrade")
    product.run("demo", "--governments", str(governments), "--tasks", str(INDICATORS * governments))
    running.postgres.create_database("sweep_floor", template="sweep")
    for name in ("sweep", "sweep_floor"):
        settle(running.postgres.owner_url(name))


def _variables(running: Services) -> dict[str, str]:
    return settings_for(
        running.postgres, "sweep", running.valkey, smtp_port=9, folder=running.folder, LOG_LEVEL="WARNING"
    )


@contextmanager
def _product(running: Services) -> Iterator[None]:
    with create_app(settings_of({**_variables(running), "PUBLIC_URL": "http://127.0.0.1"})).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


def _measure(floor: Engine, server: psutil.Process, rounds: int) -> dict[str, list[Cost]]:
    found: dict[str, list[Cost]] = {"floor": [], **{name: [] for name in NIGHTS}}
    begun = datetime.now(UTC)
    for number in range(rounds + 1):
        costs = {"floor": _cost(server, lambda: _sweep_floor(floor, begun))}
        for name, later in NIGHTS.items():
            _sweep(begun)  # every night begins on the same day
            costs[name] = _cost(server, lambda now=begun + later: _sweep(now))  # type: ignore[misc]
        for name, cost in costs.items() if number else ():
            found[name].append(cost)
    return found


def _sweep(now: datetime) -> None:
    plan_ids = queries.list_open(db.session())
    outcome = proving.prove(plan_ids, now=now)
    assert len(outcome.agreeing) == len(plan_ids), outcome


def _sweep_floor(engine: Engine, now: datetime) -> None:
    instrument = get_instrument(INSTRUMENT)
    weights = [
        {
            "number": indicator.number,
            "weight": str(indicator.weight),
            "aspect": aspect.number,
            "aspect_weight": str(aspect.weight),
            "domain": domain.number,
            "domain_weight": str(domain.weight),
        }
        for domain in instrument.domains
        for aspect in domain.aspects
        for indicator in aspect.indicators
    ]
    with engine.begin() as connection:
        connection.execute(FLOOR, {"weights": json.dumps(weights), "now": now}).one()


def _cost(server: psutil.Process, do: Callable[[], None]) -> Cost:
    begun, own, theirs = time.monotonic(), time.process_time(), processor_seconds(server)
    do()
    return Cost(time.monotonic() - begun, time.process_time() - own, processor_seconds(server) - theirs)


if __name__ == "__main__":
    main()
