"""The worker as it runs, writing down when its jobs and their statements begin and end: ``TIMES`` names the file."""

import os
import time
from typing import Any

from celery import signals
from sqlalchemy import event
from sqlalchemy.engine import Engine

from workers.celery_app import celery_app

__all__ = ["celery_app"]

_file = os.open(os.environ["TIMES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def _note(what: str) -> None:
    os.write(_file, f"{os.getpid()}\t{time.time():.6f}\t{what}\n".encode())


def _begin(task: Any, args: Any, **_: Any) -> None:
    _note(f"job {task.name} {' '.join(map(str, args))}")


@event.listens_for(Engine, "before_cursor_execute")
def _ask(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
    _note(f"ask {statement[:40].splitlines()[0]}")


@event.listens_for(Engine, "after_cursor_execute")
def _answer(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
    _note(f"got {statement[:40].splitlines()[0]}")


def _end(task: Any, **_: Any) -> None:
    _note(f"end {task.name}")


signals.task_prerun.connect(_begin)
signals.task_postrun.connect(_end)
