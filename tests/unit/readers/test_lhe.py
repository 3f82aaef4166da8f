"""The reader of the evaluation report: every layout is read completely, and each figure with it."""

from decimal import Decimal

import pytest
from reportlab.lib.pagesizes import A3, A5, LETTER, landscape

from spbe_tasks.instruments.loader import list_instruments
from spbe_tasks.readers.lhe import read_report
from spbe_tasks.rules.printed import Figure, compare_printed
from tests.unit.readers.reports import (
    BODY,
    LEVELS,
    PEMDI,
    PREVIOUS,
    SPBE,
    Layout,
    Printer,
    print_report,
)

INSTRUMENTS = list_instruments()
BOTH, REVERSED = ("2023", "2024"), ("2024", "2023")
FOUR = (842, 595)

LAYOUTS = [
    Layout(name="one column of whole levels"),
    Layout(name="one column without a year", columns=("",)),
    Layout(name="two columns, previous year first", columns=BOTH),
    Layout(name="two columns, previous year last", columns=REVERSED),
    Layout(name="two columns named last year and this year", columns=("Tahun Lalu", "Tahun Ini")),
    Layout(name="two columns named this year and before", columns=("Tahun Ini", "Sebelumnya")),
    Layout(
        name="three columns, a target among them",
        columns=("2023", "2024", "0Target"),
        value_width=55,
        name_width=260,
    ),
    Layout(name="decimal comma", decimals="{},00"),
    Layout(name="decimal comma in two columns", decimals="{},00", columns=BOTH),
    Layout(name="decimal point", decimals="{}.00"),
    Layout(name="one decimal", decimals="{},0", columns=REVERSED),
    Layout(name="names over two and three lines", name_width=170),
    Layout(name="narrow names, numbers in the middle", name_width=170, number_at="middle"),
    Layout(name="narrow names, values at the top", name_width=170, value_at="top"),
    Layout(name="narrow names, values at the bottom", name_width=170, value_at="bottom"),
    Layout(
        name="numbers at the bottom, values at the top", name_width=170, number_at="bottom", value_at="top"
    ),
    Layout(name="shortened names", names="short"),
    Layout(name="a page break inside rows", name_width=170, breaks_rows=True),
    Layout(
        name="a page break inside rows, values at the bottom",
        name_width=170,
        breaks_rows=True,
        value_at="bottom",
    ),
    Layout(
        name="a page break inside rows, two columns",
        name_width=170,
        breaks_rows=True,
        columns=BOTH,
        value_at="top",
    ),
    Layout(
        name="a page break inside rows below a repeated head",
        name_width=170,
        breaks_rows=True,
        repeats_head=True,
        value_at="bottom",
    ),
    Layout(name="repeated head", repeats_head=True, columns=BOTH),
    Layout(name="repeated head and numbered columns", repeats_head=True, numbers_columns=True, columns=BOTH),
    Layout(name="columns numbered 1 2 3", numbers_columns=True),
    Layout(name="unruled", is_ruled=False),
    Layout(name="unruled and tight", is_ruled=False, padding=0, leading=1.0),
    Layout(name="unruled, wide lines", is_ruled=False, leading=1.6, name_width=200),
    Layout(name="small page", page=A5, margin=20, size=7, name_width=240, value_width=40),
    Layout(name="letter in Times", page=LETTER, font="Times-Roman", size=11),
    Layout(name="landscape", page=landscape(A3), size=14, name_width=500),
    Layout(name="a page turned by a quarter", page=FOUR, rotation=90, name_width=400),
    Layout(name="Courier", font="Courier", size=8),
    Layout(name="wide margins", margin=110, name_width=230),
    Layout(name="rows called Indikator 7", number="Indikator {}", name_width=250),
    Layout(name="numbers with a point", number="{}."),
    Layout(name="contents name the heading", has_contents=True),
    Layout(
        name="contents, other tables, two columns", has_contents=True, has_other_tables=True, columns=BOTH
    ),
    Layout(name="other tables before and after", has_other_tables=True),
    Layout(name="heading over two lines", heading_lines=2),
    Layout(name="page number below the numbers", foot="left"),
    Layout(name="page number in the middle", foot="centre"),
    Layout(name="page number under the values", foot="right", name_width=345),
    Layout(name="a foot of words", foot="text"),
    Layout(name="the heading as running head", running_head="Perolehan Nilai Tingkat Kematangan Indikator"),
    Layout(name="a running head with the year", running_head="EVALUASI SPBE TAHUN 2024", repeats_head=True),
    Layout(name="values to the left", value_align="left", decimals="{},00"),
    Layout(
        name="two columns to the left below wide heads",
        value_align="left",
        columns=("Tahun Lalu", "Tahun Ini"),
        size=9,
    ),
    Layout(
        name="names over four lines, numbers at the bottom",
        name_width=130,
        size=8,
        number_at="bottom",
        value_at="top",
    ),
    Layout(name="values to the right", value_align="right", columns=BOTH),
    Layout(name="table at the foot of a page", starts_at=560),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.name for layout in LAYOUTS])
