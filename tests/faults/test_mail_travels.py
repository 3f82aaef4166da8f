"""Bad weeks of mail, lived through by a worker and a beat whose clock is set: counted at the mail server."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import func, select

from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, Government, Message, ReminderIntent, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.transaction import transaction
from tests import factories
from tests.faults import mail_scene
from tests.faults.mail_scene import Scene
from tests.product import free_port, wait_for
from tests.services import PostgresServer


@pytest.fixture(scope="module")
def scene(
    postgres: PostgresServer, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """One installation for all of them, each with governments of its own; beat runs all the while."""
    with mail_scene.opened(postgres, migrated, tmp_path_factory.mktemp("travels")) as scene:
        scene.product.start("beat")
        yield scene


def _go(scene: Scene, instant: datetime, **variables: str) -> None:
    """Have a worker live at this instant, and do at once, twice, what beat asks of it every minute."""
    if "worker" in scene.product.processes:
        scene.product.stop("worker")
    offset = int((instant - datetime.now(UTC)).total_seconds())
    scene.configure(**{"SMTP_PORT": str(scene.box.port), "CLOCK_OFFSET": str(offset), **variables})
    scene.product.start("worker")
    for job in (Job.PLAN_REMINDERS, Job.SWEEP_OUTBOX) * 2:
        _do(scene, job)


def _do(scene: Scene, job: Job) -> None:
    """Have this done, and all that it asks for."""
    scene.ask(job)
    wait_for(lambda: _is_idle(scene), seconds=40, what=scene.product.logs())
    db.session.rollback()


def _is_idle(scene: Scene) -> bool:
    """Whether no job waits or runs; looked at twice, since one that is just being taken is in neither list."""
    with closing(Redis.from_url(scene.valkey.url)) as queue:
        for _ in range(2):
            if queue.llen("celery") or queue.hlen("unacked"):
                return False
            time.sleep(0.05)
    return True


def _people(zone: str, count: int, due_on: date) -> Sequence[tuple[str, int]]:
    """A new government in this zone, open at the usual hours; address and task of each of its people."""
    with transaction() as work:
        government = factories.government(work.session, timezone=zone)
        plan = factories.plan(work.session, government)
        made = []
        for number in range(count):
            agency = factories.agency(work.session, government)
            person = factories.account(work.session, government, Role.FOCAL_POINT, agency)
            task = factories.task(work.session, plan, agency, 1 + number, due_on=due_on)
            made.append((person.email, task.id))
    return made


def _move(task_id: int, due_on: date) -> None:
    with transaction() as work:
        task = work.session.get_one(Task, task_id)
        task.due_on, task.due_version = due_on, task.due_version + 1


def _mails() -> Counter[tuple[str, str | None]]:
    """How many mails stand how, and why."""
    return Counter((row.state.value, row.reason) for row in db.session.scalars(select(Message)))


def _told(email: str) -> list[str]:
    """The rungs that are proven to have been told to somebody."""
    rows = select(ReminderIntent.rung).join(Account, Account.id == ReminderIntent.account_id)
    rows = rows.where(Account.email == email, ReminderIntent.state == "sent").order_by(ReminderIntent.id)
    return list(db.session.scalars(rows))


def _prove(scene: Scene) -> None:
    """No mail came twice, no reminder ended otherwise than its mail, and the sealed trail says the same."""
    assert set(scene.box.count_by_id.values()) == {1}
    overtaken = {("superseded", None), ("cancelled", None)}
    assert {tuple(row[1:]) for row in scene.broken_promises()} <= overtaken
    _do(scene, Job.SEAL_EVENTS)
    newest = db.session.scalars(select(Government.slug).order_by(Government.id.desc())).first()
    scene.product.run("reminders", "proof", "--government", str(newest))


def test_three_days_without_a_server_then_one_that_puts_off_refuses_stalls_and_is_slow_cost_nobody_a_mail(
    scene: Scene,
) -> None:
    people = dict(_people("Asia/Pontianak", 20, date(2026, 5, 4)))
    moved, refused, *_ = people
    nowhere = str(free_port())
    morning = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)  # a Monday, 09.00 there
    for days in (0, 2):  # the first and the third of them
        _go(scene, morning + timedelta(days=days), SMTP_PORT=nowhere)
    assert scene.received() == []
    assert _mails() == {("pending", "server_unreachable"): 40}
    assert db.session.scalar(select(func.sum(Message.attempts))) == 0

    back = morning + timedelta(days=3)
    scene.box.at_rcpt = {moved: "451 greylisted", refused: "550 no such user"}
    scene.box.pause, scene.box.stall_once, scene.box.stall_seconds = 0.3, True, 3.0
    _go(scene, back)
    never = Counter(
        {("cancelled", "day_passed"): 40, ("failed", "refused"): 1, ("uncertain", "no_answer"): 1}
    )
    assert _mails() == never | {("sent", None): 17, ("pending", "try_later"): 1}
    for days in (1, 3):  # planned for the old date, waiting to be sent
        _move(people[moved], back.date() + timedelta(days=days))
    scene.box.at_rcpt = {}
    _go(scene, back + timedelta(minutes=2))

    # A sweep that was faster than the planning found nothing left to say in the mail that waited.
    assert _mails() - Counter({("cancelled", "nothing_left"): 1}) == never | {("sent", None): 18}
    assert Counter(scene.received()) == dict.fromkeys(people.keys() - {refused}, 1)
    last = scene.box.received[-1]
    body = last.message.get_body(("plain",))
    assert last.to == moved
    assert body
    assert "10 Mei 2026" in body.get_content()
    assert _told(moved) == ["due-3"]
    told = Counter(rung for email in people for rung in _told(email))
    assert told == {"overdue+3": 17, "due-3": 1}
    scene.box.pause = 0.0
    _prove(scene)


def test_mail_leaves_at_each_zones_own_morning_not_in_the_week_of_lebaran_and_not_again_by_a_clock_that_goes_back(
    scene: Scene,
) -> None:
    zones = ("Asia/Jayapura", "Asia/Makassar", "Asia/Jakarta")
    east, middle, west = (_people(zone, 1, date(2026, 3, 16))[0][0] for zone in zones)
    already = len(scene.received())

    def received() -> Sequence[str]:
        return scene.received()[already:]

    # On the last working day before Nyepi and Lebaran: 07.28 in one zone, then in the next, then 07.31 in the last.
    evening = datetime(2026, 3, 16, 22, 28, tzinfo=UTC)
    for minutes, expected in ((0, []), (60, [east]), (123, [east, middle, west])):
        _go(scene, evening + timedelta(minutes=minutes))
        assert sorted(received()) == sorted(expected)
    _go(
        scene, datetime(2026, 3, 24, 2, 0, tzinfo=UTC)
    )  # the last day of joint leave, in office hours everywhere
    assert len(received()) == 3
    _go(scene, datetime(2026, 3, 25, 2, 0, tzinfo=UTC))
    assert Counter(received()) == {east: 2, middle: 2, west: 2}
    _go(scene, datetime(2026, 3, 17, 3, 0, tzinfo=UTC))  # as if that had been a clock a week ahead
    assert len(received()) == 6
    assert {tuple(_told(each)) for each in (east, middle, west)} == {("overdue+1", "overdue+7")}
    _prove(scene)
