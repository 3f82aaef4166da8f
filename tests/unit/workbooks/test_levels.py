"""The workbook of levels: what is written is what is read back, and nothing in it can be run."""

import io
import re
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.messages import LOCALES
from spbe_tasks.readers.check import check
from spbe_tasks.readers.sheets import read_workbook
from spbe_tasks.workbooks.levels import Contents, write_levels

KNOWN = list_instruments()
SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")
BOTH = pytest.mark.parametrize("instrument", KNOWN, ids=lambda each: each.id)
# What a note may hold: lines and any printable character; a cell has no blanks around its text.
NOTES = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=40).map(
    str.strip
)
STARTS_OF_FORMULAS = st.sampled_from(
    ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "http://a.id", "_x0041_", "{=1}"]
)


def read(data, instrument, year=None):
    document = read_workbook(data, KNOWN)
    return document, check(document, instrument, KNOWN, year=year)


def template(instrument, locale, year=None, previous=None):
    return write_levels(instrument, locale, year=year, contents=Contents(previous=previous or {}))


def xml(data, part="xl/worksheets/sheet1.xml"):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(part).decode()


@st.composite
def contents(draw, instrument):
    """Levels for every indicator, and previous ones and notes for some."""
    scale = instrument.scale
    if scale.is_integer:
        level = st.one_of(st.none(), st.sampled_from([Decimal(each) for each in scale.whole_levels]))
    else:
        level = st.decimals(scale.minimum, scale.maximum, places=scale.decimals)
    numbers = [indicator.number for indicator in instrument.indicators]
    some = st.dictionaries(st.sampled_from(numbers), level, max_size=6)
    notes = st.dictionaries(
        st.sampled_from(numbers), st.one_of(NOTES, STARTS_OF_FORMULAS).filter(bool), max_size=6
    )
    return Contents({number: draw(level) for number in numbers}, draw(some), draw(notes))


@BOTH
@pytest.mark.parametrize("locale", LOCALES)
def test_export_and_import_are_the_identity(instrument, locale):
    @settings(max_examples=40, deadline=None)
    @given(contents(instrument))
    def run(given_contents):
        data = write_levels(instrument, locale, year=2024, contents=given_contents)
        document, checked = read(data, instrument, year=2024)
        assert checked.problems == checked.warnings == ()
        assert (checked.levels, checked.previous) == (given_contents.levels, given_contents.previous)
        assert checked.notes == given_contents.notes
        assert (document.instrument_id, document.year) == (instrument.id, 2024)

    run()


@BOTH
@pytest.mark.parametrize("locale", LOCALES)
def test_a_template_names_every_indicator_and_has_no_level(instrument, locale):
    previous = {indicator.number: Decimal(2) for indicator in instrument.indicators}
    document, checked = read(template(instrument, locale, previous=previous), instrument)
    assert [row.name for row in document.rows] == [each.name(locale) for each in instrument.indicators]
    assert {row.level for row in document.rows} == {""}
    assert checked.previous == previous
    assert (document.instrument_id, document.year) == (instrument.id, None)


def test_a_template_is_filled_in_for_one_year_only():
    data = template(SPBE, "id", year=2023)
    told = [each.code for each in read(data, SPBE, year=2024)[1].problems]
    assert told == ["level.other_year_stated", "level.none_given"]


def test_a_template_of_another_instrument_is_named():
    found = read(template(PEMDI, "en"), SPBE)[1].problems
    assert {each.code for each in found} == {"level.other_instrument_stated", "level.other_instrument"}


def test_only_levels_of_the_scale_can_be_typed():
    integers, decimals = (xml(template(instrument, "id")) for instrument in (SPBE, PEMDI))
    assert '<dataValidation type="list"' in integers
    assert '<formula1>"1,2,3,4,5,-"</formula1>' in integers.replace("&quot;", '"')
    rule = re.search(r'type="custom".*?<formula1>(.*?)</formula1>', decimals)
    assert rule
    assert "D7&gt;=1" in rule[1]
    assert "ROUND(D7,2)=D7" in rule[1]


def test_headings_are_protected_and_levels_are_not():
    sheet, styles = (
        xml(template(SPBE, "id"), f"xl/{part}") for part in ("worksheets/sheet1.xml", "styles.xml")
    )
    assert "<sheetProtection sheet=" in sheet
    formats = re.findall(r"<xf [^>]*?(?:/>|>.*?</xf>)", styles[styles.index("<cellXfs") :])
    is_open = {
        cell: 'locked="0"' in formats[int(style)]
        for cell, style in re.findall(r'<c r="([A-F]\d+)" s="(\d+)"', sheet)
    }
    assert {cell: is_open[cell] for cell in ("A6", "A7", "B7", "C7")} == dict.fromkeys(
        ("A6", "A7", "B7", "C7"), False
    )
    assert is_open["D7"]
    assert is_open["E7"]
    assert is_open["F7"]


def test_no_text_becomes_a_formula_or_a_link():
    notes = {1: '=HYPERLINK("http://a.id")', 2: "http://a.id", 3: "=1+1"}
    data = write_levels(SPBE, "id", year=2024, contents=Contents(notes=notes))
    assert "<f>" not in xml(data)
    assert "<hyperlink" not in xml(data)
