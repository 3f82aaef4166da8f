"""A report as one long page: without running heads and feet, every page set below the one before."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from spbe_tasks.readers.page_text import Line

Pages = Sequence[tuple[Line, ...]]

# Running heads and feet are looked for among this many outermost lines of a page.
_OUTERMOST = 3
# They repeat at the same height, give or take this many points.
_SAME_HEIGHT = 4
# So many letters on so many pages are no accident; fewer must count up with the pages, and on half of them.
_TELLING_LETTERS = 8
_TELLING_PAGES = 3
_COUNTING_SHARE = 0.5

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Running:
    """A line that runs through the report: where it stands, page by page."""

    lines: Mapping[int, Line]

    def began_before(self, page: int) -> bool:
        """Whether it runs already before ``page``: then it is no head of a table that starts there."""
        return min(self.lines) < page


def running_lines(pages: Pages) -> dict[Line, Running]:
    """The running heads and feet, page numbers among them, keyed by the line."""
    groups: dict[tuple[str, int], dict[int, Line]] = defaultdict(dict)
    for lines in pages:
        for line in (*lines[:_OUTERMOST], *lines[-_OUTERMOST:]):
            height = round(line.top / _SAME_HEIGHT)
            for neighbour in (height, height + 1):  # so that no boundary parts what stands together
                groups[_DIGITS.sub("#", line.text), neighbour][line.page] = line
    found = [Running(group) for group in groups.values() if _is_running(group, len(pages))]
    return {line: running for running in found for line in running.lines.values()}


def _is_running(group: Mapping[int, Line], pages: int) -> bool:
    if len(group) < _TELLING_PAGES:
        return False
    letters = sum(character.isalpha() for character in next(iter(group.values())).text)
    return letters >= _TELLING_LETTERS or (len(group) >= _COUNTING_SHARE * pages and _counts_pages(group))


def _counts_pages(group: Mapping[int, Line]) -> bool:
    """Whether a number in the line grows from page to page as the pages do."""
    numbers = {page: [int(digits) for digits in _DIGITS.findall(line.text)] for page, line in group.items()}
    return any(
        all(later[place] - earlier[place] == there - here for (here, earlier), (there, later) in steps)
        for steps in [list(pairwise(sorted(numbers.items())))]
        for place in range(len(next(iter(numbers.values()))))
    )


def unroll(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines with their heights counted on from page to page; pages come in order, lines keep theirs."""
    result: list[Line] = []
    shift = 0.0
    page = None
    for line in lines:
        if line.page != page:
            end = max((done.bottom for done in result), default=0.0)
            shift, page = end - line.top, line.page
        result.append(_moved(line, shift))
    return tuple(result)


def _moved(line: Line, shift: float) -> Line:
    words = (replace(word, top=word.top + shift, bottom=word.bottom + shift) for word in line.words)
    return Line(line.page, tuple(words))
