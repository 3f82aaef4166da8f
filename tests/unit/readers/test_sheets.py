"""Levels in workbooks: wherever the table stands, however its cells are filled."""

import io
import zipfile
from datetime import date

import pytest
from xlsxwriter import Workbook

from spbe_tasks.instruments.loader import list_instruments
from spbe_tasks.messages import WORDS
from spbe_tasks.readers.document import Format, Place
from spbe_tasks.readers.sheets import read_workbook
from spbe_tasks.rules.errors import InvalidInputError
from tests.unit.readers import tables

KNOWN = list_instruments()
NUMBERS = range(1, 48)
FORMATS = pytest.mark.parametrize(
    ("make", "form"),
    [
        (lambda rows: tables.xlsx({"Nilai": rows}), Format.XLSX),
        (lambda rows: tables.ods({"Nilai": rows}), Format.ODS),
        (lambda rows: tables.xls(rows, "Nilai"), Format.XLS),
    ],
    ids=["xlsx", "ods", "xls"],
)


def refusal(data):
    with pytest.raises(InvalidInputError) as caught:
        read_workbook(data, KNOWN)
    (problem,) = caught.value.problems
    assert problem.code in WORDS
    return problem.code


def filled(fill):
    """A workbook of one sheet with headings in row 1, and what ``fill`` writes into it."""
    stream = io.BytesIO()
    with Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Nilai")
        sheet.write_row(0, 0, ["No", "Indikator", "Tingkat"])
        for number in NUMBERS:
            sheet.write_row(number, 0, [number, f"Nama {number}", 3])
        fill(book, sheet)
    return stream.getvalue()


