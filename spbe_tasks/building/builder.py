"""What every builder is given and gives back."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.services import built_files
from spbe_tasks.services.built_files import Order
from spbe_tasks.transaction import transaction

SECONDS_BETWEEN_NOTES = 1.0


@dataclass(frozen=True, slots=True)
class Written:
    """What a builder wrote to the path it was given: how people's copy is called, and what it is."""

    file_name: str
    media_type: str


@dataclass
class Progress:
    """Tells how far a file is, at most once a second however often it is called. Ends what was being read."""

    built_id: int
    told_at: float = 0.0

    def __call__(self, done: int, total: int) -> None:
        """``done`` of ``total`` steps are behind."""
        if time.monotonic() - self.told_at < SECONDS_BETWEEN_NOTES:
            return
        self.told_at = time.monotonic()
        with transaction() as work:
            built_files.note_progress(work, self.built_id, done, total, now=clock.now())


Builder = Callable[[Session, Order, Path, Progress], Written]
