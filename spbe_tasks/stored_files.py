"""The installation's stored files: where they are, and the sweep that removes those that no row refers to."""

import logging
from datetime import datetime, timedelta

from flask import current_app

from spbe_tasks.adapters.storage import FolderStorage
from spbe_tasks.config import Settings
from spbe_tasks.services.queries import files
from spbe_tasks.transaction import transaction

log = logging.getLogger(__name__)
# A file is written before its row is committed; no request takes anything near this long.
KEPT_FOR = timedelta(days=1)


def storage() -> FolderStorage:
    """Where this installation keeps files."""
    settings: Settings = current_app.extensions["settings"]
    return FolderStorage(settings.storage_dir)


def sweep(*, now: datetime) -> int:
    """Remove what was given more than a day ago and belongs to no revision, import or logo; returns how many."""
    with transaction() as work:
        used = files.list_used(work.session)
    removed = storage().sweep(used, given_before=now - KEPT_FOR)
    if removed:
        log.info("%s stored files were removed: nothing refers to them", removed)
    return removed
