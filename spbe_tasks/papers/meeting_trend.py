"""The trend chart of the meeting report, drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportlab.graphics.shapes import Drawing, Line, PolyLine, Rect
from reportlab.pdfbase.pdfmetrics import stringWidth

from spbe_tasks.papers.letters import BOLD, printable
from spbe_tasks.papers.meeting_charts import Axis, Shown, mark_sign, string
from spbe_tasks.papers.meeting_style import ACCENT, INK, LINE, LINE_STRONG, PAPER, QUIET
from spbe_tasks.services.trends import PointKind, TrendPoint

SMALL = 6.5


@dataclass(frozen=True, slots=True)
class Trend:
    """What the trend chart draws, in order of time; ``target`` is a figure of the newest instrument."""

    points: Sequence[TrendPoint]
    target: Fraction | None
    target_words: str
    ends: tuple[Fraction, Fraction]

    @property
    def first_of_newest(self) -> int:
        """Where the newest instrument's points begin."""
        eras = [point.era for point in self.points]
        return eras.index(eras[-1])


def trend_chart(trend: Trend, width: float, height: float, shown: Shown) -> Drawing:
    """Results by year as dots, projections as steps, the target as a line; no line joins two instruments."""
    drawing = Drawing(width, height)
    y = Axis(float(trend.ends[0]), float(trend.ends[1]), height - 30, 22)
    gap = (width - 70) / max(len(trend.points) - 1, 1)
    places = [(38 + gap * number, y.at(point.value)) for number, point in enumerate(trend.points)]
    for level in range(int(y.low), int(y.high) + 1):
        drawing.add(Line(14, y.at(level), width, y.at(level), strokeColor=LINE, strokeWidth=0.5))
        drawing.add(string(2, y.at(level) - 2.4, str(level), "start", QUIET, size=SMALL))
    if trend.target is not None:
        _target(drawing, trend, (y, gap), shown)
    for number in range(1, len(places)):
        _join(drawing, trend.points[number - 1 : number + 1], places[number - 1 : number + 1])
    for point, (x, height_of) in zip(trend.points, places, strict=True):
        drawing.add(mark_sign(point.kind, x, height_of, 3.6))
        below = height_of - 13 if height_of - 13 > 16 else height_of + 7
        _halo(drawing, x, below, shown(point.value))
        drawing.add(string(x, 4, printable(point.label), "middle", QUIET, size=SMALL))
    return drawing


def _target(drawing: Drawing, trend: Trend, axes: tuple[Axis, float], shown: Shown) -> None:
    assert trend.target is not None
    y, gap = axes
    first, height = trend.first_of_newest, y.at(trend.target)
    x = 38 + gap * (first - 0.5) if first else 14
    drawing.add(
        Line(x, height, drawing.width, height, strokeColor=INK, strokeWidth=0.9, strokeDashArray=(6, 3))
    )
    words = f"{printable(trend.target_words)} {shown(trend.target)}"
    drawing.add(string(x + 3, height + 3, words, "start", INK, font=BOLD, size=6.8))


def _join(
    drawing: Drawing,
    points: Sequence[TrendPoint],
    places: Sequence[tuple[float, float]],
) -> None:
    (before, point), ((x0, y0), (x1, y1)) = points, places
    if point.era != before.era:
        middle = (x0 + x1) / 2
        line = Line(middle, 14, middle, drawing.height, strokeColor=LINE_STRONG, strokeDashArray=(1.5, 3))
        drawing.add(line)
    elif point.kind is PointKind.OFFICIAL:
        drawing.add(Line(x0, y0, x1, y1, strokeColor=ACCENT, strokeWidth=1.6))
    else:
        corners = (x0, y0, x1, y0, x1, y1)
        drawing.add(PolyLine(corners, strokeColor=ACCENT, strokeWidth=1.4, strokeDashArray=(3, 2)))


def _halo(drawing: Drawing, x: float, y: float, words: str) -> None:
    """Words over lines, on a patch of paper."""
    half = stringWidth(words, BOLD, 6.8) / 2 + 1
    drawing.add(Rect(x - half, y - 1.2, 2 * half, 8, fillColor=PAPER, strokeColor=None))
    drawing.add(string(x, y, words, "middle", INK, font=BOLD, size=6.8))
