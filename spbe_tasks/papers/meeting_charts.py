"""Scale, signs and bars of the meeting report, drawn: what differs in colour differs in shape, too, for grey print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Polygon, Rect, String
from reportlab.pdfbase.pdfmetrics import stringWidth

from spbe_tasks.papers.letters import BOLD, PLAIN, printable
from spbe_tasks.papers.meeting_style import (
    ACCENT,
    ALARM,
    BANDS,
    DONE,
    INK,
    LINE_STRONG,
    PAPER,
    QUIET,
    TRACK,
)
from spbe_tasks.services.trends import Mark, PointKind

Shown = Callable[[Fraction], str]
SIZE = 7.5


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from ``low`` to ``high`` over ``length`` points, beginning at ``start``."""

    low: float
    high: float
    length: float
    start: float = 0.0

    def at(self, value: Fraction | float) -> float:
        """Where a value stands; beyond the ends, at the end."""
        share = (float(value) - self.low) / (self.high - self.low)
        return self.start + self.length * min(max(share, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Band:
    """A predicate and the index it begins at."""

    name: str
    lower_bound: Fraction


def mark_sign(key: str, x: float, y: float, size: float = 4.0) -> Group:
    """The sign of a figure with its middle at a point; each figure has a shape of its own."""
    edge = {"strokeColor": PAPER, "strokeWidth": 0.8}
    sign = Group()
    match key:
        case "baseline" | PointKind.OFFICIAL:
            sign.add(Circle(x, y, size, fillColor=INK, **edge))
        case "secured" | PointKind.PROJECTED:
            sign.add(Rect(x - size, y - size, 2 * size, 2 * size, fillColor=DONE, **edge))
        case "expected":
            height = 1.3 * size
            corners = (x - height, y - size, x, y + height, x + height, y - size)
            sign.add(Polygon(corners, fillColor=ACCENT, **edge))
        case "potential":
            far = 1.25 * size
            diamond = (x, y - far, x + far, y, x, y + far, x - far, y)
            sign.add(Polygon(diamond, fillColor=PAPER, strokeColor=ACCENT, strokeWidth=1.2))
        case _:
            sign.add(Circle(x, y, size, fillColor=PAPER, strokeColor=INK, strokeWidth=1.2))
            sign.add(Circle(x, y, size / 2.6, fillColor=INK, strokeColor=None))
    return sign


def scale(
    marks: Sequence[Mark], bands: Sequence[Band], ends: tuple[Fraction, Fraction], width: float, shown: Shown
) -> Drawing:
    """The scale of the index with the predicates as bands, and every figure as a labelled mark."""
    axis = Axis(float(ends[0]), float(ends[1]), width)
    step = 12.0
    height = 36 + step * len(marks)
    drawing = Drawing(width, height)
    strip = height - 34
    _bands(drawing, bands, axis, strip, shown)
    middle = (axis.low + axis.high) / 2
    left = sorted((each for each in marks if each.value < middle), key=lambda each: -each.value)
    right = sorted((each for each in marks if each.value >= middle), key=lambda each: each.value)
    lines = [(mark, strip - step * number - 4) for number, mark in enumerate((*right, *left), start=1)]
    for mark, y in lines:
        x = axis.at(mark.value)
        drawing.add(
            Line(x, strip, x, y + 3, strokeColor=LINE_STRONG, strokeDashArray=(2, 2), strokeWidth=0.6)
        )
    for mark, y in lines:
        x, is_before = axis.at(mark.value), mark.value >= middle
        drawing.add(mark_sign(mark.key, x, strip + 6))
        drawing.add(mark_sign(mark.key, x, y + 2.6, 3.2))
        _label(
            drawing, printable(mark.label), shown(mark.value), (x - 8 if is_before else x + 8, y), is_before
        )
    return drawing


def _bands(drawing: Drawing, bands: Sequence[Band], axis: Axis, strip: float, shown: Shown) -> None:
    in_order = sorted(bands, key=lambda band: band.lower_bound)
    ends = [float(band.lower_bound) for band in in_order[1:]] + [axis.high]
    for number, (band, end) in enumerate(zip(in_order, ends, strict=True)):
        x, until = axis.at(band.lower_bound), axis.at(end)
        fill = BANDS[min(number, len(BANDS) - 1)]
        drawing.add(Rect(x, strip, until - x, 12, fillColor=fill, strokeColor=LINE_STRONG, strokeWidth=0.4))
        drawing.add(string((x + until) / 2, strip + 26, printable(band.name), "middle", INK))
        if number:
            drawing.add(string(x, strip + 15, shown(band.lower_bound), "middle", QUIET, size=6.5))
    for x, value, anchor in ((axis.at(axis.low), axis.low, "start"), (axis.at(axis.high), axis.high, "end")):
        drawing.add(string(x, strip + 15, f"{value:g}", anchor, QUIET, size=6.5))


def _label(drawing: Drawing, words: str, figure: str, place: tuple[float, float], is_before: bool) -> None:
    """Words and their figure in bold, ending (``is_before``) or beginning at a place."""
    x, y = place
    length = stringWidth(f"{words} ", PLAIN, SIZE)
    start = x - length - stringWidth(figure, BOLD, SIZE) if is_before else x
    full = length + stringWidth(figure, BOLD, SIZE)
    drawing.add(Rect(start - 2, y - 2, full + 4, SIZE + 2.5, fillColor=PAPER, strokeColor=None))
    drawing.add(string(start, y, words, "start", INK))
    drawing.add(string(start + length, y, figure, "start", INK, font=BOLD))


def share_bar(value: Fraction, late: Fraction, most: Fraction, width: float, height: float = 7) -> Drawing:
    """A part of the longest bar; what is late of it is hatched."""
    drawing = Drawing(width, height)
    drawing.add(Rect(0, 0, width, height, fillColor=TRACK, strokeColor=None))
    axis = Axis(0, float(most) or 1.0, width)
    drawing.add(Rect(0, 0, axis.at(value), height, fillColor=ACCENT, strokeColor=None))
    end = axis.at(min(late, value))
    if end > 0:
        drawing.add(Rect(0, 0, end, height, fillColor=ALARM, strokeColor=None))
        _hatch(drawing, end, height)
    return drawing


def level_bar(
    values: tuple[Fraction, Fraction], tick: Fraction | None, axis: Axis, height: float = 7
) -> Drawing:
    """Baseline (dark) and secured on the scale, and a tick where the national average stands."""
    start, secured = values
    drawing = Drawing(axis.length, height)
    drawing.add(Rect(0, 1, axis.length, height - 2, fillColor=TRACK, strokeColor=None))
    drawing.add(Rect(0, 1, axis.at(max(start, secured)), height - 2, fillColor=DONE, strokeColor=None))
    drawing.add(Rect(0, 1, axis.at(min(start, secured)), height - 2, fillColor=INK, strokeColor=None))
    if tick is not None:
        x = axis.at(tick)
        drawing.add(Line(x, -0.5, x, height + 0.5, strokeColor=PAPER, strokeWidth=2.6))
        drawing.add(Line(x, -0.5, x, height + 0.5, strokeColor=ALARM, strokeWidth=1.4))
    return drawing


def _hatch(drawing: Drawing, width: float, height: float) -> None:
    x = 2.0
    while x < width:
        top = min(x + height, width)
        drawing.add(Line(x, 0, top, top - x, strokeColor=PAPER, strokeWidth=0.7))
        x += 3.5


def arrow(width: float = 14) -> Drawing:
    """An arrow to the right, between two figures."""
    drawing = Drawing(width, 10)
    drawing.add(Line(1, 5, width - 4, 5, strokeColor=QUIET, strokeWidth=1.2))
    drawing.add(Polygon((width - 5, 1.6, width - 1, 5, width - 5, 8.4), fillColor=QUIET, strokeColor=None))
    return drawing


def sign(key: str, size: float = 9) -> Drawing:
    """The sign of a figure alone."""
    drawing = Drawing(size, size)
    drawing.add(mark_sign(key, size / 2, size / 2, size * 0.4))
    return drawing


def string(
    x: float, y: float, words: str, anchor: str, color: object, *, font: str = PLAIN, size: float = SIZE
) -> String:
    """Words that begin, end or have their middle (``anchor``) at a point."""
    return String(x, y, words, textAnchor=anchor, fillColor=color, fontName=font, fontSize=size)
