"""Stored files in a bucket of Amazon S3 or of anything that speaks its protocol (MinIO, Ceph, Garage)."""

import hashlib
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from spbe_tasks.adapters.storage import CHUNK, StorageError, check_key, digest_of, is_key

# A request of ours waits for the bucket, so it gives up before the web server gives the request up.
_PATIENCE = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"})
_IN_TURN = TransferConfig(use_threads=False)
# What nothing refers to waits here for a day more: see ``sweep``.
FORGOTTEN = "forgotten/"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the files are: ``s3://bucket/prefix``, at ``endpoint`` (None: Amazon), with keys (None: the machine's)."""

    url: str
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)


class S3Storage:
    """Objects below one prefix of a bucket, each under its key."""

    def __init__(self, bucket: Bucket) -> None:
        parts = urlsplit(bucket.url)
        self._bucket = parts.netloc
        self._prefix = f"{parts.path.strip('/')}/".lstrip("/")
        self._client = boto3.client(
            "s3",
            endpoint_url=bucket.endpoint,
            region_name=bucket.region,
            aws_access_key_id=bucket.access_key,
            aws_secret_access_key=bucket.secret_key,
            config=_PATIENCE,
        )

    def put(self, content: bytes) -> str:
        """See ``Storage``."""
        return self._keep(hashlib.sha256(content).hexdigest(), BytesIO(content))

    def put_file(self, path: Path) -> str:
        """See ``Storage``; a large one goes in parts."""
        try:
            with path.open("rb") as source:
                key = digest_of(source)
                source.seek(0)
                return self._keep(key, source)
        except OSError as error:
            raise StorageError(f"cannot read {path}: {error}") from error

    def read(self, key: str) -> bytes:
        """See ``Storage``."""
        return b"".join(self.stream(key))

    def stream(self, key: str) -> Iterator[bytes]:
        """See ``Storage``."""
        check_key(key)
        with _told(f"cannot read {key}"):
            body = (self._find(key) or self._client.get_object(**self._at(FORGOTTEN + key)))["Body"]
        return _pieces(key, body)

    def sweep(self, used: Container[str], *, given_before: datetime) -> int:
        """See ``Storage``. What nothing refers to is set aside first, and removed a day later.

        A bucket has no lock: the same content may be given again between the look and the removal. It is read where it
        was set aside then, and put back by the next sweep, which knows the row that refers to it by now.
        """
        removed = 0
        with _told(f"cannot tidy up in {self._bucket}"):
            for name, given_at in self._list():
                key = name.removeprefix(FORGOTTEN)
                if name != key and key in used:
                    self._move(name, key)
                elif key not in used and given_at < given_before:
                    removed += self._set_aside_or_remove(name, key)
        return removed

    def _set_aside_or_remove(self, name: str, key: str) -> bool:
        if name == key:
            self._move(name, FORGOTTEN + key)
            return False
        self._client.delete_object(**self._at(name))
        return True

    def _move(self, name: str, to: str) -> None:
        source = self._at(name)
        # Writing anew is what makes it young: a day passes before it is removed for good.
        self._client.copy_object(**self._at(to), CopySource=source, MetadataDirective="REPLACE")
        self._client.delete_object(**source)

    def _keep(self, key: str, content: BinaryIO) -> str:
        # Also when it is there already: as good as new, a sweep must not take it before a row refers to it.
        with _told(f"cannot write to {self._bucket}"):
            self._client.upload_fileobj(content, self._bucket, self._prefix + key, Config=_IN_TURN)
        return key

    def _find(self, key: str) -> Any:
        try:
            return self._client.get_object(**self._at(key))
        except self._client.exceptions.NoSuchKey:
            return None

    def _list(self) -> Iterator[tuple[str, datetime]]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
            for each in page.get("Contents", ()):
                name = each["Key"].removeprefix(self._prefix)
                if is_key(name.removeprefix(FORGOTTEN)):  # the bucket may hold what is not ours
                    yield name, each["LastModified"]

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + name}


def _pieces(key: str, body: Any) -> Iterator[bytes]:
    with _told(f"cannot read {key}"):
        yield from body.iter_chunks(CHUNK)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, Boto3Error) as error:
        raise StorageError(f"{what}: {error}") from error
