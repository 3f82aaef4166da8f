"""How a workbook is written: names of sheets, texts that stay texts, rows on disk."""

import tracemalloc
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from spbe_tasks.workbooks.book import LONGEST_SHEET_NAME, LONGEST_TEXT, Book

HOSTILE = ("=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "1/3", "http://x", "007")


@pytest.mark.parametrize("is_on_disk", [False, True])
def test_no_text_becomes_anything_else(tmp_path: Path, is_on_disk: bool) -> None:
    path = tmp_path / "book.xlsx"
    book = Book(path if is_on_disk else None)
    sheet = book.add_sheet("Isi")
    for row, text in enumerate(HOSTILE):
        sheet.text(row, 0, text)
    content = book.close()
    if not is_on_disk:
        path.write_bytes(content)
    cells = [row[0] for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()]
    # A return is written as XML has it: a line feed.
    assert [str(cell).replace("\r", "\n") for cell in cells] == [text.replace("\r", "\n") for text in HOSTILE]
    assert {type(cell) for cell in cells} == {str}
    with zipfile.ZipFile(path) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Dinas [A]/B:?*\\"], ["Dinas  A  B"]),
        (["'Kutip'"], ["Kutip"]),
        (["Ringkasan", "ringkasan", "RINGKASAN"], ["Ringkasan", "ringkasan (2)", "RINGKASAN (3)"]),
        (["", "[]"], ["–", "– (2)"]),
        (["History"], ["History_"]),
        (["x" * 40, "x" * 40], ["x" * 31, "x" * 27 + " (2)"]),
        (["a\tb\x00c"], ["a b c"]),
    ],
)
def test_a_sheet_gets_a_name_that_excel_takes(names: list[str], expected: list[str]) -> None:
    book = Book()
    found = [book.add_sheet(name).raw.get_name() for name in names]
    book.close()
    assert found == expected
    assert all(0 < len(name) <= LONGEST_SHEET_NAME for name in found)


def test_numbers_and_days_are_numbers_and_days(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = Book(path)
    sheet = book.add_sheet("Isi")
    sheet.number(0, 0, Decimal("3.06"), "index")
    sheet.date(0, 1, date(2026, 11, 30))
    book.close()
    assert CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python() == [[3.06, date(2026, 11, 30)]]


def test_a_text_is_cut_at_what_a_cell_holds_and_the_rest_is_written(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.xlsx")
    book.add_sheet("Isi").text(0, 0, "x" * (LONGEST_TEXT + 1))
    book.close()
    cell = CalamineWorkbook.from_path(tmp_path / "book.xlsx").get_sheet_by_index(0).to_python()[0][0]
    assert len(str(cell)) == LONGEST_TEXT


def test_a_cell_that_cannot_be_written_is_no_silence(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.xlsx")
    sheet = book.add_sheet("Isi")
    sheet.text(5, 0, "a")
    with pytest.raises(ValueError, match="could not be written"):
        sheet.text(4, 0, "b")
    book.close()


def test_pages_are_a4_across_with_numbers_and_nothing_of_a_name_is_a_code(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.xlsx")
    sheet = book.add_sheet("Isi")
    sheet.headings(0, [("Nama", 10)])
    sheet.margins("Dinas A&B", "Per hari ini")
    book.close()
    with zipfile.ZipFile(tmp_path / "book.xlsx") as parts:
        written = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'paperSize="9"' in written
    assert 'orientation="landscape"' in written
    assert "&amp;LDinas A&amp;&amp;B" in written
    assert "&amp;R&amp;P / &amp;N" in written
    assert 'state="frozen"' in written


def test_rows_on_disk_are_not_kept_in_memory(tmp_path: Path) -> None:
    peaks = []
    for rows in (500, 5_000):
        book = Book(tmp_path / f"{rows}.xlsx")
        sheet = book.add_sheet("Isi")
        tracemalloc.start()
        for row in range(rows):
            for column in range(10):
                sheet.text(row, column, f"Tugas {row}, kolom {column}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        book.close()
    assert peaks[1] < peaks[0] + 500_000  # bytes; the texts alone are a megabyte
