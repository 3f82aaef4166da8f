"""Reports that cannot be read: each is named, with words that say what to do. And files that were tampered with."""

from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from spbe_tasks import messages
from spbe_tasks.instruments.loader import list_instruments
from spbe_tasks.readers import confined, pdf_text
from spbe_tasks.readers.lhe import read_report
from spbe_tasks.rules.errors import InvalidInputError
from tests.unit.readers.reports import LEVELS, Layout, print_report

INSTRUMENTS = list_instruments()
REPORT = print_report(Layout(name="to be damaged", columns=("2023", "2024"), has_contents=True))


def _refusal(data: bytes) -> str:
    with pytest.raises(InvalidInputError) as refused:
        read_report(data, INSTRUMENTS)
    return refused.value.problems[0].code


def _pdf(*pages: str, password: str = "") -> bytes:
    file = BytesIO()
    lock = StandardEncryption(password, ownerPassword="owner") if password else None
    canvas = Canvas(file, encrypt=lock)
    for text in pages:
        for place, line in enumerate(text.split("\n")):
            canvas.drawString(72, 700 - 15 * place, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


_PROSE = "\n".join(["Laporan ini memuat ringkasan penerapan SPBE tanpa rincian indikator."] * 5)
_HEADING_ONLY = f"{_PROSE}\nPerolehan Nilai Tingkat Kematangan Indikator\nTerlampir pada dokumen lain."


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("file.encrypted", _pdf(_PROSE, password="rahasia")),
        ("file.scanned", _pdf("", "", "Ditandatangani secara elektronik")),
        ("file.no_level_table", _pdf(_PROSE)),
        ("file.no_level_table", _pdf(_HEADING_ONLY)),
        ("file.truncated", b"%PDF-1.4\n" + b"1 0 obj" * 50),
        ("file.broken", b"%PDF-1.4\nnothing at all\n%%EOF\n"),
    ],
)
def test_a_report_that_cannot_be_read_is_named(code: str, data: bytes) -> None:
    assert _refusal(data) == code
    assert code in messages.WORDS


def test_too_many_pages_are_told_with_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_text, "MAX_PAGES", 2)
    assert _refusal(_pdf("a", "b", "c")) == "file.too_many_pages"


def test_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_text, "MAX_CHARACTERS", 100)
    assert _refusal(_pdf(_PROSE)) == "file.too_big_inside"


def test_the_heading_that_was_looked_for_is_told() -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_report(_pdf(_PROSE), INSTRUMENTS)
    words = messages.describe(refused.value.problems[0], "en")
    assert "Perolehan Nilai Tingkat Kematangan Indikator" in words


def test_the_confined_reader_reads_what_the_reader_reads() -> None:
    document = confined.run(confined.PDF, REPORT, INSTRUMENTS)
    assert document == read_report(REPORT, INSTRUMENTS)
    assert {int(row.number): row.level for row in document.rows} == LEVELS


def _survives(data: bytes) -> None:
    """A document or a refusal with words: anything else fails the test."""
    codes: set[str] = set()
    try:
        confined.run(confined.PDF, data, INSTRUMENTS)
    except InvalidInputError as refused:
        codes = {problem.code for problem in refused.problems}
    assert codes <= messages.WORDS.keys()


_PLACES = st.integers(0, len(REPORT) - 1)
_bounded = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_bounded
@given(st.binary(max_size=2000))
def test_random_bytes_are_survived(data: bytes) -> None:
    _survives(b"%PDF-1.7\n" + data)


@_bounded
@given(st.lists(st.tuples(_PLACES, st.integers(0, 255)), min_size=1, max_size=30))
def test_flipped_bytes_are_survived(flips: list[tuple[int, int]]) -> None:
    data = bytearray(REPORT)
    for place, value in flips:
        data[place] = value
    _survives(bytes(data))


@_bounded
@given(_PLACES, _PLACES, st.binary(max_size=50))
def test_cut_and_replaced_parts_are_survived(one: int, other: int, put: bytes) -> None:
    first, last = sorted((one, other))
    _survives(REPORT[:first] + put + REPORT[last:])


@_bounded
@given(_PLACES, _PLACES, st.integers(2, 20))
def test_repeated_parts_are_survived(one: int, other: int, times: int) -> None:
    first, last = sorted((one, other))
    _survives(REPORT[:first] + REPORT[first:last] * times + REPORT[last:])
