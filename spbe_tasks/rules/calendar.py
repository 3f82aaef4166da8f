"""Working days of a government, and the hours in which it may be mailed. Dates are the government's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

from spbe_tasks.rules.errors import InvalidInputError

# The civil zones of Indonesia (Keputusan Presiden 41/1987), by the IANA names of their regions.
ZONE_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "Asia/Jakarta": "WIB",
        "Asia/Pontianak": "WIB",
        "Asia/Makassar": "WITA",
        "Asia/Jayapura": "WIT",
    }
)

WEEKEND_REASON = "weekend"
_SATURDAY_AND_SUNDAY = frozenset({5, 6})
_DAY = timedelta(days=1)


class HolidayKind(StrEnum):
    """Why a day is off; the last kind takes a day back that the national table calls off."""

    PUBLIC = "public"
    JOINT_LEAVE = "joint_leave"
    LOCAL = "local"
    WORKING_DAY_OVERRIDE = "working_day_override"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day the table says something about; ``name`` is the official Indonesian one."""

    on: date
    name: str
    kind: HolidayKind


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The national holidays and joint leave, corrected by the government's own table.

    ``zone`` is an IANA name, ``weekend`` holds weekday numbers (Monday is 0). A local row wins over the
    national one of the same day, in either direction. Raises InvalidInputError when a day has two local rows
    or when no weekday is left to work on.
    """

    zone: str
    local: tuple[Holiday, ...] = ()
    weekend: frozenset[int] = _SATURDAY_AND_SUNDAY
    _local_by_day: Mapping[date, Holiday] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_day = {holiday.on: holiday for holiday in self.local}
        if len(by_day) < len(self.local):
            raise InvalidInputError.of("calendar.day_listed_twice", field="on")
        if self.weekend >= frozenset(range(7)):
            raise InvalidInputError.of("calendar.no_working_weekday", field="weekend")
        object.__setattr__(self, "_local_by_day", by_day)

    def why_not_working(self, day: date) -> str | None:
        """The name of the holiday on ``day``, else the code ``WEEKEND_REASON``, else None: a working day."""
        local = self._local_by_day.get(day)
        if local is not None:
            return None if local.kind is HolidayKind.WORKING_DAY_OVERRIDE else local.name
        national = _national_by_day(day.year).get(day)
        if national is not None:
            return national.name
        return WEEKEND_REASON if day.weekday() in self.weekend else None

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on ``day``."""
        return self.why_not_working(day) is None

    def next_working_day(self, day: date) -> date:
        """The first working day on or after ``day``."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """The last working day on or before ``day``."""
        while not self.is_working_day(day):
            day -= _DAY
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days follow ``start`` up to and including ``end``; 0 when ``end`` is not later."""
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(self.is_working_day(day) for day in days)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Office hours for mail, local time; open from ``opens`` on, closed from ``closes`` on.

    Raises InvalidInputError unless it opens before it closes on the same day.
    """

    opens: time = time(7, 30)
    closes: time = time(16, 0)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise InvalidInputError.of("calendar.window_closes_before_it_opens", field="send_closes_at")


def is_open(window: SendWindow, calendar: WorkCalendar, now: datetime) -> bool:
    """Whether mail may leave at ``now``: a working day and inside the window, in the calendar's zone.

    ``now`` is aware, in any zone. Raises ValueError for a naive one, which would mean the server's zone.
    """
    if now.tzinfo is None:
        raise ValueError("is_open needs an aware instant")
    local = now.astimezone(ZoneInfo(calendar.zone))
    return calendar.is_working_day(local.date()) and window.opens <= local.time() < window.closes


def local_date(now: datetime, zone: str) -> date:
    """The date it is at ``now`` (aware) in ``zone``, an IANA name such as ``Asia/Pontianak``."""
    return now.astimezone(ZoneInfo(zone)).date()


def zone_label(zone: str) -> str:
    """What Indonesians call ``zone``: WIB, WITA or WIT. Raises InvalidInputError for a foreign one."""
    try:
        return ZONE_LABELS[zone]
    except KeyError:
        raise InvalidInputError.of("calendar.unknown_zone", field="timezone", zone=zone) from None


@lru_cache(maxsize=256)
def national_holidays(year: int) -> tuple[Holiday, ...]:
    """The national holidays and joint leave (cuti bersama) of ``year``, by date.

    Source: the ``holidays`` package, after the yearly joint decree of three ministers. Years not yet decreed
    hold computed dates marked "(perkiraan)" and no joint leave; the local table corrects them.
    """
    public = holidays.country_holidays("ID", years=year, categories=("public",), language="id")
    leave = holidays.country_holidays("ID", years=year, categories=("government",), language="id")
    days = {day: Holiday(day, name, HolidayKind.JOINT_LEAVE) for day, name in leave.items()}
    days |= {day: Holiday(day, name, HolidayKind.PUBLIC) for day, name in public.items()}
    return tuple(days[day] for day in sorted(days))


@lru_cache(maxsize=256)
def _national_by_day(year: int) -> Mapping[date, Holiday]:
    return {holiday.on: holiday for holiday in national_holidays(year)}
