"""The names of evidence files in the ministry's upload: ``20.a.Rencana_Kolaborasi.pdf``.

Number of the indicator, a letter of the document, its title (Pedoman Menteri PANRB 3/2024). The letters run through an
indicator's documents: those of criteria begin anew at every level and would give two files one name.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Longer names do not survive every computer they are unpacked on.
LONGEST_TITLE = 80
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Use:
    """That a document shows a criterion of an indicator. ``ending``: of its file, without a dot; none: a link."""

    indicator_number: int
    level: int
    criterion_letter: str
    document_id: int
    title: str
    ending: str | None


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """One document of one indicator in the package, with all criteria it shows there, lowest first.

    ``file_name`` is None for a link: the index names it, and there is nothing to upload.
    """

    indicator_number: int
    letter: str
    document_id: int
    file_name: str | None
    criteria: tuple[tuple[int, str], ...]


def name_documents(uses: Iterable[Use]) -> tuple[NamedDocument, ...]:
    """Every document of every indicator once, by indicator and by the first criterion it shows; any order in."""
    by_document: dict[tuple[int, int], list[Use]] = {}
    for use in sorted(uses, key=_order):
        by_document.setdefault((use.indicator_number, use.document_id), []).append(use)
    letters = {number: letter_series() for number, _ in by_document}
    return tuple(_named(next(letters[number]), group) for (number, _), group in by_document.items())


def letter_series() -> Iterator[str]:
    """``a``, ``b``, ... ``z``, ``aa``, ``ab``, ... without end."""
    length = 1
    while True:
        yield from _words(length)
        length += 1


def safe_title(title: str) -> str:
    """A title as part of a file name: letters and digits of ASCII, words joined by underscores, never empty."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("_", plain).strip("_")[:LONGEST_TITLE].rstrip("_") or "Dokumen"


def _order(use: Use) -> tuple[int, int, str, int]:
    return use.indicator_number, use.level, use.criterion_letter, use.document_id


def _named(letter: str, uses: Sequence[Use]) -> NamedDocument:
    first = uses[0]
    stem = f"{first.indicator_number}.{letter}.{safe_title(first.title)}"
    return NamedDocument(
        indicator_number=first.indicator_number,
        letter=letter,
        document_id=first.document_id,
        file_name=f"{stem}.{first.ending}" if first.ending else None,
        criteria=tuple(dict.fromkeys((use.level, use.criterion_letter) for use in uses)),
    )


def _words(length: int) -> Iterator[str]:
    if length == 0:
        yield ""
        return
    for start in _words(length - 1):
        for letter in _LETTERS:
            yield start + letter
