"""The first sheet of a plan's workbook: the index by figure, domains and aspects, and the points of each agency."""

from collections.abc import Sequence
from fractions import Fraction

from spbe_tasks.building.report_sheets import Cell, Report, Table, index, points
from spbe_tasks.messages import translate
from spbe_tasks.rules.agency_points import AgencyFigures
from spbe_tasks.services import trends
from spbe_tasks.services.plan_sheets import PlanSheets


def _(text: str) -> str:
    """Mark ``text`` for the catalogue."""
    return text


# The three tables stand one below the other in the same columns: a name, then numbers of one width.
_WIDTHS = (46, *[16] * 6)
_INDEX = (_("Figure"), _("Index"), _("Predicate"), _("Points to the target"))
_MEANT = _("What it counts")
_BESIDE = range(len(_INDEX), len(_WIDTHS))
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
    table = report.begin(
        translate(_("Summary"), locale),
        [overview.instrument.title(locale), *lines],
        [*zip(_INDEX, _WIDTHS, strict=False)],
    )
    table.sheet.columns(_WIDTHS)
    table.across(_BESIDE, translate(_MEANT, locale), "heading")
    _write_index(table, sheets, locale)
    table.section(translate(_("Domains and aspects"), locale), [translate(each, locale) for each in _PARTS])
    _write_parts(table, sheets, locale)
    if sheets.agencies:
        headings = [translate(each, locale) for each in _AGENCIES]
        table.section(translate(_("Index points by agency"), locale), headings)
        _write_agencies(table, sheets, locale)


def _write_index(table: Table, sheets: PlanSheets, locale: str) -> None:
    overview = sheets.overview
    for mark in trends.marks(overview, locale):
        is_target = mark.key == "target"
        short = (
            None if is_target or overview.target is None else max(overview.target - mark.value, Fraction(0))
        )
        predicate = overview.predicate(mark.value, locale)
        cells = (mark.label, index(mark.value), ("centred", predicate), points(short))
        table.add(*cells, is_strong=is_target)
        meaning = translate(_MEANING[mark.key], locale) if mark.key in _MEANING else ""
        table.across(_BESIDE, meaning, "strong text" if is_target else "text")


def _write_parts(table: Table, sheets: PlanSheets, locale: str) -> None:
    figures = sheets.overview.record.figures
    for domain in sheets.overview.instrument.domains:
        if not domain.is_synthetic:
            values = (index(figures[figure].domains[domain.number]) for figure in _FIGURES)
            table.add(domain.name(locale), ("index", domain.weight), *values, is_strong=True)
        for aspect in domain.aspects:
            values = (index(figures[figure].aspects[aspect.number]) for figure in _FIGURES)
            table.add(("indented", aspect.name(locale)), ("index", aspect.weight), *values)


def _write_agencies(table: Table, sheets: PlanSheets, locale: str) -> None:
    for row in sheets.agencies:
        table.add(row.name, *_points([row.figures]))
    if len(sheets.agencies) > 1:
        together = _points([row.figures for row in sheets.agencies])
        table.add(translate(_("Together"), locale), *together, is_strong=True)


def _points(figures: Sequence[AgencyFigures]) -> tuple[Cell, ...]:
    """The row of one agency, or of several together, added up before anything is rounded."""
    return (
        points(sum((each.points_at_stake for each in figures), Fraction(0))),
        points(sum((each.points_secured for each in figures), Fraction(0))),
        points(sum((each.points_waiting for each in figures), Fraction(0))),
        points(sum((each.points_late for each in figures), Fraction(0))),
        sum(each.tasks_overdue for each in figures),
        points(sum((each.points_undelivered for each in figures), Fraction(0))),
    )
