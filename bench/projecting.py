"""``python -m bench.projecting``: from a commit to the stored projection, and ten thousand closings at once.

Real processes all the way: closings are accepted here as the web server does it, a worker with two children and beat
run beside, with PostgreSQL and Valkey that keep what they are given.
"""

import argparse
import multiprocessing
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine, event, func, select, text

from bench.installation import Services, services
from spbe_tasks import clock, create_app
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Plan, Projection, ProjectionRequest, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import projections, tasks
from spbe_tasks.services.queries import governments
from spbe_tasks.transaction import transaction
from tests import factories, oracle
from tests.product import Product, settings_for, wait_for
from tests.settings import settings_of

PLANS, TASKS_EACH = 10, 1_000
CLOSERS = 4
WARM_UP = 5  # changes, not counted
JOB = "projections.rebuild"
# What a rebuild sends last before it computes, and first when it has computed.
READ, STORE = "SELECT agency", "INSERT INTO projection "


class TimedProduct(Product):
    """Its worker writes down what it does."""

    def _command(self, name: str) -> list[str | Path]:
        usual = super()._command(name)
        timed = {"workers.celery_app": "bench.timed_worker"} if name == "worker" else {}
        return [timed.get(str(each), each) for each in usual]


@dataclass(frozen=True, slots=True)
class Bench:
    """The installation: one plan each to measure delays on, and those whose tasks are closed at once."""

    product: TimedProduct
    settings: Settings
    times: Path
    idle: Mapping[str, int]
    busy: Sequence[int]


@dataclass(frozen=True, slots=True)
class Delay:
    """Milliseconds from the end of a change's commit: until the job ran, had read, had computed, had committed."""

    picked_up: float
    read: float
    computed: float
    stored: float


def main() -> None:
    """Measure both and print a table each."""
    parser = argparse.ArgumentParser(prog="python -m bench.projecting", description=__doc__)
    parser.add_argument("--changes", type=int, default=60, help="single changes for each plan (%(default)s)")
    parser.add_argument("--closings", type=int, default=PLANS * TASKS_EACH, help="at once (%(default)s)")
    given = parser.parse_args()
    with services() as running:
        bench = _install(running)
        app = create_app(bench.settings)
        with app.app_context():
            try:
                _delays(bench, given.changes)
                _burst(bench, given.closings, is_live=True)
                _burst(bench, given.closings, is_live=False)
            finally:
                bench.product.stop()
                db.session.remove()
                db.engine.dispose()


def _install(running: Services) -> Bench:
    running.postgres.create_database("projecting")
    times = running.folder / "times"
    variables = settings_for(
        running.postgres,
        "projecting",
        running.valkey,
        smtp_port=9,
        folder=running.folder,
        LOG_LEVEL="WARNING",
    )
    product = TimedProduct({**variables, "TIMES": str(times)}, running.folder)
    product.run("db", "upgrade")
    product.run("demo", "--governments", str(PLANS + 2), "--tasks", str(47 * (PLANS + 2)))
    engine = create_engine(running.postgres.owner_url("projecting"))
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE task, event CASCADE"))
        ids = list(connection.scalars(text("SELECT id FROM plan WHERE closed_at IS NULL ORDER BY id")))[
            : PLANS + 2
        ]
        for place, plan_id in enumerate(ids):
            connection.execute(text(_TASKS), {"plan": plan_id, "tasks": 94 if place == 0 else TASKS_EACH})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    settings = settings_of({**variables, "PUBLIC_URL": product.url})
    with create_app(settings).app_context():
        for plan_id in ids:
            with transaction() as work:
                projections.rebuild(work, plan_id, now=clock.now(), is_forced=True)
        db.session.remove()
        db.engine.dispose()
    return Bench(product, settings, times, {"94 tasks": ids[0], "1,000 tasks": ids[1]}, ids[2:])


