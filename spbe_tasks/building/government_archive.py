"""The archive of a government: a ZIP of all its rows and files as of one moment, with what is needed to read it without
this product.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import Engine, Table
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.adapters.storage import StorageError
from spbe_tasks.building import archive_words
from spbe_tasks.building.builder import Progress, Written
from spbe_tasks.extensions import db
from spbe_tasks.readers.images import find_picture
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.schema import newest_migration
from spbe_tasks.services import archives
from spbe_tasks.services.archives import Snapshot
from spbe_tasks.services.built_files import Order
from spbe_tasks.services.queries.archives import KEPT_BACK, KEPT_BACK_COLUMNS, StoredFile, columns_of
from spbe_tasks.stored_files import storage

FORMAT = 1
ZIP = "application/zip"
# A ZIP knows no time zones; when it was made stands in the manifest.
_DAY = (2000, 1, 1, 0, 0, 0)
_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg"}


def build(session: Session, order: Order, path: Path, progress: Progress) -> Written:
    """Write the archive of the order's government."""
    made_by = archives.name_of(session, order.scope.account_id)
    now = clock.now()
    # Noting progress ends what the session reads, so the archive is read on a connection of its own.
    name = write(db.engine, order.scope.government_id, path, made_by=made_by, now=now, progress=progress)
    return Written(name, ZIP)


def write(
    engine: Engine,
    government_id: int,
    path: Path,
    *,
    made_by: Mapping[str, object] | None,
    now: datetime,
    progress: Progress | None = None,
) -> str:
    """Write the ZIP to ``path``, table by table and file by file, each in pieces; returns what a person's
    copy is called, with the day it is where the government lies.
    """
    with archives.snapshot(engine, government_id) as seen, ZipFile(path, "w", allowZip64=True) as archive:
        files = seen.files
        pen = _Pen(archive, len(seen.tables) + len(files), progress)
        government = seen.government
        manifest = {
            "format": FORMAT,
            "government": government,
            "made_at": now.isoformat(),
            "made_by": made_by,
            "product": f"SPBE Tasks {version('spbe-tasks')}",
            "schema": newest_migration(),
            "tables": {table.name: _table(pen, seen, table) for table in seen.tables},
            "tables_kept_back": dict(KEPT_BACK),
            "columns_kept_back": {name: dict(columns) for name, columns in KEPT_BACK_COLUMNS.items()},
            "files": [_file(pen, each) for each in files],
            "instruments": [_instrument(pen, name, content) for name, content in seen.instruments.items()],
            "trail": asdict(seen.verify_trail()),
            "administrators": seen.outsiders,
        }
        pen.text("verify_trail.py", archive_words.VERIFY)
        pen.text("README.txt", archive_words.README.format(**government, made_at=f"{now:%Y-%m-%d %H:%M} UTC"))
        pen.text("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1, default=str))
    today = local_date(now, str(government["timezone"]))
    return f"Arsip_{government['slug']}_{today.isoformat()}.zip"


@dataclass
class _Pen:
    """Writes entries one after another, tells how far it is, and knows the digest of each."""

    archive: ZipFile
    total: int
    progress: Progress | None
    done: int = field(default=0)

    def pieces(self, path: str, pieces: Iterable[bytes], compression: int) -> dict[str, object]:
        """An entry of any size, in pieces."""
        digest, size = hashlib.sha256(), 0
        entry = ZipInfo(path, _DAY)
        entry.compress_type = compression
        with self.archive.open(entry, "w", force_zip64=True) as target:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        return {"path": path, "bytes": size, "sha256": digest.hexdigest()}

    def text(self, path: str, words: str) -> dict[str, object]:
        """A small entry."""
        return self.pieces(path, [words.encode()], ZIP_DEFLATED)

    def step(self) -> None:
        """One table or file is done."""
        self.done += 1
        if self.progress:
            self.progress(self.done, self.total)


def _table(pen: _Pen, seen: Snapshot, table: Table) -> dict[str, object]:
    counted = _Counted(seen.rows(table))
    entry = pen.pieces(f"tables/{table.name}.ndjson", counted, ZIP_DEFLATED)
    pen.step()
    return {"rows": counted.lines, "columns": list(columns_of(table)), **entry}


@dataclass
class _Counted:
    """Lines of text as pieces of a file, counted on the way."""

    rows: Iterator[str]
    lines: int = 0

    def __iter__(self) -> Iterator[bytes]:
        for row in self.rows:
            self.lines += 1
            yield row.encode() + b"\n"


def _file(pen: _Pen, file: StoredFile) -> dict[str, object]:
    # Documents and pictures are compressed already.
    entry = pen.pieces(_full_path(file), storage().stream(file.key), ZIP_STORED)
    if entry["sha256"] != file.key:
        raise StorageError(f"{file.key} holds something else than it did when it was given")
    pen.step()
    return entry


def _full_path(file: StoredFile) -> str:
    """The path with an ending; a logo has none of its own, since nobody named it."""
    if "." in file.path.rpartition("/")[2]:
        return file.path
    picture = find_picture(next(storage().stream(file.key), b""))
    return file.path + (_ENDINGS.get(picture.media_type, "") if picture else "")


def _instrument(pen: _Pen, name: str, content: bytes) -> Any:
    return pen.pieces(f"instruments/{name}.yaml", [content], ZIP_DEFLATED)
