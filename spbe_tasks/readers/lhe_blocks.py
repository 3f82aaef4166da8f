"""The rows of a table around their numbers: names of one to three lines, parted where the gap is widest."""

from collections.abc import Sequence
from dataclasses import dataclass
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
_HEAD_ROOM = 4.5
_NEXT_LINE = 1.3


@dataclass(frozen=True, slots=True)
class Block:
    """The heights between which a row lies, and its name."""

    top: float
    bottom: float
    name: str

    def distance(self, height: float) -> float:
        """How far outside the row a height is; 0 within it."""
        return max(self.top - height, height - self.bottom, 0.0)


def read_blocks(anchors: Sequence[Anchor], lines: Sequence[Line], *, unit: float, known: str) -> list[Block]:
    """The block of every row; ``known`` is the official name of the first.

    ``lines`` are those between the left of the numbers and the first column of values.
    """
    edge = max(anchor.word.right for anchor in anchors)
    texts = [text for text in (_right_of(edge, line) for line in lines) if text.words]
    heights = [anchor.word.middle for anchor in anchors]
    middles = [_middle(text) for text in texts]
    bounds = [_boundary(upper, lower, middles, unit) for upper, lower in pairwise(heights)]
    rows: list[list[Line]] = [[] for _ in anchors]
    for text in texts:
        index = sum(bound < _middle(text) for bound in bounds)
        if _belongs(text, index, rows, heights, unit=unit, known=known):
            rows[index].append(text)
    first = min([heights[0], *map(_middle, rows[0])]) - _EQUAL * unit
    last = max([heights[-1], *map(_middle, rows[-1])]) + _EQUAL * unit
    edges = pairwise([first, *bounds, last])
    names = [" ".join(line.text for line in row) for row in rows]
    return [Block(top, bottom, name) for (top, bottom), name in zip(edges, names, strict=True)]


def _belongs(
    text: Line,
    index: int,
    rows: Sequence[Sequence[Line]],
    heights: Sequence[float],
    *,
    unit: float,
    known: str,
) -> bool:
    """Whether text is of the row it stands at: above the first and below the last row there is other text."""
    if index == 0 and _middle(text) < heights[0] - _BESIDE * unit:
        return _names_first(text, heights[0], unit, known)
    if index == len(rows) - 1 and _middle(text) > heights[-1] + _BESIDE * unit:
        return bool(rows[index]) and _goes_on(rows[index][-1], text, unit)
    return True


def _right_of(edge: float, line: Line) -> Line:
    return Line(line.page, tuple(word for word in line.words if word.left >= edge))


def _middle(line: Line) -> float:
    return line.words[0].middle


def _boundary(upper: float, lower: float, middles: Sequence[float], unit: float) -> float:
    """The middle of the widest gap between two numbers; of equal gaps the last, and so if none is wide."""
    own = min(middles, key=lambda middle: abs(middle - lower), default=lower)
    has_own = abs(own - lower) <= _EQUAL * unit
    last = lower - _EQUAL * unit if has_own else lower - _BESIDE * unit
    points = [upper, *(m for m in middles if upper + _EQUAL * unit < m < last), lower]
    gaps = [(after - point, point) for point, after in pairwise(points)]
    widest = max(gap for gap, _ in gaps)
    if has_own and widest < _WIDE * unit:
        return last
    gap, point = max((g for g in gaps if g[0] > widest - _EQUAL * unit), key=lambda g: g[1])
    return point + gap / 2


def _names_first(text: Line, height: float, unit: float, known: str) -> bool:
    """Whether text above the first number is the beginning of its name, and not the head of the table."""
    return height - _middle(text) < _HEAD_ROOM * unit and tokens(text.text) <= tokens(known)


def _goes_on(last: Line, text: Line, unit: float) -> bool:
    return text.page == last.page and _middle(text) - _middle(last) <= _NEXT_LINE * unit
