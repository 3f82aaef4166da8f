"""The workbook of the levels of one assessment: empty to be filled in, or full, in the same layout.

What is written here is read back by ``readers`` without loss.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xlsxwriter.utility import xl_rowcol_to_cell

from spbe_tasks.messages import translate
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Instrument, LevelScale, NotAssessedPolicy
from spbe_tasks.workbooks.book import Book, Sheet

_NUMBER, _NAME, _ASPECT, _LEVEL, _PREVIOUS, _NOTE = range(6)
_WIDTHS = (10, 62, 34, 11, 13, 50)
_YEAR_ROW, _HEADING_ROW = 2, 5
_FIRST_ROW = _HEADING_ROW + 1


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


_HEADINGS = (
    _("Number"),
    _("Indicator name"),
    _("Aspect"),
    _("Level"),
    _("Previous level"),
    _("Notes"),
)


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in the rows, keyed by indicator number; a level of None is "not assessed"."""

    levels: Mapping[int, Level] = field(default_factory=dict)
    previous: Mapping[int, Level] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)


def write_levels(instrument: Instrument, locale: str, *, year: int | None, contents: Contents) -> bytes:
    """The table of an instrument with what is known; with nothing known it is the template to be filled in.

    An indicator without an entry has an empty cell. ``year`` is that of the assessment, None leaves it open.
    """
    book = Book()
    sheet = book.add_sheet(translate(_("Levels"), locale))
    _write_head(sheet, instrument, locale, year)
    sheet.headings(
        _HEADING_ROW,
        [(translate(text, locale), width) for text, width in zip(_HEADINGS, _WIDTHS, strict=True)],
    )
    token = instrument.not_assessed_mark
    for row, indicator in enumerate(instrument.indicators, start=_FIRST_ROW):
        sheet.number(row, _NUMBER, indicator.number)
        sheet.text(row, _NAME, indicator.name(locale))
        sheet.text(row, _ASPECT, instrument.aspect_of(indicator.number).name(locale))
        for column, levels in ((_LEVEL, contents.levels), (_PREVIOUS, contents.previous)):
            if indicator.number in levels:
                _write_level(sheet, (row, column), levels[indicator.number], token)
            else:
                sheet.blank(row, column, "entry")
        sheet.text(row, _NOTE, contents.notes.get(indicator.number, ""), "note")
    _guard(sheet, instrument, locale)
    return book.close()


def _write_head(sheet: Sheet, instrument: Instrument, locale: str, year: int | None) -> None:
    """Title, instrument and year: the reader finds them again by their words."""
    sheet.text(0, 0, translate(_("Levels of the indicators"), locale), "title")
    sheet.text(1, 0, translate(_("Instrument"), locale), "label")
    sheet.text(1, 1, f"{instrument.id}  {instrument.title(locale)}", "plain")
    sheet.text(_YEAR_ROW, 0, translate(_("Year"), locale), "label")
    if year is None:
        sheet.blank(_YEAR_ROW, 1, "open")
    else:
        sheet.number(_YEAR_ROW, 1, year, "open")
    sheet.text(3, 0, _hint(instrument, locale), "hint")


def _hint(instrument: Instrument, locale: str) -> str:
    scale, token = instrument.scale, instrument.not_assessed_mark
    limits = {"minimum": f"{scale.minimum:f}", "maximum": f"{scale.maximum:f}"}
    words = translate(_("Levels from %(minimum)s to %(maximum)s."), locale, **limits)
    if instrument.not_assessed is NotAssessedPolicy.REFUSED or not token:
        return words
    further = translate(_("Write %(token)s where an indicator was not assessed."), locale, token=token)
    return f"{words} {further}"


def _write_level(sheet: Sheet, cell: tuple[int, int], level: Level, token: str) -> None:
    if level is None:
        sheet.text(*cell, token, "entry")
    else:
        sheet.number(*cell, level, "entry")


def _guard(sheet: Sheet, instrument: Instrument, locale: str) -> None:
    """Levels of the scale only, and nothing but levels, notes and the year can be changed by accident."""
    last = _FIRST_ROW + len(instrument.indicators) - 1
    rule = {
        "ignore_blank": True,
        "error_title": translate(_("No level of this instrument"), locale),
        "error_message": _hint(instrument, locale),
    }
    for column in (_LEVEL, _PREVIOUS):
        cell = xl_rowcol_to_cell(_FIRST_ROW, column)
        allowed = _allowed(instrument.scale, instrument.not_assessed_mark, cell)
        sheet.raw.data_validation(_FIRST_ROW, column, last, column, {**rule, **allowed})
    sheet.raw.protect(options={"format_columns": True, "format_rows": True, "autofilter": True})


def _allowed(scale: LevelScale, token: str, cell: str) -> dict[str, object]:
    if scale.is_integer:
        return {"validate": "list", "source": [*map(str, scale.whole_levels), *filter(None, [token])]}
    limits = f"{cell}>={scale.minimum},{cell}<={scale.maximum}"
    inside = f"AND(ISNUMBER({cell}),{limits},ROUND({cell},{scale.decimals})={cell})"
    return {"validate": "custom", "value": f'=OR({cell}="{token}",{inside})' if token else f"={inside}"}
