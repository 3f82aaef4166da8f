"""How gunicorn serves the floor: every setting of the product's, without its clean-up after a fork."""

from typing import Any

from spbe_tasks.gunicorn_conf import *  # noqa: F403 - whatever production is given, the floor is given too


def post_fork(_server: Any, _worker: Any) -> None:  # type: ignore[no-redef]
    """Nothing to leave behind: the floor connects at its first request."""
