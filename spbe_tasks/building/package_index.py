"""The index workbook of an upload package: the documents, what is claimed per indicator, facts and analysis."""

from collections.abc import Sequence

from spbe_tasks.formatting import level as level_words
from spbe_tasks.messages import translate
from spbe_tasks.services.packages import Document, Package, Remark
from spbe_tasks.workbooks.book import Book, Sheet


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


_DOCUMENTS = (
    (_("Indicator"), 9),
    (_("Indicator name"), 32),
    (_("File"), 38),
    (_("Document"), 34),
    (_("Shows criteria"), 12),
    (_("Version"), 8),
    (_("Link or remark"), 30),
    (_("SHA-256 of the file"), 36),
)
_CLAIMS = (
    (_("Indicator"), 9),
    (_("Indicator name"), 44),
    (_("Agencies"), 28),
    (_("Level claimed"), 12),
    (_("Criteria not met up to that level"), 24),
    (_("Criteria of the level with evidence"), 24),
    (_("Ready"), 10),
)
_TEXTS = (
    (_("Indicator"), 9),
    (_("Indicator name"), 32),
    (_("Level"), 9),
    (_("Written by"), 20),
    (_("Facts"), 64),
    (_("Analysis"), 64),
)
_REMARKS = {
    Remark.INFECTED: _("Infected: left out. Put a clean file in its place."),
    Remark.OTHER_AGENCY: _("Of another agency: in the coordinator's package."),
}
_TITLE = _("Evidence of the self-assessment %(year)s")


def write_index(package: Package, locale: str) -> bytes:
    """Three sheets in the reader's language: documents, claims, and facts and analysis."""
    book = Book()
    title = translate(_TITLE, locale, year=package.year)
    _documents(_sheet(book, _("Documents"), title, _DOCUMENTS, locale), package, locale)
    _claims(_sheet(book, _("Claims"), title, _CLAIMS, locale), package, locale)
    _texts(_sheet(book, _("Facts and analysis"), title, _TEXTS, locale), package, locale)
    return book.close()


def _sheet(book: Book, name: str, title: str, headings: Sequence[tuple[str, int]], locale: str) -> Sheet:
    sheet = book.add_sheet(translate(name, locale))
    sheet.text(0, 0, title, "title")
    sheet.headings(2, [(translate(text, locale), width) for text, width in headings])
    return sheet


def _row(sheet: Sheet, row: int, number: int, texts: Sequence[str]) -> None:
    sheet.number(row, 0, number)
    for column, text in enumerate(texts, start=1):
        sheet.text(row, column, text)


def _documents(sheet: Sheet, package: Package, locale: str) -> None:
    for row, each in enumerate(package.documents, start=3):
        indicator = package.indicator(each)
        criteria = ", ".join(f"{level}.{letter}" for level, letter in each.named.criteria)
        name = each.named.file_name if each.file_key and each.named.file_name else "–"
        texts = (indicator.short_name(locale), name, each.title, criteria, str(each.version))
        _row(sheet, row, indicator.number, (*texts, _beside(each, locale), each.file_key or ""))


def _beside(document: Document, locale: str) -> str:
    if document.remark in _REMARKS:
        return translate(_REMARKS[document.remark], locale)
    return document.url or ""


def _claims(sheet: Sheet, package: Package, locale: str) -> None:
    yes, no = translate(_("yes"), locale), translate(_("no"), locale)
    for row, entry in enumerate(package.entries, start=3):
        step = entry.claimed.own_step
        texts = (
            entry.indicator.short_name(locale),
            ", ".join(entry.owners),
            level_words(entry.claimed.level, locale),
            ", ".join(f"{level}.{letter}" for level, letter in entry.claimed.unmet),
            f"{step.shown} / {len(step.lines)}" if step else "–",
            yes if entry.is_ready else no,
        )
        _row(sheet, row, entry.indicator.number, texts)


def _texts(sheet: Sheet, package: Package, locale: str) -> None:
    row = 3
    for entry in package.entries:
        for told in sorted(entry.texts, key=lambda each: (each.level, each.agency_name or "")):
            if told.is_shown:
                words = (told.agency_name or translate(_("Self-assessment"), locale), told.words.facts)
                texts = (entry.indicator.short_name(locale), str(told.level), *words, told.words.analysis)
                _row(sheet, row, entry.indicator.number, texts)
                row += 1
