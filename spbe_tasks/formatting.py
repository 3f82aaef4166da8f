"""How numbers and dates look, by locale and zone, without a request: the words' counterpart for pages and mails."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from spbe_tasks.rules.calendar import zone_label
from spbe_tasks.rules.index import as_decimal, display

Number = Decimal | Fraction | int
NOTHING = "–"
POINT_DECIMALS = 3
_SIZES = (("B", 1), ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000))
# Lists show the same few levels, points and days over and over; Babel takes far longer than a page has for each.
_remember = lru_cache(maxsize=4_096)


@_remember
def decimal2(value: Number | None, locale: str) -> str:
    """Two decimals, rounded half up once, here: ``3,06`` in Indonesian, ``3.06`` in English; a dash for nothing."""
    if value is None:
        return NOTHING
    return format_decimal(display(Fraction(value)), format="0.00", locale=locale)


def exact(value: Decimal | None, locale: str) -> str:
    """A stored figure with all its decimals: ``2,9795``; a dash for nothing."""
    return NOTHING if value is None else format_decimal(value, format="0.############", locale=locale)


@_remember
def level(value: Decimal | int | None, locale: str) -> str:
    """A level as short as it is exact: ``3``, ``2,5``; a dash when not assessed."""
    return NOTHING if value is None else format_decimal(value, format="0.##", locale=locale)


@_remember
def points(value: Number | None, locale: str) -> str:
    """Index points with three decimals: single tasks are worth hundredths."""
    if value is None:
        return NOTHING
    return format_decimal(as_decimal(Fraction(value), POINT_DECIMALS), format="0.000", locale=locale)


def rupiah(value: Decimal, locale: str) -> str:
    """``Rp25.000.000``; sen only where there are some."""
    whole = value == value.to_integral_value()
    return f"Rp{format_decimal(value, format='#,##0' if whole else '#,##0.00', locale=locale)}"


@_remember
def percent(value: Number | None, locale: str) -> str:
    """A share of 1 in percent with one decimal, rounded half up: ``33,3%``; a dash for nothing."""
    if value is None:
        return NOTHING
    return f"{format_decimal(as_decimal(Fraction(value) * 100, 1), format='0.#', locale=locale)}%"


@_remember
def date_long(value: date | None, locale: str) -> str:
    """``Senin, 30 November 2026``."""
    return format_date(value, "EEEE, d MMMM y", locale=locale) if value else NOTHING


@_remember
def date_short(value: date | None, locale: str) -> str:
    """``30 Nov 2026``."""
    return format_date(value, "d MMM y", locale=locale) if value else NOTHING


def month(value: date, locale: str) -> str:
    """``Nov 2026``."""
    return format_date(value, "MMM y", locale=locale)


def month_long(value: date, locale: str) -> str:
    """``November 2026``."""
    return format_date(value, "MMMM y", locale=locale)


def datetime_long(value: datetime | None, locale: str, zone: str) -> str:
    """``30 Nov 2026 09.14 WIB`` in ``zone`` (IANA name)."""
    if value is None:
        return NOTHING
    pattern = "d MMM y HH.mm" if locale == "id" else "d MMM y HH:mm"
    return f"{format_datetime(value.astimezone(ZoneInfo(zone)), pattern, locale=locale)} {zone_label(zone)}"


def clock_time(value: datetime, locale: str, zone: str) -> str:
    """``09.14`` in ``zone`` (IANA name)."""
    return format_datetime(
        value.astimezone(ZoneInfo(zone)), "HH.mm" if locale == "id" else "HH:mm", locale=locale
    )


@_remember
def file_size(value: int, locale: str) -> str:
    """A number of bytes in the unit people know: ``812 kB``, ``1,2 MB``; a kilobyte is 1,000 bytes."""
    unit, divisor = next(each for each in _SIZES if value < 1_000 * each[1] or each == _SIZES[-1])
    return f"{format_decimal(Decimal(value) / divisor, format='0.#' if divisor > 1_000 else '0', locale=locale)} {unit}"
