"""``python -m bench.planning``: the reminders of 600 governments planned in one pass, at three numbers of tasks."""

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psutil
from flask import Flask
from sqlalchemy import create_engine, select, text

from bench.installation import MANY_GOVERNMENTS, Services, services
from bench.measure import processor_seconds
from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.models import Government
from spbe_tasks.services import reminders
from spbe_tasks.transaction import transaction
from tests.product import Product, settings_for
from tests.settings import settings_of

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday, 10.00 in Jakarta
DEMO_TASKS_EACH = 47
MEBIBYTE = 1 << 20
PASSES = (
    ("first", NOW, "everything is new"),
    ("again", NOW + timedelta(minutes=5), "nothing to do"),
    ("next day", NOW + timedelta(days=1), "what a day brings"),
)


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over all governments: what it wrote, and what it cost."""

    changes: int
    seconds: float
    own: float
    server: float
    peak: int


def main() -> None:
    """Measure each size and print a row per pass."""
    parser = argparse.ArgumentParser(prog="python -m bench.planning", description=__doc__)
    parser.add_argument(
        "--tasks", default="10000,100000,1000000", help="open tasks, with commas (%(default)s)"
    )
    given = parser.parse_args()
    print(
        "| open tasks | pass | changes | seconds | CPU µs per open task | PostgreSQL CPU µs | peak RSS MiB |"
    )
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    with services() as running:
        for tasks in map(int, given.tasks.split(",")):
            _measure(running, tasks)


def _measure(running: Services, tasks: int) -> None:
    name = f"bench_planning_{tasks}"
    folder = running.folder / name
    folder.mkdir()
    running.postgres.create_database(name)
    settings = settings_for(running.postgres, name, running.valkey, smtp_port=9, folder=folder)
    product = Product(settings, folder)
    product.run("db", "upgrade")
    print(f"{tasks:,} open tasks: filling …", file=sys.stderr)
    demo = ("--governments", str(MANY_GOVERNMENTS), "--tasks", str(DEMO_TASKS_EACH * MANY_GOVERNMENTS))
    product.run("demo", *demo)
    _fill(running, name, tasks)
    app = create_app(settings_of(settings))
    assert running.postgres.process is not None  # it was started here
    server = psutil.Process(running.postgres.process.pid)
    try:
        for label, now, _ in PASSES:
            done = _plan_all(app, now, server)
            per_task = [f"{1_000_000 * each / tasks:.1f}" for each in (done.own, done.server)]
            figures = (f"{done.changes:,}", f"{done.seconds:.1f}", *per_task, f"{done.peak / MEBIBYTE:.0f}")
            print(f"| {tasks:,} | {label} | {' | '.join(figures)} |", flush=True)
    finally:
        with app.app_context():
            db.engine.dispose()


def _plan_all(app: Flask, now: datetime, server: psutil.Process) -> Pass:
    """Every government in a transaction of its own, one after another in this process, with commits to disk."""
    process, peak, changes = psutil.Process(), 0, 0
    with app.app_context():
        ids = list(db.session.scalars(select(Government.id).order_by(Government.id)))
        db.session.remove()
        begun, own, theirs = time.monotonic(), time.process_time(), processor_seconds(server)
        for government_id in ids:
            with transaction() as work:
                outcome = reminders.plan_government(work, government_id, now=now)
            db.session.remove()
            assert outcome.hold is None, outcome.hold
            planned = outcome.planned
            changes += len(planned.new) + len(planned.superseded) + len(planned.cancelled)
            peak = max(peak, process.memory_info().rss)
        return Pass(
            changes,
            time.monotonic() - begun,
            time.process_time() - own,
            processor_seconds(server) - theirs,
            peak,
        )


def _fill(running: Services, name: str, tasks: int) -> None:
    """Open tasks only, the first government with up to 5,000 of them; due from a month ago to a year ahead."""
    engine = create_engine(running.postgres.owner_url(name))
    largest = min(5_000, tasks // 20)
    each = (tasks - largest) // (MANY_GOVERNMENTS - 1)
    rest = tasks - largest - each * (MANY_GOVERNMENTS - 1)
    with engine.begin() as connection:
        for statement in (_CLEAR, _TASKS, _SUBMISSIONS):
            given = {"largest": largest + rest, "each": each, "today": NOW.date()}
            connection.execute(text(statement), given if ":" in statement.replace("::", "") else {})
        found = connection.scalar(text("SELECT count(*) FROM task"))
        connection.execute(text("UPDATE government SET is_mail_paused = false, timezone = 'Asia/Jakarta'"))
    assert found == tasks, (found, tasks)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


_CLEAR = "TRUNCATE task, event CASCADE"
# Of a hundred open tasks, 8 are in review, 4 returned, 4 blocked, the others assigned or in progress.
_TASKS = """
INSERT INTO task (government_id, plan_id, policy_id, indicator_number, agency_id, round, state, title, kind,
                  baseline_level, target_level, share_numerator, share_denominator, points, due_on, due_version,
                  is_due_by_hand, state_changed_at, published_at, created_at, version)
SELECT p.government_id, p.id, p.policy_id, 1 + n / a.total, a.id, 1,
       CASE WHEN n % 100 < 8 THEN 'submitted' WHEN n % 100 < 12 THEN 'returned' WHEN n % 100 < 16 THEN 'blocked'
            WHEN n % 2 = 0 THEN 'assigned' ELSE 'in_progress' END,
       'Tugas', 'gap', 2, 3, 1, 1, 0.0275, CAST(:today AS date) - 30 + (n * 37 % 395), 1,
       false, timestamptz '2026-10-01', timestamptz '2026-10-01', timestamptz '2026-10-01', 1
FROM (SELECT DISTINCT ON (government_id) id, government_id, policy_id FROM plan WHERE closed_at IS NULL
      ORDER BY government_id, year DESC) p
CROSS JOIN LATERAL generate_series(
  0, (CASE WHEN p.government_id = (SELECT min(id) FROM government) THEN :largest ELSE :each END) - 1) n
JOIN (SELECT id, government_id, row_number() OVER (PARTITION BY government_id ORDER BY id) - 1 AS k,
             count(*) OVER (PARTITION BY government_id) AS total FROM agency) a
  ON a.government_id = p.government_id AND a.k = n % a.total
"""
_SUBMISSIONS = """
INSERT INTO submission (government_id, task_id, number, note, submitted_by_id, submitted_at)
SELECT t.government_id, t.id, 1, 'x', (SELECT min(id) FROM account c WHERE c.government_id = t.government_id),
       timestamptz '2026-11-02' + (t.id % 21) * interval '1 day'
FROM task t WHERE t.state = 'submitted'
"""


if __name__ == "__main__":
    main()
