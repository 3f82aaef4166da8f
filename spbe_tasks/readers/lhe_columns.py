"""The columns of values beside the rows of a table: where they are, what their head says, and which counts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spbe_tasks.readers.page_text import Line, Word, overlap

_YEAR = re.compile(r"(20\d\d)", re.ASCII)
_OTHER = re.compile(r"target|bobot|selisih|kenaikan|peningkatan|penurunan|perubahan|gap", re.IGNORECASE)
_PREVIOUS = re.compile(r"sebelum|lalu|lama|awal", re.IGNORECASE)

# A column has values beside at least this share of the rows.
_SHARE = 0.4
_STEP = 6
# Words of a head closer than this share of their height belong together.
_TOGETHER = 0.6


@dataclass(frozen=True, slots=True)
class Column:
    """Where a column stands, from left to right in points, and the words of its head."""

    left: float
    right: float
    head: str = ""

    @property
    def year(self) -> int | None:
        """The year in its head."""
        match = _YEAR.search(self.head)
        return int(match[1]) if match else None

    def holds(self, word: Word) -> bool:
        """Whether the middle of the word lies in this column."""
        return self.left <= word.centre <= self.right


@dataclass(frozen=True, slots=True)
class Choice:
    """The column that holds the levels, and the one of the year before, if there is one."""

    level: Column
    previous: Column | None = None


def find_columns(values: Sequence[Word], rows: int, head: Iterable[Line]) -> list[Column]:
    """The columns that these words form, from left to right, with what stands above them in ``head``."""
    steps: dict[int, list[Word]] = defaultdict(list)
    for word in values:
        steps[round(word.centre / _STEP)].append(word)
    columns: list[Column] = []
    for step in sorted(steps.values(), key=len, reverse=True):
        seed = Word("", min(w.left for w in step), max(w.right for w in step), 0, 0)
        members = [word for word in values if overlap(word, seed)]
        left, right = min(w.left for w in members), max(w.right for w in members)
        is_new = all(right <= column.left or column.right <= left for column in columns)
        if is_new and len(members) >= max(1, rows * _SHARE):
            columns.append(Column(left, right))
    return _headed(sorted(columns, key=lambda column: column.left), head)


def _headed(columns: Sequence[Column], head: Iterable[Line]) -> list[Column]:
    """The columns with the words above them; a word belongs to the nearest column, if it is near at all."""
    if not columns:
        return []
    centres = [(column.left + column.right) / 2 for column in columns]
    reach = min((b - a for a, b in pairwise(centres)), default=100.0) / 2
    words: dict[int, list[str]] = defaultdict(list)
    for line in head:
        for phrase in _phrases(line):
            nearest = min(range(len(columns)), key=lambda index: abs(centres[index] - phrase.centre))
            if abs(centres[nearest] - phrase.centre) <= reach:
                words[nearest].append(phrase.text)
    return [Column(c.left, c.right, " ".join(words[index])) for index, c in enumerate(columns)]


def _phrases(line: Line) -> list[Word]:
    """The words of a line, those that stand together as one."""
    phrases: list[Word] = []
    for word in line.words:
        if phrases and word.left - phrases[-1].right < _TOGETHER * word.height:
            last = phrases.pop()
            phrases.append(Word(f"{last.text} {word.text}", last.left, word.right, last.top, last.bottom))
        else:
            phrases.append(word)
    return phrases


def choose(columns: Sequence[Column]) -> Choice:
    """Which of at least one column counts: the newest year, or else the last that is not of a year before."""
    useful = [column for column in columns if not _OTHER.search(column.head)] or list(columns)
    dated = sorted((c for c in useful if c.year is not None), key=lambda column: column.year or 0)
    if dated:
        return Choice(dated[-1], dated[-2] if len(dated) > 1 else _previous(useful, dated[-1]))
    past = [column for column in useful if _PREVIOUS.search(column.head)]
    present = [column for column in useful if column not in past] or useful
    if past:
        return Choice(present[-1], past[-1])
    return Choice(present[-1], present[0] if len(present) == 2 else None)


def _previous(columns: Sequence[Column], level: Column) -> Column | None:
    past = [column for column in columns if column != level and _PREVIOUS.search(column.head)]
    return past[-1] if past else None
