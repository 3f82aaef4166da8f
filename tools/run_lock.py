"""Only one ./run per clone, and none beside processes that an earlier one left behind."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tools.layout import VAR, SetupError

PATH = VAR / "run.lock"
LEFTOVERS_END_WITHIN = 40  # seconds; longer than any program's grace


@contextmanager
def only_one() -> Iterator[int]:
    """Hold the clone's lock; gives the descriptor for the children to inherit.

    The lock is freed when its last holder ends. Because the children hold it too, a server that
    outlives a killed ./run is never joined by a second one on the same data.
    """
    VAR.mkdir(exist_ok=True)
    descriptor = os.open(PATH, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    deadline = time.monotonic() + LEFTOVERS_END_WITHIN
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode()
            if _is_alive(holder):
                raise SetupError(
                    f"./run is already running in this clone (process {holder}); stop it with Ctrl-C there, "
                    f"or: kill {holder}"
                ) from None
            if time.monotonic() > deadline:
                raise SetupError("Processes of an earlier ./run are still alive; stop them first.") from None
        time.sleep(0.2)


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
