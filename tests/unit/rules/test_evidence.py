"""Names, sizes, links and dates of evidence."""

from datetime import date

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.evidence import (
    NAME_LENGTH,
    TITLE_LENGTH,
    address_problem,
    dates_problem,
    expiry,
    file_problem,
    months_of,
    tidy_name,
    title_of,
    title_problem,
)

MB = 1024 * 1024


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SK Bupati.pdf", "SK Bupati.pdf"),
        ("C:\\Users\\dewi\\SK.pdf", "SK.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("SK\r\nSet-Cookie: a.pdf", "SK Set-Cookie a.pdf"),
        ('a"b<c>d|e?.pdf', "a b c d e.pdf"),
        ("sk\u202efdp.txt", "sk fdp.txt"),
        (".pdf", "pdf"),
        ("x" * 300 + ".pdf", "x" * (NAME_LENGTH - 4) + ".pdf"),
    ],
)
def test_a_name_keeps_only_what_every_file_system_takes(name: str, expected: str) -> None:
    assert tidy_name(name) == expected


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("sk.pdf", 1, None),
        ("FOTO.JPEG", 25 * MB, None),
        ("sk.pdf", 25 * MB + 1, "evidence.too_large"),
        ("sk.pdf", 0, "evidence.empty"),
        ("sk.docm", 1, "evidence.ending"),
        ("sk.pdf.exe", 1, "evidence.ending"),
        ("sk", 1, "evidence.ending"),
        (".pdf", 1, "evidence.ending"),
        ("", 1, "evidence.ending"),
    ],
)
def test_a_hopeless_file_is_refused_before_it_is_sent(name: str, size: int, code: str | None) -> None:
    problem = file_problem(name, size, largest=25 * MB)
    assert (problem.code if problem else None) == code


def test_a_title_is_made_of_the_name() -> None:
    assert title_of("SK_Tim__SPBE 2025.v2.pdf") == "SK Tim SPBE 2025.v2"


@pytest.mark.parametrize("title", ["", "  ", "x" * (TITLE_LENGTH + 1)])
def test_a_title_is_one_line_that_can_be_seen(title: str) -> None:
    assert title_problem(title) is not None
    assert title_problem("SK") is None


@pytest.mark.parametrize("url", ["https://jdih.ketapang.go.id/sk?id=1#2", "http://10.0.0.1:8080/x"])
def test_a_link_leads_to_a_host_over_http(url: str) -> None:
    assert address_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//jdih.go.id",
        "jdih.go.id",
        "https://",
        "https://user:secret@jdih.go.id/",
        "https://jdih.go.id/a b",
        "https://jdih.go.id/\n",
        "https://[::1",
        "https://jdih.go.id/" + "x" * 2_000,
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    assert address_problem(url) is not None


def test_what_ends_before_it_begins_is_refused() -> None:
    day = date(2025, 2, 1)
    assert dates_problem(day, day) is not None
    assert dates_problem(day, date(2025, 2, 2)) is None
    assert dates_problem(None, day) is dates_problem(day, None) is None


@pytest.mark.parametrize(
    ("dated_on", "months", "expected"),
    [
        (date(2024, 3, 15), 24, date(2026, 3, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
    ],
)
def test_a_document_counts_to_the_same_day_of_a_later_month(
    dated_on: date, months: int, expected: date
) -> None:
    assert expiry(dated_on, months) == expected


SPBE = get_instrument("permenpanrb-59-2020")


@pytest.mark.parametrize(
    ("number", "places", "months"),
    [
        (1, [(4, "b")], 24),  # the review behind level 4
        (3, [(5, "a")], 12),  # the one that keeps level 5
        (1, [(4, "a")], None),
        (1, [(4, "a"), (4, "b")], 24),
        (1, [(1, "a")], None),
        (1, [], None),
    ],
)
def test_only_reviews_grow_old_by_the_instruments_own_rule(
    number: int, places: list[tuple[int, str]], months: int | None
) -> None:
    assert months_of(SPBE, number, places) == months