# Every indicator has as many owners as it takes; all tasks wait for the reviewer.
_TASKS = """
INSERT INTO task (government_id, plan_id, policy_id, indicator_number, agency_id, round, state, title, kind,
                  baseline_level, target_level, share_numerator, share_denominator, points, due_on, due_version,
                  is_due_by_hand, state_changed_at, published_at, created_at, version)
SELECT p.government_id, p.id, p.policy_id, 1 + n % 47, a.id, 1, 'submitted', 'Tugas', 'gap', s.level,
       least(s.level + 1, 5), 1, 1 + (:tasks - 1) / 47, 0.0275, current_date + 30, 1, false, now(), now(), now(), 1
FROM plan p
CROSS JOIN LATERAL generate_series(0, :tasks - 1) n
JOIN score s ON s.revision_id = p.baseline_revision_id AND s.indicator_number = 1 + n % 47
JOIN (SELECT id, government_id, row_number() OVER (PARTITION BY government_id ORDER BY id) - 1 AS k FROM agency) a
  ON a.government_id = p.government_id AND a.k = n / 47
WHERE p.id = :plan
"""
_REOPEN = "UPDATE task SET state = 'submitted', reached_level = NULL WHERE state = 'accepted' AND plan_id = ANY(:plans)"


def _accept(task_id: int, reviewer_id: int) -> None:
    with transaction() as work:
        task = work.session.get_one(Task, task_id)
        scope = factories.scope(work.session.get_one(Account, reviewer_id))
        given = {"reached_level": task.target_level}
        tasks.act(work, scope, task_id, Action.ACCEPT, given, version=None, now=clock.now())


def _closings(plan_ids: Sequence[int], count: int) -> list[tuple[int, int]]:
    """Tasks to close and who closes them, the plans in turn."""
    reviewer = select(func.min(Account.id)).where(
        Account.government_id == Task.government_id, Account.role == Role.COORDINATOR
    )
    place = func.row_number().over(partition_by=Task.plan_id, order_by=Task.id)
    found = db.session.execute(
        select(Task.id, reviewer.scalar_subquery())
        .where(Task.plan_id.in_(plan_ids), Task.state == State.SUBMITTED)
        .order_by(place, Task.plan_id)
        .limit(count)
    ).all()
    db.session.rollback()
    return [(task_id, reviewer_id) for task_id, reviewer_id in found]


def _generations(plan_ids: Sequence[int]) -> dict[int, int]:
    db.session.rollback()
    rows = select(Projection.plan_id, Projection.generation).where(Projection.plan_id.in_(plan_ids))
    return {plan_id: generation for plan_id, generation in db.session.execute(rows)}


