"""Only one ./run per clone, and none beside processes that an earlier one left behind."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.layout import VAR, SetupError

RUNNING = VAR / "run.lock"  # held by ./run itself; names its process
CHILDREN = VAR / "children.lock"  # held by ./run and inherited by everything it starts
LEFTOVERS_END_WITHIN = 40  # seconds; longer than any program's grace


@contextmanager
def only_one() -> Iterator[int]:
    """Hold the clone's locks; gives the descriptor for the children to inherit.

    The kernel frees a lock when its last holder ends, however it ends. Because the children hold the
    second one, a server that outlives a killed ./run is never joined by another on the same data.
    """
    VAR.mkdir(exist_ok=True)
    running, children = _open(RUNNING), _open(CHILDREN)
    try:
        if not _take(running):
            holder = os.pread(running, 20, 0).decode()
            raise SetupError(
                f"./run is already running in this clone (process {holder}); stop it with Ctrl-C there, "
                f"or: kill {holder}"
            )
        os.ftruncate(running, 0)
        os.pwrite(running, str(os.getpid()).encode(), 0)
        _wait_for_leftovers(children)
        yield children
    finally:
        os.close(children)
        os.close(running)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def _take(descriptor: int) -> bool:
    """Take the lock if nobody has it; whether it is ours now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for_leftovers(children: int) -> None:
    deadline = time.monotonic() + LEFTOVERS_END_WITHIN
    while not _take(children):
        if time.monotonic() > deadline:
            raise SetupError("Processes of an earlier ./run of this clone are still alive; stop them first.")
        time.sleep(0.2)
