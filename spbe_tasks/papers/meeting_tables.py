"""The tables after the first page of the meeting report: domains and aspects, every agency, the open tasks."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from reportlab.platypus import Flowable, LongTable, Spacer, TableStyle

from spbe_tasks.formatting import NOTHING
from spbe_tasks.papers.meeting_charts import Axis, level_bar
from spbe_tasks.papers.meeting_pen import Pen
from spbe_tasks.papers.meeting_style import (
    CELL,
    HEAD,
    HEAD_NUMBER,
    LINE_STRONG,
    NUMBER,
    NUMBER_STRONG,
    ROWS,
    SECTION,
    SMALL,
    STRONG,
    SURFACE,
    TEXT,
    WIDTH,
)
from spbe_tasks.rules.instrument import Aspect, Domain
from spbe_tasks.rules.national import above
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.services.meeting_reports import AgencyTasks, MeetingReport, ReportTask
from spbe_tasks.services.projection_record import FIGURES
from spbe_tasks.services.standings import Standings


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is written."""
    return text


def domains(report: MeetingReport, pen: Pen) -> list[Flowable]:
    """Each domain and aspect: its figures, a bar on the scale, and the national average where one is published."""
    instrument, around = report.overview.instrument, report.around
    is_flat = instrument.domains[0].is_synthetic
    shares = (0.30, 0.16, 0.11, 0.10, 0.11, 0.10, 0.12) if around else (0.36, 0.20, 0.11, 0.11, 0.11, 0.11)
    widths = [share * WIDTH for share in shares]
    axis = Axis(float(instrument.scale.minimum), float(instrument.scale.maximum), widths[1] - 6)
    average = [f"{pen.t(_('National average'))} {around.year}"] if around else []
    heads = [
        pen.t(_("Aspect") if is_flat else _("Domain")),
        pen.t(_("On the scale")),
        report.marks[0].label,
        *(pen.t(each) for each in (_("Secured"), _("Expected"), _("Potential"))),
        *average,
    ]
    rows: list[list[Any]] = [
        [*(pen.p(each, HEAD) for each in heads[:2]), *(pen.p(each, HEAD_NUMBER) for each in heads[2:])]
    ]
    commands = list(ROWS)
    for domain in instrument.domains:
        if not domain.is_synthetic:
            commands.append(("BACKGROUND", (0, len(rows)), (-1, len(rows)), SURFACE))
            rows.append(_figures_row(report, domain, axis, pen))
        rows += [_figures_row(report, aspect, axis, pen) for aspect in domain.aspects]
    table = LongTable(rows, colWidths=widths, repeatRows=1, style=TableStyle(commands))
    notes = [pen.t(_("Bar: dark up to the starting point, lighter what is secured since."))]
    if around:
        notes.append(
            pen.t(_("Tick: national average; in brackets how far the starting point is above or below."))
        )
    title = _("Aspects") if is_flat else _("Domains and aspects")
    return [pen.p(pen.t(title), SECTION), table, Spacer(1, 3), pen.p(" ".join(notes), SMALL)]


def _figures_row(report: MeetingReport, part: Domain | Aspect, axis: Axis, pen: Pen) -> list[Any]:
    is_domain = isinstance(part, Domain)
    is_within = not (is_domain or report.overview.instrument.domains[0].is_synthetic)
    figures = report.overview.record.figures
    values = [
        (figures[name].domains if is_domain else figures[name].aspects)[part.number] for name in FIGURES
    ]
    mean = report.around.nation.domains.get(part.number) if report.around and is_domain else None
    words, number = (STRONG, NUMBER_STRONG) if is_domain else (CELL, NUMBER)
    return [
        pen.p(f"– {part.name(pen.locale)}" if is_within else part.name(pen.locale), words),
        level_bar((values[0], values[1]), mean, axis),
        *(pen.number(pen.index(value), number) for value in values),
        *([pen.number(_compared(values[0], mean, pen))] if report.around else []),
    ]


def _compared(own: Fraction, mean: Fraction | None, pen: Pen) -> str:
    if mean is None:
        return NOTHING
    gap = above(own, mean)
    sign = "+" if gap > 0 else "−" if gap < 0 else ""
    return f"{pen.index(mean)} ({sign}{pen.index(abs(gap))})"


