"""How gunicorn serves: `gunicorn -c python:spbe_tasks.gunicorn_conf "spbe_tasks:create_app()"`."""

from pathlib import Path
from typing import Any

from spbe_tasks.config import load_settings
from spbe_tasks.extensions import db

workers = load_settings().web_workers
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 20
max_requests = 20_000  # a slow leak in a library must not fill the machine; jitter keeps them apart
max_requests_jitter = 2_000
preload_app = True  # imported once, shared by the workers
accesslog = None  # the application logs requests itself, with their id
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn makes a private file in it; a disk would stall the heartbeat
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def post_fork(server: Any, _worker: Any) -> None:
    """Leave the parent's database connections to the parent: sharing one mixes up two workers' rows."""
    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)
