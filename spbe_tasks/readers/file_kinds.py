"""What a file of evidence is, by its content: no name or declared type is believed, and nothing in it is run."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from spbe_tasks.readers.images import JPEG, PNG, find_picture
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.evidence import ending_of

PDF = "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
TEXT = "text/plain"
CSV = "text/csv"
# The part that every document of the kind has, and no other kind.
_MAIN_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
MEDIA_TYPES: Mapping[str, str] = {
    "pdf": PDF,
    "png": PNG,
    "jpg": JPEG,
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": f"{_OPEN}text",
    "ods": f"{_OPEN}spreadsheet",
    "csv": CSV,
    "txt": TEXT,
}
_SAME = {"jpeg": "jpg"}
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xfe\xed\xfa\xce",
    b"dex\n",
)
_PROGRAM_ENDINGS = frozenset(
    {"exe", "dll", "com", "scr", "bat", "cmd", "ps1", "vbs", "js", "jar", "msi", "sh", "apk"}
)
# The old Office formats, and documents of the new ones that have a password.
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Our own figure: a presentation with a picture on every page has a few hundred parts.
_MOST_PARTS = 10_000
_MIMETYPE_BYTES = 200


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file proved to be: its ending as it should be, and its media type."""

    ending: str
    media_type: str


def recognise(content: bytes, name: str) -> FileKind:
    """What the file is, which is what its name says.

    Raises InvalidInputError for a program, a document with macros, an old or locked Office file, one that is damaged,
    one that cannot be told, and one that is something else than its name says.
    """
    if not content:
        raise _refused("empty", name)
    if content.startswith(_PROGRAMS):
        raise _refused("executable", name)
    if content.startswith(_OLD_OFFICE):
        raise _refused("old_office", name)
    found = _kind(content, name)
    told = _SAME.get(ending_of(name), ending_of(name))
    if found == "txt" and told == "csv":
        found = "csv"  # both are text: only the name tells them apart
    if found != told:
        raise _refused("other_kind", name, ending=told, kind=found.upper())
    return FileKind(found, MEDIA_TYPES[found])


def _kind(content: bytes, name: str) -> str:
    for starts, read in _READERS.items():
        if content.startswith(starts):
            return read(content, name)
    return _text(content, name)


def _pdf(content: bytes, name: str) -> str:
    if b"%%EOF" not in content:  # a download that broke off has no end
        raise _refused("broken", name)
    return "pdf"


def _picture(content: bytes, name: str) -> str:
    picture = find_picture(content)
    if picture is None:
        raise _refused("broken", name)
    return "png" if picture.media_type == PNG else "jpg"


def _package(content: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _package_kind(package, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise _refused("broken", name) from error


def _package_kind(package: zipfile.ZipFile, name: str) -> str:
    parts = package.namelist()
    if len(parts) > _MOST_PARTS:
        raise _refused("broken", name)
    if any(ending_of(part) in _PROGRAM_ENDINGS for part in parts):
        raise _refused("executable", name)
    if any(_is_macro(part) for part in parts):
        raise _refused("macros", name)
    if "mimetype" in parts:
        return _open_document(package, name)
    if "[Content_Types].xml" in parts:
        found = [ending for part, ending in _MAIN_PARTS.items() if part in parts]
        if len(found) == 1:
            return found[0]
    raise _refused("unknown_kind", name)


def _open_document(package: zipfile.ZipFile, name: str) -> str:
    with package.open("mimetype") as part:
        media_type = part.read(_MIMETYPE_BYTES).decode("ascii", "replace").strip()
    for ending in ("odt", "ods"):
        if media_type == MEDIA_TYPES[ending] and "content.xml" in package.namelist():
            return ending
    raise _refused("unknown_kind", name)


def _is_macro(part: str) -> bool:
    lower = part.lower()
    return lower.endswith(("vbaproject.bin", "vbadata.xml")) or lower.startswith(
        ("basic/", "scripts/", "xl/macrosheets/")
    )


def _text(content: bytes, name: str) -> str:
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        code = "text" if ending_of(name) in {"txt", "csv"} else "unknown_kind"
        raise _refused(code, name) from error
    if any(each < " " and each not in "\t\n\r\f" for each in words):
        raise _refused("unknown_kind", name)
    return "txt"


_READERS: Mapping[bytes, Callable[[bytes, str], str]] = {
    b"%PDF-": _pdf,
    b"\x89PNG\r\n\x1a\n": _picture,
    b"\xff\xd8\xff": _picture,
    b"PK\x03\x04": _package,
    b"PK\x05\x06": _package,
}


def _refused(code: str, name: str, **params: str) -> InvalidInputError:
    return InvalidInputError([Problem(f"evidence.{code}", value=name, params=params)])
