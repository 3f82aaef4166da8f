"""Files of assessments: tables to fill in, revisions as a table, and the originals that were imported."""

from flask.typing import ResponseReturnValue

from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import instruments, score_tables
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.assessments import blueprint, shown_sheet
from spbe_tasks.web.csv_files import csv_response
from spbe_tasks.web.file_answers import download, workbook
from spbe_tasks.web.locale import current_locale
from spbe_tasks.workbooks.levels import Contents, write_levels

__all__ = ["blueprint"]  # the assessments' blueprint, with these routes added


@blueprint.get("/template/<instrument_id>.<suffix>")
@requires(Capability.IMPORT_ASSESSMENTS)
def template(instrument_id: str, suffix: str) -> ResponseReturnValue:
    """An empty table to fill in, as a spreadsheet or as CSV."""
    instrument = instruments.get(db.session(), scope().government_id, instrument_id)
    return _table(instrument, f"{instrument_id}.{suffix}", Contents(), year=None)


@blueprint.get("/<int:assessment_id>/export.<suffix>")
@requires(Capability.IMPORT_ASSESSMENTS)
def export(assessment_id: int, suffix: str) -> ResponseReturnValue:
    """A revision as a table that can be imported again."""
    sheet = shown_sheet(assessment_id)
    year, kind = sheet.assessment.year, sheet.assessment.kind
    name = f"{kind.value}-{year}-revisi-{sheet.revision.number}.{suffix}"
    return _table(sheet.instrument, name, Contents(levels=sheet.levels, notes=sheet.notes), year=year)


@blueprint.get("/<int:assessment_id>/original")
@requires(Capability.IMPORT_ASSESSMENTS)
def original(assessment_id: int) -> ResponseReturnValue:
    """The very file that a revision was read from."""
    revision = shown_sheet(assessment_id).revision
    return download(revision.file_key, revision.file_name)


def _table(
    instrument: Instrument, file_name: str, contents: Contents, *, year: int | None
) -> ResponseReturnValue:
    """The table in the format that the name ends with: CSV has semicolons, as Indonesian spreadsheets expect."""
    locale = current_locale()
    if file_name.endswith(".xlsx"):
        return workbook(write_levels(instrument, locale, year=year, contents=contents), file_name)
    if file_name.endswith(".csv"):
        rows = score_tables.rows(instrument, contents.levels, contents.notes, locale)
        return csv_response(file_name, score_tables.heading(locale), rows, delimiter=";")
    raise NotFoundError
