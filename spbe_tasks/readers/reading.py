"""The one way in for files with levels: knows the format by its content, never by its name, and hands it on."""

from collections.abc import Sequence

from spbe_tasks.readers import confined, text_table
from spbe_tasks.readers.document import Document
from spbe_tasks.readers.images import find_picture
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Instrument

MAX_MEGABYTES = 10
MAX_BYTES = MAX_MEGABYTES * 1_000_000

_PDF_WITHIN = 1024  # a PDF may have so many bytes of anything before its mark
_ZIP, _EMPTY_ZIP, _OLE = b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The streams of sheets that Excel wrote before 1997, without a container around them: BIFF 2, 3, 4.
_BARE_SHEETS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_PICTURES = (b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08")
_WEB_PAGES = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<body")
_BLANKS = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_document(data: bytes, file_name: str, instruments: Sequence[Instrument]) -> Document:
    """The rows of levels in a file, as written; ``instruments`` are those that it may be about.

    ``file_name`` is only shown to people, what the file is stands in its bytes. Raises InvalidInputError with
    a ``file.*`` code for what cannot be read: locked, damaged, too large, something else than a table.
    """
    _refuse(data)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return confined.run(confined.PDF, data, instruments)
    if data.startswith((_ZIP, _OLE)):
        return confined.run(confined.SPREADSHEET, data, instruments)
    start = data.removeprefix(_BYTE_ORDER_MARK).lstrip(_BLANKS)[:64].lower()
    if start.startswith(_WEB_PAGES):
        return confined.run(confined.WEB_PAGE, data, instruments)
    return text_table.read_table(data, instruments)


def read_pasted(text: str, instruments: Sequence[Instrument]) -> Document:
    """The rows of levels in text that was copied from a table; raises as ``read_document``."""
    return text_table.read_pasted(text, instruments)


def _refuse(data: bytes) -> None:
    """Raises for what is no table whatever is inside."""
    code = None
    if not data:
        code = "file.empty"
    elif len(data) > MAX_BYTES:
        code = "file.too_large"
    elif find_picture(data) or data.startswith(_PICTURES):
        code = "file.picture"
    elif data.startswith((*_ARCHIVES, _EMPTY_ZIP)):
        code = "file.archive"
    elif data.startswith(_BARE_SHEETS):
        code = "file.old_sheet"
    elif data.startswith(b"{\\rtf"):
        code = "file.word"
    if code:
        raise InvalidInputError.of(code)
