"""Days off from CSV: every way to write them, every mistake at once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.readers.holiday_table import LONGEST, MAX_BYTES, HolidayRow, read_holidays
from spbe_tasks.rules.calendar import HolidayKind
from spbe_tasks.rules.errors import InvalidInputError


def _codes(text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(InvalidInputError) as refused:
        read_holidays(text.encode())
    return [(each.code, each.row) for each in refused.value.problems]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("heading", ["", "Tanggal{}Nama{}Jenis{}Nomor\n", "date{}name{}kind{}decree\n"])
def test_days_are_read_with_any_separator_and_heading(separator: str, heading: str) -> None:
    lines = [
        "2026-12-24{0}Cuti bersama Natal{0}Cuti Bersama{0}SKB 1",
        "",
        "25/12/2026{0}Natal{0}libur nasional{0}",
    ]
    text = heading.format(separator, separator, separator) + "\n".join(lines).format(separator)
    first = 2 if heading else 1
    assert read_holidays(b"\xef\xbb\xbf" + text.encode()) == (
        HolidayRow(first, date(2026, 12, 24), "Cuti bersama Natal", HolidayKind.JOINT_LEAVE, "SKB 1"),
        HolidayRow(first + 2, date(2026, 12, 25), "Natal", HolidayKind.PUBLIC, None),
    )


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("", HolidayKind.LOCAL),
        ("libur daerah", HolidayKind.LOCAL),
        ("TETAP HARI KERJA", HolidayKind.WORKING_DAY_OVERRIDE),
        ("joint_leave", HolidayKind.JOINT_LEAVE),
    ],
)
def test_kinds_are_known_in_both_languages(typed: str, kind: HolidayKind) -> None:
    assert read_holidays(f"2026-12-24;Hari;{typed}".encode())[0].kind is kind


def test_every_mistake_is_told_with_its_row() -> None:
    rows = ["2026-02-30;Salah;local", "2026-03-01;;cuti", "2026-03-02", f"2026-03-03;A;local;{'x' * 201}"]
    text = "\n".join([*rows, "4.3.2026;B", "2026-03-04;C"])
    assert _codes(text) == [
        ("holidays.bad_date", 1),
        ("holidays.bad_name", 2),
        ("holidays.bad_kind", 2),
        ("holidays.wrong_cells", 3),
        ("holidays.bad_decree", 4),
        ("holidays.day_twice", 6),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"tanggal;nama\n", "file.empty"),
        (b"\xff\xfe\x00", "file.unknown"),
        (b"x" * (MAX_BYTES + 1), "file.text_too_large"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_holidays(data)
    assert [each.code for each in refused.value.problems] == [code]


@given(st.binary(max_size=300))
def test_nothing_but_days_or_a_refusal_comes_of_a_file(data: bytes) -> None:
    try:
        found = read_holidays(data)
    except InvalidInputError:
        return
    assert all(each.name and len(each.name) <= LONGEST for each in found)
