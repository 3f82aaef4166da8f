"""The script that the child of ``confined`` runs: it limits itself, then does the order that stands on stdin."""

import resource
import sys
from importlib import import_module
from types import ModuleType

_MEGABYTE = 1024 * 1024


def main(seconds: str, megabytes: str, *places: str) -> None:
    """Limit this process, look for modules in ``places`` only, and work."""
    _limit(int(seconds), int(megabytes) * _MEGABYTE)
    sys.path[:] = places
    _skip_the_application(__file__.rpartition("/readers/")[0])
    import_module("spbe_tasks.readers.confined_work").work(sys.stdin.buffer, sys.stdout.buffer)


def _limit(seconds: int, memory: int) -> None:
    """Set by the child on itself: code between fork and exec is not safe in a parent that has threads."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if sys.platform == "linux":  # elsewhere the kernel refuses the limit or takes no notice of it
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _skip_the_application(folder: str) -> None:
    """Put an empty package in place of ours, whose ``__init__`` imports Flask: a second and 100 MB for nothing."""
    package = ModuleType("spbe_tasks")
    package.__path__ = [folder]
    sys.modules[package.__name__] = package


if __name__ == "__main__":
    main(*sys.argv[1:])
