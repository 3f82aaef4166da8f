"""``python -m bench.generation``: plans of many governments generated in one sweep, at several numbers of them."""

import argparse
import sys
import time
from collections.abc import Callable
from decimal import Decimal

import psutil
from flask import Flask
from sqlalchemy import create_engine, select, text

from bench.installation import Services, services
from bench.measure import processor_seconds
from spbe_tasks import clock, create_app
from spbe_tasks.extensions import db
from spbe_tasks.models import Government
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.services import plans
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.transaction import transaction
from tests.product import Product, settings_for
from tests.settings import settings_of

INSTRUMENT, YEAR = "permenpanrb-59-2020", 2025
TASKS_EACH = 94  # two agencies for each of 47 indicators
FIRST = Order(INSTRUMENT, YEAR, threshold=Decimal(3))
HIGHER = Order(INSTRUMENT, YEAR, threshold=Decimal(3), target_level=Decimal(4))
SWEEPS: tuple[tuple[str, Order, Callable[[Generated], int]], ...] = (
    ("first", FIRST, lambda done: done.created),
    ("nothing to do", FIRST, lambda done: done.unchanged),
    ("another policy", HIGHER, lambda done: done.updated),
)


def main() -> None:
    """Measure each size and print the table: CPU milliseconds per government, of this process and of PostgreSQL."""
    parser = argparse.ArgumentParser(prog="python -m bench.generation", description=__doc__)
    parser.add_argument("--governments", default="10,100,600", help="with commas (%(default)s)")
    given = parser.parse_args()
    names = [name for name, _, _ in SWEEPS]
    print(f"| governments | {' | '.join(f'{name}, ms' for name in names)} |")
    print(f"| ---: | {' | '.join('---:' for _ in names)} |", flush=True)
    with services() as running:
        for count in map(int, given.governments.split(",")):
            figures = _measure(running, count)
            print(f"| {count} | {' | '.join(figures)} |", flush=True)


def _measure(running: Services, count: int) -> list[str]:
    name = f"bench_generation_{count}"
    folder = running.folder / name
    folder.mkdir()
    running.postgres.create_database(name)
    settings = settings_for(running.postgres, name, running.valkey, smtp_port=9, folder=folder)
    product = Product(settings, folder)
    product.run("db", "upgrade")
    print(f"{count:,} governments: filling …", file=sys.stderr)
    product.run("demo", "--governments", str(count), "--tasks", str(TASKS_EACH * count))
    _forget_plans(running, name)
    app = create_app(settings_of(settings))
    assert running.postgres.process is not None  # it was started here
    server = psutil.Process(running.postgres.process.pid)
    try:
        return [_sweep(app, order, touched, count=count, server=server) for _, order, touched in SWEEPS]
    finally:
        with app.app_context():
            db.engine.dispose()


def _forget_plans(running: Services, name: str) -> None:
    """Assessments and matrices stay: every government stands before its first plan."""
    engine = create_engine(running.postgres.owner_url(name))
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE plan, policy CASCADE"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _sweep(
    app: Flask, order: Order, touched: Callable[[Generated], int], *, count: int, server: psutil.Process
) -> str:
    """CPU milliseconds per government of this process and of PostgreSQL, as "41.3 + 12.0".

    Each government in a transaction of its own, the commit to disk included. CPU and not wall time, because what else
    the machine does disturbs it less.
    """
    with app.app_context():
        ids = list(db.session.scalars(select(Government.id).order_by(Government.id)))
        assert len(ids) == count
        plans.preview(db.session(), Scope(ids[0], None, Role.COORDINATOR), order, now=clock.now())  # warm up
        db.session.remove()
        total, own, theirs = 0, time.process_time(), processor_seconds(server)
        for government_id in ids:
            with transaction() as work:
                done = plans.generate(
                    work, Scope(government_id, None, Role.COORDINATOR), order, now=clock.now()
                )
            total += touched(done)
            db.session.remove()
        spent = (time.process_time() - own, processor_seconds(server) - theirs)
    assert total == TASKS_EACH * count, (total, "tasks touched")
    return " + ".join(f"{1_000 * each / count:.1f}" for each in spent)


if __name__ == "__main__":
    main()
