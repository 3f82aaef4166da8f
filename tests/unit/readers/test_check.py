"""The check: every mistake at once, each with its place, in both languages."""

from decimal import Decimal

import pytest

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.messages import LOCALES, WORDS, describe, describe_all
from spbe_tasks.readers.check import MAX_PROBLEMS, check, require
from spbe_tasks.readers.document import Document, Format, Place, Row
from spbe_tasks.readers.reading import read_document
from spbe_tasks.rules.errors import InvalidInputError
from tests.unit.readers import tables

KNOWN = list_instruments()
SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")


def document(levels, instrument=SPBE, **said):
    """Rows of a sheet, from row 2 on; ``levels`` are (number, level) pairs."""
    rows = tuple(
        Row(str(number), level, Place(sheet="Nilai", row=row, column="C"))
        for row, (number, level) in enumerate(levels, start=2)
    )
    return Document(Format.XLSX, rows, **said)


def full(instrument=SPBE, level="3", **changes):
    levels = {each.number: level for each in instrument.indicators}
    return list((levels | {int(name[1:]): text for name, text in changes.items()}).items())


def problems_of(levels, instrument=SPBE, **said):
    return check(document(levels, **said), instrument, KNOWN).problems


@pytest.mark.parametrize(
    ("instrument", "written", "code"),
    [
        (SPBE, "6", "level.outside_scale"),
        (SPBE, "0", "level.outside_scale"),
        (SPBE, "-2", "level.outside_scale"),
        (SPBE, "2.5", "level.not_whole"),
        (SPBE, "tiga", "level.not_a_number"),
        (SPBE, "1e3", "level.not_a_number"),
        (SPBE, "NaN", "level.not_a_number"),
        (SPBE, "2026-05-03", "level.is_date"),
        (SPBE, "3-Mei", "level.is_date"),
        (SPBE, "03/05/2026", "level.is_date"),
        (PEMDI, "2.555", "level.too_fine"),
        (PEMDI, "TN", "level.not_assessed_refused"),
        (PEMDI, "", "level.not_assessed_refused"),
    ],
)
def test_a_wrong_level_is_named_by_sheet_row_column_and_value(instrument, written, code):
    (problem,) = problems_of(full(instrument, i7=written), instrument)
    assert (problem.code, problem.row, problem.field, problem.value) == (code, 8, "level", written)
    assert {name: problem.params[name] for name in ("number", "sheet", "column")} == {
        "number": 7,
        "sheet": "Nilai",
        "column": "C",
    }


def test_a_table_that_was_never_filled_in_is_no_table_of_levels_not_assessed():
    assert [each.code for each in problems_of(full(level=""))] == ["level.none_given"]
    assert problems_of(full(level="", i7="2")) == ()
    assert problems_of(full(level="TN")) == ()


def test_a_date_names_the_level_behind_it():
    (problem,) = problems_of(full(PEMDI, i7="2026-05-03"), PEMDI)
    assert "3.5" in describe(problem, "en")


@pytest.mark.parametrize("written", ["3", "3,00", "3.0", "Level 3", "tingkat 3", " 3 "])
def test_a_whole_level_is_the_same_however_it_is_written(written):
    assert str(require(document(full(i9=written)), SPBE, KNOWN).levels[9]) == "3"


def test_numbers_are_unreadable_repeated_or_unknown():
    problems = problems_of([*full(), ("Empat", "3"), (7, "4"), (48, "4")])
    assert [(each.code, each.row, each.field, each.value) for each in problems] == [
        ("level.number_unreadable", 49, "number", "Empat"),
        ("level.repeated_indicator", 50, "number", "7"),
        ("level.unknown_indicator", 51, "number", "48"),
    ]
    assert problems[1].params["first_row"] == 8


def test_each_missing_indicator_is_named_after_the_rows():
    levels = [pair for pair in full(i1="9") if pair[0] not in {7, 40}]
    assert [(each.code, each.value) for each in problems_of(levels)] == [
        ("level.outside_scale", "9"),
        ("level.missing", "7"),
        ("level.missing", "40"),
    ]


def test_a_page_of_a_report_is_the_place_where_there_are_no_rows():
    rows = tuple(Row(str(n), "9" if n == 4 else "3", Place(page=5)) for n in [*range(1, 48), 4])
    found = check(Document(Format.PDF, rows), SPBE, KNOWN).problems
    assert [each.code for each in found] == ["level.outside_scale", "level.repeated"]
    error = InvalidInputError(found)
    assert all(sentence.startswith("page 5, ") for sentence in describe_all(error, "en"))


class TestAnotherInstrument:
    def test_its_numbers_name_it_once(self):
        (problem,) = problems_of(full(PEMDI, "2.55"))
        assert (problem.code, problem.params) == (
            "level.other_instrument",
            {"instrument": PEMDI.id, "rows": 20, "expected": 47},
        )
        (problem,) = problems_of(full(), PEMDI)
        assert problem.params["instrument"] == SPBE.id

    def test_mistakes_that_have_another_reason_are_still_named(self):
        found = problems_of(full(PEMDI, "2", i3="x"))
        assert [each.code for each in found] == ["level.other_instrument", "level.not_a_number"]

    def test_an_instrument_or_year_that_the_file_states_must_be_the_chosen_one(self):
        stated = document(full(), instrument_id=PEMDI.id, year=2023)
        assert [each.code for each in check(stated, SPBE, KNOWN, year=2024).problems] == [
            "level.other_instrument_stated",
            "level.other_year_stated",
        ]
        assert (
            check(document(full(), instrument_id=SPBE.id, year=2024), SPBE, KNOWN, year=2024).problems == ()
        )


