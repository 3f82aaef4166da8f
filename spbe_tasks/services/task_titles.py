"""Titles of tasks in the language of those who read of them."""

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from spbe_tasks.rules.instrument import Indicator
from spbe_tasks.services import instruments
from spbe_tasks.services.queries import task_names

# Titles are stored in this language.
STORED_LOCALE = "id"


def title_of(title: str, indicator: Indicator, locale: str) -> str:
    """A task's title. Titles are stored in Indonesian; one that is the indicator's name follows the reader."""
    return indicator.short_name(locale) if title == indicator.short_name(STORED_LOCALE) else title


def in_language(
    session: Session, government_id: int, task_ids: Collection[int], locale: str
) -> Mapping[int, str]:
    """The titles of these tasks that are another in ``locale`` than stored: those that are an indicator's name."""
    if locale == STORED_LOCALE or not task_ids:
        return {}
    find = instruments.finder(session, government_id)
    found = {}
    for task_id, (instrument_id, number, title) in task_names.list_stored(
        session, government_id, task_ids
    ).items():
        indicator = find(instrument_id).indicator(number)
        worded = title_of(title, indicator, locale)
        if worded != title:
            found[task_id] = worded
    return found
