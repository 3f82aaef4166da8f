"""The upload package: a ZIP with every evidence file under the ministry's name, and an index workbook beside them."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy.orm import Session

from spbe_tasks.building.builder import Progress, Written
from spbe_tasks.building.package_index import write_index
from spbe_tasks.rules.package import safe_title
from spbe_tasks.services import packages
from spbe_tasks.services.built_files import Order
from spbe_tasks.services.packages import Document, Package
from spbe_tasks.stored_files import storage

INDEX_NAME = "Indeks.xlsx"
ZIP = "application/zip"
# A ZIP knows no time zones, and nobody asks when a file was packed.
_DAY = (2000, 1, 1, 0, 0, 0)


def build(session: Session, order: Order, path: Path, progress: Progress) -> Written:
    """Write the package of ``pack_id``, or of its indicator ``number``, as far as the person sees it."""
    package = packages.collect(session, order.scope, _number(order, "pack_id") or 0, _number(order, "number"))
    write(package, path, order.locale, progress)
    return Written(file_name(package), ZIP)


def write(package: Package, path: Path, locale: str, progress: Progress | None = None) -> None:
    """Write the ZIP to ``path``, one file at a time and each in pieces: its size does not matter."""
    files = package.files
    with ZipFile(path, "w", ZIP_STORED, allowZip64=True) as archive:
        for done, document in enumerate(files, start=1):
            _copy(archive, package, document)
            if progress:
                progress(done, len(files) + 1)
        archive.writestr(ZipInfo(INDEX_NAME, _DAY), write_index(package, locale), ZIP_DEFLATED)


def file_name(package: Package) -> str:
    """What a person's copy is called."""
    part = "" if package.is_whole else f"_Indikator_{package.entries[0].indicator.number}"
    return f"Data_Dukung_{safe_title(package.instrument.id)}_{package.year}{part}.zip"


def _copy(archive: ZipFile, package: Package, document: Document) -> None:
    assert document.file_key  # ``files`` are those that have one
    assert document.named.file_name
    folder = f"Indikator_{document.named.indicator_number:02d}/" if package.is_whole else ""
    entry = ZipInfo(folder + document.named.file_name, _DAY)
    entry.file_size = document.size_bytes  # so that a large one is written as such
    with archive.open(entry, "w") as target:
        for piece in storage().stream(document.file_key):
            target.write(piece)


def _number(order: Order, name: str) -> int | None:
    value = order.subject.get(name)
    return value if isinstance(value, int) else None
