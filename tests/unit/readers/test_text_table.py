"""Levels in text: CSV of any kind, and what was copied from a table."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.messages import describe
from spbe_tasks.readers.check import check, require
from spbe_tasks.readers.document import Format
from spbe_tasks.readers.reading import read_document, read_pasted
from spbe_tasks.readers.text_table import MAX_BYTES, MAX_LINES
from spbe_tasks.rules.errors import InvalidInputError

KNOWN = list_instruments()
SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")
SPBE_NUMBERS = [indicator.number for indicator in SPBE.indicators]
PEMDI_NUMBERS = [indicator.number for indicator in PEMDI.indicators]


def table(levels, separator=",", heading="number,level"):
    lines = [heading.replace(",", separator)] if heading else []
    return "\n".join([*lines, *(f"{number}{separator}{level}" for number, level in levels.items())])


def spbe(**changes):
    """A table row per indicator at level 3; ``i7="x"`` puts x at indicator 7."""
    levels = dict.fromkeys(SPBE_NUMBERS, "3")
    return levels | {int(name[1:]): value for name, value in changes.items()}


def read(text, instrument=SPBE):
    data = text if isinstance(text, bytes) else text.encode()
    return require(read_document(data, "levels.csv", KNOWN), instrument, KNOWN).levels


def refusal(data):
    with pytest.raises(InvalidInputError) as caught:
        read_document(data if isinstance(data, bytes) else data.encode(), "levels.csv", KNOWN)
    (problem,) = caught.value.problems
    assert describe(problem, "en") != problem.code, f"no words for {problem.code}"
    return problem


class TestSeparatedValues:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("heading", ["number,level", "Nomor,Tingkat", "indikator,nilai", ""])
    def test_separator_and_heading_do_not_matter(self, separator, heading):
        assert read(table(spbe(i1="4"), separator, heading)) == {
            number: Decimal(4 if number == 1 else 3) for number in SPBE_NUMBERS
        }

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_encodings_of_office_programs_are_read(self, encoding):
        text = "nomor;tingkat;catatan\n" + "\n".join(f"{n};3;résumé" for n in SPBE_NUMBERS)
        checked = require(read_document(text.encode(encoding), "levels.csv", KNOWN), SPBE, KNOWN)
        assert checked.notes[47] == "résumé"

    @pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
    def test_line_ends_do_not_matter(self, end):
        assert len(read(table(spbe()).replace("\n", end))) == len(SPBE_NUMBERS)

    @pytest.mark.parametrize("written", ["2,55", "2.55", "Level 2,55"])
    def test_decimal_comma_and_point_are_the_same_level(self, written):
        rows = "\n".join(f"{number};{written}" for number in PEMDI_NUMBERS)
        assert set(read("no;nilai\n" + rows, PEMDI).values()) == {Decimal("2.55")}

    def test_quoted_decimal_comma_is_read_in_a_table_with_commas(self):
        rows = "\n".join(f'{number},"2,55"' for number in PEMDI_NUMBERS)
        assert set(read(rows, PEMDI).values()) == {Decimal("2.55")}

    def test_unquoted_decimal_comma_is_read_where_no_further_column_can_be_meant(self):
        rows = "\n".join(f"{number},2,55" for number in PEMDI_NUMBERS)
        assert set(read("number,level\n" + rows, PEMDI).values()) == {Decimal("2.55")}

    @pytest.mark.parametrize("token", ["", "-", "TN", "tn", "'-"])
    def test_not_assessed_is_a_value_of_its_own(self, token):
        assert read(table(spbe(i9=token)))[9] is None

    def test_columns_are_found_by_their_heading(self):
        text = "tingkat;indikator;nomor indikator\n" + "\n".join(f"2;Nama {n};{n}" for n in SPBE_NUMBERS)
        assert set(read(text).values()) == {Decimal(2)}

    def test_semicolons_and_commas_in_names_are_no_separators(self):
        rows = "\n".join(f'{n}\t"Peta; rencana, dan | ""arsitektur"""\t4' for n in SPBE_NUMBERS)
        document = read_document(f"No\tNama Indikator\tNilai\n{rows}".encode(), "", KNOWN)
        assert {row.name for row in document.rows} == {'Peta; rencana, dan | "arsitektur"'}
        assert {row.level for row in document.rows} == {"4"}

    def test_blank_rows_and_order_do_not_matter(self):
        lines = table(spbe(), heading="").splitlines()
        assert list(read("\n\n".join(reversed(lines)) + "\n,\n")) == SPBE_NUMBERS

    def test_separator_line_of_a_spreadsheet_decides(self):
        rows = "\n".join(f"{n}^3" for n in SPBE_NUMBERS)
        assert len(read(f"sep=^\nnomor^tingkat\n{rows}")) == len(SPBE_NUMBERS)

    def test_titles_above_and_totals_below_are_left_out(self):
        text = "Hasil Evaluasi;;\nTahun 2024;;\n\nNo;Indikator;Nilai\nDomain 1;;2,60\n"
        text += "\n".join(f"{n};Nama {n};3" for n in SPBE_NUMBERS) + "\nIndeks SPBE;;3,00\n;Rata-rata;3\n"
        document = read_document(text.encode(), "", KNOWN)
        assert (len(document.rows), document.year) == (47, 2024)

    def test_the_year_of_a_regulation_is_not_the_year_of_the_assessment(self):
        text = "Permenpan RB Nomor 59 Tahun 2020;\nno;nilai\n" + table(spbe(), ";", "")
        assert read_document(text.encode(), "", KNOWN).year is None

    def test_of_two_years_the_later_is_the_level_and_the_earlier_the_previous(self):
        rows = "\n".join(f"{n};Nama {n};4;2" for n in SPBE_NUMBERS)
        document = read_document(f"No;Indikator;Nilai 2024;Nilai 2023\n{rows}".encode(), "", KNOWN)
        assert {(row.level, row.previous) for row in document.rows} == {("4", "2")}
        assert (document.year, document.previous_year) == (2024, 2023)

    def test_further_columns_become_notes_with_their_heading(self):
        rows = "\n".join(f"{n};3;bagus;ya" for n in SPBE_NUMBERS)
        document = read_document(f"No;Tingkat;Keterangan;Data Dukung\n{rows}".encode(), "", KNOWN)
        assert {row.note for row in document.rows} == {"Keterangan: bagus; Data Dukung: ya"}

    @given(st.fixed_dictionaries({number: st.integers(1, 5) for number in SPBE_NUMBERS}))
    def test_what_was_written_is_what_is_read(self, levels):
        assert read(table(levels)) == levels


