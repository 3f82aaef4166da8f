"""The head of the meeting report: whose it is, and the four figures that everybody asks for."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Image, Table, TableStyle

from spbe_tasks import formatting
from spbe_tasks.papers.meeting_charts import arrow, sign
from spbe_tasks.papers.meeting_pen import Pen
from spbe_tasks.papers.meeting_style import (
    ACCENT,
    BANDS,
    BARE,
    CELL,
    FIGURE,
    LINE,
    SMALL,
    SURFACE,
    TEXT,
    TITLE,
    WIDTH,
)
from spbe_tasks.services.meeting_reports import MeetingReport
from spbe_tasks.services.trends import Mark


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is written."""
    return text


TITLE_WORDS = _("Where the index stands")
LOGO_WIDTH, LOGO_HEIGHT = 26 * mm, 15 * mm
# From the result to the target; potential stands on the scale only.
HEADLINE = ("baseline", "secured", "expected", "target")


def as_of(report: MeetingReport, pen: Pen) -> str:
    """As of when the figures are, and whether they may be older than the facts."""
    at = formatting.datetime_long(report.overview.rebuilt_at, pen.locale, pen.zone)
    words = pen.t(_("Figures of %(at)s"), at=at)
    return f"{words} ({pen.t(_('may be older than the facts'))})" if report.is_stale else words


def heading(report: MeetingReport, pen: Pen, logo: bytes | None) -> Flowable:
    """Logo, government, title, plan, and as of when the figures are."""
    overview = report.overview
    plan = pen.t(_("Plan %(year)s"), year=overview.plan.year)
    about = f"{plan} · {overview.instrument.regulation} · {as_of(report, pen)}"
    words = [
        pen.p(report.government.name, TEXT),
        pen.p(pen.t(TITLE_WORDS), TITLE),
        pen.p(about, SMALL),
    ]
    picture = _picture(logo) if logo else _mark()
    width = picture.drawWidth if isinstance(picture, Image) else picture.width
    table = Table([[picture, words]], colWidths=[width + 4 * mm, WIDTH - width - 4 * mm], hAlign="LEFT")
    table.setStyle(TableStyle([*BARE, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table


def _picture(logo: bytes) -> Image:
    width, height = ImageReader(BytesIO(logo)).getSize()
    share = min(LOGO_WIDTH / width, LOGO_HEIGHT / height)
    return Image(BytesIO(logo), width * share, height * share)


def _mark() -> Drawing:
    """The product's own mark, as in static/img/favicon.svg."""
    drawing = Drawing(LOGO_HEIGHT, LOGO_HEIGHT)
    unit = LOGO_HEIGHT / 32
    drawing.add(
        Rect(0, 0, LOGO_HEIGHT, LOGO_HEIGHT, rx=7 * unit, ry=7 * unit, fillColor=ACCENT, strokeColor=None)
    )
    for x, height, fill in ((6, 7, BANDS[4]), (13.5, 12, BANDS[2]), (21, 18, BANDS[0])):
        drawing.add(Rect(x * unit, 6 * unit, 5 * unit, height * unit, fillColor=fill, strokeColor=None))
    return drawing


def headline(report: MeetingReport, pen: Pen) -> Flowable:
    """Result, secured, expected, target, each with its predicate."""
    marks: Mapping[str, Mark] = {mark.key: mark for mark in report.marks}
    cells: list[Any] = []
    for key in HEADLINE:
        mark = marks.get(key)
        cells += [arrow()] if cells else []
        cells.append(_figure(mark, report, pen) if mark else _no_target(pen))
    gap = 7 * mm
    width = (WIDTH - gap * (len(HEADLINE) - 1)) / len(HEADLINE)
    table = Table([cells], colWidths=[width, *[gap, width] * (len(HEADLINE) - 1)], hAlign="LEFT")
    boxes: list[Any] = [
        ("BACKGROUND", (column, 0), (column, 0), SURFACE) for column in range(0, len(cells), 2)
    ]
    boxes += [("BOX", (column, 0), (column, 0), 0.6, LINE) for column in range(0, len(cells), 2)]
    inside = [("LEFTPADDING", (column, 0), (column, 0), 6) for column in range(0, len(cells), 2)]
    arrows: list[Any] = [("VALIGN", (column, 0), (column, 0), "MIDDLE") for column in range(1, len(cells), 2)]
    arrows += [("LEFTPADDING", (column, 0), (column, 0), 3) for column in range(1, len(cells), 2)]
    padding = [("TOPPADDING", (0, 0), (-1, -1), 4), ("BOTTOMPADDING", (0, 0), (-1, -1), 5)]
    table.setStyle(TableStyle([*BARE, *boxes, *inside, *arrows, *padding]))
    return table


def _figure(mark: Mark, report: MeetingReport, pen: Pen) -> list[Flowable]:
    name = Table([[sign(mark.key), pen.p(mark.label, CELL)]], colWidths=[12, None], hAlign="LEFT")
    name.setStyle(TableStyle(BARE))
    predicate = report.overview.predicate(mark.value, pen.locale) or ""
    return [name, pen.p(pen.index(mark.value), FIGURE), pen.p(predicate, TEXT)]


def _no_target(pen: Pen) -> list[Flowable]:
    return [
        pen.p(pen.t(_("Target")), CELL),
        pen.p(formatting.NOTHING, FIGURE),
        pen.p(pen.t(_("not set")), TEXT),
    ]
