"""Tables to download: CSV with a byte order mark, so that spreadsheets read UTF-8; no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

BYTE_ORDER_MARK = "\ufeff"
# A cell that begins with one of these would be run by a spreadsheet (OWASP, "CSV injection").
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_response(
    file_name: str, heading: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ","
) -> Response:
    """The rows as a file to keep; None is an empty cell, text that looks like a formula gets an apostrophe in front."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(heading)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return Response(
        (BYTE_ORDER_MARK + text.getvalue()).encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(_STARTS_FORMULA):
        return f"'{cell}"
    return cell