def _delays(bench: Bench, changes: int) -> None:
    """Single changes one after another, each when the one before was counted, with nothing else to do."""
    bench.product.start("worker")
    print(
        "| plan with | changes | median ms | nine of ten | until picked up | facts read | computed | stored |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for label, plan_id in bench.idle.items():
        found = [_delay(bench, plan_id, *each) for each in _closings([plan_id], changes + WARM_UP)][WARM_UP:]
        wholes = sorted(each.stored for each in found)
        ends = [median(getattr(each, name) for each in found) for name in ("picked_up", "read", "computed")]
        parts = " | ".join(f"{each:.0f}" for each in ends)
        share = wholes[len(wholes) * 9 // 10]
        print(
            f"| {label} | {len(found)} | {median(wholes):.0f} | {share:.0f} | {parts} | {median(wholes):.0f} |",
            flush=True,
        )
    bench.product.stop("worker")


def _delay(bench: Bench, plan_id: int, task_id: int, reviewer_id: int) -> Delay:
    session, committed = db.session(), []
    before = _generations([plan_id])
    known = len(_lines(bench))
    event.listen(session, "after_commit", lambda _: committed.append(time.time()), once=True)
    _accept(task_id, reviewer_id)
    wait_for(lambda: _generations([plan_id]) != before, seconds=60, what=bench.product.logs())
    wait_for(lambda: _ended(_lines(bench)[known:]), seconds=60, what="the end of the job")
    marks = (f"job {JOB} {plan_id}", f"got {READ}", f"ask {STORE}", f"end {JOB}")
    times = (next(at for at, what in _lines(bench)[known:] if what.startswith(mark)) for mark in marks)
    return Delay(*(1_000 * (at - committed[0]) for at in times))


def _lines(bench: Bench) -> list[tuple[float, str]]:
    lines = (
        (line.split("\t") for line in bench.times.read_text().splitlines()) if bench.times.exists() else ()
    )
    return [(float(at), what) for _, at, what in lines]


def _ended(lines: Sequence[tuple[float, str]]) -> bool:
    return any(what == f"end {JOB}" for _, what in lines)


def _burst(bench: Bench, count: int, *, is_live: bool) -> None:
    """Closings of all plans by several processes at once, while workers run or before they start."""
    _reset(bench)
    before, known = _generations(bench.busy), len(_lines(bench))
    if is_live:
        bench.product.start("worker", "beat")
    begun = time.monotonic()
    _close(bench, _closings(bench.busy, count))
    closed = time.monotonic()
    if not is_live:
        bench.product.start("worker", "beat")
    wait_for(_is_settled, seconds=600, what=bench.product.logs())
    settled = time.monotonic()
    after = _generations(bench.busy)
    bench.product.stop("worker", "beat")
    runs = sorted(after[each] - before[each] for each in bench.busy)
    jobs = sum(what.startswith(f"job {JOB}") for _, what in _lines(bench)[known:])
    right = sum(_is_right(plan_id) for plan_id in bench.busy)
    print(
        f"{count:,} closings in {closed - begun:.0f} s, workers {'running' if is_live else 'started afterwards'}: "
        f"{runs[0]} to {runs[-1]} rebuilds of each plan ({sum(runs)} in all, {jobs:,} jobs), all counted "
        f"{settled - closed:.1f} s after the last; {right} of {len(bench.busy)} plans are what the oracle says",
        flush=True,
    )


def _reset(bench: Bench) -> None:
    engine = create_engine(bench.product.settings["DATABASE_OWNER_URL"])
    with engine.begin() as connection:
        connection.execute(text(_REOPEN), {"plans": list(bench.busy)})
    engine.dispose()
    for plan_id in bench.busy:
        with transaction() as work:
            projections.rebuild(work, plan_id, now=clock.now(), is_forced=True)


def _close(bench: Bench, closings: Sequence[tuple[int, int]]) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(CLOSERS)
    shares = [closings[place::CLOSERS] for place in range(CLOSERS)]
    closers = [
        spawn.Process(target=_close_some, args=(bench.settings, each, start), daemon=True) for each in shares
    ]
    for each in closers:
        each.start()
    for each in closers:
        each.join()
        assert each.exitcode == 0


def _close_some(settings: Settings, closings: Sequence[tuple[int, int]], start: Barrier) -> None:
    with create_app(settings).app_context():
        start.wait(timeout=240)
        for task_id, reviewer_id in closings:
            _accept(task_id, reviewer_id)
            db.session.remove()
        db.engine.dispose()


def _is_settled() -> bool:
    db.session.rollback()
    return not db.session.scalar(select(func.count()).select_from(ProjectionRequest))


def _is_right(plan_id: int) -> bool:
    stored = db.session.get_one(Projection, plan_id, populate_existing=True)
    plan = db.session.get_one(Plan, plan_id)
    evaluation = governments.find_evaluation(db.session(), plan.government_id, plan.year)
    opens_on = evaluation.self_assessment_opens_on if evaluation else None
    try:
        oracle.check_stored(db.session(), stored, evaluation_on=opens_on)
    except AssertionError:
        return False
    return True


if __name__ == "__main__":
    main()
