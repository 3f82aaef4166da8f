"""The inspectorate's four statuses as a workbook: how many of each agency, and every recommendation with its status."""

from pathlib import Path

from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.building.builder import Progress, Written
from spbe_tasks.building.report_sheets import XLSX, Cell, Report, level, share
from spbe_tasks.labels import label
from spbe_tasks.messages import translate
from spbe_tasks.rules.follow_up_status import FollowUp
from spbe_tasks.services import follow_ups
from spbe_tasks.services.built_files import Order, plan_of
from spbe_tasks.services.follow_ups import FollowUpRow, FollowUps
from spbe_tasks.services.queries import governments


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


SOURCE = _("Statuses as in BPK Regulation 2/2017, Articles 6 and 7. Completion: what conforms among all.")
_BY_AGENCY = (
    (_("Agency"), 46),
    (_("Conforms"), 16),
    (_("In process"), 16),
    (_("Not followed up yet"), 16),
    (_("Cannot be followed up"), 16),
    (_("All"), 12),
    (_("Completion"), 16),
)
_ROWS = (
    (_("Indicator"), 9),
    (_("Recommendation"), 40),
    (_("Agency"), 18),
    (_("Status"), 18),
    (_("State of the task"), 13),
    (_("Starts at"), 8),
    (_("Target"), 8),
    (_("Reached"), 8),
    (_("Criteria met"), 9),
    (_("Criteria asked"), 8),
    (_("Pieces of evidence"), 8),
    (_("Due"), 12),
    (_("Reason"), 32),
)


def build(session: Session, order: Order, path: Path, progress: Progress) -> Written:
    """Write the statuses of the order's plan, as far as its person sees them."""
    found = follow_ups.read(session, order.scope, plan_of(order))
    government = governments.get_government(session, order.scope.government_id)
    written = Written(f"tindak-lanjut-{government.slug}-{found.plan.year}.xlsx", XLSX)
    report = Report.of(path, government, order, clock.now())
    _write_counts(report, found)
    _write_rows(report, found, progress)
    report.book.close()
    return written


def _write_counts(report: Report, found: FollowUps) -> None:
    locale = report.locale
    table = report.begin(translate(_("By agency"), locale), [translate(SOURCE, locale)], _BY_AGENCY)
    for each in found.agencies:
        numbers = (each.counts[status] for status in FollowUp)
        table.add(each.name, *numbers, each.total, share(each.completion))
    numbers = (found.counts[status] for status in FollowUp)
    together = (translate(_("Together"), locale), *numbers, len(found.rows), share(found.completion))
    table.add(*together, is_strong=True)


def _write_rows(report: Report, found: FollowUps, progress: Progress) -> None:
    table = report.begin(translate(_("Recommendations"), report.locale), [], _ROWS)
    for done, row in enumerate(found.rows, start=1):
        table.add(*_cells(row, report.locale))
        progress(done, len(found.rows))


def _cells(row: FollowUpRow, locale: str) -> tuple[Cell, ...]:
    return (
        row.indicator.number,
        row.recommendation(locale),
        row.agency_name,
        label(row.status, locale),
        label(row.state, locale),
        level(row.baseline),
        level(row.target),
        level(row.reached),
        row.met,
        row.asked,
        row.evidence,
        row.due_on,
        row.reason,
    )