def agencies(report: MeetingReport, pen: Pen) -> list[Flowable]:
    """Every agency's points and tasks, and the low indicators that nobody works on; together the gap."""
    widths = [share * WIDTH for share in (0.23, 0.105, 0.135, 0.105, 0.125, 0.11, 0.09, 0.1)]
    heads = (
        _("Agency"),
        _("Still to bring"),
        _("At stake"),
        _("Secured"),
        _("Waiting for others"),
        _("Late"),
        _("Open tasks"),
        _("Late tasks"),
    )
    rows: list[list[Any]] = [pen.row([pen.t(each) for each in heads], HEAD, HEAD_NUMBER)]
    for row in report.agencies:
        own = row.figures
        points = (
            own.points_undelivered,
            own.points_at_stake,
            own.points_secured,
            own.points_waiting,
            own.points_late,
        )
        texts = [row.name, *map(pen.points, points), str(own.tasks_open), str(own.tasks_overdue)]
        rows.append(pen.row(texts, CELL, NUMBER))
    commands = list(ROWS)
    explained: list[Flowable] = []
    if report.standings:
        rows += _beside_agencies(report.standings, pen)
        commands.append(("LINEABOVE", (0, len(rows)), (-1, len(rows)), 0.8, LINE_STRONG))
        rows.append(_together(report, report.standings, pen))
        words = _(
            "All rows together are the gap of the plan: %(points)s index points between the assessed level and the "
            "target of every low indicator."
        )
        explained.append(pen.p(pen.t(words, points=pen.points(report.standings.gap)), TEXT))
    title = _("All agencies") if report.standings else _("Your agency")
    table = LongTable(rows, colWidths=widths, repeatRows=1, style=TableStyle(commands))
    found = [pen.p(pen.t(title), SECTION), *explained, Spacer(1, 3), table]
    if any(row.figures.points_undelivered < 0 for row in report.agencies):
        below = _("Below zero: more was reached than the targets asked for.")
        found += [Spacer(1, 3), pen.p(pen.t(below), SMALL)]
    return found


def _beside_agencies(seen: Standings, pen: Pen) -> list[list[Any]]:
    found = []
    for words, worth in (
        (_("No owner yet"), seen.unowned_points),
        (_("Owned, not in the plan yet"), seen.unplanned_points),
    ):
        if worth:
            texts = [pen.t(words), pen.points(worth), pen.points(worth), *[NOTHING] * 5]
            found.append(pen.row(texts, CELL, NUMBER))
    return found


def _together(report: MeetingReport, seen: Standings, pen: Pen) -> list[Any]:
    still = seen.total("points_undelivered") + seen.unowned_points + seen.unplanned_points
    sums = (still, seen.gap, *map(seen.total, ("points_secured", "points_waiting", "points_late")))
    tasks = [
        sum(getattr(row.figures, each) for row in report.agencies) for each in ("tasks_open", "tasks_overdue")
    ]
    texts = [pen.t(_("Together")), *map(pen.points, sums), *map(str, tasks)]
    return pen.row(texts, STRONG, NUMBER_STRONG)


def open_tasks(report: MeetingReport, pen: Pen) -> list[Flowable]:
    """The open tasks of each agency; its name is repeated on every page they go over."""
    count = sum(len(each.tasks) for each in report.open_tasks)
    found: list[Flowable] = [pen.p(f"{pen.t(_('Open tasks by agency'))} ({count})", SECTION)]
    if not count:
        found.append(pen.p(pen.t(_("No task is open.")), TEXT))
    for agency in report.open_tasks:
        found += [_agency_table(agency, pen), Spacer(1, 8)]
    return found


def _agency_table(agency: AgencyTasks, pen: Pen) -> Flowable:
    widths = [share * WIDTH for share in (0.06, 0.48, 0.15, 0.21, 0.10)]
    heads = [_("State"), _("Due date"), _("Points")]
    name = pen.p(f"{agency.name} ({len(agency.tasks)})", STRONG)
    head = [
        name,
        "",
        pen.p(pen.t(heads[0]), HEAD),
        pen.p(pen.t(heads[1]), HEAD),
        pen.p(pen.t(heads[2]), HEAD_NUMBER),
    ]
    rows = [head, *(_task_row(task, pen) for task in agency.tasks)]
    table = LongTable(rows, colWidths=widths, repeatRows=1)
    table.setStyle(TableStyle([*ROWS, ("SPAN", (0, 0), (1, 0)), ("BACKGROUND", (0, 0), (-1, 0), SURFACE)]))
    return table


def _task_row(task: ReportTask, pen: Pen) -> Sequence[Any]:
    title = task.title if task.kind is TaskKind.GAP else f"{task.title} · {pen.word(task.kind)}"
    due = pen.day(task.due_on)
    late = f"{due} · {pen.t(_('late'))}"
    return [
        pen.p(str(task.indicator_number)),
        pen.p(title),
        pen.p(pen.word(task.state)),
        pen.p(late, STRONG) if task.is_overdue else pen.p(due),
        pen.number(pen.points(task.points)),
    ]
