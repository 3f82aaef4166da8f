"""The workbook of the ownership matrix: one row per owner, and one for each indicator that has none.

What is written here is read back by ``readers.owners`` without loss.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from spbe_tasks.messages import translate
from spbe_tasks.workbooks.book import Book


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


_HEADINGS = (
    (_("Indicator"), 10),
    (_("Indicator name"), 50),
    (_("Agency"), 22),
    (_("Agency name"), 50),
    (_("Role"), 14),
    (_("Share"), 12),
)
_HINT = _("Role: lead or contributor. Share: 1/3 or 50 percent, empty for equal parts. One row per agency.")
HEADING_ROW = 2


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """One owner of an indicator; without an agency the indicator has no owner. The agency is named by its slug."""

    number: int
    indicator: str
    agency: str = ""
    agency_name: str = ""
    is_lead: bool = False
    share: str = ""


def write_owners(title: str, rows: Iterable[OwnerRow], locale: str) -> bytes:
    """The table of owners in the reader's language; agency, role and share can be changed and read again."""
    book = Book()
    sheet = book.add_sheet(translate(_("Owners"), locale))
    sheet.text(0, 0, title, "title")
    sheet.text(1, 0, translate(_HINT, locale), "hint")
    sheet.headings(HEADING_ROW, [(translate(text, locale), width) for text, width in _HEADINGS])
    roles = {True: translate(_("lead"), locale), False: translate(_("contributor"), locale)}
    last = HEADING_ROW
    for last, row in enumerate(rows, start=HEADING_ROW + 1):
        role = roles[row.is_lead] if row.agency else ""
        sheet.number(last, 0, row.number)
        for column, text in enumerate((row.indicator, row.agency, row.agency_name, role, row.share), start=1):
            sheet.text(last, column, text, "typed" if column == 5 else "note" if column in {2, 4} else "text")
    choice = {"validate": "list", "source": list(roles.values())}
    sheet.raw.data_validation(HEADING_ROW + 1, 4, max(last, HEADING_ROW + 1), 4, choice)
    sheet.raw.ignore_errors({"number_stored_as_text": f"F{HEADING_ROW + 2}:F{last + 1}"})
    return book.close()
