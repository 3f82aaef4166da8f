"""Which printed figure is which: the labels of a table of figures against those expected, both in order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from spbe_tasks.rules.instrument import Instrument

_WORD = re.compile(r"[^\W\d_]{3,}")
# Forms of a word agree in their first letters: penyelenggara, penyelenggaraan.
_STEM = 8
# In a table with exactly the expected figures, the order tells even where a label does not.
_ORDER_POINTS = 0.05
_LEAST_LIKENESS = 0.3


# Points, and the pairs that earned them.
_Alignment = tuple[float, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Expected:
    """A figure of the instrument: kind (index, domain or aspect), number, and the words of its label."""

    kind: str
    number: int
    words: frozenset[str]


def expected_figures(instrument: Instrument) -> list[Expected]:
    """The figures in the order in which reports list them: index, then each domain with its aspects."""
    figures = [Expected("index", 0, frozenset({"spbe"}))]
    for domain in instrument.domains:
        if not domain.is_synthetic:
            figures.append(Expected("domain", domain.number, _words(f"domain {domain.name_id}")))
        figures += [Expected("aspect", a.number, _words(a.name_id)) for a in domain.aspects]
    return figures


def _words(text: str) -> frozenset[str]:
    words = {word[:_STEM] for word in _WORD.findall(text.casefold())}
    return frozenset(words - {"aspek", "indeks", "nilai"})


def align(expected: Sequence[Expected], labels: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of (place in ``expected``, place in ``labels``), rising on both sides, of the greatest likeness."""
    is_complete = len(expected) == len(labels)
    best: list[list[_Alignment]] = [[(0.0, ())] * (len(labels) + 1)]
    for place, figure in enumerate(expected):
        row: list[_Alignment] = [best[-1][0]]
        for index, label in enumerate(labels):
            points = _likeness(figure, label)
            total, pairs = best[-1][index]
            options = [best[-1][index + 1], row[index]]
            if is_complete:
                options.append((total + points + _ORDER_POINTS, (*pairs, (place, index))))
            elif points >= _LEAST_LIKENESS:
                options.append((total + points, (*pairs, (place, index))))
            row.append(max(options, key=lambda option: option[0]))
        best.append(row)
    return list(best[-1][-1][1])


def _likeness(figure: Expected, label: str) -> float:
    """From 0 to 1: the share of words that both have."""
    words = _words(label)
    if figure.kind == "index":
        return 1.0 if words <= {"spbe", "pemdi"} and words else 0.0
    shared = 2 * len(words & figure.words) / max(len(words) + len(figure.words), 1)
    is_domain = "domain" in words
    return shared if is_domain == (figure.kind == "domain") else shared / 2
