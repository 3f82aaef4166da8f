"""Reads levels from a web page: what some programs write as .xls is a page with a table. Runs in the confined child."""

from collections.abc import Sequence
from html.parser import HTMLParser

from spbe_tasks.readers.columns import find_table
from spbe_tasks.readers.document import Document, Format
from spbe_tasks.readers.grid import Grid, Line
from spbe_tasks.readers.table_rows import make_document
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Instrument

MAX_ROWS = 20_000
_MAX_SPAN = 50
_CELLS = frozenset({"td", "th"})


def read_page(data: bytes, instruments: Sequence[Instrument]) -> Document:
    """The levels of the table on the page that has most. Raises InvalidInputError when there is none."""
    collector = _Tables()
    collector.feed(_decode(data))
    collector.close()
    if not collector.grids:
        raise InvalidInputError.of("file.web_page")
    return make_document(find_table(collector.grids), Format.XLS, instruments)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


class _Tables(HTMLParser):
    """Gathers the cells of every table, rows counted over the whole page; a cell over several columns is the first."""

    def __init__(self) -> None:
        super().__init__()
        self.grids: list[Grid] = []
        self._lines: list[Line] = []
        self._cells: list[str] = []
        self._text: list[str] | None = None
        self._span = 1
        self._row = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell."""
        if tag == "table":
            self._lines = []
            self.grids.append(Grid(self._lines))
        elif tag == "tr":
            self._end_row()
        elif tag in _CELLS:
            self._end_cell()
            self._text = []
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), _MAX_SPAN) if span.isdecimal() and len(span) < 4 else 1
        elif tag == "br" and self._text is not None:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a cell or row."""
        if tag in _CELLS:
            self._end_cell()
        elif tag in {"tr", "table"}:
            self._end_row()

    def handle_data(self, data: str) -> None:
        """Keep the words of a cell."""
        if self._text is not None:
            self._text.append(data)

    def close(self) -> None:
        """End what the page left open."""
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._text is not None:
            self._cells += [" ".join("".join(self._text).split()), *[""] * (self._span - 1)]
        self._text = None

    def _end_row(self) -> None:
        self._end_cell()
        if not self._cells:
            return
        self._row += 1
        if self._row > MAX_ROWS:
            raise InvalidInputError.of("file.too_many_rows", limit=MAX_ROWS)
        if any(self._cells) and self.grids:
            self._lines.append(Line(self._row, tuple(self._cells)))
        self._cells = []
