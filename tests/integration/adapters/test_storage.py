import fcntl
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spbe_tasks.adapters.storage import FolderStorage, StorageError


def test_content_is_kept_under_its_digest(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "new" / "folder")
    key = storage.put(b"peta")
    assert key == hashlib.sha256(b"peta").hexdigest()
    assert storage.read(key) == b"peta"


def test_the_same_content_is_kept_once_and_nothing_half_made_stays(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    assert storage.put(b"peta") == storage.put(b"peta")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n", "/" + "0" * 63])
def test_what_is_no_key_never_becomes_a_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(StorageError):
        FolderStorage(tmp_path).read(key)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        FolderStorage(tmp_path).read("0" * 64)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        FolderStorage(tmp_path / "file").put(b"peta")


NOW = datetime.now(UTC)


def _age(folder: Path, key: str, hours: int) -> None:
    then = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(folder / key[:2] / key, (then, then))


def test_the_sweep_takes_what_is_old_and_not_used(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    old, used, young = (storage.put(content) for content in (b"old", b"used", b"young"))
    for key, hours in ((old, 25), (used, 9999), (young, 23)):
        _age(tmp_path, key, hours)
    (tmp_path / old[:2] / "tmp1234").write_bytes(b"cut sh")
    os.utime(tmp_path / old[:2] / "tmp1234", (0, 0))
    (tmp_path / "notes.txt").write_text("not ours")
    os.utime(tmp_path / "notes.txt", (0, 0))
    assert storage.sweep({used}, given_before=NOW - timedelta(days=1)) == 2
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {used, young, "notes.txt"}


def test_content_that_is_given_again_is_young_again(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    key = storage.put(b"peta")
    _age(tmp_path, key, 48)
    assert storage.put(b"peta") == key
    assert storage.sweep(set(), given_before=NOW - timedelta(days=1)) == 0
    assert storage.read(key) == b"peta"


def test_nothing_is_removed_while_somebody_gives_content(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    key = storage.put(b"peta")
    _age(tmp_path, key, 48)
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(
        folder, fcntl.LOCK_SH
    )  # as a writer holds it who has found the file and not yet made it young
    with ThreadPoolExecutor(1) as pool:
        sweeping = pool.submit(storage.sweep, set(), given_before=NOW - timedelta(days=1))
        _age(tmp_path, key, 0)
        os.close(folder)
        assert sweeping.result(timeout=10) == 0
    assert storage.read(key) == b"peta"


def test_an_installation_without_files_has_nothing_to_sweep(tmp_path: Path) -> None:
    assert FolderStorage(tmp_path / "none").sweep(set(), given_before=NOW) == 0
