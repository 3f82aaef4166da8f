"""The table of levels of an evaluation report: finds it below its heading and reads its rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spbe_tasks.readers.document import Place, Row
from spbe_tasks.readers.lhe_blocks import Block, read_blocks
from spbe_tasks.readers.lhe_cells import cells_in, match
from spbe_tasks.readers.lhe_columns import Choice, Column, choose, find_columns
from spbe_tasks.readers.lhe_flow import Pages, Running, running_lines, unroll
from spbe_tasks.readers.lhe_numbers import LEVEL, Chain, find_chain
from spbe_tasks.readers.page_text import Line, Word, line_height
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Instrument

HEADING = "Perolehan Nilai Tingkat Kematangan Indikator"

_HEADING = re.compile(
    r"perolehan\s+nilai\s+tingkat\s+kematangan\s+(?:\w+\s+){0,3}?indikator", re.IGNORECASE | re.ASCII
)
_MAX_HEADINGS = 8  # contents, lists of tables, running heads
_DASHES = frozenset({"-", "–", "—", "−"})

# Distances in line heights: how far above the first number its head and name, below the last its value may stand.
_HEAD_ABOVE, _ROW_ABOVE, _ROW_BELOW = 10, 4.5, 4.5
# Fewer of an instrument's indicators than this share are no table of levels.
_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Table:
    """The rows, the instrument that they fit best, and the years that the heads of the columns name."""

    rows: tuple[Row, ...]
    instrument: Instrument
    year: int | None
    previous_year: int | None


class _Start(NamedTuple):
    """A heading: its page, and the number of the line within it."""

    page: int
    line: int


class _Found(NamedTuple):
    start: _Start
    instrument: Instrument
    chain: Chain
    unit: float


def read_table(pages: Pages, instruments: Sequence[Instrument]) -> Table:
    """The table below the last heading that has all of it; raises InvalidInputError ``file.no_level_table``."""
    running = running_lines(pages)
    found = max(_attempts(pages, instruments, running), key=lambda f: f.chain.fit, default=None)
    if found is None or len(found.chain.anchors) < _LEAST * len(found.instrument.indicators):
        raise InvalidInputError.of("file.no_level_table", heading=HEADING)
    head = _head(pages, found, running)
    lines = _flow_without_heads(pages, found, running, head)
    chain = find_chain(lines, found.instrument, found.unit)
    return _read(lines, found._replace(chain=chain), head)


def _attempts(
    pages: Pages, instruments: Sequence[Instrument], running: dict[Line, Running]
) -> Iterator[_Found]:
    """What follows each heading, the last heading first, read against each instrument."""
    for start in reversed(_starts(pages)):
        lines = unroll(_after(pages, start, running))
        if lines:
            unit = line_height(lines)
            for instrument in instruments:
                yield _Found(start, instrument, find_chain(lines, instrument, unit), unit)


def _starts(pages: Pages) -> list[_Start]:
    """Where the heading stands, on one line or over two."""
    found: list[_Start] = []
    for lines in pages:
        for index, line in enumerate(lines):
            following = lines[index + 1].text if index + 1 < len(lines) else ""
            if _HEADING.search(line.text):
                found.append(_Start(line.page, index))
            elif _HEADING.search(f"{line.text} {following}") and not _HEADING.search(following):
                found.append(_Start(line.page, index + 1))
    return found[:_MAX_HEADINGS]


def _after(pages: Pages, start: _Start, running: dict[Line, Running]) -> Iterator[Line]:
    """The lines below a heading, without heads and feet that ran before it (a table's own head may run on)."""
    for lines in pages[start.page - 1 :]:
        for index, line in enumerate(lines):
            is_below = line.page > start.page or index > start.line
            if is_below and not (line in running and running[line].began_before(start.page)):
                yield line


def _head(pages: Pages, found: _Found, running: dict[Line, Running]) -> list[Line]:
    """The lines between the heading and the first number, as far as they can be the head of the table."""
    first = found.chain.anchors[0].word
    top = first.top - _HEAD_ABOVE * found.unit
    flow = unroll(_after(pages, found.start, running))
    return [line for line in flow if top <= line.top and line.bottom <= first.top + found.unit / 2]


def _flow_without_heads(
    pages: Pages, found: _Found, running: dict[Line, Running], head: Sequence[Line]
) -> tuple[Line, ...]:
    """The flow below the heading without any running line, and without the table's head on later pages."""
    first_page = found.chain.anchors[0].page
    repeated = {line.text for line in head}
    lines = (line for line in _after(pages, found.start, running) if line not in running)
    return unroll(
        line
        for line in lines
        if line.page == first_page or not (line.text in repeated or _HEADING.search(line.text))
    )


def _read(lines: Sequence[Line], found: _Found, head: Sequence[Line]) -> Table:
    anchors, unit = found.chain.anchors, found.unit
    top = anchors[0].word.middle - _ROW_ABOVE * unit
    bottom = anchors[-1].word.middle + _ROW_BELOW * unit
    body = [line for line in lines if top <= line.words[0].middle <= bottom]
    values = frozenset(_values(body, found))
    columns = find_columns(list(values), len(anchors), head)
    if not columns:
        raise InvalidInputError.of("file.no_level_table", heading=HEADING)
    choice = choose(columns)
    blocks = _blocks(body, found, columns[0])
    levels = match(blocks, cells_in(body, choice.level, values), unit)
    before = match(blocks, cells_in(body, choice.previous, values) if choice.previous else [], unit)
    rows = tuple(
        Row(
            number=str(anchor.number),
            level=level.text if level else "",
            place=Place(page=anchor.page),
            name=block.name,
            previous=previous.text if previous else "",
        )
        for anchor, block, level, previous in zip(anchors, blocks, levels, before, strict=True)
    )
    return Table(rows, found.instrument, choice.level.year, _previous_year(choice))


def _previous_year(choice: Choice) -> int | None:
    return choice.previous.year if choice.previous else None


def _values(body: Sequence[Line], found: _Found) -> Iterator[Word]:
    """Every word right of the numbers that is written like a level, or like "not assessed"."""
    edge = max(anchor.word.right for anchor in found.chain.anchors)
    blank = {token.casefold() for token in found.instrument.not_assessed_tokens if token} | _DASHES
    for line in body:
        for word in line.words:
            if word.left >= edge and (LEVEL.fullmatch(word.text) or word.text.casefold() in blank):
                yield word


def _blocks(body: Sequence[Line], found: _Found, column: Column) -> list[Block]:
    """The rows by what stands between the numbers and the first column of values."""
    lines = [Line(line.page, tuple(w for w in line.words if w.centre < column.left)) for line in body]
    first = found.instrument.indicator(found.chain.anchors[0].number).name_id
    return read_blocks(
        found.chain.anchors, [line for line in lines if line.words], unit=found.unit, known=first
    )
