"""Places where a test may have the process die, as the kernel kills it; nothing happens unless a setting names one."""

import os
import signal
import sys

MAIL_POINTS = frozenset(
    {
        "before_claim",  # nothing of the mail is written
        "claimed",  # everything is written, nothing is stored
        "marked",  # the mark is stored, the mail server knows nothing
        "content_begun",  # the server waits for the content
        "answered",  # the server has taken the mail, nobody here knows
        "settled",  # the end is written, not stored
    }
)
REBUILD_POINTS = frozenset(
    {
        "requests_taken",  # the requests are deleted, no fact is read
        "figures_computed",  # nothing of the figures is written
        "figures_written",  # everything is written, nothing is stored
    }
)
POINTS = MAIL_POINTS | REBUILD_POINTS
_left: dict[str, int] = {}


def arm(words: str | None) -> None:
    """Have this process, and each child it forks, die when it reaches ``name`` for the n-th time: ``name:n``."""
    _left.clear()
    if words:
        name, count = parse(words)
        _left[name] = count


def parse(words: str) -> tuple[str, int]:
    """The name and the count of ``name:n``; n is 1 when it is left out. Raises ValueError for anything else."""
    name, _, count = words.partition(":")
    if name not in POINTS or not (count or "1").isdigit() or int(count or 1) < 1:
        raise ValueError(f"must be one of {', '.join(sorted(POINTS))}, with :n for the n-th time")
    return name, int(count or 1)


def reach(name: str) -> None:
    """Die here, when this is the place and the time."""
    if name not in _left:
        return
    _left[name] -= 1
    if not _left[name]:
        sys.stderr.write(f"failpoint {name}: process {os.getpid()} dies\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)