class TestPasted:
    def test_lines_out_of_a_pdf_have_the_number_first_and_the_level_last(self):
        text = "Tabel 3 Hasil\n" + "\n".join(
            f" {n}.  Kebijakan Internal nomor {n}   {n % 5 + 1}" for n in SPBE_NUMBERS
        )
        document = read_pasted(text, KNOWN)
        assert document.format is Format.PASTED
        assert [row.level for row in document.rows] == [str(n % 5 + 1) for n in SPBE_NUMBERS]
        assert document.rows[6].name == "Kebijakan Internal nomor 7"
        assert document.rows[6].place.row == 8

    def test_names_over_several_lines_and_cells_of_their_own_lines_are_put_together(self):
        text = "".join(f"{n} Tingkat Kematangan\nArsitektur {n}a 3\n" for n in SPBE_NUMBERS[:20])
        text += "".join(f"{n}\nManajemen Risiko\n3\n" for n in SPBE_NUMBERS[20:])
        assert [row.number for row in read_pasted(text, KNOWN).rows] == [str(n) for n in SPBE_NUMBERS]

    @pytest.mark.parametrize("layout", ["{} {} {}\n", "{}\n{}\n{}\n", "{} {}\n{}\n"])
    def test_a_name_that_ends_in_a_number_is_not_cut_for_its_level(self, layout):
        text = "".join(
            layout.format(each.number, each.name("id"), each.number % 5 + 1) for each in SPBE.indicators
        )
        rows = read_pasted(text, KNOWN).rows
        assert [(row.number, row.level) for row in rows] == [(str(n), str(n % 5 + 1)) for n in SPBE_NUMBERS]
        assert rows[46].name == "Tingkat Kematangan Layanan Publik Sektor 3"

    def test_cells_of_a_spreadsheet_are_separated_by_tabs(self):
        document = read_pasted("No\tNilai\n" + table(spbe(), "\t", ""), KNOWN)
        assert (len(document.rows), document.format) == (47, Format.PASTED)

    def test_a_table_drawn_with_bars_is_read(self):
        rows = "\n".join(f"| {n} | Kebijakan | 3 |" for n in SPBE_NUMBERS)
        assert len(read_pasted(f"| No | Indikator | Tingkat |\n|----|:---|---:|\n{rows}", KNOWN).rows) == 47

    def test_prose_is_no_table(self):
        with pytest.raises(InvalidInputError) as caught:
            read_pasted("1 cara adalah 2\nselain itu tidak ada", KNOWN)
        assert caught.value.problems[0].code == "file.no_columns"


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "file.empty"),
            (b"\xef\xbb\xbf", "file.empty"),
            (b" \n;;\n\n", "file.empty"),
            (b"1,3\n2,\x00", "file.unknown"),
            (b"\xff\xfeX", "file.unknown"),
            (b"\x81\x8d", "file.unknown"),
            (b"1,3," + b"x" * MAX_BYTES, "file.text_too_large"),
            (b"1,3\n" * (2 * MAX_LINES + 1), "file.too_many_rows"),
            (b'1,"' + b"x" * 200_000, "file.bad_table"),
            (b"1\n2\n3\n", "file.no_columns"),
            (b"Kepada Yth.\nBupati", "file.no_columns"),
        ],
    )
    def test_text_without_a_table_is_refused_with_its_reason(self, data, code):
        assert refusal(data).code == code

    def test_headings_that_are_not_known_are_quoted(self):
        problem = refusal("kolom;angka;lain\n1;2;3\n4;5;6")
        assert (problem.code, problem.row, problem.value) == ("file.no_columns", 1, "kolom, angka, lain")

    def test_a_line_that_ends_before_its_level_is_not_taken_for_not_assessed(self):
        document = read_document((table(spbe()).replace("\n9,3", "\n9")).encode(), "", KNOWN)
        (problem,) = check(document, SPBE, KNOWN).problems
        assert (problem.code, problem.row) == ("level.no_cell", 10)
