import hashlib
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
