"""The workbook of a plan: figures, every task, the evidence of every criterion, all indicators, a sheet per agency."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.building.builder import Progress, Written
from spbe_tasks.building.plan_summary import write_summary
from spbe_tasks.building.report_sheets import XLSX, Cell, Report, level, points
from spbe_tasks.labels import label
from spbe_tasks.messages import translate
from spbe_tasks.rules.criterion_evidence import Piece
from spbe_tasks.services import plan_sheets
from spbe_tasks.services.built_files import Order, plan_of
from spbe_tasks.services.plan_sheets import PlanSheets, SheetCriterion, SheetTask


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


# As narrow as it goes: a page across holds some two hundred characters that can still be read.
_TASKS = (
    (_("Indicator"), 9),
    (_("Title"), 30),
    (_("Agency"), 16),
    (_("State"), 13),
    (_("Round"), 8),
    (_("Starts at"), 8),
    (_("Target"), 8),
    (_("Reached"), 8),
    (_("Due"), 12),
    (_("Days late"), 9),
    (_("Points"), 8),
    (_("Criteria met"), 9),
    (_("Criteria asked"), 8),
    (_("Pieces of evidence"), 8),
    (_("Person in charge"), 16),
    (_("Kind"), 13),
    (_("Latest reason"), 26),
)
_OF_AGENCY = tuple(column for column in _TASKS if column[0] != "Agency")
_EVIDENCE = (
    (_("Indicator"), 9),
    (_("Title"), 28),
    (_("Agency"), 16),
    (_("State"), 13),
    (_("Criterion"), 8),
    (_("What the criterion asks"), 44),
    (_("Met"), 8),
    (_("Status of the evidence"), 20),
    (_("Pieces of evidence"), 8),
    (_("Earliest end"), 12),
    (_("Titles of the evidence"), 36),
)
_INDICATORS = (
    (_("Indicator"), 9),
    (_("Indicator name"), 50),
    (_("Domain"), 24),
    (_("Aspect"), 30),
    (_("Weight"), 9),
    (_("Assessed"), 9),
    (_("Secured"), 9),
    (_("Expected"), 9),
    (_("Potential"), 9),
)
_FIGURES = ("baseline", "secured", "expected", "potential")


def build(session: Session, order: Order, path: Path, progress: Progress) -> Written:
    """Write the workbook of the order's plan, as far as its person sees it: people of an agency get their own."""
    sheets = plan_sheets.read(session, order.scope, plan_of(order), now=clock.now())
    written = Written(f"rencana-aksi-{sheets.government.slug}-{sheets.overview.plan.year}.xlsx", XLSX)
    report = Report.of(path, sheets.government, order, sheets.overview.rebuilt_at)
    write_summary(report, sheets)
    _write_tasks(report, sheets.tasks, progress)
    _write_evidence(report, sheets, progress)
    _write_indicators(report, sheets)
    for (name, _agency_id), tasks in sheets.by_agency().items():
        _write_agency(report, name, tasks)
    report.book.close()
    return written


def _write_tasks(report: Report, tasks: Sequence[SheetTask], progress: Progress) -> None:
    table = report.begin(translate(_("Action plan"), report.locale), [], _TASKS)
    for done, task in enumerate(tasks, start=1):
        table.add(
            task.indicator.number, task.title(report.locale), task.agency_name, *_work(task, report.locale)
        )
        progress(done, 2 * len(tasks))


def _write_agency(report: Report, name: str, tasks: Sequence[SheetTask]) -> None:
    table = report.begin(name, [name], _OF_AGENCY)
    for task in tasks:
        table.add(task.indicator.number, task.title(report.locale), *_work(task, report.locale))


def _work(task: SheetTask, locale: str) -> tuple[Cell, ...]:
    return (
        label(task.state, locale),
        task.round,
        level(task.baseline),
        level(task.target),
        level(task.reached),
        task.due_on,
        ("number", task.days_late),
        points(task.points),
        task.met,
        task.asked,
        task.evidence,
        task.assignee_name,
        label(task.kind, locale),
        task.note,
    )


def _write_evidence(report: Report, sheets: PlanSheets, progress: Progress) -> None:
    table = report.begin(translate(_("Evidence"), report.locale), [], _EVIDENCE)
    done = {task.id: number for number, task in enumerate(sheets.tasks, start=len(sheets.tasks))}
    for each in sheets.criteria():
        table.add(*_criterion(each, report.locale))
        progress(done[each.task.id], 2 * len(sheets.tasks))


def _criterion(each: SheetCriterion, locale: str) -> tuple[Cell, ...]:
    ends = [piece.expires_on for piece in each.pieces if piece.expires_on is not None]
    return (
        each.task.indicator.number,
        each.task.title(locale),
        each.task.agency_name,
        label(each.task.state, locale),
        ("centred", f"{each.level}.{each.criterion.letter}"),
        each.criterion.text(locale),
        ("centred", translate(_("yes") if each.is_met else _("no"), locale)),
        label(each.status, locale),
        len(each.pieces),
        min(ends, default=None),
        _titles(each.pieces),
    )


def _titles(pieces: Sequence[Piece]) -> str:
    return "\n".join(piece.title for piece in pieces)


def _write_indicators(report: Report, sheets: PlanSheets) -> None:
    table = report.begin(translate(_("Indicators"), report.locale), [], _INDICATORS)
    instrument, figures = sheets.overview.instrument, sheets.overview.record.figures
    for indicator in instrument.indicators:
        domain, aspect = instrument.domain_of(indicator.number), instrument.aspect_of(indicator.number)
        table.add(
            indicator.number,
            indicator.short_name(report.locale),
            None if domain.is_synthetic else domain.name(report.locale),
            aspect.name(report.locale),
            ("index", indicator.weight),
            *(level(figures[figure].levels[indicator.number]) for figure in _FIGURES),
        )
