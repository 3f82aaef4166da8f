"""Several people at the same moment, let go together: threads with an app context each, or whole processes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from threading import Barrier
from typing import Any

from flask import Flask

from spbe_tasks import create_app
from spbe_tasks.config import Settings
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


Steps = Sequence[tuple[Callable[..., object], tuple[object, ...]]]


def race_processes(settings: Settings, racers: Sequence[Steps]) -> list[list[str]]:
    """The same in processes of their own, as web servers and workers are: each does its steps one after another.

    A step is (function of a module, its arguments), called inside an application of that process. What each answered,
    in the order of the racers.
    """
    context = get_context("spawn")
    start, answers = context.Barrier(len(racers)), context.Queue()
    processes = [
        context.Process(target=_run_steps, args=(settings, number, steps, start, answers), daemon=True)
        for number, steps in enumerate(racers)
    ]
    for each in processes:
        each.start()
    found = dict(answers.get(timeout=300) for _ in processes)
    for each in processes:
        each.join(timeout=30)
    return [found[number] for number in range(len(racers))]


def _run_steps(settings: Settings, number: int, steps: Steps, start: Any, answers: Any) -> None:
    app = create_app(settings)
    said = []
    with app.app_context():
        start.wait(timeout=240)
        for function, arguments in steps:
            try:
                function(*arguments)
            except SpbeError as error:
                said.append(error.code)
            except Exception as error:  # told to the test, which names what it allows
                said.append(repr(error))
            else:
                said.append("done")
            finally:
                db.session.remove()
        db.engine.dispose()
    answers.put((number, said))
