"""Reads the ministry's evaluation report (laporan hasil evaluasi, LHE) from a PDF with a text layer."""

from collections.abc import Sequence

from spbe_tasks.readers.document import Document, Format
from spbe_tasks.readers.lhe_figures import read_body, read_printed, read_year
from spbe_tasks.readers.lhe_table import read_table
from spbe_tasks.readers.pdf_text import read_lines
from spbe_tasks.rules.instrument import Instrument


def read_report(data: bytes, instruments: Sequence[Instrument]) -> Document:
    """The levels of a report with the page of each, and what it prints around them.

    ``instruments`` are those that it may be about; the document names the one whose indicators it lists. Where
    a level is missing the row's is empty. Raises InvalidInputError as ``pdf_text.read_lines`` does, and
    ``file.no_level_table``. For files that nobody vouches for call it through ``confined.run``.
    """
    pages = read_lines(data)
    table = read_table(pages, instruments)
    return Document(
        format=Format.PDF,
        rows=table.rows,
        instrument_id=table.instrument.id,
        year=table.year or read_year(pages),
        previous_year=table.previous_year,
        body=read_body(pages),
        printed=read_printed(pages, table.instrument),
    )
