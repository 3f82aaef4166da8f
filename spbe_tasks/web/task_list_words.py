"""What columns, orders and filters of the task list are called, and the list as cells of a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import Row

from spbe_tasks.labels import label
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services.queries.task_lists import SortKey
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.task_filters import Column
from spbe_tasks.web.task_words import title_of

Key = TypeVar("Key")

SORTS: Mapping[SortKey, Any] = {
    SortKey.DUE: _l("Due date"),
    SortKey.POINTS: _l("Points"),
    SortKey.INDICATOR: _l("Indicator"),
    SortKey.AGENCY: _l("Agency"),
    SortKey.STATE: _l("State"),
    SortKey.CHANGED: _l("Last change of state"),
}
COLUMNS: Mapping[Column, Any] = {
    Column.AGENCY: _l("Agency"),
    Column.LEVELS: _l("Levels"),
    Column.STATE: _l("State"),
    Column.DUE: _l("Due"),
    Column.POINTS: _l("Points"),
    Column.PERSON: _l("Person in charge"),
    Column.LABELS: _l("Labels"),
    Column.CHANGED: _l("State since"),
}
# The columns whose heading orders the list.
SORT_OF: Mapping[Column, SortKey] = {
    Column.AGENCY: SortKey.AGENCY,
    Column.STATE: SortKey.STATE,
    Column.DUE: SortKey.DUE,
    Column.POINTS: SortKey.POINTS,
    Column.CHANGED: SortKey.CHANGED,
}

# The dates of an evaluation, by column.
EVALUATION: Mapping[str, Any] = {
    "self_assessment_opens_on": _l("Self-assessment opens"),
    "self_assessment_closes_on": _l("Self-assessment closes"),
    "interviews_on": _l("Interviews begin"),
    "result_on": _l("Result"),
}


def spoken(words: Mapping[Key, Any]) -> dict[Key, Markup]:
    """The words in the reader's language, looked up once: a list repeats them in every row."""
    return {key: escape(str(word)) for key, word in words.items()}


def row_title(row: Row[Any], instrument: Instrument) -> str:
    """The title of a row in the reader's language."""
    return title_of(row.title, instrument.indicator(row.indicator_number), current_locale())


def file_heading() -> list[str]:
    """The first line of the list as a file."""
    return [
        _("Task"),
        _("Indicator"),
        _("Title"),
        _("Agency"),
        _("State"),
        _("Round"),
        _("Starts at"),
        _("Target"),
        _("Reached"),
        _("Due"),
        _("Person in charge"),
        _("Points"),
        _("Latest reason"),
        _("Kind"),
        _("Earlier tasks"),
        _("Labels"),
    ]


def file_cells(rows: Sequence[Row[Any]], instrument: Instrument) -> Iterator[Sequence[object]]:
    """The list as lines of a file: decimal points, dates as YYYY-MM-DD."""
    locale = current_locale()
    for row in rows:
        yield (
            row.id,
            row.indicator_number,
            row_title(row, instrument),
            row.agency_name,
            label(row.state, locale),
            row.round,
            row.baseline_level,
            row.target_level,
            row.reached_level,
            row.due_on.isoformat(),
            row.assignee_name,
            f"{row.points.normalize():f}",
            row.state_note,
            label(row.kind, locale),
            label(row.lineage, locale) if row.lineage else None,
            ", ".join(sorted(row.labels or ())),
        )
