"""The first sheet of a plan's workbook: the index by figure, domains and aspects, and the points of each agency."""

from fractions import Fraction

from spbe_tasks.building.report_sheets import Report, Table, index, points
from spbe_tasks.messages import translate
from spbe_tasks.services import trends
from spbe_tasks.services.plan_sheets import PlanSheets


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


_INDEX = (
    (_("Figure"), 44),
    (_("Index"), 12),
    (_("Predicate"), 18),
    (_("Points to the target"), 14),
    (_("What it counts"), 60),
)
_PARTS = (_("Domain or aspect"), _("Weight"), _("Assessed"), _("Secured"), _("Expected"), _("Potential"))
_AGENCIES = (
    _("Agency"),
    _("At stake"),
    _("Secured"),
    _("Waiting for others"),
    _("Late"),
    _("Late tasks"),
    _("Still to bring"),
)
# As the page of what the figures are made of says it.
_MEANING = {
    "secured": _("the level reached where work was accepted, else the assessed level"),
    "expected": _("also submitted work, and work in progress that is due before the evaluation"),
    "potential": _("every task at its target, except what was given up"),
    "target": _("typed by the coordinator"),
}
_FIGURES = ("baseline", "secured", "expected", "potential")
_ILLUSTRATIVE = _("These levels are illustrative: made up so that they give the published figures.")
_STALE = _("Please note: these figures may be older than the latest changes.")


def write_summary(report: Report, sheets: PlanSheets) -> None:
    """One sheet with three tables, one below the other."""
    locale, overview = report.locale, sheets.overview
    lines = [translate(_STALE, locale)] if sheets.is_stale else []
    if overview.assessment.is_illustrative:
        lines.append(translate(_ILLUSTRATIVE, locale))
    table = report.begin(translate(_("Summary"), locale), [overview.instrument.title(locale), *lines], _INDEX)
    _write_index(table, sheets, locale)
    table.section(translate(_("Domains and aspects"), locale), [translate(each, locale) for each in _PARTS])
    _write_parts(table, sheets, locale)
    if sheets.agencies:
        headings = [translate(each, locale) for each in _AGENCIES]
        table.section(translate(_("Index points by agency"), locale), headings)
        _write_agencies(table, sheets)


def _write_index(table: Table, sheets: PlanSheets, locale: str) -> None:
    overview = sheets.overview
    for mark in trends.marks(overview, locale):
        missing = None if overview.target is None else max(overview.target - mark.value, Fraction(0))
        meaning = translate(_MEANING[mark.key], locale) if mark.key in _MEANING else None
        predicate = overview.predicate(mark.value, locale)
        table.add(mark.label, index(mark.value), predicate, points(missing), meaning)


def _write_parts(table: Table, sheets: PlanSheets, locale: str) -> None:
    figures = sheets.overview.record.figures
    for domain in sheets.overview.instrument.domains:
        if not domain.is_synthetic:
            values = (index(figures[figure].domains[domain.number]) for figure in _FIGURES)
            table.add(domain.name(locale), ("index", domain.weight), *values)
        for aspect in domain.aspects:
            values = (index(figures[figure].aspects[aspect.number]) for figure in _FIGURES)
            table.add(f"    {aspect.name(locale)}", ("index", aspect.weight), *values)


def _write_agencies(table: Table, sheets: PlanSheets) -> None:
    for row in sheets.agencies:
        figures = row.figures
        table.add(
            row.name,
            points(figures.points_at_stake),
            points(figures.points_secured),
            points(figures.points_waiting),
            points(figures.points_late),
            figures.tasks_overdue,
            points(figures.points_undelivered),
        )
