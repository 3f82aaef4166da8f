"""Stored files as downloads: always an attachment, never shown by the browser."""

from io import BytesIO

from flask import send_file
from flask.typing import ResponseReturnValue

from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.stored_files import storage

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(key: str | None, file_name: str) -> ResponseReturnValue:
    """The file under ``key`` to keep, by its own name. Raises NotFoundError when none was kept."""
    if key is None:
        raise NotFoundError("assessment.file_not_kept")
    return attachment(storage().read(key), file_name, "application/octet-stream")


def workbook(content: bytes, file_name: str) -> ResponseReturnValue:
    """An XLSX to keep."""
    return attachment(content, file_name, XLSX)


def attachment(content: bytes, file_name: str, media_type: str) -> ResponseReturnValue:
    """Bytes to keep under a name."""
    return send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=file_name)
