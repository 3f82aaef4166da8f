"""Tables as CSV: nothing in them is run by a spreadsheet, and our own reader gives back what was written."""

import csv
import io

import pytest

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.readers.reading import read_document
from spbe_tasks.services import score_tables
from spbe_tasks.workbooks.csv_table import write_csv

SPBE = get_instrument("permenpanrb-59-2020")
DANGEROUS = ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", " =1+1", "\u00a0=1", "\t=1", "\r=1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_is_a_formula(text: str) -> None:
    written = list(csv.reader(io.StringIO(write_csv(["a"], [[text]]), newline="")))
    assert written == [["a"], [f"'{text}"]]


def test_numbers_nothing_and_a_lone_dash_stay_as_they_are() -> None:
    assert write_csv(["a", "b", "c"], [[-3, None, "-"]]) == "a,b,c\r\n-3,,-\r\n"
    assert write_csv(["a", "b"], [["-0,50", "-1"]], delimiter=";") == "a;b\r\n-0,50;-1\r\n"
    assert write_csv(["a", "b"], [["-1/2", "-1-1"]]) == "a,b\r\n'-1/2,'-1-1\r\n"


@pytest.mark.parametrize("note", [*DANGEROUS[:4], "it's -4", 'He said "2;3"\non two lines'])
def test_levels_and_notes_come_back_as_they_were_written(note: str) -> None:
    levels = {each.number: None for each in SPBE.indicators}
    rows = score_tables.rows(SPBE, levels, {5: note}, "id")
    data = write_csv(score_tables.heading("id"), rows, delimiter=";").encode()
    read = {row.number: row for row in read_document(data, "ekspor.csv", list_instruments()).rows}
    assert {row.level for row in read.values()} == {"-"}
    assert " ".join(read["5"].note.split()) == " ".join(note.split())
