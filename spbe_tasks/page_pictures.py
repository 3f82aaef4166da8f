"""Pages of stored files as pictures: drawn by the confined child when somebody looks, remembered for a while.

A key never gets other content, so what was drawn once stays right.
"""

from functools import lru_cache

from spbe_tasks.readers import confined
from spbe_tasks.readers.file_kinds import PDF
from spbe_tasks.readers.images import JPEG, PNG
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.stored_files import storage

# What is drawn; every other kind of file is only for keeping.
DRAWN = frozenset({PDF, PNG, JPEG})
MEDIA_TYPE = "image/webp"
# Our own figures: who reads further takes the file, and a process keeps about ten megabytes of pictures.
MOST_PAGES = 40
_KEPT_PICTURES = 64


def count(key: str, media_type: str) -> int:
    """How many pages there are to look at, at most ``MOST_PAGES``; a picture is one.

    Raises NotFoundError for a kind that is not drawn, InvalidInputError for a file that cannot be opened, and
    StorageError when it is not there.
    """
    _check(media_type)
    return min(_count(key), MOST_PAGES) if media_type == PDF else 1


def draw(key: str, media_type: str, number: int) -> bytes:
    """Page ``number`` (from 1) as a picture of ``MEDIA_TYPE``. Raises as ``count``, NotFoundError beyond the last."""
    _check(media_type)
    if not 1 <= number <= (MOST_PAGES if media_type == PDF else 1):
        raise NotFoundError
    return _draw(key, number if media_type == PDF else None)


def _check(media_type: str) -> None:
    if media_type not in DRAWN:
        raise NotFoundError("evidence.not_drawn")


@lru_cache(maxsize=1_024)
def _count(key: str) -> int:
    return int(confined.draw(confined.PAGES, storage().read(key)))


@lru_cache(maxsize=_KEPT_PICTURES)
def _draw(key: str, number: int | None) -> bytes:
    content = storage().read(key)
    return (
        confined.draw(confined.PICTURE, content)
        if number is None
        else confined.draw(confined.PAGE, content, number)
    )
