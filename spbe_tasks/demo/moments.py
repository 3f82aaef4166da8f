"""The demo's dates: told as distances from today, so that it looks current whenever it is loaded."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from spbe_tasks.rules.calendar import WorkCalendar

FIRST, LAST = time(8, 10), time(15, 50)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moments:
    """Days and office hours around ``today``, in the government's zone and calendar."""

    calendar: WorkCalendar
    today: date

    def working_day(self, ago: int) -> date:
        """The working day that lies ``ago`` working days before today, at least one."""
        day = self.today
        for _ in range(max(ago, 1)):
            day = self.calendar.previous_working_day(day - _DAY)
        return day

    def at(self, ago: int, number: int = 0, of: int = 1) -> datetime:
        """The instant of the ``number``-th of ``of`` things done that day, spread over office hours."""
        zone = ZoneInfo(self.calendar.zone)
        day = self.working_day(ago)
        first, last = (datetime.combine(day, each, zone) for each in (FIRST, LAST))
        step = (last - first) / max(of, 1)
        return (first + number * step).replace(microsecond=0).astimezone(UTC)

    def evening(self, ago: int) -> datetime:
        """When that day's work is over."""
        return self.at(ago, 1, 1)

    def date_in(self, days: int) -> date:
        """The date ``days`` calendar days from today, moved away from today to a working day."""
        day = self.today + timedelta(days=days)
        return self.calendar.next_working_day(day) if days >= 0 else self.calendar.previous_working_day(day)
