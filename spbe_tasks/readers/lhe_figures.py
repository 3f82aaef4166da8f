"""What a report says around its levels: body, year, and the printed index, predicate, domains and aspects."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from spbe_tasks.readers.document import Printed
from spbe_tasks.readers.lhe_columns import choose, find_columns
from spbe_tasks.readers.lhe_flow import Pages, running_lines, unroll
from spbe_tasks.readers.lhe_labels import Expected, align, expected_figures
from spbe_tasks.readers.page_text import Line, Word, line_height
from spbe_tasks.rules.instrument import Instrument

_FIGURE = re.compile(r"[0-5][.,]\d{1,2}", re.ASCII)
_TABLE = re.compile(
    r"nilai\s+indeks\b.*\bdomain\b|^nama\s+indeks\b|nilai\s+indeks\b.*\baspek\b", re.IGNORECASE
)
_TITLE = re.compile(r"^indeks\s+(?:spbe|pemdi)\b\s*[–—:-]?\s*(.*)$", re.IGNORECASE)
_BODY = re.compile(
    r"((?:pemerintah\s+(?:provinsi|kabupaten|kota|daerah)|kementerian|badan|lembaga)\s.+)", re.IGNORECASE
)
_LABELLED_BODY = re.compile(r"^(?:nama\s+)?instansi\s*:\s*(.+)$", re.IGNORECASE)
_TAIL = re.compile(r"\s*[0-5][.,]\d{1,2}.*$|\s*\(.*$")
_YEAR = re.compile(r"(?<!\d )(?<!\d\d )(?<!\d\d\d )\btahun\s+(20\d\d)\b", re.IGNORECASE | re.ASCII)

_MAX_LINES = 80  # a table of figures has fewer lines
_AROUND_TITLE = 4  # index and predicate stand within so many line heights of the title
_FURTHEST = 8  # line heights between two figures of one table


def read_printed(pages: Pages, instrument: Instrument) -> Printed:
    """The figures that stand in the report; what is not found is left out."""
    expected = expected_figures(instrument)
    tables = [_table(lines, expected) for lines in _tables(pages)]
    figures = max(tables, key=len, default={})
    index = next((value for figure, value in figures.items() if figure.kind == "index"), None)
    return Printed(
        index=index if index is not None else _title_index(pages),
        predicate=_predicate(pages, instrument),
        domains={f.number: value for f, value in figures.items() if f.kind == "domain"},
        aspects={f.number: value for f, value in figures.items() if f.kind == "aspect"},
    )


def _tables(pages: Pages) -> Iterator[tuple[Line, ...]]:
    """The lines after each heading of the table of figures."""
    running = running_lines(pages)
    lines = [line for page in pages for line in page if line not in running]
    starts = [index for index, line in enumerate(lines) if _TABLE.search(line.text)]
    for start in starts[:8]:
        yield unroll(lines[start : start + _MAX_LINES])


def _table(lines: Sequence[Line], expected: Sequence[Expected]) -> dict[Expected, Decimal]:
    unit = line_height(lines)
    values = [word for line in lines for word in line.words if _FIGURE.fullmatch(word.text)]
    columns = find_columns(values, len(expected), lines[:4])
    if not columns:
        return {}
    level = choose(columns).level
    figures = _together([word for word in values if level.holds(word)], unit)
    labels = [_label(word, lines, columns[0].left, unit) for word in figures]
    pairs = align(expected, labels)
    return {expected[place]: _decimal(figures[index].text) for place, index in pairs}


def _together(words: Sequence[Word], unit: float) -> list[Word]:
    """The figures up to the first wide gap, from top to bottom."""
    result: list[Word] = []
    for word in sorted(words, key=lambda word: word.middle):
        if result and word.middle - result[-1].middle > _FURTHEST * unit:
            break
        result.append(word)
    return result


def _label(figure: Word, lines: Sequence[Line], edge: float, unit: float) -> str:
    """The words left of a figure, on its line or half a line above and below."""
    return " ".join(
        word.text
        for line in lines
        for word in line.words
        if word.right <= edge and abs(word.middle - figure.middle) <= 0.75 * unit
    )


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _around_titles(pages: Pages) -> Iterator[list[Line]]:
    """The lines around each "INDEKS SPBE …"."""
    for lines in pages:
        for title in lines:
            if _TITLE.match(title.text):
                reach = _AROUND_TITLE * title.words[0].height
                yield [line for line in lines if abs(line.words[0].middle - title.words[0].middle) <= reach]


def _title_index(pages: Pages) -> Decimal | None:
    for lines in _around_titles(pages):
        for line in lines:
            for word in line.words:
                if _FIGURE.fullmatch(word.text):
                    return _decimal(word.text)
    return None


def _predicate(pages: Pages, instrument: Instrument) -> str | None:
    """The predicate in brackets or alone beside the title, or after "Predikat:"."""
    names = "|".join(
        re.escape(b.name_id) for b in sorted(instrument.predicates, key=lambda b: -len(b.name_id))
    )
    beside = re.compile(rf"\(\s*({names})\s*\)|^({names})$", re.IGNORECASE)
    labelled = re.compile(rf"^predikat\b[^:]*:?\s*\(?({names})\)?$", re.IGNORECASE)
    lines = [line for near in _around_titles(pages) for line in near]
    everywhere = [line for page in pages for line in page]
    for pattern, places in ((beside, lines), (labelled, everywhere)):
        for line in places:
            match = pattern.search(line.text)
            if match:
                found = next(group for group in match.groups() if group).casefold()
                return next(b.name_id for b in instrument.predicates if b.name_id.casefold() == found)
    return None


def read_body(pages: Pages) -> str | None:
    """The body that the report is about, as the title of the index, a label or the cover names it."""
    for pattern in (_TITLE, _LABELLED_BODY, _BODY):
        for lines in pages:
            for index, line in enumerate(lines):
                match = pattern.match(line.text)
                name = _TAIL.sub("", match[1]) if match else ""
                if _BODY.match(name):
                    return _spelt(_continued(name, lines[index:]))
    return None


def _continued(name: str, lines: Sequence[Line]) -> str:
    """The name with its second line, when a title in capitals goes on there."""
    if len(lines) < 2:
        return name
    here, below = lines[0], lines[1]
    is_near = below.top - here.bottom < here.words[0].height / 2
    goes_on = name.isupper() and below.text.isupper() and below.text.replace(" ", "").isalpha()
    is_alike = abs(here.words[0].height - below.words[0].height) < 1
    return f"{name} {below.text}" if is_near and goes_on and is_alike else name


def _spelt(name: str) -> str:
    """A name in capitals as names are written; any other as it stands."""
    if not name.isupper():
        return name
    small, large = {"dan", "di"}, {"dki"}
    words = (word.casefold() for word in name.split())
    return " ".join(w if w in small else w.upper() if w in large else w.title() for w in words)


def read_year(pages: Pages) -> int | None:
    """The year that the report names most often, the later of two; years of regulations are not counted."""
    years = Counter(int(year) for lines in pages for line in lines for year in _YEAR.findall(line.text))
    return max(years, key=lambda year: (years[year], year), default=None)
