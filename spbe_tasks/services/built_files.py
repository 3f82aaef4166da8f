"""Files that a worker builds for a person: asked for, taken by one worker, followed while it grows, kept for a while.

``building`` does the work between these transactions; what each kind of file is, is entered there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, BuildKind, BuildState, BuiltFile, NewsKind
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.services import news
from spbe_tasks.services.build_terms import TERMS
from spbe_tasks.services.queries import acting, governments
from spbe_tasks.services.queries import built_files as queries
from spbe_tasks.work import Work

FAILED_KEPT_FOR = timedelta(days=7)
# Longer than a builder is ever silent; whoever was at it is dead.
SILENT_FOR = timedelta(minutes=10)
# A job that was not sent, or was lost with its queue, is asked for again.
UNTAKEN_FOR = timedelta(minutes=1)
MOST_UNFINISHED = 5

WORKER_DIED = "built_file.worker_died"
FAULT = "built_file.fault"
TOO_LONG = "built_file.too_long"


@dataclass(frozen=True, slots=True)
class Result:
    """A finished file as it was stored; ``key`` is its name in the storage, ``title`` what its person calls it."""

    key: str
    title: str
    file_name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker has taken: what to build, and through whose eyes."""

    id: int
    kind: BuildKind
    subject: Mapping[str, object]
    scope: Scope
    locale: str


def plan_of(order: Order) -> int:
    """The id of the plan an order is about. Raises NotFoundError when its subject names none."""
    plan_id = order.subject.get("plan_id")
    if not isinstance(plan_id, int):
        raise NotFoundError("plan.not_found")
    return plan_id


def ask(
    work: Work, scope: Scope, kind: BuildKind, subject: Mapping[str, object], *, now: datetime
) -> BuiltFile:
    """Have a worker build a file for the scope's person; the same one again while it is not finished.

    ``subject`` holds JSON scalars. Asks for ``BUILD_FILE``. Raises ForbiddenError when the kind is not for the person's
    role, InvalidInputError ("built_file.too_many") when they have ``MOST_UNFINISHED`` under way.
    """
    assert scope.account_id is not None  # only people ask; the command line writes its files itself
    if not scope.may(TERMS[kind].needs):
        raise ForbiddenError
    under_way = queries.list_unfinished(work.session, scope)
    wanted = (kind, dict(subject))
    same = next((each for each in under_way if (each.kind, each.subject) == wanted), None)
    if same is not None:
        return same
    if len(under_way) >= MOST_UNFINISHED:
        raise InvalidInputError.of("built_file.too_many", "kind", limit=MOST_UNFINISHED)
    built = BuiltFile(
        government_id=scope.government_id,
        account_id=scope.account_id,
        acting_for_id=scope.acting_for_id,
        kind=kind,
        subject=dict(subject),
        state=BuildState.WAITING,
        asked_at=now,
        touched_at=now,
    )
    work.session.add(built)
    work.session.flush()
    work.after_commit(Job.BUILD_FILE, built.id)
    return built


def take(work: Work, built_id: int, *, now: datetime) -> Order | None:
    """Take an order for this worker alone; None when it was taken already, is finished, or nobody waits any more."""
    taken = select(BuiltFile).where(BuiltFile.id == built_id, BuiltFile.state == BuildState.WAITING)
    built = work.session.scalar(taken.with_for_update(skip_locked=True))
    if built is None:
        return None
    account = work.session.get_one(Account, built.account_id)
    scope = _scope(work.session, built, account, now=now)
    if scope is None or not scope.may(TERMS[BuildKind(built.kind)].needs):
        work.session.delete(built)
        return None
    built.state, built.touched_at = BuildState.RUNNING, now
    return Order(built.id, BuildKind(built.kind), built.subject, scope, account.locale)


def _scope(session: Session, built: BuiltFile, account: Account, *, now: datetime) -> Scope | None:
    """Whose eyes it is built through; None once the account is closed, or the position no longer taken."""
    if not account.is_active or account.government_id not in (None, built.government_id):
        return None
    if built.acting_for_id is None:
        return Scope(built.government_id, account.id, account.role, account.agency_id)
    zone = governments.get_government(session, built.government_id).timezone
    standing = acting.standing(session, built.government_id, local_date(now, zone))
    if standing.get(built.acting_for_id) != account.id:
        return None
    absent = session.get_one(Account, built.acting_for_id)
    return Scope(built.government_id, account.id, absent.role, absent.agency_id, acting_for_id=absent.id)


def note_progress(work: Work, built_id: int, done: int, total: int, *, now: datetime) -> None:
    """Say how far it is: ``done`` of ``total`` steps."""
    work.session.execute(
        update(BuiltFile)
        .where(BuiltFile.id == built_id, BuiltFile.state == BuildState.RUNNING)
        .values(done=done, total=total, touched_at=now)
    )


def finish(work: Work, built_id: int, result: Result, *, now: datetime) -> None:
    """The file is there: keep it as long as its kind is kept, and tell the person; nothing when nobody waits."""
    built = queries.lock_running(work.session, built_id)
    if built is None:
        return
    built.state, built.finished_at, built.touched_at = BuildState.READY, now, now
    built.done = built.total = max(built.total, 1)
    built.file_key, built.file_name = result.key, result.file_name
    built.media_type, built.size_bytes = result.media_type, result.size_bytes
    built.expires_at = now + TERMS[BuildKind(built.kind)].kept_for
    news.tell(
        work,
        NewsKind.FILE_READY,
        [built.account_id],
        government_id=built.government_id,
        actor_id=None,
        now=now,
        words=result.title,
    )


def fail(work: Work, built_id: int, problem: str, *, now: datetime) -> None:
    """It could not be built: ``problem`` is the code of a sentence for people."""
    built = queries.lock_running(work.session, built_id)
    if built is not None:
        built.state, built.problem = BuildState.FAILED, problem
        built.finished_at = built.touched_at = now


def again(work: Work, scope: Scope, built_id: int, *, now: datetime) -> BuiltFile:
    """Ask anew for a file that failed. Raises NotFoundError when it is not the person's."""
    built = queries.get(work.session, scope, built_id)
    fresh = ask(work, scope, BuildKind(built.kind), built.subject, now=now)
    if fresh is not built and built.state is BuildState.FAILED:
        work.session.delete(built)
    return fresh


def remove(work: Work, scope: Scope, built_id: int) -> None:
    """Forget a file; whoever is building it will find that nobody waits. Raises NotFoundError as ``again``."""
    work.session.delete(queries.get(work.session, scope, built_id))


def sweep(work: Work, *, now: datetime) -> None:
    """Ask again for what nobody took, give up what a dead worker left, forget what was kept long enough."""
    for built in queries.list_stale(work.session, untaken=now - UNTAKEN_FOR, silent=now - SILENT_FOR):
        if built.state is BuildState.WAITING:
            work.after_commit(Job.BUILD_FILE, built.id)
        else:
            built.state, built.problem = BuildState.FAILED, WORKER_DIED
            built.finished_at = built.touched_at = now
    work.session.execute(delete(BuiltFile).where(BuiltFile.expires_at <= now))
    is_old_failure = (BuiltFile.state == BuildState.FAILED) & (BuiltFile.finished_at <= now - FAILED_KEPT_FOR)
    work.session.execute(delete(BuiltFile).where(is_old_failure))
