"""The first page of the meeting report: what a leader reads in one minute."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepInFrame, Spacer, Table, TableStyle

from spbe_tasks import formatting
from spbe_tasks.papers.meeting_charts import Band, scale, share_bar
from spbe_tasks.papers.meeting_headline import heading, headline
from spbe_tasks.papers.meeting_pen import Pen
from spbe_tasks.papers.meeting_style import (
    BARE,
    CELL,
    CELL_QUIET,
    HEAD,
    HEAD_NUMBER,
    PART,
    ROWS,
    SMALL,
    TEXT,
    WIDTH,
)
from spbe_tasks.papers.meeting_trend import Trend, trend_chart
from spbe_tasks.rendering import forecast_words
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.services.meeting_reports import MeetingReport
from spbe_tasks.services.projection_record import StoredAgency
from spbe_tasks.services.trends import PointKind


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is written."""
    return text


GAP = 6 * mm
HALF = (WIDTH - GAP) / 2
# As many as the leaders' page shows before it folds the others away.
AGENCIES_SHOWN = 8
# The pages behind have whole titles, and the task's page all that was written of an obstacle.
TITLE_LENGTH, NOTE_LENGTH = 90, 140
LISTS_HEIGHT = 290.0
TREND_HEIGHT = 140.0


def first_page(report: MeetingReport, pen: Pen, logo: bytes | None) -> list[Flowable]:
    """Everything of the page, from its top."""
    overview = report.overview
    ends = (Fraction(overview.instrument.scale.minimum), Fraction(overview.instrument.scale.maximum))
    bands = [
        Band(bound.name(pen.locale), Fraction(bound.lower_bound)) for bound in overview.instrument.predicates
    ]
    trend = Trend(report.trend, overview.target, pen.t(_("Target")), ends)
    return [
        heading(report, pen, logo),
        Spacer(1, 3 * mm),
        headline(report, pen),
        Spacer(1, 4 * mm),
        scale(report.marks, bands, ends, WIDTH, pen.index),
        Spacer(1, 2 * mm),
        *(pen.p(each, TEXT) for each in _sentences(report, pen)),
        Spacer(1, 4 * mm),
        _columns(_left(report, pen), _right(report, pen)),
        Spacer(1, 3 * mm),
        pen.p(pen.t(_("Trend")), PART),
        trend_chart(trend, WIDTH, TREND_HEIGHT, pen.index),
        *_trend_notes(report, pen),
    ]


def _sentences(report: MeetingReport, pen: Pen) -> list[str]:
    overview, found = report.overview, []
    nearest = overview.next_predicate(pen.locale)
    if nearest:
        words = _('%(points)s points from the secured index to "%(predicate)s".')
        found.append(pen.t(words, points=pen.points(nearest[1]), predicate=nearest[0]))
    if report.forecast and overview.target is not None:
        found.append(forecast_words(report.forecast, overview.index("secured"), pen.locale))
    risk = overview.record.risk
    if risk and risk.indicators:
        one = "At risk: the secured index falls to %(index)s if %(num)s indicator is not kept up by the evaluation."
        many = "At risk: the secured index falls to %(index)s if %(num)s indicators are not kept up by the evaluation."
        found.append(pen.nt(one, many, len(risk.indicators), index=pen.index(risk.index)))
    if overview.record.evaluation_on is None:
        words = _('The date of the next evaluation is not known: "expected" counts submitted work only.')
        found.append(pen.t(words))
    return found


def _columns(left: Sequence[Flowable], right: Sequence[Flowable]) -> Flowable:
    # Long words of five tasks are written smaller; the page is to stay one.
    lists = KeepInFrame(HALF, LISTS_HEIGHT, list(right), mode="shrink", hAlign="LEFT")
    table = Table([[list(left), "", lists]], colWidths=[HALF, GAP, HALF], hAlign="LEFT")
    table.setStyle(TableStyle(BARE))
    return table


def _left(report: MeetingReport, pen: Pen) -> list[Flowable]:
    title = pen.p(pen.t(_("Who holds the index back") if report.standings else _("Your agency")), PART)
    shown = report.agencies[:AGENCIES_SHOWN]
    if not shown:
        return [title, pen.p(pen.t(_("No agency has a task that counts yet.")), CELL_QUIET)]
    is_late = any(row.figures.points_late for row in shown)
    notes = [pen.t(_("Hatched: of overdue tasks."))] if is_late else []
    more = len(report.agencies) - len(shown)
    if more:
        notes.append(pen.t(_("Further agencies, on the next pages: %(count)s."), count=more))
    return [title, _agencies(shown, pen), Spacer(1, 2), pen.p(" ".join(notes), SMALL)]


