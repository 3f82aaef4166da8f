"""The names beside the numbers of a table: one to three lines each, parted where the gap is widest."""

from collections.abc import Sequence
from itertools import pairwise

from spbe_tasks.readers.lhe_numbers import Anchor, tokens
from spbe_tasks.readers.page_text import Line

# Within half a line of the number a line stands beside it.
_BESIDE = 0.5
# Gaps that differ by less than this share of a line are equal; then text goes on in the row it began in.
_EQUAL = 0.1
# Lines of one row are no further apart than this.
_WIDE = 1.2
# Above the first number and below the last one text belongs to the row only when it is close.
_HEAD_ROOM = 3
_NEXT_LINE = 1.3


def read_names(anchors: Sequence[Anchor], lines: Sequence[Line], *, unit: float, known: str) -> list[str]:
    """The name of every row; ``known`` is the official name of the first.

    ``lines`` are those between the left of the numbers and the first column of values.
    """
    edge = max(anchor.word.right for anchor in anchors)
    texts = [text for text in (_right_of(edge, line) for line in lines) if text.words]
    heights = [anchor.word.middle for anchor in anchors]
    bounds = [
        _boundary(upper, lower, [_middle(text) for text in texts], unit) for upper, lower in pairwise(heights)
    ]
    rows: list[list[Line]] = [[] for _ in anchors]
    for text in texts:
        index = sum(bound < _middle(text) for bound in bounds)
        row = rows[index]
        is_above = index == 0 and _middle(text) < heights[0] - _BESIDE * unit
        is_below = index == len(bounds) and _middle(text) > heights[-1] + _BESIDE * unit
        if is_above and not _names_first(text, heights[0], unit, known):
            continue
        if is_below and not (row and _goes_on(row[-1], text, unit)):
            continue
        row.append(text)
    return [" ".join(line.text for line in row) for row in rows]


def _right_of(edge: float, line: Line) -> Line:
    return Line(line.page, tuple(word for word in line.words if word.left >= edge))


def _middle(line: Line) -> float:
    return line.words[0].middle


def _boundary(upper: float, lower: float, middles: Sequence[float], unit: float) -> float:
    """Where the widest gap between two numbers begins; of equal gaps the last, and so if none is wide."""
    own = min(middles, key=lambda middle: abs(middle - lower), default=lower)
    has_own = abs(own - lower) <= _EQUAL * unit
    last = lower - _EQUAL * unit if has_own else lower - _BESIDE * unit
    points = [upper, *(m for m in middles if upper + _EQUAL * unit < m < last), lower]
    gaps = [(after - point, point) for point, after in pairwise(points)]
    widest = max(gap for gap, _ in gaps)
    if has_own and widest < _WIDE * unit:
        return last
    return max(point for gap, point in gaps if gap > widest - _EQUAL * unit) + _EQUAL * unit / 2


def _names_first(text: Line, height: float, unit: float, known: str) -> bool:
    """Whether text above the first number is the beginning of its name, and not the head of the table."""
    return height - _middle(text) < _HEAD_ROOM * unit and tokens(text.text) <= tokens(known)


def _goes_on(last: Line, text: Line, unit: float) -> bool:
    return text.page == last.page and _middle(text) - _middle(last) <= _NEXT_LINE * unit
