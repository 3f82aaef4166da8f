"""A person's due dates as an iCalendar file, in their language. Names no agency: it may lie in a program of anybody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from flask_babel import gettext as _
from icalendar import Calendar, Event, vText

from spbe_tasks.labels import label
from spbe_tasks.models import Account
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services.feeds import Feed
from spbe_tasks.web.task_list_words import EVALUATION
from spbe_tasks.web.task_words import title_of

PRODUCT = "-//SPBE Tasks//Due dates//ID"
# How often a program may well ask again.
REFRESH = "PT6H"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Writer:
    """What every line of a file needs. ``public_url`` makes the links, and names that stay the same at each asking."""

    public_url: str
    instrument_of: Callable[[str], Instrument]
    locale: str
    now: datetime

    def file(self, account: Account, feed: Feed) -> bytes:
        """The whole calendar."""
        assert account.government is not None
        calendar, name = Calendar(), _("SPBE tasks: %(government)s", government=account.government.name)
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar["X-WR-CALNAME"] = vText(name)
        calendar["REFRESH-INTERVAL;VALUE=DURATION"] = vText(REFRESH)
        calendar["X-PUBLISHED-TTL"] = vText(REFRESH)
        for event in (*self._tasks(feed), *self._milestones(feed), *self._evaluations(account, feed)):
            calendar.add_component(event)
        return calendar.to_ical()

    def _tasks(self, feed: Feed) -> Iterator[Event]:
        for row in feed.tasks:
            indicator = self.instrument_of(row.instrument_id).indicator(row.indicator_number)
            words = f"{row.indicator_number}. {title_of(row.title, indicator, self.locale)}"
            event = self._event(f"task-{row.id}", row.due_on, _("Due: %(title)s", title=words))
            event.add("description", f"{label(row.state, self.locale)}\n{self._link(row.id)}")
            event.add("url", self._link(row.id))
            event.add("sequence", row.due_version)
            yield event

    def _milestones(self, feed: Feed) -> Iterator[Event]:
        for row in feed.milestones:
            words = f"{row.indicator_number}. {row.title}"
            event = self._event(f"milestone-{row.id}", row.due_on, _("Milestone: %(title)s", title=words))
            event.add("url", self._link(row.task_id))
            event.add("sequence", row.version)
            yield event

    def _evaluations(self, account: Account, feed: Feed) -> Iterator[Event]:
        for row in feed.evaluations:
            for name, word in EVALUATION.items():
                on = getattr(row, name)
                if on is not None:
                    summary = _("Evaluation %(year)s: %(what)s", year=row.year, what=word)
                    yield self._event(f"evaluation-{account.government_id}-{row.year}-{name}", on, summary)

    def _event(self, name: str, on: date, summary: str) -> Event:
        event = Event()
        event.add("uid", f"{name}@{urlsplit(self.public_url).hostname}")
        event.add("dtstamp", self.now)
        event.add("dtstart", on)
        event.add("dtend", on + _DAY)
        event.add("summary", summary)
        event.add("transp", "TRANSPARENT")
        return event

    def _link(self, task_id: int) -> str:
        return f"{self.public_url.rstrip('/')}/tasks/{task_id}"
