"""Words of a page by their place, and the lines they form. Pure geometry: knows no PDF and no report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

# Words whose middles differ by less than this share of their height stand on one line.
_SAME_LINE = 0.22


@dataclass(frozen=True, slots=True)
class Word:
    """A word in points, measured from the left and the top of the page as it is seen."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half way between top and bottom."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """Half way between left and right."""
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        """The height of its line, about 1.2 times the size of the font."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on one line, from left to right; ``page`` counts from 1."""

    page: int
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def top(self) -> float:
        """The highest top of its words."""
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """The lowest bottom of its words."""
        return max(word.bottom for word in self.words)


def lines_of(page: int, words: Iterable[Word]) -> tuple[Line, ...]:
    """The words of a page as lines, from top to bottom."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.middle):
        if lines and word.middle - lines[-1][0].middle < _SAME_LINE * min(word.height, lines[-1][0].height):
            lines[-1].append(word)
        else:
            lines.append([word])
    return tuple(Line(page, tuple(sorted(line, key=lambda word: word.left))) for line in lines)


def line_height(lines: Sequence[Line]) -> float:
    """The usual height of a word in these lines: the unit that distances are measured in."""
    return median(word.height for line in lines for word in line.words)


def overlap(one: Word, other: Word) -> bool:
    """Whether one stands above the other, at least in part."""
    return one.left < other.right and other.left < one.right
