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
    """An indicator whose lines are being gathered."""

    number: str
    row: int
    words: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether there is a name and a level after it."""
        return len(self.words) > 1 and _DECIMAL_LEVEL.fullmatch(self.words[-1]) is not None


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
        if record and not record.is_complete and record.words and _is_level_alone(words):
            record.words.append(words[0])
            continue
        start = _START.fullmatch(" ".join(words))
        if start:
            if record:
                yield record
            record = _Record(start[1], row, (start[2] or "").split())
        elif record and not record.is_complete:
            record.words += words
    if record:
        yield record


def _is_level_alone(words: list[str]) -> bool:
    return len(words) == 1 and (words[0] == "-" or read_level(words[0]) is not None)
