"""Stored files, named by what they hold: the key is the SHA-256 of the content. Written before a row refers to it."""

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{64}")


class StorageError(Exception):
    """The folder cannot be written, or a file that a row refers to is not there."""


class FolderStorage:
    """Files below one folder, spread over 256 sub-folders. Writing the same content twice is writing it once."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """Keep ``content``; returns its key once it is safely on the disk. Raises StorageError."""
        key = hashlib.sha256(content).hexdigest()
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked(fcntl.LOCK_SH):
                if path.exists():
                    os.utime(path)  # as good as new: a sweep must not take it before a row refers to it
                else:
                    _write(path, content)
        except OSError as error:
            raise StorageError(f"cannot write below {self._root}: {error}") from error
        return key

    def read(self, key: str) -> bytes:
        """The content of ``key``. Raises StorageError when it is not there."""
        try:
            return self._path(key).read_bytes()
        except OSError as error:
            raise StorageError(f"cannot read {key}: {error}") from error

    def sweep(self, used: Container[str], *, given_before: datetime) -> int:
        """Remove the files that were last given before then and are not in ``used``; returns how many.

        Whoever gives content must refer to it sooner than that. Writes that were cut short go, too. Raises
        StorageError.
        """
        removed = 0
        try:
            for path in sorted(self._root.glob("[0-9a-f][0-9a-f]/*")):
                if path.name not in used:
                    removed += self._remove(path, given_before.timestamp())
        except OSError as error:
            raise StorageError(f"cannot tidy up below {self._root}: {error}") from error
        return removed

    def _remove(self, path: Path, given_before: float) -> bool:
        with self._locked(fcntl.LOCK_EX):  # nobody gives the same content between the look and the removal
            if path.stat().st_mtime >= given_before:
                return False
            path.unlink()
            return True

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Hold the folder until the end of the block: any number of writers, or the one who removes."""
        folder = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(folder, how)
            yield
        finally:
            os.close(folder)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise StorageError(f"{key!r} is no key")
        return self._root / key[:2] / key


def _write(path: Path, content: bytes) -> None:
    # A reader sees the whole file or none, also after a power cut.
    descriptor, half_made = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half_made, path)
    except BaseException:
        Path(half_made).unlink(missing_ok=True)
        raise
