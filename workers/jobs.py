"""One function per ``Job``: open a transaction, call one service. No query, no rule, no formatting here."""

from collections.abc import Callable
from functools import wraps

from celery import Celery
from flask import Flask

from spbe_tasks import clock, feedback, mailing, proving, stored_files
from spbe_tasks.building import run
from spbe_tasks.jobs import Job
from spbe_tasks.services import (
    assessment_drafts,
    built_files,
    forecasts,
    government_deletions,
    mail_trail,
    news_mail,
    projections,
    reminders,
    system,
    trail,
    typed_drafts,
    uploads,
)
from spbe_tasks.transaction import transaction

Function = Callable[..., None]
JOBS: dict[Job, Function] = {}


def job(name: Job) -> Callable[[Function], Function]:
    """Give a function its place in the table of jobs."""

    def enter(function: Function) -> Function:
        JOBS[name] = function
        return function

    return enter


def register(celery_app: Celery, flask_app: Flask) -> None:
    """Make every job known to Celery under its name, each run inside an application context."""
    for name, function in JOBS.items():
        celery_app.task(name=str(name))(_in_context(flask_app, function))


def _in_context(flask_app: Flask, function: Function) -> Function:
    @wraps(function)
    def run(*args: str | int) -> None:
        with flask_app.app_context():
            function(*args)

    return run


@job(Job.REBUILD_PROJECTION)
def rebuild_projection(plan_id: int) -> None:
    """Rebuild one plan's projected index from facts, if something still asks for it."""
    with transaction() as work:
        projections.answer(work, plan_id, now=clock.now())


@job(Job.SWEEP_PROJECTIONS)
def sweep_projections() -> None:
    """Ask for the rebuilds that no job is going to do."""
    with transaction() as work:
        projections.sweep_lost(work)


@job(Job.PROVE_PROJECTIONS)
def prove_projections() -> None:
    """Prove the figures nobody has proved today and move them on to it; ask for those that are left behind."""
    proving.sweep(now=clock.now())


@job(Job.MAKE_FORECAST)
def make_forecast(plan_id: int) -> None:
    """Say by when one plan reaches its target."""
    with transaction() as work:
        forecasts.make(work, plan_id, now=clock.now())


@job(Job.SWEEP_FORECASTS)
def sweep_forecasts() -> None:
    """Ask for the forecasts whose figures have changed since."""
    with transaction() as work:
        forecasts.sweep(work)


@job(Job.PLAN_REMINDERS)
def plan_reminders() -> None:
    """Ask for a planning job for every government that may be mailed at this hour."""
    with transaction() as work:
        reminders.ask_for_all(work, now=clock.now())


@job(Job.PLAN_GOVERNMENT)
def plan_government(government_id: int) -> None:
    """Write what is due in one government into the ledger, and ask for the digests that tell it."""
    with transaction() as work:
        reminders.plan_government(work, government_id, now=clock.now())


@job(Job.ASK_FOR_NEWS)
def ask_for_news() -> None:
    """Ask for a mail to everybody for whom news waits that they want at once."""
    with transaction() as work:
        news_mail.ask_for_all(work, now=clock.now())


@job(Job.SWEEP_OUTBOX)
def sweep_outbox() -> None:
    """Send what is due; settle what a dead sender left behind."""
    mailing.sweep()


@job(Job.READ_FEEDBACK)
def read_feedback() -> None:
    """Take in the bounces and complaints that lie in the mailbox."""
    feedback.read_mailbox()


@job(Job.SEAL_EVENTS)
def seal_events() -> None:
    """Write how mails ended into the trail, and extend each government's hash chain by what is new in it."""
    with transaction() as work:
        mail_trail.record(work, now=clock.now())
        trail.seal(work)


@job(Job.SWEEP_DRAFTS)
def sweep_drafts() -> None:
    """End imports, drafts and uploads that nobody goes on with; remove files that nothing refers to any more."""
    with transaction() as work:
        assessment_drafts.sweep(work, now=clock.now())
        typed_drafts.sweep(work, now=clock.now())
        uploads.sweep(work, now=clock.now())
    stored_files.sweep(now=clock.now())


@job(Job.BUILD_FILE)
def build_file(built_id: int) -> None:
    """Build one file that somebody asked for."""
    run.build(built_id)


@job(Job.SWEEP_BUILDS)
def sweep_builds() -> None:
    """Ask again for files nobody builds; forget those that were kept long enough."""
    with transaction() as work:
        built_files.sweep(work, now=clock.now())


@job(Job.DELETE_GOVERNMENT)
def delete_government(deletion_id: int) -> None:
    """Delete a government, as two administrators have confirmed."""
    with transaction() as work:
        government_deletions.carry_out(work, deletion_id, now=clock.now())


@job(Job.SWEEP_DELETIONS)
def sweep_deletions() -> None:
    """Ask again for confirmed deletions that are not done yet."""
    with transaction() as work:
        government_deletions.sweep(work)


@job(Job.RECORD_HEARTBEAT)
def record_heartbeat() -> None:
    """Note that beat has sent and a worker has run a job just now."""
    with transaction() as work:
        system.record_heartbeat(work, now=clock.now())
