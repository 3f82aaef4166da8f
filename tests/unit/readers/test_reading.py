"""The one way in: the format is known by content, and nothing that can be uploaded does harm."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spbe_tasks.instruments.loader import list_instruments
from spbe_tasks.messages import LOCALES, WORDS, describe
from spbe_tasks.readers.document import Document, Format
from spbe_tasks.readers.reading import MAX_BYTES, read_document, read_pasted
from spbe_tasks.readers.web_page import read_page
from spbe_tasks.rules.errors import InvalidInputError
from tests.unit.readers import tables
from tests.unit.readers.test_images import jpeg, png

KNOWN = list_instruments()
ROWS = tables.levels(range(1, 48))
REAL = {
    "xlsx": tables.xlsx({"Nilai": ROWS}),
    "ods": tables.ods({"Nilai": ROWS}),
    "xls": tables.xls(ROWS),
    "csv": tables.csv(ROWS),
}
PAGE = "<html><body><table>{}</table></body></html>".format(
    "".join(f"<tr><td>{number}</td><td>&nbsp;{level}</td></tr>" for number, level in ROWS)
).encode()


def refusal(data, read=read_document):
    with pytest.raises(InvalidInputError) as caught:
        read(data, "berkas.csv", KNOWN)
    (problem,) = caught.value.problems
    for locale in LOCALES:
        assert describe(problem, locale) != problem.code, f"no words for {problem.code}"
    return problem.code


@pytest.mark.parametrize("form", REAL)
@pytest.mark.parametrize("name", ["nilai.csv", "nilai.xlsx", "nilai.pdf", "nilai", ""])
def test_the_name_of_a_file_says_nothing_about_its_format(form, name):
    document = read_document(REAL[form], name, KNOWN)
    assert (document.format, len(document.rows)) == (Format(form), 47)


def test_a_web_page_saved_as_a_workbook_is_read_by_its_table():
    document = read_document(PAGE, "nilai.xls", KNOWN)
    assert (document.format, len(document.rows)) == (Format.XLS, 47)
    assert document.rows[6].level == "3"
    merged = b"<table><tr><th colspan=2>No<th>Nilai" + b"".join(
        b"<tr><td>%d<td>a<br>b<td>3" % n for n in range(1, 48)
    )
    assert {row.level for row in read_document(merged, "", KNOWN).rows} == {"3"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b" " * (MAX_BYTES + 1), "file.too_large"),
        (png(), "file.picture"),
        (jpeg(), "file.picture"),
        (b"GIF89a\x01\x00", "file.picture"),
        (b"II*\x00\x08", "file.picture"),
        (b"Rar!\x1a\x07\x01\x00", "file.archive"),
        (b"PK\x05\x06" + bytes(18), "file.archive"),
        (b"PK\x03\x04", "file.truncated"),
        (b"{\\rtf1 Surat}", "file.word"),
        (tables.zipped({"word/document.xml": "<w/>"}), "file.word"),
        (tables.ole({"EncryptedPackage": b""}), "file.encrypted"),
        (tables.zipped({"xl/workbook.xml": b" " * 30_000_000}), "file.bomb"),
        (b"\x09\x00\x04\x00\x02\x00\x10\x00", "file.old_sheet"),
        (b"<!DOCTYPE html><p>Halaman masuk</p>", "file.web_page"),
        (b"<html><table><tr><td>Masuk</td></tr></table>", "file.no_columns"),
        (bytes(range(256)), "file.unknown"),
    ],
)
def test_what_cannot_be_read_is_named_and_has_words(data, code):
    assert refusal(data) == code


def test_a_sheet_whose_cells_reach_the_last_corner_ends_in_words():
    data = tables.xlsx({"A": [*ROWS]})
    assert refusal(_with_far_cell(data)) in {"file.too_many_rows", "file.broken", "file.too_big_inside"}


def _with_far_cell(data):
    """The same workbook with its last cell moved to XFD1048576: four billion cells between."""
    parts = _parts(data)
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = (
        parts[sheet].replace(b'<row r="48"', b'<row r="1048576"').replace(b'"B48"', b'"XFD1048576"')
    )
    return tables.zipped(parts)


def _parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _read_or_refuse(read, *arguments):
    """A document, or a refusal with words; anything else fails the test."""
    codes = set()
    try:
        assert isinstance(read(*arguments), Document)
    except InvalidInputError as error:
        codes = {problem.code for problem in error.problems}
    assert codes <= set(WORDS)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_document_or_a_refusal_in_words(data):
    if not data.startswith((b"PK", b"\xd0\xcf")) and b"%PDF-" not in data:
        _read_or_refuse(read_document, data, "", KNOWN)


@given(st.text(max_size=400))
def test_any_pasted_text_gives_a_document_or_a_refusal_in_words(text):
    _read_or_refuse(read_pasted, text, KNOWN)


@given(
    st.lists(
        st.lists(st.sampled_from(["1", "2", "3", "no", "nilai", "-", "", "2024", "(1)"]), max_size=5),
        max_size=9,
    )
)
def test_any_small_table_gives_a_document_or_a_refusal_in_words(rows):
    _read_or_refuse(read_document, tables.csv(rows, ";") or b";", "", KNOWN)


@st.composite
def mutated(draw, original):
    """A real file with bytes changed, cut out or put in."""
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        width = draw(st.sampled_from([0, 1, 2, 40, 700]))
        data[place : place + width] = draw(st.binary(max_size=6))
    return bytes(data)


@st.composite
def mutated_inside(draw, original):
    """A real archive whose parts were changed before it was packed: checksums do not give them away."""
    parts = _parts(original)
    name = draw(st.sampled_from(sorted(parts)))
    return tables.zipped({**parts, name: draw(mutated(parts[name]))})


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_workbooks_with_damaged_parts_give_a_document_or_a_refusal_in_words(form):
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(mutated_inside(REAL[form]))
    def run(data):
        _read_or_refuse(read_document, data, "", KNOWN)

    run()


@pytest.mark.parametrize("form", ["xlsx", "ods", "xls"])
def test_damaged_workbooks_give_a_document_or_a_refusal_in_words(form):
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(mutated(REAL[form]))
    def run(data):
        _read_or_refuse(read_document, data, "", KNOWN)

    run()


@given(mutated(REAL["csv"]))
def test_damaged_text_gives_a_document_or_a_refusal_in_words(data):
    _read_or_refuse(read_document, data, "", KNOWN)


@given(mutated(PAGE))
def test_damaged_web_pages_give_a_document_or_a_refusal_in_words(data):
    _read_or_refuse(read_page, data, KNOWN)
