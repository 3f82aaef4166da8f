"""What a container file is, by what it holds, and whether it may be unpacked: nothing is written to the disk."""

import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from spbe_tasks.readers.document import Format
from spbe_tasks.rules.errors import InvalidInputError

MAX_UNPACKED = 64_000_000  # bytes of all parts together
MAX_PARTS = 2_000
# Beyond this a part holds almost nothing but repetition; real sheets stay below 100.
MAX_RATIO = 300
_SMALL_PART = 1_000_000  # bytes; the ratio of a smaller part says nothing
_CHUNK = 1 << 16

_ZIP = b"PK"
_ENCRYPTED = 0x1
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
# The names of streams in an OLE container, as they stand in its directory.
_LOCKED, _OLD_BOOKS, _OLD_WORD = "EncryptedPackage", ("Workbook", "Book"), "WordDocument"
_OLD_SLIDES = "PowerPoint Document"


def recognise_workbook(data: bytes) -> Format:
    """Which workbook this container is. Raises InvalidInputError when it is locked, broken, a bomb, or none."""
    return _zipped(data) if data.startswith(_ZIP) else _ole(data)


def _zipped(data: bytes) -> Format:
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_bombs(parts)
            if any(part.flag_bits & _ENCRYPTED for part in parts):
                raise InvalidInputError.of("file.encrypted")
            _unpack(archive, parts)
            return _kind(archive, {part.filename for part in parts})
    except BadZipFile as error:
        is_cut = b"PK\x05\x06" not in data[-65_600:]
        raise InvalidInputError.of("file.truncated" if is_cut else "file.broken") from error
    except (zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise InvalidInputError.of("file.broken") from error


def _refuse_bombs(parts: list[ZipInfo]) -> None:
    """What the directory announces; ``_unpack`` checks whether that is true."""
    is_bomb = len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED
    for part in parts:
        is_large = part.file_size > _SMALL_PART
        is_bomb = is_bomb or (is_large and part.file_size > MAX_RATIO * max(part.compress_size, 1))
    if is_bomb:
        raise InvalidInputError.of("file.bomb")


def _unpack(archive: ZipFile, parts: list[ZipInfo]) -> None:
    """Inflate every part once, piece by piece, keeping none: a directory can lie about sizes."""
    unpacked = 0
    for part in parts:
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > MAX_UNPACKED:
                    raise InvalidInputError.of("file.bomb")


def _kind(archive: ZipFile, names: set[str]) -> Format:
    if names & {"xl/workbook.xml", "xl/workbook.bin"}:
        return Format.XLSX
    if "word/document.xml" in names:
        raise InvalidInputError.of("file.word")
    if "ppt/presentation.xml" in names:
        raise InvalidInputError.of("file.slides")
    if "mimetype" in names:
        return _open_document(archive, names)
    raise InvalidInputError.of("file.archive")


def _open_document(archive: ZipFile, names: set[str]) -> Format:
    kind = archive.read("mimetype")[:200].decode("ascii", errors="replace").strip()
    if not kind.startswith(_OPEN_DOCUMENT):
        raise InvalidInputError.of("file.archive")
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise InvalidInputError.of("file.encrypted")
    if kind.startswith(_OPEN_DOCUMENT + "spreadsheet"):
        return Format.ODS
    raise InvalidInputError.of("file.slides" if "presentation" in kind else "file.word")


def _ole(data: bytes) -> Format:
    def holds(name: str) -> bool:
        return name.encode("utf-16-le") + b"\0\0" in data

    if holds(_LOCKED):
        raise InvalidInputError.of("file.encrypted")
    if any(holds(name) for name in _OLD_BOOKS):
        return Format.XLS
    if holds(_OLD_WORD):
        raise InvalidInputError.of("file.word")
    if holds(_OLD_SLIDES):
        raise InvalidInputError.of("file.slides")
    raise InvalidInputError.of("file.unknown")
