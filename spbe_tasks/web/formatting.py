"""The filters of all pages: ``spbe_tasks.formatting`` in the reader's language and the government's zone."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Flask

from spbe_tasks import formatting
from spbe_tasks.labels import built_file, label
from spbe_tasks.rich_text import as_html
from spbe_tasks.rules import national
from spbe_tasks.web.access import current_government
from spbe_tasks.web.locale import current_locale

_BY_LOCALE = (
    "decimal2",
    "exact",
    "level",
    "percent",
    "points",
    "rupiah",
    "date_long",
    "date_short",
    "file_size",
    "month",
    "month_long",
)


def _in_reader_language(function: Callable[..., str]) -> Callable[..., str]:
    return lambda value: function(value, current_locale())


def _built_file(kind: str, subject: Mapping[str, object]) -> str:
    return built_file(kind, subject, current_locale())


def _datetime_long(value: datetime | None) -> str:
    return formatting.datetime_long(value, current_locale(), _zone())


def clock_time(value: datetime) -> str:
    """The time of day in the government's zone."""
    return formatting.clock_time(value, current_locale(), _zone())


def _zone() -> str:
    government = current_government()
    return government.timezone if government else "Asia/Jakarta"


def _moment(value: str | datetime) -> datetime:
    """A moment that a bundle of selects brought as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def init_app(app: Flask) -> None:
    """Register the filters."""
    for name in _BY_LOCALE:
        app.jinja_env.filters[name] = _in_reader_language(getattr(formatting, name))
    app.jinja_env.filters["label"] = _in_reader_language(label)
    app.jinja_env.filters["built_file"] = _built_file
    app.jinja_env.filters["datetime_long"] = _datetime_long
    app.jinja_env.filters["clock_time"] = clock_time
    app.jinja_env.filters["moment"] = _moment
    app.jinja_env.filters["rich_text"] = as_html
    app.jinja_env.filters["above"] = national.above
