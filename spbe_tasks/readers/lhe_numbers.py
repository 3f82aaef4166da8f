"""The indicator numbers of the table of levels: the rising chain of them that fits an instrument best."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spbe_tasks.readers.page_text import Line, Word
from spbe_tasks.rules.instrument import Instrument

LEVEL = re.compile(r"\d(?:[.,]\d{1,2})?", re.ASCII)

_NUMBER = re.compile(r"(?:indikator[-.]?)?(\d{1,3})[.):]?", re.IGNORECASE | re.ASCII)
_LABEL = re.compile(r"indikator", re.IGNORECASE)
_TOKEN = re.compile(r"\w{2,}")

# What stands within this many line heights above or below a number may belong to its row.
NEAR = 1.7
# Numbers of one column start or end together; columns are told apart in steps of so many points.
_STEP = 6
_MAX_COLUMNS = 12
_MAX_CANDIDATES = 4000
# A number counts one, the words of the indicator's name beside it two, something like a level one.
_NAME_POINTS = 2
_FULL_POINTS = 4


@dataclass(frozen=True, slots=True)
class Anchor:
    """An indicator number as it stands in the flow of the report."""

    number: int
    page: int
    word: Word


@dataclass(frozen=True, slots=True)
class Chain:
    """Anchors with rising numbers, and how well they fit: 1 is every indicator with its name and a level."""

    anchors: tuple[Anchor, ...]
    fit: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    anchor: Anchor
    tokens: frozenset[str]
    has_level: bool


def find_chain(lines: Sequence[Line], instrument: Instrument, unit: float) -> Chain:
    """The best chain of the instrument's numbers in these lines; ``unit`` is the height of a line."""
    names = _names(instrument)
    candidates = [c for c in _candidates(lines, unit) if c.anchor.number in names][:_MAX_CANDIDATES]
    chains = [_rising(column, names) for column in _columns(candidates)]
    return max(chains, key=lambda chain: chain.fit, default=Chain((), 0.0))


def _names(instrument: Instrument) -> Mapping[int, frozenset[str]]:
    """The telling words of each indicator's name, keyed by its number."""
    names = {indicator.number: tokens(indicator.name_id) for indicator in instrument.indicators}
    common = Counter(token for name in names.values() for token in name)
    return {
        number: frozenset(token for token in name if common[token] <= len(names) / 2) or name
        for number, name in names.items()
    }


def tokens(text: str) -> frozenset[str]:
    """The words of a text, without regard to case and order."""
    return frozenset(_TOKEN.findall(text.casefold()))


def _candidates(lines: Sequence[Line], unit: float) -> Iterator[_Candidate]:
    middles = [line.words[0].middle for line in lines]
    for index, line in enumerate(lines):
        for anchor in _anchors(line):
            first = bisect_left(middles, anchor.word.middle - NEAR * unit, hi=index)
            last = bisect_left(middles, anchor.word.middle + NEAR * unit, lo=index)
            around = [word for near in lines[first:last] for word in near.words]
            beside = [word for word in around if word.left > anchor.word.right]
            yield _Candidate(
                anchor,
                frozenset(token for word in beside for token in tokens(word.text)),
                any(LEVEL.fullmatch(word.text) for word in beside),
            )


def _anchors(line: Line) -> Iterator[Anchor]:
    """Every word of the line that may number a row, with "Indikator" in front of it when it stands there."""
    before = None
    for word in line.words:
        match = _NUMBER.fullmatch(word.text)
        if match:
            is_labelled = before is not None and _LABEL.fullmatch(before.text)
            left = before.left if before is not None and is_labelled else word.left
            yield Anchor(int(match[1]), line.page, replace(word, left=left))
        before = word


def _columns(candidates: Sequence[_Candidate]) -> Iterator[list[_Candidate]]:
    """The candidates by column: those that stand above one another; columns may share some."""
    steps: dict[int, list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        steps[round(candidate.anchor.word.centre / _STEP)].append(candidate)
    fullest = sorted(steps.values(), key=lambda step: -len({c.anchor.number for c in step}))
    for step in fullest[:_MAX_COLUMNS]:
        left = min(c.anchor.word.left for c in step)
        right = max(c.anchor.word.right for c in step)
        yield [c for c in candidates if c.anchor.word.left < right and left < c.anchor.word.right]


def _rising(candidates: Sequence[_Candidate], names: Mapping[int, frozenset[str]]) -> Chain:
    """The chain of rising numbers with the most points; of equals the one that stands first."""
    best: dict[int, tuple[float, tuple[Anchor, ...]]] = {}
    for candidate in candidates:
        number = candidate.anchor.number
        before = max(
            (best[lower] for lower in best if lower < number), key=lambda chain: chain[0], default=(0.0, ())
        )
        points = before[0] + _points(candidate, names[number])
        if number not in best or points > best[number][0]:
            best[number] = (points, (*before[1], candidate.anchor))
    points, anchors = max(best.values(), key=lambda chain: chain[0], default=(0.0, ()))
    return Chain(anchors, points / (_FULL_POINTS * len(names)))


def _points(candidate: _Candidate, name: frozenset[str]) -> float:
    share = len(name & candidate.tokens) / len(name) if name else 0.0
    return 1 + _NAME_POINTS * share + candidate.has_level
