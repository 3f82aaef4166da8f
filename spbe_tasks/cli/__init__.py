"""The ``spbe-tasks`` command: as thin as the views, over the same services."""

from spbe_tasks.cli.main import main

__all__ = ["main"]
