"""Stored files as downloads: always an attachment, never shown by the browser."""

import unicodedata
from io import BytesIO
from urllib.parse import quote

from flask import Response, request, send_file
from flask.typing import ResponseReturnValue

from spbe_tasks.readers.images import find_picture
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.stored_files import storage

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A file that came from outside is never a page of ours, whatever is in it.
UNTRUSTED_CSP = "default-src 'none'; sandbox"


def download(key: str | None, file_name: str) -> ResponseReturnValue:
    """The file under ``key`` to keep, by its own name. Raises NotFoundError when none was kept."""
    if key is None:
        raise NotFoundError("assessment.file_not_kept")
    return attachment(storage().read(key), file_name, "application/octet-stream")


def stream(key: str, file_name: str, *, media_type: str, size_bytes: int) -> ResponseReturnValue:
    """A file that came from outside, to keep: in pieces, never shown by the browser."""
    response = Response(storage().stream(key), mimetype=media_type)
    response.content_length = size_bytes
    simple = unicodedata.normalize("NFKD", file_name).encode("ascii", "ignore").decode()
    names = {"filename": simple, "filename*": f"UTF-8''{quote(file_name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)
    response.headers["Content-Security-Policy"] = UNTRUSTED_CSP
    return response


def workbook(content: bytes, file_name: str) -> ResponseReturnValue:
    """An XLSX to keep."""
    return attachment(content, file_name, XLSX)


def attachment(content: bytes, file_name: str, media_type: str) -> ResponseReturnValue:
    """Bytes to keep under a name."""
    return send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=file_name)


def picture(key: str | None, *, is_public: bool, max_age: int) -> ResponseReturnValue:
    """A stored picture to be shown, kept by the browser for ``max_age`` seconds. Raises NotFoundError without one."""
    content = storage().read(key) if key else b""
    found = find_picture(content)
    if key is None or found is None:
        raise NotFoundError
    response = Response(content, mimetype=found.media_type)
    response.cache_control.max_age = max_age
    if is_public:
        response.cache_control.public = True
    else:
        response.cache_control.private = True
        response.cache_control.immutable = True  # its address names its content
    response.set_etag(key)
    return response.make_conditional(request)
