"""The worker and beat processes: ``celery -A workers.celery_app worker`` and ``... beat``."""

from typing import Any

from celery import signals

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.log import correlation_id
from workers import schedule
from workers.jobs import register

flask_app = create_app()
celery_app = flask_app.extensions["broker"]
register(celery_app, flask_app)
celery_app.conf.beat_schedule = schedule.BEAT


@signals.worker_process_init.connect
def forget_inherited_connections(**_: Any) -> None:
    """A forked child must not share its parent's database connection: it would read the other's rows."""
    with flask_app.app_context():
        db.engine.dispose(close=False)


@signals.task_prerun.connect
def name_job(task_id: str, **_: Any) -> None:
    """Put the job's id on every log line of the job."""
    correlation_id.set(task_id[:12])


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery leaves logging alone when someone listens here; ``create_app`` has set it up."""
