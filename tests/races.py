"""Several people at the same moment: each runner in a thread with an app context of its own, let go together."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask

from spbe_tasks.extensions import db
from spbe_tasks.rules.errors import SpbeError


def race(app: Flask, runners: Sequence[Callable[[], object]]) -> list[str]:
    """Run all at once; each answers "done" or the code of our refusal, in the order of the runners."""
    start = Barrier(len(runners))

    def run(runner: Callable[[], object]) -> str:
        with app.app_context():
            start.wait(timeout=30)
            try:
                runner()
            except SpbeError as error:
                return error.code
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(runners)) as pool:
        return list(pool.map(run, runners))
