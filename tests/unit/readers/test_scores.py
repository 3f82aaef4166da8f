"""The score table: what is read, and every mistake by row and column."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.messages import describe
from spbe_tasks.readers.scores import MAX_BYTES, MAX_PROBLEMS, read_scores
from spbe_tasks.rules.errors import InvalidInputError

SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")
SPBE_NUMBERS = [indicator.number for indicator in SPBE.indicators]
PEMDI_NUMBERS = [indicator.number for indicator in PEMDI.indicators]


def table(levels, separator=",", heading="number,level"):
    lines = [heading.replace(",", separator)] if heading else []
    return "\n".join([*lines, *(f"{number}{separator}{level}" for number, level in levels.items())])


def problems_of(text, instrument=SPBE):
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidInputError) as caught:
        read_scores(data, instrument, known=list_instruments())
    for problem in caught.value.problems:
        assert describe(problem, "en") != problem.code, f"no words for {problem.code}"
    return caught.value.problems


def spbe(**changes):
    """A table row per indicator at level 3; ``i7="x"`` puts x at indicator 7."""
    levels = {number: "3" for number in SPBE_NUMBERS}
    return levels | {int(name[1:]): value for name, value in changes.items()}


class TestReadable:
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("heading", ["number,level", "Nomor,Tingkat", "indikator,nilai", ""])
    def test_separator_and_heading_do_not_matter(self, separator, heading):
        levels = read_scores(table(spbe(i1="4"), separator, heading).encode(), SPBE)
        assert levels == {number: Decimal(4 if number == 1 else 3) for number in SPBE_NUMBERS}

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_encodings_of_office_programs_are_read(self, encoding):
        text = "nomor;tingkat;catatan\n" + "\n".join(f"{n};3;r\u00e9sum\u00e9" for n in SPBE_NUMBERS)
        assert len(read_scores(text.encode(encoding), SPBE)) == len(SPBE_NUMBERS)

    @pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
    def test_line_ends_do_not_matter(self, end):
        assert len(read_scores(table(spbe()).replace("\n", end).encode(), SPBE)) == len(SPBE_NUMBERS)

    def test_decimal_comma_and_point_are_the_same_level(self):
        rows = "\n".join(f"{number};2,55" for number in PEMDI_NUMBERS[:10])
        rows += "\n" + "\n".join(f"{number};2.55" for number in PEMDI_NUMBERS[10:])
        assert set(read_scores(rows.encode(), PEMDI).values()) == {Decimal("2.55")}

    def test_quoted_decimal_comma_is_read_in_a_table_with_commas(self):
        rows = "\n".join(f'{number},"2,55"' for number in PEMDI_NUMBERS)
        assert set(read_scores(rows.encode(), PEMDI).values()) == {Decimal("2.55")}

    @pytest.mark.parametrize("token", ["", "-", "TN", "tn"])
    def test_not_assessed_is_a_value_of_its_own(self, token):
        assert read_scores(table(spbe(i9=token)).encode(), SPBE)[9] is None

    def test_whole_level_with_decimals_is_the_whole_level(self):
        assert str(read_scores(table(spbe(i9="4,00"), ";").encode(), SPBE)[9]) == "4"

    def test_columns_are_found_by_their_heading(self):
        text = "tingkat;indikator;nomor indikator\n" + "\n".join(f"2;Nama {n};{n}" for n in SPBE_NUMBERS)
        assert set(read_scores(text.encode(), SPBE).values()) == {Decimal(2)}

    def test_blank_rows_and_order_do_not_matter(self):
        lines = table(spbe(), heading="").splitlines()
        text = "\n\n".join(reversed(lines)) + "\n,\n"
        assert list(read_scores(text.encode(), SPBE)) == SPBE_NUMBERS

    def test_separator_line_of_a_spreadsheet_is_skipped(self):
        assert len(read_scores(("sep=;\n" + table(spbe(), ";")).encode(), SPBE)) == len(SPBE_NUMBERS)

    @given(st.fixed_dictionaries({number: st.integers(1, 5) for number in SPBE_NUMBERS}))
    def test_what_was_written_is_what_is_read(self, levels):
        assert read_scores(table(levels).encode(), SPBE) == levels


class TestMistakes:
    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("6", "level.outside_scale"),
            ("0", "level.outside_scale"),
            ("-2", "level.outside_scale"),
            ("2.5", "level.not_whole"),
            ("tiga", "level.not_a_number"),
            ("1e3", "level.not_a_number"),
            ("NaN", "level.not_a_number"),
        ],
    )
    def test_wrong_level_is_named_by_row_and_column(self, written, code):
        (problem,) = problems_of(table(spbe(i7=written)))
        assert (problem.code, problem.row, problem.field, problem.value) == (code, 8, "level", written)
        assert problem.params["number"] == 7

    def test_repeated_indicator_says_where_it_stood_first(self):
        (problem,) = problems_of(table(spbe()) + "\n7,4")
        assert (problem.code, problem.row, problem.field) == ("level.repeated_indicator", 49, "number")
        assert problem.params == {"number": 7, "first_row": 8}

    def test_unknown_indicator_is_named(self):
        (problem,) = problems_of(table(spbe()) + "\n48,4")
        assert (problem.code, problem.row, problem.field, problem.value) == (
            "level.unknown_indicator",
            49,
            "number",
            "48",
        )

    def test_each_missing_row_is_named(self):
        levels = spbe()
        del levels[7], levels[40]
        problems = problems_of(table(levels))
        assert [(problem.code, problem.value) for problem in problems] == [
            ("level.missing", "7"),
            ("level.missing", "40"),
        ]

    def test_number_that_is_none_is_named(self):
        problems = problems_of(table(spbe()) + "\nJumlah,141")
        assert [(p.code, p.row, p.field, p.value) for p in problems] == [
            ("level.number_unreadable", 49, "number", "Jumlah")
        ]

    def test_all_mistakes_come_at_once_in_row_order(self):
        levels = spbe(i2="9", i30="x")
        del levels[47]
        problems = problems_of(table(levels) + "\n2,3\n99,3")
        assert [problem.code for problem in problems] == [
            "level.outside_scale",
            "level.not_a_number",
            "level.repeated_indicator",
            "level.unknown_indicator",
            "level.missing",
        ]

    def test_not_assessed_is_refused_where_the_instrument_does_not_say_what_it_counts(self):
        (problem,) = problems_of(table({number: "2.5" for number in PEMDI_NUMBERS} | {4: "TN"}), PEMDI)
        assert (problem.code, problem.row, problem.field, problem.value) == (
            "level.not_assessed_refused",
            5,
            "level",
            "TN",
        )

    def test_unquoted_decimal_comma_in_a_table_with_commas_is_explained(self):
        problems = problems_of(table({number: "2" for number in PEMDI_NUMBERS} | {4: "2,55"}), PEMDI)
        assert [(problem.code, problem.row) for problem in problems] == [("scores.too_many_columns", 5)]

    def test_single_column_is_refused(self):
        problems = problems_of("\n".join(map(str, SPBE_NUMBERS)))
        assert {problem.code for problem in problems} == {"scores.missing_column"}

    def test_unknown_heading_is_named(self):
        problems = problems_of(table(spbe(), heading="kolom,angka"))
        assert [(problem.code, problem.row, problem.value) for problem in problems] == [
            ("scores.unknown_heading", 1, "kolom, angka")
        ]

    def test_list_of_mistakes_ends_somewhere(self):
        problems = problems_of(table(spbe()) + "\nx,y" * 5_000)
        assert len(problems) == MAX_PROBLEMS + 1
        assert problems[-1].code == "scores.more_problems"
        assert problems[-1].params == {"count": 5_000 - MAX_PROBLEMS}


class TestWrongInstrument:
    def test_pemdi_table_read_as_spbe_names_pemdi_once(self):
        (problem,) = problems_of(table({number: "2.55" for number in PEMDI_NUMBERS}))
        assert problem.code == "scores.other_instrument"
        assert problem.params == {"instrument": PEMDI.id, "rows": 20, "expected": 47}

    def test_spbe_table_read_as_pemdi_names_spbe_once(self):
        (problem,) = problems_of(table(spbe()), PEMDI)
        assert problem.code == "scores.other_instrument"
        assert problem.params == {"instrument": SPBE.id, "rows": 47, "expected": 20}

    def test_mistakes_that_have_another_reason_are_still_named(self):
        problems = problems_of(table({number: "2" for number in PEMDI_NUMBERS} | {3: "x"}))
        assert [problem.code for problem in problems] == ["scores.other_instrument", "level.not_a_number"]


class TestUnreadable:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "scores.empty"),
            (b"\xef\xbb\xbf", "scores.empty"),
            (b" \n;;\n\n", "scores.empty"),
            (b"%PDF-1.7\n", "scores.binary"),
            (b"PK\x03\x04 sheet", "scores.binary"),
            (b"1,3\n2,\x00", "scores.binary"),
            (b"\xff\xfeX", "scores.binary"),
            (b"\x81\x8d", "scores.binary"),
            (b"1,3\n" * (MAX_BYTES // 4) + b"1", "scores.too_large"),
            (b'1,"' + b"x" * 200_000, "scores.bad_csv"),
        ],
    )
    def test_file_is_refused_with_its_reason(self, data, code):
        (problem,) = problems_of(data)
        assert problem.code == code

    def test_binary_file_is_called_by_its_name(self):
        (problem,) = problems_of(b"%PDF-1.7\n")
        assert problem.params == {"kind": "PDF"}

    def test_50_megabytes_are_refused_before_anything_is_read(self):
        (problem,) = problems_of(bytes(50_000_000))
        assert problem.code == "scores.too_large"

    @given(st.binary(max_size=300))
    def test_any_bytes_are_refused_in_words(self, data):
        assert problems_of(data)
