"""The workbook of an import with problems: the rows as read, the problems where they are, and all in one list."""

import io
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.messages import LOCALES, describe
from spbe_tasks.readers.check import check
from spbe_tasks.readers.document import Document, Format, Place, Row
from spbe_tasks.readers.sheets import read_workbook
from spbe_tasks.workbooks.annotated import write_annotated

KNOWN = list_instruments()
SPBE = get_instrument("permenpanrb-59-2020")


def document(**wrong):
    """47 rows of a sheet from row 4 on; ``i7="x"`` puts x at indicator 7."""
    levels = {number: "3" for number in range(1, 48)} | {int(name[1:]): text for name, text in wrong.items()}
    rows = [
        Row(str(number), level, Place(sheet="Nilai", row=number + 3, column="C"))
        for number, level in levels.items()
    ]
    return Document(Format.XLSX, tuple(rows))


def annotate(read, locale="en"):
    checked = check(read, SPBE, KNOWN)
    return checked, write_annotated(read, checked.problems, checked.warnings, locale)


def sheets(data):
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_problem_stands_in_the_list_with_its_place(locale):
    checked, data = annotate(document(i2="9", i7="tiga", i48="3"), locale)
    _, listed = sheets(data)
    assert len(listed) == 1 + len(checked.problems) == 4
    assert listed[1][1:5] == ["Nilai", "5", "C", "9"]
    assert [row[5] for row in listed[1:]] == [describe(each, locale) for each in checked.problems]


def test_a_wrong_cell_is_coloured_and_has_a_comment():
    checked, data = annotate(document(i2="9", i7="tiga"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        comments, sheet = (
            archive.read(f"xl/{part}").decode() for part in ("comments1.xml", "worksheets/sheet1.xml")
        )
    assert re.findall(r'<comment ref="([A-Z]+\d+)"', comments) == ["F3", "F8"]
    assert describe(checked.problems[1], "en") in comments
    looks = dict(re.findall(r'<c r="(F\d+)" s="(\d+)"', sheet))
    assert looks["F3"] == looks["F8"] != looks["F4"]


def test_a_row_of_a_report_is_found_by_its_page_and_number():
    rows = tuple(Row(str(n), "9" if n == 5 else "3", Place(page=2 + n // 20)) for n in range(1, 48))
    _, data = annotate(Document(Format.PDF, rows))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        comments = archive.read("xl/comments1.xml").decode()
    assert re.findall(r'<comment ref="([A-Z]+\d+)"', comments) == ["F6"]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_rows_can_be_mended_there_and_imported_again(locale):
    _, data = annotate(document(), locale)
    again = read_workbook(data, KNOWN)
    checked = check(again, SPBE, KNOWN)
    assert checked.problems == ()
    assert checked.notes == {}
    assert set(checked.levels.values()) == {3}


def test_what_was_read_stays_text_however_it_looks():
    read = document(i2="=1+1")
    _, data = annotate(read)
    rows, listed = sheets(data)
    assert rows[2][5] == listed[1][4] == "=1+1"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in part for part in parts)


def test_nothing_wrong_gives_an_empty_list():
    _, data = annotate(document())
    assert len(sheets(data)[1]) == 1
