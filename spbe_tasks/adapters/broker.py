"""The Celery application as producer and consumer see it; the one place that knows how it is configured."""

from celery import Celery
from kombu.exceptions import OperationalError

from spbe_tasks.config import Settings

# A job that runs longer than this is stuck: the soft limit lets it log, the hard one ends the process.
SOFT_LIMIT_SECONDS = 240
HARD_LIMIT_SECONDS = 300


class BrokerError(Exception):
    """The broker does not answer."""


def connect(settings: Settings) -> Celery:
    """The Celery application for ``settings``, made the default of this process so that producers find it."""
    app = Celery("spbe_tasks", broker=settings.redis_url.get_secret_value(), set_as_current=True)
    app.conf.update(
        enable_utc=True,
        timezone="UTC",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        task_soft_time_limit=SOFT_LIMIT_SECONDS,
        task_time_limit=HARD_LIMIT_SECONDS,
        broker_connection_retry_on_startup=True,
        # Redis hands a job out again when it is not acknowledged in time; every job is safe to run twice.
        # A web request never waits for a broker that is down (unless told, it does for six seconds): the sweep does
        # the work later. Workers wait for it by settings of their own.
        broker_transport_options={
            "visibility_timeout": 2 * HARD_LIMIT_SECONDS,
            "socket_connect_timeout": 2,
            "max_retries": 0,
        },
        task_publish_retry=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
    )
    app.set_default()
    return app


def ping(app: Celery) -> None:
    """Return when the broker answers within two seconds; raises ``BrokerError`` with its reason."""
    with app.connection_for_write(connect_timeout=2) as connection:
        try:
            connection.ensure_connection(max_retries=1, timeout=2)
        except (OperationalError, OSError) as error:
            raise BrokerError(str(error)) from error
