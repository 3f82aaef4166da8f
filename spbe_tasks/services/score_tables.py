"""Levels as a plain table: number, level, name, note; what is exported is imported again as the same."""

from collections.abc import Iterator, Mapping

from spbe_tasks.formatting import level as level_words
from spbe_tasks.messages import translate
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Instrument


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


_HEADING = (_("number"), _("level"), _("name"), _("note"))


def heading(locale: str) -> list[str]:
    """The names of the columns."""
    return [translate(word, locale) for word in _HEADING]


def rows(
    instrument: Instrument, levels: Mapping[int, Level], notes: Mapping[int, str], locale: str
) -> Iterator[tuple[int, str, str, str]]:
    """One row per indicator; the cell of one without an entry is empty, decimals are as ``locale`` writes them."""
    for each in instrument.indicators:
        level = levels.get(each.number)
        blank = instrument.not_assessed_mark if each.number in levels else ""
        text = blank if level is None else level_words(level, locale)
        yield each.number, text, each.short_name(locale), notes.get(each.number, "")