def without_value(data):
    """The same workbook as programs write it that do not compute: a formula of the value 0, or empty, has none."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = (
        parts[sheet].replace(b"</f><v>0</v>", b"</f><v></v>").replace(b"</f><v>empty</v>", b"</f><v></v>")
    )
    return tables.zipped(parts)


@FORMATS
def test_every_format_gives_the_same_rows_with_sheet_row_and_column(make, form):
    rows = [["Hasil evaluasi tahun 2024"], [None], ["No", "Nama Indikator", "Tingkat"]]
    rows += [[n, f"Nama {n}", 2.5] for n in NUMBERS]
    document = read_workbook(make(rows), KNOWN)
    assert (document.format, document.year, len(document.rows)) == (form, 2024, 47)
    first = document.rows[0]
    assert (first.number, first.name, first.level) == ("1", "Nama 1", "2.5")
    assert first.place == Place(sheet="Nilai", row=4, column="C")


@FORMATS
def test_numbers_may_be_stored_as_text(make, form):
    rows = [["Nomor", "Nilai"], *([f"{n}.", "3,00"] for n in NUMBERS)]
    assert {row.level for row in read_workbook(make(rows), KNOWN).rows} == {"3,00"}


def test_the_table_may_stand_anywhere_within_twenty_rows():
    data = tables.xlsx({"A": tables.levels(NUMBERS)}, top=19, left=30)
    assert read_workbook(data, KNOWN).rows[0].place == Place(sheet="A", row=21, column="AF")
    assert refusal(tables.xlsx({"A": [["Judul"], *tables.levels(NUMBERS, heading=("a", "b"))]}, left=3)) == (
        "file.no_columns"
    )


def test_the_sheet_with_the_most_levels_is_read():
    sheets = {
        "Petunjuk": [["No", "Nilai"], [1, "contoh"]],
        "Rekap": [["Domain", "Indeks"], ["Kebijakan", 2.5]],
        "Rincian": tables.levels(NUMBERS),
    }
    assert {row.place.sheet for row in read_workbook(tables.xlsx(sheets), KNOWN).rows} == {"Rincian"}


def test_a_hidden_sheet_is_read_only_when_no_other_has_levels():
    old, new = tables.levels(NUMBERS, 1), tables.levels(range(1, 40), 2)
    data = tables.xlsx({"Lama": old, "Baru": new}, hidden=["Lama"])
    assert {row.place.sheet for row in read_workbook(data, KNOWN).rows} == {"Baru"}
    data = tables.xlsx({"Lama": old, "Sampul": [["Laporan"]]}, hidden=["Lama"])
    assert {row.place.sheet for row in read_workbook(data, KNOWN).rows} == {"Lama"}


def test_merged_titles_empty_rows_and_aspects_between_are_no_rows():
    def fill(book, sheet):
        sheet.merge_range(48, 0, 48, 2, "Aspek 9: Penutup")
        sheet.write_row(50, 0, ["Indeks", "", 3.12])

    assert len(read_workbook(filled(fill), KNOWN).rows) == 47


def test_a_heading_of_two_rows_with_merged_cells_is_understood():
    rows = [["No", "Indikator", "Tingkat Kematangan", None], [None, None, 2023, 2024]]
    rows += [["(1)", "(2)", "(3)", "(4)"], *([n, f"Nama {n}", 2, 4] for n in NUMBERS)]
    document = read_workbook(tables.xlsx({"A": rows}), KNOWN)
    assert {(row.level, row.previous) for row in document.rows} == {("4", "2")}
    assert (document.year, document.previous_year, len(document.rows)) == (2024, 2023, 47)


def test_formulas_count_by_their_cached_value():
    data = filled(lambda book, sheet: sheet.write_formula(7, 2, "=0.1*25.5", None, 2.5500000000000003))
    assert read_workbook(data, KNOWN).rows[6].level == "2.55"


@pytest.mark.parametrize("value", ["#DIV/0!", "#REF!", 0])
def test_a_formula_without_a_value_is_not_taken_for_not_assessed(value):
    def fill(book, sheet):
        sheet.write_blank(7, 1, None, book.add_format({"bold": True}))
        sheet.write_formula(7, 2, "=1/0", None, value)

    data = without_value(filled(fill))
    assert [row.level for row in read_workbook(data, KNOWN).rows[5:8]] == ["3", "#ERROR", "3"]


def test_a_formula_that_gives_an_empty_text_is_empty():
    data = without_value(
        filled(lambda book, sheet: sheet.write_formula(7, 2, '=IF(1,"","x")', None, "empty"))
    )
    assert [row.level for row in read_workbook(data, KNOWN).rows[5:8]] == ["3", "", "3"]


def test_a_level_that_became_a_date_is_kept_as_a_date():
    def fill(book, sheet):
        sheet.write_datetime(7, 2, date(2026, 5, 3), book.add_format({"num_format": "d.m"}))

    assert read_workbook(filled(fill), KNOWN).rows[6].level == "2026-05-03"


@pytest.mark.parametrize(
    "cells",
    [
        ["Instansi: Kota Ternate"],
        ["Nama Instansi", "Kota Ternate"],
        ["Pemerintah Daerah", None, ": Kota Ternate"],
    ],
)
def test_the_instrument_and_the_body_are_read_from_the_cells_above(cells):
    rows = [["Instrumen", "permenpanrb-59-2020 Pedoman"], cells, *tables.levels(NUMBERS)]
    document = read_workbook(tables.xlsx({"A": rows}), KNOWN)
    assert (document.instrument_id, document.body) == ("permenpanrb-59-2020", "Kota Ternate")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (tables.xlsx({"A": []}), "file.no_rows"),
        (tables.ods({"A": []}, manifest="<manifest:encryption-data/>"), "file.encrypted"),
        (tables.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "file.encrypted"),
        (tables.ole({"WordDocument": b"x"}), "file.word"),
        (tables.ole({"PowerPoint Document": b"x"}), "file.slides"),
        (tables.ole({"Thumbs": b"x"}), "file.unknown"),
        (tables.ole({"Workbook": b"no records at all"}), "file.broken"),
        (tables.zipped({"word/document.xml": "<w/>"}), "file.word"),
        (tables.zipped({"ppt/presentation.xml": "<p/>"}), "file.slides"),
        (tables.zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "file.word"),
        (tables.zipped({"foto.jpg": b"\xff\xd8\xff"}), "file.archive"),
        (tables.zipped({"xl/workbook.xml": "<no workbook"}), "file.broken"),
        (tables.xlsx({"A": tables.levels(NUMBERS)})[:3_000], "file.truncated"),
        (tables.zipped({"xl/workbook.xml": b" " * 30_000_000}), "file.bomb"),
        (tables.zipped({f"xl/part{n}": b"" for n in range(2_001)}), "file.bomb"),
        (tables.zipped({"xl/workbook.xml": "x", "b": bytes(range(256)) * 300_000}), "file.bomb"),
    ],
)
def test_what_is_no_readable_workbook_is_named(data, code):
    assert refusal(data) == code


def test_a_directory_that_lies_about_a_size_does_not_hide_a_bomb():
    data = tables.zipped({"xl/workbook.xml": b" " * 30_000_000})
    told = (30_000_000).to_bytes(4, "little")
    assert refusal(data.replace(told, (1_000).to_bytes(4, "little"))) in {"file.broken", "file.bomb"}


def test_an_archive_with_a_password_is_named():
    data = bytearray(tables.xlsx({"A": tables.levels(NUMBERS)}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = data.find(mark)
        while position >= 0:
            data[position + offset] |= 1
            position = data.find(mark, position + 1)
    assert refusal(bytes(data)) == "file.encrypted"


def test_a_cell_in_the_last_corner_of_a_sheet_does_not_fill_the_memory():
    data = filled(lambda book, sheet: sheet.write(1_048_575, 0, "x"))
    assert refusal(data) == "file.too_many_rows"