def test_every_layout_is_read_completely(layout: Layout) -> None:
    printer = Printer(layout, LEVELS, PREVIOUS)
    document = read_report(printer.run(), INSTRUMENTS)
    numbers = [str(indicator.number) for indicator in SPBE.indicators]
    assert [row.number for row in document.rows] == numbers
    written = {int(row.number): row.level for row in document.rows}
    assert written == {number: layout.decimals.format(level) for number, level in LEVELS.items()}
    has_previous = len(layout.columns) > 1
    before = {
        number: layout.decimals.format(level) if has_previous else "" for number, level in PREVIOUS.items()
    }
    assert {int(row.number): row.previous for row in document.rows} == before
    assert {int(row.number): row.place.page for row in document.rows} == printer.row_pages
    assert document.instrument_id == SPBE.id
    assert (document.body, document.year) == (BODY, 2024)
    levels = {number: Decimal(level) for number, level in LEVELS.items()}
    assert len(document.printed.domains) == 4
    assert len(document.printed.aspects) == 8
    assert None not in {document.printed.index, document.printed.predicate}
    assert compare_printed(SPBE, levels, document.printed) == ()


def test_names_come_back_whole_over_lines_and_pages() -> None:
    for layout in (LAYOUTS[0], Layout(name="", name_width=170, breaks_rows=True, foot="none")):
        document = read_report(print_report(layout), INSTRUMENTS)
        names = {int(row.number): row.name for row in document.rows}
        assert names == {indicator.number: indicator.name_id for indicator in SPBE.indicators}


@pytest.mark.parametrize("columns", [("2024",), BOTH], ids=["one column", "two columns"])
@pytest.mark.parametrize("has_strays", [False, True], ids=["alone", "with numbered columns"])
def test_what_was_not_assessed_is_told_as_written(columns: tuple[str, ...], *, has_strays: bool) -> None:
    blanks = {3: "-", 4: "TN", 20: "", 21: "", 47: "-"}
    layout = Layout(name="", columns=columns, blanks=blanks, name_width=170, numbers_columns=has_strays)
    document = read_report(print_report(layout), INSTRUMENTS)
    assert {int(row.number): row.level for row in document.rows} == {**LEVELS, **blanks}


def test_what_is_no_level_is_handed_on_for_the_check_to_name() -> None:
    blanks = {5: "9", 6: "3a", 7: "Belum dinilai"}
    document = read_report(print_report(Layout(name="", blanks=blanks, value_width=90)), INSTRUMENTS)
    assert {int(row.number): row.level for row in document.rows} == {**LEVELS, **blanks}


def test_the_previous_year_is_told() -> None:
    document = read_report(print_report(Layout(name="", columns=REVERSED)), INSTRUMENTS)
    assert (document.year, document.previous_year) == (2024, 2023)


def test_a_report_after_the_instrument_of_2026_is_recognised() -> None:
    levels = {indicator.number: f"{1 + indicator.number % 4}.25" for indicator in PEMDI.indicators}
    layout = Layout(name="", instrument=PEMDI, columns=("2026",))
    document = read_report(print_report(layout, levels), INSTRUMENTS)
    assert document.instrument_id == PEMDI.id
    assert {int(row.number): row.level for row in document.rows} == levels
    assert (document.year, len(document.printed.aspects), document.printed.domains) == (2026, 7, {})


@pytest.mark.parametrize("number", [1, 20, 47])
def test_one_altered_level_in_a_report_makes_its_printed_index_disagree(number: int) -> None:
    document = read_report(print_report(Layout(name="")), INSTRUMENTS)
    levels = {int(row.number): Decimal(row.level) for row in document.rows}
    levels[number] += 1 if levels[number] < 5 else -1
    figures = {difference.figure for difference in compare_printed(SPBE, levels, document.printed)}
    assert figures >= {Figure.INDEX, Figure.DOMAIN, Figure.ASPECT}
