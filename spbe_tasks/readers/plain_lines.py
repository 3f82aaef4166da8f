"""Reads lines such as ``1  Kebijakan Internal ...  3``, copied out of a PDF or a page: number first, level last."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from spbe_tasks.readers.document import Place, Row
from spbe_tasks.readers.written import read_level

_FEWEST_ROWS = 3  # fewer are prose that happens to begin with a number
_LONGEST_LINE = 1_000
_START = re.compile(r"(\d{1,3})[.)]?(?:\s+(.*))?", re.ASCII)
_DECIMAL_LEVEL = re.compile(r"-?\d{1,3}(?:[.,]\d{1,6})?|-", re.ASCII)


@dataclass(slots=True)
class _Record:
    """An indicator whose lines are being gathered. ``has_own_lines``: each of its cells fills lines of its own."""

    number: str
    row: int
    words: list[str] = field(default_factory=list)
    has_own_lines: bool = False
    has_level: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether there is a name and a level after it."""
        if self.has_own_lines:
            return self.has_level
        return len(self.words) > 1 and _DECIMAL_LEVEL.fullmatch(self.words[-1]) is not None

    def takes_as_level(self, words: list[str]) -> bool:
        """Whether a line with nothing but a number is the level, also after a name that ends in a number."""
        if len(words) != 1 or not self.words or self.has_level:
            return False
        is_next = words[0] == str(int(self.number) + 1) and self.is_complete
        return not is_next and (words[0] == "-" or read_level(words[0]) is not None)


def read_lines(text: str) -> list[Row]:
    """The rows among the lines; empty when they look like no table. A name may run over several lines."""
    records = [record for record in _records(text) if record.is_complete]
    if len(records) < _FEWEST_ROWS:
        return []
    return [
        Row(
            number=record.number,
            level=record.words[-1],
            place=Place(row=record.row),
            name=" ".join(record.words[:-1]),
        )
        for record in records
    ]


def _records(text: str) -> Iterator[_Record]:
    record: _Record | None = None
    for row, line in enumerate(text.splitlines(), start=1):
        words = line[:_LONGEST_LINE].split()
        if not words:
            continue
        if record and record.takes_as_level(words):
            record.words.append(words[0])
            record.has_level = True
            continue
        start = _START.fullmatch(" ".join(words))
        if start:
            if record:
                yield record
            record = _Record(start[1], row, (start[2] or "").split(), has_own_lines=not start[2])
        elif record and not record.is_complete:
            record.words += words
    if record:
        yield record
