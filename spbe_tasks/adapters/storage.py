"""Stored files, named by what they hold: the key is the SHA-256 of the content. Written before a row refers to it."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK = 256 * 1024
_KEY = re.compile(r"[0-9a-f]{64}")


class StorageError(Exception):
    """The storage cannot be reached or written, or a file that a row refers to is not there."""


class Storage(Protocol):
    """Where files are kept. Giving the same content twice is keeping it once; every method raises StorageError."""

    def put(self, content: bytes) -> str:
        """Keep ``content``; returns its key once it is safe."""

    def put_file(self, path: Path) -> str:
        """Keep what stands in the file at ``path``, however large; returns its key once it is safe."""

    def read(self, key: str) -> bytes:
        """The content of ``key``, whole."""

    def stream(self, key: str) -> Iterator[bytes]:
        """The content of ``key`` in pieces; whether it is there is known when this returns, before the first piece."""

    def sweep(self, used: Container[str], *, given_before: datetime) -> int:
        """Remove the files last given before then and not in ``used``; returns how many.

        Whoever gives content must refer to it sooner than that.
        """


def check_key(key: str) -> None:
    """Raise StorageError for what cannot be a key: no other name ever reaches a folder or a bucket."""
    if not is_key(key):
        raise StorageError(f"{key!r} is no key")


def is_key(name: str) -> bool:
    """Whether a file of this name can be one of ours."""
    return _KEY.fullmatch(name) is not None


def digest_of(file: BinaryIO) -> str:
    """The key of what ``file`` holds from here on: its SHA-256 in hexadecimal digits."""
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()


class FolderStorage:
    """Files below one folder, spread over 256 sub-folders. Writing the same content twice is writing it once."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """See ``Storage``: it is on the disk when this returns."""
        return self._keep(hashlib.sha256(content).hexdigest(), lambda file: file.write(content))

    def put_file(self, path: Path) -> str:
        """See ``Storage``."""
        try:
            with path.open("rb") as source:
                key = digest_of(source)
                source.seek(0)
                return self._keep(key, lambda file: shutil.copyfileobj(source, file, CHUNK))
        except OSError as error:
            raise StorageError(f"cannot read {path}: {error}") from error

    def _keep(self, key: str, fill: Callable[[BinaryIO], object]) -> str:
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked(fcntl.LOCK_SH):
                if path.exists():
                    os.utime(path)  # as good as new: a sweep must not take it before a row refers to it
                else:
                    _write(path, fill)
        except OSError as error:
            raise StorageError(f"cannot write below {self._root}: {error}") from error
        return key

    def read(self, key: str) -> bytes:
        """See ``Storage``."""
        try:
            return self._path(key).read_bytes()
        except OSError as error:
            raise StorageError(f"cannot read {key}: {error}") from error

    def stream(self, key: str) -> Iterator[bytes]:
        """See ``Storage``."""
        try:
            file = self._path(key).open("rb")
        except OSError as error:
            raise StorageError(f"cannot read {key}: {error}") from error
        return _pieces(file)

    def sweep(self, used: Container[str], *, given_before: datetime) -> int:
        """See ``Storage``. Writes that were cut short go, too."""
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
        check_key(key)
        return self._root / key[:2] / key


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _write(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    # A reader sees the whole file or none, also after a power cut.
    descriptor, half_made = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half_made, path)
    except BaseException:
        Path(half_made).unlink(missing_ok=True)
        raise
