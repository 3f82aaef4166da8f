"""The installation's stored files: where they are, and the sweep that removes those that no row refers to."""

import logging
from datetime import datetime, timedelta
from functools import cache

from flask import current_app
from pydantic import SecretStr

from spbe_tasks.adapters.storage import FolderStorage, Storage
from spbe_tasks.config import Settings
from spbe_tasks.services.queries import files
from spbe_tasks.transaction import transaction

log = logging.getLogger(__name__)
# A file is written before its row is committed; no request takes anything near this long.
KEPT_FOR = timedelta(days=1)


def storage() -> Storage:
    """Where this installation keeps files: in a bucket if it names one, else in a folder."""
    settings: Settings = current_app.extensions["settings"]
    return _bucket(settings) if settings.storage_url else FolderStorage(settings.storage_dir)


@cache  # making a client takes longer than using it
def _bucket(settings: Settings) -> Storage:
    # Only an installation that keeps its files in a bucket has the package for it.
    from spbe_tasks.adapters.s3_storage import Bucket, S3Storage  # noqa: PLC0415

    assert settings.storage_url is not None
    return S3Storage(
        Bucket(
            settings.storage_url,
            settings.storage_endpoint or None,
            settings.storage_region or None,
            _told(settings.storage_access_key),
            _told(settings.storage_secret_key),
        )
    )


def _told(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() or None if secret else None


def sweep(*, now: datetime) -> int:
    """Remove what was given more than a day ago and that no row refers to; returns how many."""
    with transaction() as work:
        used = files.list_used(work.session)
    removed = storage().sweep(used, given_before=now - KEPT_FOR)
    if removed:
        log.info("%s stored files were removed: nothing refers to them", removed)
    return removed