class TestWarnings:
    def test_the_name_of_another_indicator_only_warns(self):
        rows = [Row(str(n), "3", Place(row=n), name=SPBE.indicator(n).short_name("id")) for n in range(1, 48)]
        rows[6] = Row("7", "3", Place(row=7), name=SPBE.indicator(8).name("id").upper())
        checked = require(Document(Format.XLSX, tuple(rows)), SPBE, KNOWN)
        assert [(each.code, each.params["other"]) for each in checked.warnings] == [
            ("level.name_of_another", 8)
        ]

    def test_names_that_nobody_has_do_not_warn(self):
        rows = tuple(Row(str(n), "3", Place(row=n), name="Kebijakan saja") for n in range(1, 48))
        assert check(Document(Format.XLSX, rows), SPBE, KNOWN).warnings == ()

    def test_previous_levels_are_kept_where_they_can_be_read(self):
        previous = {1: "2,00", 2: "-", 3: "", 4: "dua", 5: "9"}
        rows = tuple(Row(str(n), "3", Place(row=n), previous=previous.get(n, "")) for n in range(1, 48))
        checked = require(Document(Format.XLSX, rows), SPBE, KNOWN)
        assert checked.previous == {1: Decimal(2), 2: None}
        assert [(each.code, each.row) for each in checked.warnings] == [
            ("level.previous_unreadable", 4),
            ("level.previous_unreadable", 5),
        ]


@pytest.mark.parametrize("locale", LOCALES)
def test_twelve_mistakes_in_one_workbook_are_all_told_in_one_pass(locale):
    heading = ["No", "Nama Indikator", "Tingkat", "Tingkat Sebelumnya"]
    rows = [["Tahun", 2023], heading, *([n, f"Nama {n}", 3, 2] for n in range(1, 48))]
    wrong = {3: 6, 5: 0, 9: 2.5, 12: "tiga", 17: "3-Mei", 21: -1, 25: "3 atau 4", 29: "?"}
    for number, level in wrong.items():
        rows[number + 1][2] = level
    rows[31 + 1][0] = "3I"
    rows[40 + 1][0] = 39
    rows.append([48, "Nama 48", 3, 2])
    data = tables.xlsx({"Petunjuk": [["Isi lembar berikutnya"]], "Hasil": rows})
    checked = check(read_document(data, "nilai.csv", KNOWN), SPBE, KNOWN, year=2024)
    found = [(each.code, each.row) for each in checked.problems]
    assert found == [
        ("level.other_year_stated", None),
        ("level.outside_scale", 5),
        ("level.outside_scale", 7),
        ("level.not_whole", 11),
        ("level.not_a_number", 14),
        ("level.is_date", 19),
        ("level.outside_scale", 23),
        ("level.not_a_number", 27),
        ("level.not_a_number", 31),
        ("level.number_unreadable", 33),
        ("level.repeated_indicator", 42),
        ("level.unknown_indicator", 50),
        ("level.missing", None),
        ("level.missing", None),
    ]
    sentences = [describe(each, locale) for each in checked.problems]
    assert not set(sentences) & set(WORDS), "every one has words"
    assert all(each.params["sheet"] == "Hasil" for each in checked.problems if each.row)


def test_five_thousand_rows_of_nonsense_give_a_list_that_ends_and_says_how_much_is_left():
    rows = [["No", "Tingkat"], *([f"x{n}", "y"] for n in range(5_000))]
    for data in (tables.xlsx({"A": rows}), tables.csv(rows)):
        found = check(read_document(data, "", KNOWN), SPBE, KNOWN).problems
        assert len(found) == MAX_PROBLEMS + 1
        assert (found[-1].code, found[-1].params) == (
            "level.more_problems",
            {"count": 5_000 + 47 - MAX_PROBLEMS},
        )


def test_require_raises_all_problems_together():
    with pytest.raises(InvalidInputError) as caught:
        require(document(full(i2="9", i3="x")), SPBE, KNOWN)
    assert caught.value.code == "level.table_invalid"
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(("written", "found"), [("-", None), ("TN", None), ("", "level.not_read")])
def test_an_empty_cell_of_a_report_is_asked_about_and_never_taken_for_not_assessed(written, found):
    rows = [Row(str(each.number), "3", Place(page=4)) for each in SPBE.indicators]
    rows[6] = Row("7", written, Place(page=4))
    checked = check(Document(Format.PDF, tuple(rows)), SPBE, KNOWN)
    assert [(problem.code, problem.params["page"]) for problem in checked.problems] == (
        [(found, 4)] if found else []
    )
    assert found or checked.levels[7] is None
