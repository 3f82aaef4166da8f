"""Tables to download: CSV with a byte order mark, so that spreadsheets read UTF-8."""

from collections.abc import Iterable, Sequence

from flask import Response

from spbe_tasks.workbooks.csv_table import write_csv

BYTE_ORDER_MARK = "\ufeff"


def csv_response(
    file_name: str, heading: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ","
) -> Response:
    """The rows as a file to keep; cells are written as ``write_csv`` does."""
    return Response(
        (BYTE_ORDER_MARK + write_csv(heading, rows, delimiter=delimiter)).encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )
