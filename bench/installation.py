"""The servers that are measured: PostgreSQL and Valkey as in production, the product, and the floor beside it."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.product import HOST, Product, settings_for
from tests.services import PostgresServer, ValkeyServer, new_folder
from tools import frontend, valkey
from tools.layout import BIN
from tools.postgres import Cluster
from tools.postgres_binaries import find_binaries
from tools.processes import stop

MANY_TASKS, MANY_GOVERNMENTS, FEW_GOVERNMENTS = 100_000, 600, 10
NO_ROWS = "/?government=0&plan=0"


@dataclass(frozen=True, slots=True)
class Services:
    """A database server and a broker that keep what they are given."""

    postgres: PostgresServer
    valkey: ValkeyServer
    folder: Path


class Floor(Product):
    """The floor's gunicorn, started and stopped like the product's."""

    def _command(self, name: str) -> list[str | Path]:
        gunicorn = ["--config", "python:bench.floor_conf", "--bind", f"{HOST}:{self.port}"]
        return [BIN / "gunicorn", *gunicorn, "--graceful-timeout", "5", "bench.floor:create_app()"]


@dataclass(frozen=True, slots=True)
class Installation:
    """A product with its data, and the floor on the same data. Both run; only one is asked at a time."""

    product: Product
    floor: Floor
    postgres: PostgresServer
    dsn: str

    def read(self, statement: bytes, *values: object) -> list[tuple[object, ...]]:
        """The rows of a statement: to choose what is asked for."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(statement, values).fetchall()


@contextmanager
def services() -> Iterator[Services]:
    """Both servers in a temporary folder. Commits reach the disk, or a status change would be flattered."""
    frontend.ensure()
    folder = new_folder()
    cluster = Cluster(folder / "postgres", find_binaries())
    broker = valkey.Broker(folder / "valkey", valkey.find_binary())
    cluster.initialise()
    with (folder / "services.log").open("ab") as log:
        running = [cluster.start(output=log), broker.start(output=log)]
    try:
        cluster.wait_ready(running[0])
        broker.wait_ready(running[1])
        cluster.ensure_roles()
        yield Services(PostgresServer(cluster, running[0]), ValkeyServer(broker, running[1]), folder)
    finally:
        for process in reversed(running):
            stop(process)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installation(services: Services, tasks: int) -> Iterator[Installation]:
    """A database with this many tasks, and the product and the floor on it."""
    name = f"bench_{tasks}"
    folder = services.folder / name
    folder.mkdir()
    services.postgres.create_database(name)
    # No mail goes out: governments in bulk have theirs paused, and no worker runs.
    settings = settings_for(services.postgres, name, services.valkey, smtp_port=9, folder=folder)
    dsn = services.postgres.app_url(name).replace("+psycopg", "")
    product, floor = Product(settings, folder), Floor({**settings, "FLOOR_DATABASE": dsn}, folder)
    product.run("db", "upgrade")
    governments = MANY_GOVERNMENTS if tasks >= MANY_TASKS else FEW_GOVERNMENTS
    product.run("demo", "--governments", str(governments), "--tasks", str(tasks))
    try:
        product.start("web")
        floor.start("floor")
        product.wait_healthy()
        floor.wait_healthy(NO_ROWS)
        yield Installation(product, floor, services.postgres, dsn)
    except Exception:
        print(product.logs(), file=sys.stderr)
        raise
    finally:
        floor.stop()
        product.stop()