def _agencies(shown: Sequence[StoredAgency], pen: Pen) -> Flowable:
    """The agencies with a bar each, the first of which is the longest."""
    widths = (HALF * 0.38, HALF * 0.27, HALF * 0.16, HALF * 0.19)
    heads = [pen.t(_("Agency")), "", pen.t(_("Points")), pen.t(_("Late"))]
    rows: list[list[Any]] = [pen.row(heads, HEAD, HEAD_NUMBER)]
    most = max(shown[0].figures.points_undelivered, Fraction(0))
    for row in shown:
        still = max(row.figures.points_undelivered, Fraction(0))
        bar = share_bar(still, row.figures.points_late, most, widths[1] - 6)
        late = pen.number(str(row.figures.tasks_overdue))
        rows.append([pen.p(row.name), bar, pen.number(pen.points(still)), late])
    table = Table(rows, colWidths=widths, hAlign="LEFT")
    table.setStyle(TableStyle([*ROWS, ("VALIGN", (0, 1), (-1, -1), "MIDDLE")]))
    return table


def _right(report: MeetingReport, pen: Pen) -> list[Flowable]:
    beside = report.beside
    soon = [
        (_named(row, report), f"{row['agency_name']} · {pen.day(row['due_on'])}") for row in beside.due_soon
    ]
    blocked = [(_named(row, report), _obstacle(row, pen)) for row in beside.blocked]
    return [
        _part(_("Due within 14 days"), beside.due_soon_count, pen),
        *_listed(soon, beside.due_soon_count, _("Nothing falls due in the next 14 days."), pen),
        _part(_("Waiting for review"), beside.waiting_count, pen),
        pen.p(_waiting(report, pen), CELL),
        Spacer(1, 2),
        _part(_("Blocked"), beside.blocked_count, pen),
        *_listed(blocked, beside.blocked_count, _("No task is blocked."), pen),
    ]


def _part(words: str, count: int, pen: Pen) -> Flowable:
    return pen.p(f"{pen.t(words)} ({count})" if count else pen.t(words), PART)


def _listed(lines: Sequence[tuple[str, str]], count: int, nothing: str, pen: Pen) -> list[Flowable]:
    found: list[Flowable] = []
    for what, about in lines:
        found += [pen.p(what, CELL), pen.p(about, CELL_QUIET), Spacer(1, 1.5)]
    if not lines:
        found.append(pen.p(pen.t(nothing), CELL_QUIET))
    elif count > len(lines):
        more = pen.t(_("and %(count)s more"), count=count - len(lines))
        found.append(pen.p(more, CELL_QUIET))
    return [*found, Spacer(1, 2)]


def _named(row: Mapping[str, Any], report: MeetingReport) -> str:
    return f"{row['indicator_number']} {_cut(report.title(row), TITLE_LENGTH)}"


def _obstacle(row: Mapping[str, Any], pen: Pen) -> str:
    is_upkeep = row["kind"] == TaskKind.UPKEEP
    words = _("%(points)s points at risk") if is_upkeep else _("%(points)s points")
    about = f"{row['agency_name']} · {pen.t(words, points=pen.points(row['points']))}"
    note = _cut(" ".join((row["state_note"] or "").split()), NOTE_LENGTH)
    return f"{about} · {note}" if note else about


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else f"{words[:length].rstrip()}…"


def _waiting(report: MeetingReport, pen: Pen) -> str:
    if not report.beside.waiting:
        return pen.t(_("No submission is waiting."))
    since = formatting.date_short(report.beside.waiting[0]["state_changed_at"], pen.locale)
    return pen.t(_("The oldest waits since %(day)s."), day=since)


def _trend_notes(report: MeetingReport, pen: Pen) -> list[Flowable]:
    notes = [
        f"{point.label}: {point.note}"
        for point in report.trend
        if point.kind is PointKind.OFFICIAL and point.note
    ]
    if len({point.era for point in report.trend}) > 1:
        words = _(
            "The line breaks where the instrument changed: figures on its two sides are not comparable."
        )
        notes.append(pen.t(words))
    return [pen.p("; ".join(notes), SMALL)] if notes else []
